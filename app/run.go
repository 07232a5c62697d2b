// Package app is the program: its flags, its configuration file, the configuration at work and its reload, its routes,
// and the demo.
package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
	_ "time/tzdata" // time zones of webhooks, in a file system that has none

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// flags are the command line.
type flags struct {
	configFile    string
	check         bool
	live          liveFlags
	listFamilies  bool
	explain       string // an agent
	telemetryPath string
	timeoutOffset time.Duration
	externalURL   string
	routePrefix   string
	logLevel      string
	logFormat     string
	demo          demoFlags
	web           *web.FlagConfig
}

// parse reads the command line. Done means that --help or --version was answered.
func (f *flags) parse(args []string, out io.Writer) (done bool, err error) {
	k := kingpin.New("ccaas_exporter", "Prometheus exporter for cloud contact centres: Genesys Cloud CX and NICE CXone.")
	k.Version(version.Print("ccaas_exporter")).UsageWriter(out).ErrorWriter(out)
	k.Terminate(func(int) { done = true })
	k.HelpFlag.Short('h')
	k.Flag("config.file", "Configuration file.").Default("config.yml").StringVar(&f.configFile)
	k.Flag("config.check", "Print every problem of the configuration, or the planned calls per minute where there is none, and exit.").BoolVar(&f.check)
	f.live.define(k)
	k.Flag("presence.explain", "Print what is known of one agent (an id, e-mail address or user name of either platform), what the presence "+
		"sync would do and why, and exit. Writes nothing.").PlaceHolder("<agent>").StringVar(&f.explain)
	k.Flag("metrics.list", "Print every metric family as JSON and exit.").Hidden().BoolVar(&f.listFamilies)
	k.Flag("web.telemetry-path", "Path under which the metrics are served.").Default("/metrics").StringVar(&f.telemetryPath)
	k.Flag("web.timeout-offset", "Time by which an answer is sent before the scrape timeout of Prometheus.").Default("500ms").DurationVar(&f.timeoutOffset)
	k.Flag("web.external-url", "URL under which the exporter is reached from outside, for example through a reverse proxy. "+
		"Its path is the default of --web.route-prefix.").PlaceHolder("<URL>").StringVar(&f.externalURL)
	k.Flag("web.route-prefix", "Prefix of the paths of all routes. Defaults to the path of --web.external-url.").
		PlaceHolder("<path>").StringVar(&f.routePrefix)
	f.web = kingpinflag.AddFlags(k, ":10054")
	k.Flag("log.level", "Minimum log level.").Default("info").EnumVar(&f.logLevel, "debug", "info", "warn", "error")
	k.Flag("log.format", "Format of log lines.").Default("logfmt").EnumVar(&f.logFormat, "logfmt", "json")
	k.Flag("demo", "Run against simulated platforms: no file, no account needed.").BoolVar(&f.demo.on)
	k.Flag("demo.scenario", "Scenario that the simulated platforms run through.").Default("tour").EnumVar(&f.demo.scenario, simulator.Scenarios()...)
	k.Flag("demo.platforms-only", "Serve the simulated platforms alone and print a configuration for them.").BoolVar(&f.demo.platformsOnly)
	k.Flag("demo.listen-address", "Loopback address of the first simulated platform; the others follow on the next ports. "+
		"Port 0: any free ports.").Default("127.0.0.1:0").StringVar(&f.demo.listen)
	if _, err = k.Parse(args); err != nil {
		err = usageError(k, args, err)
	}
	if err != nil || done {
		return done, err
	}
	return false, f.validate()
}

// Run is the program. It returns when ctx ends, or with what kept it from running.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var f flags
	if done, err := f.parse(args, stdout); done || err != nil {
		return err
	}
	if f.listFamilies {
		return listFamilies(stdout)
	}
	log := newLogger(stderr, f.logLevel, f.logFormat)
	kinds := platforms()
	load := func() (*Config, error) { return loadConfig(f.configFile, kinds) }
	var world *simulator.World
	var hooks *demoWebhooks
	if f.demo.on || f.demo.platformsOnly {
		var err error
		if world, err = f.demo.start(ctx); err != nil {
			return err
		}
		defer world.Close()
		text := demoConfig(world)
		load = func() (*Config, error) { return parseConfig([]byte(text), kinds) }
		if f.demo.platformsOnly {
			fmt.Fprint(stdout, text)
			<-ctx.Done()
			return nil
		}
		if hooks, err = newDemoWebhooks(); err == nil {
			defer hooks.close()
			text += hooks.config()
		} else { // in an empty or read-only file system
			log.Warn("the demo goes without webhooks: their keys need a directory for temporary files", "err", err)
		}
	}
	if err := checkWebConfig("--web.config.file", *f.web.WebConfigFile); err != nil {
		return err
	}
	if asked, err := f.answer(ctx, load, stdout, stderr, log); asked {
		return err
	}
	app := newApp(ctx, load, log)
	app.served = sync.OnceFunc(saveMemory)
	grace, cancel := after(ctx, endAll)
	defer cancel()
	err := app.reload()
	unhook := func() {}
	defer func() { app.end(grace, unhook) }()
	if err != nil {
		return err
	}
	unhook = onHangup(app.reloadLogged)
	if hooks != nil {
		hooks.push(ctx, world, app.webhooks.address())
	}
	f.sayWhatNext(stderr)
	log.Info("starting", "version", version.Info(), "build", version.BuildContext())
	return serve(ctx, newServer(app.handler(f, world), log), app, f)
}

// answer does what was asked for instead of serving; asked is false when nothing was.
func (f *flags) answer(ctx context.Context, load func() (*Config, error), stdout, stderr io.Writer, log *slog.Logger) (asked bool, err error) {
	switch {
	case f.check:
		return true, check(ctx, load, stdout, log)
	case f.explain != "":
		return true, explain(ctx, load, f.explain, stdout, log)
	case f.live.on:
		if f.logLevel != "debug" { // the report says it in other words
			log = slog.New(slog.DiscardHandler)
		}
		check := &liveCheck{flags: f.live, load: load, log: log, progress: newProgress(stderr)}
		return true, check.print(ctx, stdout)
	}
	return false, nil
}
