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

	mu   sync.Mutex
	memo memo
}

// memo holds the metrics made of parts. Parts never change, so it holds as long as they are the same ones.
type memo struct {
	labels  []string // the standard ones
	parts   []*platform.Part
	metrics []prometheus.Metric
}

func (a *account) collect(ch chan<- prometheus.Metric) {
	view := a.View()
	labels := []string{view.Platform, view.Account, view.Info.RegionCode}
	for i := range labels {
		labels[i] = strings.ToValidUTF8(labels[i], invalid)
	}
	s := &scrape{View: view}
	live := rendering[*scrape]{labels: labels, sources: []*scrape{s}, dropped: a.dropped}
	send(ch, live.render(feedFamilies))
	if view.Info.RegionCode == "" {
		return
	}
	send(ch, a.parts(labels, view.Parts))
	s.dropped = a.dropped.of(labels[1])
	send(ch, live.render(liveFamilies))
	if view.Metrics != nil {
		collectAPI(ch, labels, view.Metrics)
	}
}

// parts renders the parts, or finds them rendered. What the limit or a duplicate drops is counted when a part is
// rendered for the first time: once per publication, however many scrapes read it.
func (a *account) parts(labels []string, parts []*platform.Part) []prometheus.Metric {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Equal(labels, a.memo.labels) || !slices.Equal(parts, a.memo.parts) {
		r := rendering[*platform.Part]{labels, a.limit, parts, a.memo.parts, a.dropped}
		a.memo = memo{labels, parts, r.render(partFamilies)}
	}
	return a.memo.metrics
}

func send(ch chan<- prometheus.Metric, metrics []prometheus.Metric) {
	for _, m := range metrics {
		ch <- m
	}
}
