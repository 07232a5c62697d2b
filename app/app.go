package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/collector"
	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/cxone"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/sip"
	"github.com/ccaas-exporter/ccaas_exporter/platform/statuspage"
)

// app holds the configuration at work. A reload that fails changes nothing.
type app struct {
	log      *slog.Logger
	load     func() (*Config, error)
	open     func(platform.Source, platform.Thresholds) *platform.Account
	exporter *collector.Exporter
	dropped  collector.Dropped
	webhooks *webhooks
	prober   *sip.Prober // of the whole process

	reloading sync.Mutex
	current   atomic.Pointer[setup]
}

// setup is one configuration at work. It is replaced as a whole.
type setup struct {
	config    *Config
	collector *collector.Collector
	accounts  []kept[accountSettings, *platform.Account]
	pages     []kept[statuspage.PageConfig, *statuspage.Page]
	documents []kept[statuspage.DocumentConfig, *statuspage.Document]
}

// kept is something that a reload keeps while its settings stay the same.
type kept[S, V any] struct {
	settings S
	value    V
	stop     func()
}

// accountSettings is everything that makes an account what it is: when any of it changes, the account is restarted.
type accountSettings struct {
	vendor     any // genesys.Config or cxone.Config
	thresholds platform.Thresholds
	pages      []statuspage.PageConfig
	documents  []statuspage.DocumentConfig
	targets    []sip.Target
}

func newApp(ctx context.Context, load func() (*Config, error), log *slog.Logger) *app {
	a := &app{
		log:      log,
		load:     load,
		exporter: collector.NewExporter(),
		prober:   sip.NewProber(net.DefaultResolver),
		open: func(s platform.Source, t platform.Thresholds) *platform.Account {
			return platform.NewAccount(ctx, s, t, log)
		},
	}
	a.webhooks = newWebhooks(ctx, a.info, log)
	return a
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
			next.stopAllBut(old)
		}
	}
	a.exporter.SetReload(err == nil, time.Now())
	if err != nil {
		return err
	}
	a.prober.SetLimits(config.SIPLimits)
	a.prober.Retain(config.SIPTargets)
	a.current.Store(next)
	old.stopAllBut(next)
	a.log.Info("configuration loaded", "accounts", len(next.accounts))
	return nil
}

// build makes a setup, taking over from the old one what has the same settings.
func (a *app) build(c *Config, old *setup) (next *setup, err error) {
	next = &setup{config: c}
	defer func() {
		if err != nil {
			next.stopAllBut(old)
		}
	}()
	for _, settings := range c.Health.StatusPages {
		err := keep(&next.pages, old.pages, settings, func() (*statuspage.Page, func(), error) {
			page, err := statuspage.NewPage(settings, a.log)
			return page, page.Close, err
		})
		if err != nil {
			return next, err
		}
	}
	for _, settings := range c.Health.Documents {
		err := keep(&next.documents, old.documents, settings, func() (*statuspage.Document, func(), error) {
			document, err := statuspage.NewDocument(settings, a.log)
			return document, document.Close, err
		})
		if err != nil {
			return next, err
		}
	}
	for _, settings := range c.accounts() {
		err := keep(&next.accounts, old.accounts, settings, func() (*platform.Account, func(), error) {
			source, err := next.source(settings, a.log)
			if err != nil {
				return nil, nil, err
			}
			source.Feeds = append(source.Feeds, a.sipFeeds(settings.targets)...)
			account := a.open(source, settings.thresholds)
			return account, account.Close, nil
		})
		if err != nil {
			return next, err
		}
	}
	rendered := make([]collector.Account, len(next.accounts))
	for i, k := range next.accounts {
		rendered[i] = k.value
	}
	next.collector = collector.New(rendered, collector.Options{SeriesLimit: c.SeriesLimit, Dropped: &a.dropped})
	return next, nil
}

// keep appends what old holds for these settings, or something new.
func keep[S, V any](to *[]kept[S, V], old []kept[S, V], settings S, open func() (V, func(), error)) error {
	for _, k := range old {
		if reflect.DeepEqual(k.settings, settings) {
			*to = append(*to, k)
			return nil
		}
	}
	value, stop, err := open()
	if err != nil {
		return err
	}
	*to = append(*to, kept[S, V]{settings, value, stop})
	return nil
}

// accounts are the settings of all accounts.
func (c *Config) accounts() (all []accountSettings) {
	add := func(name string, vendor any) {
		s := accountSettings{vendor: vendor, thresholds: c.Thresholds}
		for _, page := range c.Health.StatusPages {
			if page.Serves(name) {
				s.pages = append(s.pages, page)
			}
		}
		for _, document := range c.Health.Documents {
			if document.Serves(name) {
				s.documents = append(s.documents, document)
			}
		}
		for _, target := range c.SIPTargets {
			if target.Account == name {
				s.targets = append(s.targets, target)
			}
		}
		all = append(all, s)
	}
	for _, g := range c.Genesys {
		add(g.Name, g)
	}
	for _, x := range c.CXone {
		add(x.Name, x)
	}
	return all
}

// source makes the client of an account: the one place that knows every platform.
func (s *setup) source(settings accountSettings, log *slog.Logger) (platform.Source, error) {
	pages := valuesOf(s.pages, settings.pages)
	documents := valuesOf(s.documents, settings.documents)
	switch vendor := settings.vendor.(type) {
	case genesys.Config:
		return genesys.New(vendor, genesys.Options{Thresholds: settings.thresholds, Pages: pages, Documents: documents, Logger: log})
	case cxone.Config:
		return cxone.New(vendor, cxone.Options{Thresholds: settings.thresholds, Pages: pages, Documents: documents, Logger: log})
	}
	return platform.Source{}, errors.New("unknown platform")
}

func valuesOf[S, V any](all []kept[S, V], wanted []S) (values []V) {
	for _, k := range all {
		if slices.ContainsFunc(wanted, func(s S) bool { return reflect.DeepEqual(s, k.settings) }) {
			values = append(values, k.value)
		}
	}
	return values
}

// stopAllBut stops everything that next has not taken over: accounts first, because they use the rest.
func (s *setup) stopAllBut(next *setup) {
	stopMissing(s.accounts, next.accounts)
	stopMissing(s.documents, next.documents)
	stopMissing(s.pages, next.pages)
}

func stopMissing[S any, V comparable](old, next []kept[S, V]) {
	var stopping sync.WaitGroup
	for _, k := range old {
		if !slices.ContainsFunc(next, func(n kept[S, V]) bool { return n.value == k.value }) {
			stopping.Go(k.stop)
		}
	}
	stopping.Wait()
}

// close stops everything.
func (a *app) close() {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	a.webhooks.close()
	if s := a.current.Swap(nil); s != nil {
		s.stopAllBut(&setup{})
	}
}
