// Package collector renders what is known of the accounts as Prometheus metrics.
//
// Each file is a subject (trunks.go, queues.go, …) with a table: a row declares a family and reads its samples from the objects
// of a snapshot. A Collector is made of the accounts of one configuration and lives as long as that; Gather asks each account for
// its state, renders it, and adds the standard labels. A snapshot never changes, so it is rendered once, however often it is
// scraped. What clients count as requests and events happen (metric.Set) is forwarded with the same labels.
//
// A series limit holds every family that grows with what people set up; objects beyond it are dropped whole and counted. The
// package does no I/O and starts nothing.
package collector

import (
	"cmp"
	"errors"
	"slices"
	"sync"

	dto "github.com/prometheus/client_model/go"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// DefaultSeriesLimit is the series limit per family and account where none is configured.
const DefaultSeriesLimit = 20000

// Account is what is rendered.
type Account interface {
	Name() string
	State() feed.AccountState
}

// Options of New. The zero value works.
type Options struct {
	// SeriesLimit is for each family and account, 0 = DefaultSeriesLimit. It does not touch what the configuration
	// and the code bound already: the account, its planes, its feeds, its API client and the counts of what is dropped.
	SeriesLimit int
	Dropped     *Dropped // keeps its counts over a reload; nil = a new one
	// Families are those that the accounts' clients may send. Of one that grows it is exported from the start that nothing
	// of it was dropped.
	Families []*metric.Family
	// Pushed returns what was pushed to us about an account; nil when nothing ever is.
	Pushed func(account string) *metric.Set
}

// Collector renders accounts. It is a prometheus.Gatherer and no prometheus.Collector: a registry would make every
// metric anew and check it for each scrape, while a snapshot that did not change is rendered once. It may be used
// concurrently.
type Collector struct {
	accounts []*account // by name: the order of the page
}

// New returns a collector that renders the accounts' states each time it gathers.
func New(accounts []Account, o Options) *Collector {
	if o.SeriesLimit == 0 {
		o.SeriesLimit = DefaultSeriesLimit
	}
	if o.Dropped == nil {
		o.Dropped = &Dropped{}
	}
	if o.Pushed == nil {
		o.Pushed = func(string) *metric.Set { return nil }
	}
	var limited []string
	for _, f := range o.Families {
		if f.Grows {
			limited = append(limited, f.Name)
		}
	}
	for _, f := range snapshotFamilies {
		if len(f.Labels) > 0 {
			limited = append(limited, f.Name)
		}
	}
	c := &Collector{}
	for _, a := range accounts {
		c.accounts = append(c.accounts, &account{
			Account: a, limit: o.SeriesLimit, dropped: o.Dropped, limited: limited, pushed: o.Pushed,
		})
	}
	slices.SortFunc(c.accounts, func(x, y *account) int { return cmp.Compare(x.Name(), y.Name()) })
	return c
}

// Only returns a collector of the accounts with these names. It shares with c what is rendered already, so that it may
// be made for a single scrape.
func (c *Collector) Only(names ...string) *Collector {
	other := slices.DeleteFunc(slices.Clone(c.accounts), func(a *account) bool {
		return !slices.Contains(names, a.Name())
	})
	return &Collector{other}
}

// Gather implements prometheus.Gatherer. With an error it returns everything else.
func (c *Collector) Gather() ([]*dto.MetricFamily, error) {
	pages, errs := make([]page, len(c.accounts)), make([]error, len(c.accounts))
	var gathering sync.WaitGroup
	for i, a := range c.accounts {
		gathering.Go(func() {
			errs[i] = feed.Guarded(func() (err error) {
				pages[i], err = a.gather()
				return err
			})()
		})
	}
	gathering.Wait()
	all := page{}
	for _, p := range pages {
		all.merge(p)
	}
	return all.sorted(), errors.Join(errs...)
}

// account renders one account and keeps what it made of the snapshots, which change less often than they are scraped.
type account struct {
	Account
	limit   int
	dropped *Dropped
	limited []string // names of the families that the limit holds
	pushed  func(account string) *metric.Set

	mu        sync.Mutex
	labels    []string // the standard ones, under which everything below was made
	standard  []*dto.LabelPair
	feeds     stateCache
	snapshots snapshotCache
	clients   forwarder
	rest      stateCache
}

func (a *account) gather() (page, error) {
	p := page{}
	state := a.State()
	labels := []string{state.Platform, state.Account, state.Info.RegionCode}
	for i := range labels {
		labels[i] = labelValue(labels[i])
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Equal(labels, a.labels) {
		a.rename(labels)
	}
	s := scrape{AccountState: state}
	for i, metrics := range a.feeds.render(a, s, feedFamilies) {
		p.add(feedFamilies[i].Family, metrics)
	}
	if state.Info.RegionCode == "" {
		return p, nil
	}
	for i, m := range a.snapshots.render(a, state.Snapshots) {
		p.add(snapshotFamilies[i].Family, m.metrics)
	}
	err := a.forward(p, state.Metrics, a.pushed(a.Name()))
	s.dropped = a.dropped.of(a.name(), a.limited)
	for i, metrics := range a.rest.render(a, s, stateFamilies) {
		p.add(stateFamilies[i].Family, metrics)
	}
	return p, err
}

// rename forgets what was made under other labels.
func (a *account) rename(labels []string) {
	a.labels, a.standard = labels, nil
	for i, name := range metric.StandardLabels {
		a.standard = append(a.standard, labelPair(name, labels[i]))
	}
	a.feeds, a.snapshots, a.clients, a.rest = stateCache{}, snapshotCache{}, forwarder{}, stateCache{}
}

// name is the account's as its series have it.
func (a *account) name() string { return a.labels[1] }
