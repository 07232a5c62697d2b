package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/collector"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/sip"
	"github.com/ccaas-exporter/ccaas_exporter/platform/statuspage"
)

// app holds the configuration at work. A reload that fails changes nothing.
type app struct {
	log  *slog.Logger
	load func() (*Config, error)
	life context.Context //nolint:containedctx // accounts live until close, longer than the request that reloads and than the server
	// Answering ends when scrapes and probes in hand have to answer because the program ends.
	answering context.Context //nolint:containedctx // see above
	cut       context.CancelFunc
	exporter  *collector.Exporter
	dropped   collector.Dropped
	families  []*metric.Family // that clients may send
	webhooks  *webhooks
	prober    *sip.Prober // of the whole process
	pools     rest.Pools
	served    func() // is called after each page

	reloading sync.Mutex
	current   atomic.Pointer[setup]
}

// setup is one configuration at work. It is replaced as a whole.
type setup struct {
	config    *Config
	collector *collector.Collector
	accounts  []reusable[accountSettings, *feed.Account]
	pages     []reusable[statuspage.PageConfig, *statuspage.Page]
	documents []reusable[statuspage.DocumentConfig, *statuspage.Document]
	pairs     []*pair
}

// accountSettings is everything that makes an account what it is: when any of it changes, the account is restarted.
type accountSettings struct {
	account    account
	thresholds settings.Thresholds
	pages      []statuspage.PageConfig
	documents  []statuspage.DocumentConfig
	policy     statuspage.PolicyConfig
	cohorts    []listedCohort // of all accounts
	targets    []sip.Target
	directory  time.Duration // how often its persons are listed; 0 = never
	external   string        // platform whose ids of its persons are read
}

// newApp returns a program without a configuration. When ctx ends its webhooks do, and a while later its answers; its accounts
// live until it is closed.
func newApp(ctx context.Context, load func() (*Config, error), log *slog.Logger) *app {
	a := &app{
		log:      log,
		load:     load,
		exporter: collector.NewExporter(),
		families: clientFamilies(platforms()),
		prober:   sip.NewProber(net.DefaultResolver),
		life:     context.WithoutCancel(ctx),
		served:   func() {},
	}
	a.answering, a.cut = after(ctx, endAnswers)
	a.webhooks = newWebhooks(ctx, log)
	return a
}

// planeLimits are the thresholds that the engine judges planes by.
func planeLimits(t settings.Thresholds) feed.PlaneLimits {
	return feed.PlaneLimits{Degraded: t.DataPlaneDegraded, Critical: t.DataPlaneCritical}
}

// reload reads the configuration and restarts what changed in it.
func (a *app) reload() error {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	old := a.current.Load()
	if old == nil {
		old = &setup{}
	}
	config, err := a.load()
	var next *setup
	if err == nil {
		next, err = a.build(config, old)
	}
	if err == nil {
		if err = a.webhooks.apply(config.Webhooks); err != nil {
			next.stopPairsBut(old)
			next.stopAllBut(old)
		}
	}
	a.exporter.SetReload(err == nil, time.Now())
	if err != nil {
		return err
	}
	a.prober.SetLimits(config.SIPLimits)
	a.prober.Retain(config.SIPTargets)
	old.stopPairsBut(next) // before the accounts that they read, and before those that follow them begin to write
	a.begin(next)
	a.current.Store(next)
	old.stopAllBut(next)
	level := slog.LevelInfo
	changed := changes(old.config, config)
	if len(changed) == 0 {
		level = slog.LevelDebug
	} else {
		a.warn(config.missingFiles())
	}
	a.log.Log(a.life, level, "configuration loaded", "accounts", len(next.accounts), "changed", strings.Join(changed, ", "))
	return nil
}

// reloadLogged reloads for a caller that gets no answer.
func (a *app) reloadLogged() {
	if err := a.reload(); err != nil {
		a.log.Error("configuration not loaded", "err", err)
	}
}

// build makes a setup, reusing what has the same settings in the old one. The error holds every problem, each with its path.
func (a *app) build(c *Config, old *setup) (next *setup, err error) {
	next = &setup{config: c}
	problems := a.buildFollowed(next, old)
	for i, wanted := range c.accountSettings() {
		problems = append(problems, placed(c.accounts[i].path, reuse(&next.accounts, old.accounts, wanted, func() (*feed.Account, func(), error) {
			source, warnings, err := a.source(next, c.accounts[i].path, wanted)
			if err != nil {
				return nil, nil, err
			}
			a.warn(warnings)
			account := feed.NewAccount(a.life, source, planeLimits(wanted.thresholds), a.log)
			return account, account.Close, nil
		})))
	}
	problems = append(problems, a.buildPairs(next, old)...)
	if err := errors.Join(problems...); err != nil {
		next.stopPairsBut(old)
		next.stopAllBut(old)
		return next, settings.MaskError(err)
	}
	return next, nil
}

