// Package collector renders what is known of the accounts as Prometheus metrics: one file per subject, a table each.
// It does no I/O and starts nothing: it only reads views.
package collector

import (
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// DefaultSeriesLimit is the series limit per family and account where none is configured.
const DefaultSeriesLimit = 20000

// Account is where a view comes from.
type Account interface {
	View() platform.View
}

// Options of New. The zero value works.
type Options struct {
	// SeriesLimit is for each family and account, 0 = DefaultSeriesLimit. It does not touch what the configuration
	// and the code bound already: the account, its planes, its feeds, its API client and the counts of what is dropped.
	SeriesLimit int
	Dropped     *Dropped // keeps its counts over a reload; nil = a new one
}

// Collector renders accounts. It may be collected concurrently.
type Collector struct {
	accounts []*account
}

// New returns a collector that renders the accounts' views each time it is collected.
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
	return c
}

// Only returns a collector of the accounts with these names. It shares with c what is rendered already, so that it may
// be made for a single scrape.
func (c *Collector) Only(names ...string) *Collector {
	other := slices.DeleteFunc(slices.Clone(c.accounts), func(a *account) bool {
		return !slices.Contains(names, a.View().Account)
	})
	return &Collector{other}
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, f := range Families() {
		if !f.Global {
			ch <- f.desc()
		}
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	for _, a := range c.accounts {
		a.collect(ch)
	}
}

// account renders one account and keeps what it made of the parts, which change less often than they are scraped.
type account struct {
	Account
	limit   int
	dropped *Dropped

	mu    sync.Mutex
	memo  memo
	waits waits
}

func (a *account) collect(ch chan<- prometheus.Metric) {
	view := a.View()
	labels := []string{view.Platform, view.Account, view.Info.RegionCode}
	for i := range labels {
		labels[i] = strings.ToValidUTF8(labels[i], invalid)
	}
	s := &scrape{View: view}
	a.live(ch, labels, s, feedFamilies)
	if view.Info.RegionCode == "" {
		return
	}
	send(ch, a.parts(labels, view.Parts))
	if view.Metrics != nil {
		a.client(ch, labels, view.Metrics)
	}
	s.dropped = a.dropped.of(labels[1])
	a.live(ch, labels, s, liveFamilies)
}

// live renders what is not memorized.
func (a *account) live(ch chan<- prometheus.Metric, labels []string, s *scrape, families []family[*scrape]) {
	shared := pairs{}
	for i := range families {
		b := render(&families[i], s, labels, shared, 0)
		a.dropped.add(labels[1], families[i].Name, b.dropped)
		send(ch, b.metrics)
	}
}

func send(ch chan<- prometheus.Metric, metrics []prometheus.Metric) {
	for _, m := range metrics {
		ch <- m
	}
}
