// The live check: does it work with these credentials? It logs in to every account, runs every feed once, and says in words
// what does not work and what to do about it. It opens no listener and changes nothing on a platform but the notification
// channel that a stream makes, which it releases.

package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"golang.org/x/sync/errgroup"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/sip"
)

// liveFlags choose what the live check does.
type liveFlags struct {
	on        bool
	format    string
	formatted bool // it was given
	regions   bool
	bundle    string
	bundled   bool // it was given
}

// define adds the flags to the command line.
func (f *liveFlags) define(k *kingpin.Application) {
	k.Flag("check.live", "Log in to every account, run every feed once, print what does not work and what to do, and exit. "+
		"Nothing is written to a platform; an account with a stream makes a notification channel and releases it.").BoolVar(&f.on)
	k.Flag("check.format", "Format of the report of --check.live.").Default("text").IsSetByUser(&f.formatted).EnumVar(&f.format, "text", "json")
	k.Flag("check.regions", "Where a login is refused, try the same credentials at the login hosts of the platform's other regions.").
		BoolVar(&f.regions)
	k.Flag("check.bundle", "File (tar.gz) into which --check.live puts the shapes of all answers, without any name, number or secret.").
		PlaceHolder("<file>").IsSetByUser(&f.bundled).StringVar(&f.bundle)
}

// validate refuses flags of the live check without it.
func (f liveFlags) validate() error {
	switch {
	case f.bundled && f.bundle == "":
		return errors.New("--check.bundle: expected the name of a file to write, such as report.tar.gz")
	case f.on:
		return nil
	case f.formatted:
		return errors.New("--check.format needs --check.live")
	case f.regions:
		return errors.New("--check.regions needs --check.live")
	case f.bundle != "":
		return errors.New("--check.bundle needs --check.live")
	}
	return nil
}

// liveCheck is one check under way.
type liveCheck struct {
	flags    liveFlags
	load     func() (*Config, error)
	log      *slog.Logger
	progress *progress
	bundle   *bundle // nil without one
}

// atOnce bounds how many accounts, and how many feeds of one, are asked at a time.
const atOnce = 4

// print runs the check and prints its report. The error says that something does not work.
func (l *liveCheck) print(ctx context.Context, out io.Writer) (err error) {
	config, err := l.load()
	if err != nil {
		return err
	}
	if l.flags.bundle != "" {
		file, failed := createBundle(l.flags.bundle)
		if failed != nil {
			return failed
		}
		l.bundle = newBundle()
		defer func() {
			if ended := file.end(err == nil || errors.Is(err, errNotAllWorks), l.bundle); err == nil || ended != nil {
				err = ended
			}
		}()
	}
	report, err := l.run(ctx, config)
	l.progress.end()
	if err != nil {
		return err
	}
	if l.bundle != nil {
		l.bundle.report(report)
	}
	if l.flags.format == "json" {
		err = report.writeJSON(out)
	} else {
		err = report.writeText(out)
	}
	return errors.Join(err, report.verdict())
}

// errNotAllWorks is the outcome of a check that ran to its end.
var errNotAllWorks = errors.New("not everything that is configured works")

// run asks every account and looks at the webhooks.
func (l *liveCheck) run(ctx context.Context, config *Config) (*liveReport, error) {
	began := time.Now()
	a, plan := newApp(ctx, l.load, l.log), &setup{config: config}
	defer a.close()
	defer plan.stopAllBut(&setup{})
	a.prober.SetLimits(config.SIPLimits)
	problems := a.buildFollowed(plan, &setup{})
	all := make([]*accountCheck, 0, len(config.accounts))
	for i, settings := range config.accountSettings() {
		source, warnings, err := a.source(plan, config.accounts[i].path, settings)
		problems = append(problems, placed(config.accounts[i].path, err))
		all = append(all, newAccountCheck(l, settings, source, warnings))
	}
	if alone := sipAlone(config.SIPTargets); len(alone) > 0 {
		all = append(all, newAccountCheck(l, accountSettings{}, feed.Source{Feeds: a.prober.Feeds(alone), Info: func() feed.Info { return feed.Info{} }}, nil))
	}
	end := sync.OnceFunc(func() {
		for _, k := range slices.Backward(all) {
			k.close()
		}
	})
	defer end()
	if err := errors.Join(problems...); err != nil {
		return nil, settings.MaskError(err)
	}
	for _, k := range all {
		k.open(ctx)
	}
	pairs, err := a.pairChecks(ctx, l, plan, all)
	all = append(all, pairs...)
	if err != nil {
		return nil, settings.MaskError(err)
	}
	hooks := checkHooks(config.Webhooks, began)
	l.expect(all)
	for _, group := range [][]*accountCheck{all[:len(all)-len(pairs)], pairs} { // pairs need what their accounts have read
		if err := runChecks(ctx, group); err != nil {
			return nil, err
		}
	}
	end() // streams make polls as long as they live
	report := newLiveReport(config.missingFiles())
	for _, k := range all {
		report.add(k)
	}
	report.addHooks(hooks)
	report.finish(time.Since(began))
	return report, nil
}

// expect announces what is going to be checked.
func (l *liveCheck) expect(all []*accountCheck) {
	for _, k := range all {
		l.progress.expect(len(k.runs))
		if l.bundle != nil {
			l.bundle.expect(k.source.Name)
		}
	}
}

// runChecks runs some checks side by side.
func runChecks(ctx context.Context, all []*accountCheck) error {
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, k := range all {
		group.Go(guard.Func(func() error { k.run(ctx); return nil }))
	}
	err := group.Wait()
	if ctx.Err() != nil {
		return errors.New("the check was interrupted")
	}
	return err
}

// sipAlone are the targets that no account probes.
func sipAlone(targets []sip.Target) (alone []sip.Target) {
	for _, t := range targets {
		if t.Account == "" {
			alone = append(alone, t)
		}
	}
	return alone
}

// isTerminal reports whether a writer shows lines to a person.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// verdict is the error of a report in which something failed.
func (r *liveReport) verdict() error {
	if r.Works {
		return nil
	}
	return fmt.Errorf("%w: %s", errNotAllWorks, plural(r.problems(), "problem", "problems"))
}