// begin puts the new pairs of a setup to work, and completes it.
func (a *app) begin(s *setup) {
	for _, p := range s.pairs {
		p.begin(a)
	}
	var rendered []collector.Account
	for _, account := range s.all() {
		rendered = append(rendered, account)
	}
	s.collector = collector.New(rendered, collector.Options{
		SeriesLimit: s.config.SeriesLimit, Dropped: &a.dropped, Families: a.families, Pushed: a.webhooks.receiver.Metrics,
	})
}

// all returns the accounts, then the pairs at work, which are accounts of their own.
func (s *setup) all() (accounts []*feed.Account) {
	for _, k := range s.accounts {
		accounts = append(accounts, k.value)
	}
	for _, p := range s.pairs {
		accounts = append(accounts, p.account)
	}
	return accounts
}

// placed puts the path of its settings before an error; nil for none. An error that begins with a key below them is joined to
// the path by a dot.
func placed(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case slices.ContainsFunc([]string{"rate_limit", "sync", "source:", "target:"}, func(key string) bool { return strings.HasPrefix(err.Error(), key) }):
		return fmt.Errorf("%s.%w", path, err)
	case strings.HasPrefix(err.Error(), "tls_config"):
		return fmt.Errorf("%s.http.%w", path, err)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// buildFollowed makes the status pages and health documents, which accounts share.
func (a *app) buildFollowed(next, old *setup) (problems []error) {
	for i, wanted := range next.config.Health.StatusPages {
		err := reuse(&next.pages, old.pages, wanted, func() (*statuspage.Page, func(), error) {
			page, err := statuspage.NewPage(wanted, a.log)
			return page, page.Close, err
		})
		problems = append(problems, placed(fmt.Sprintf("health.status_pages[%d]", i), err))
	}
	for i, wanted := range next.config.Health.Documents {
		err := reuse(&next.documents, old.documents, wanted, func() (*statuspage.Document, func(), error) {
			document, err := statuspage.NewDocument(wanted, a.log)
			return document, document.Close, err
		})
		problems = append(problems, placed(fmt.Sprintf("health.documents[%d]", i), err))
	}
	return problems
}

// source makes the source of an account, which asks nothing yet.
func (a *app) source(s *setup, path string, settings accountSettings) (source feed.Source, warnings []string, err error) {
	source, err = settings.account.Open(s.surroundings(settings, &a.pools, a.log))
	if err == nil {
		if err = tooManyAtOnce(settings.account, "", source); err != nil && source.Close != nil {
			source.Close()
		}
	}
	warnings = cutTimeouts(path, settings.account, source)
	settings.weigh(&source)
	settings.expectCohorts(&source)
	source.Feeds = append(source.Feeds, a.prober.Feeds(settings.targets)...)
	return source, warnings, err
}

func (a *app) warn(warnings []string) {
	for _, warning := range warnings {
		a.log.Warn("configuration", "warning", warning)
	}
}

// accountSettings are those of all accounts.
func (c *Config) accountSettings() (all []accountSettings) {
	cohorts := c.queueCohorts()
	for _, a := range c.accounts {
		s := accountSettings{
			account: a.account, thresholds: c.Thresholds, policy: c.Health.Policy, cohorts: cohorts,
			directory: c.directory(a.Label()), external: c.externalIDs(a.Label()),
		}
		for _, page := range c.Health.StatusPages {
			if page.Serves(a.Label()) {
				s.pages = append(s.pages, page)
			}
		}
		for _, document := range c.Health.Documents {
			if document.Serves(a.Label()) {
				s.documents = append(s.documents, document)
			}
		}
		for _, target := range c.SIPTargets {
			if target.Account == a.Label() {
				s.targets = append(s.targets, target)
			}
		}
		all = append(all, s)
	}
	return all
}

// surroundings are what the account takes from the other sections of the configuration.
func (s *setup) surroundings(of accountSettings, pools *rest.Pools, log *slog.Logger) health.Surroundings {
	around := health.Surroundings{
		Thresholds: of.thresholds, Operations: statuspage.Operations(), Logger: log, Pools: pools,
		Directory: of.directory, ExternalIDs: of.external,
	}
	for _, page := range chosen(s.pages, of.pages) {
		around.Pages = append(around.Pages, page)
	}
	for _, document := range chosen(s.documents, of.documents) {
		around.Documents = append(around.Documents, document)
	}
	return around
}

// stopAllBut stops everything that next does not reuse: accounts first, because they use the rest.
func (s *setup) stopAllBut(next *setup) {
	stopMissing(s.accounts, next.accounts)
	stopMissing(s.documents, next.documents)
	stopMissing(s.pages, next.pages)
}

// close stops everything.
func (a *app) close() {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	a.cut()
	a.webhooks.close()
	if s := a.current.Swap(nil); s != nil {
		s.stopPairsBut(&setup{})
		s.stopAllBut(&setup{})
	}
}
