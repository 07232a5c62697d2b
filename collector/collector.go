// Package collector renders what is known of the accounts as Prometheus metrics: one file per subject, a table each.
// It does no I/O and starts nothing: it only reads views.
package collector

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"sync"

	dto "github.com/prometheus/client_model/go"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// DefaultSeriesLimit is the series limit per family and account where none is configured.
const DefaultSeriesLimit = 20000

// Account is where a view comes from.
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
}

// Collector renders accounts. It is a prometheus.Gatherer and no prometheus.Collector: a registry would make every
// metric anew and check it for each scrape, while a snapshot that did not change is rendered once. It may be used
// concurrently.
type Collector struct {
	accounts []*account // by name: the order of the page
}

// New returns a collector that renders the accounts' views each time it gathers.
func New(accounts []Account, o Options) *Collector {
	if o.SeriesLimit == 0 {
		o.SeriesLimit = DefaultSeriesLimit
	}
	if o.Dropped == nil {
		o.Dropped = &Dropped{}
	}
	c := &Collector{}
	for _, a := range accounts {
		c.accounts = append(c.accounts, &account{Account: a, limit: o.SeriesLimit, dropped: o.Dropped})
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
	pages, errs := make([]gathered, len(c.accounts)), make([]error, len(c.accounts))
	var gathering sync.WaitGroup
	for i, a := range c.accounts {
		gathering.Go(func() { pages[i], errs[i] = a.gather() })
	}
	gathering.Wait()
	all := gathered{}
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

	mu        sync.Mutex
	labels    []string // the standard ones, under which everything below was made
	standard  []*dto.LabelPair
	feeds     live
	snapshots published
	client    client
	rest      live
}

func (a *account) gather() (gathered, error) {
	p := gathered{}
	view := a.State()
	labels := []string{view.Platform, view.Account, view.Info.RegionCode}
	for i := range labels {
		labels[i] = strings.ToValidUTF8(labels[i], invalid)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Equal(labels, a.labels) {
		a.rename(labels)
	}
	s := scrape{AccountState: view}
	for i, metrics := range a.feeds.render(a, s, feedFamilies) {
		p.add(&feedFamilies[i].Family, metrics)
	}
	if view.Info.RegionCode == "" {
		return p, nil
	}
	for i, m := range a.snapshots.render(a, view.Snapshots) {
		p.add(&snapshotFamilies[i].Family, m.metrics)
	}
	var err error
	if view.Metrics != nil {
		err = a.passOn(p, view.Metrics)
	}
	s.dropped = a.dropped.of(a.name())
	for i, metrics := range a.rest.render(a, s, liveFamilies) {
		p.add(&liveFamilies[i].Family, metrics)
	}
	return p, err
}

// rename forgets what was made under other labels.
func (a *account) rename(labels []string) {
	a.labels, a.standard = labels, nil
	for i, name := range standardLabels {
		a.standard = append(a.standard, labelPair(name, labels[i]))
	}
	a.feeds, a.snapshots, a.client, a.rest = live{}, published{}, client{}, live{}
}

// name is the account's as its series have it.
func (a *account) name() string { return a.labels[1] }
