// Package collector renders what is known of the accounts as Prometheus metrics.
//
// Each file is a subject (trunks.go, queues.go, …) with a table: a row declares a family and reads its samples from the objects
// of a snapshot. A Collector is made of the accounts of one configuration and lives as long as that; Gather asks each account for
// its state, renders it, and adds the standard labels. A snapshot never changes, so it is rendered once, however often it is
// scraped. What clients count as requests and events happen (metric.Set) is forwarded with the same labels.
//
// A series limit holds every family that grows with what people set up; objects beyond it are dropped whole and counted. The
// package does no I/O. What it starts ends with the page that it renders.
package collector

import (
	"cmp"
	"errors"
	"slices"
	"sync"

	dto "github.com/prometheus/client_model/go"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
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
	renderers []*renderer // by name: the order of the page
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
		c.renderers = append(c.renderers, &renderer{
			Account: a, limit: o.SeriesLimit, dropped: o.Dropped, limited: limited, pushed: o.Pushed,
		})
	}
	slices.SortFunc(c.renderers, func(x, y *renderer) int { return cmp.Compare(x.Name(), y.Name()) })
	return c
}

// Only returns a collector of the accounts with these names. It shares with c what is rendered already, so that it may
// be made for a single scrape.
func (c *Collector) Only(names ...string) *Collector {
	other := slices.DeleteFunc(slices.Clone(c.renderers), func(r *renderer) bool {
		return !slices.Contains(names, r.Name())
	})
	return &Collector{other}
}

// Gather implements prometheus.Gatherer. With an error it returns everything else.
func (c *Collector) Gather() ([]*dto.MetricFamily, error) {
	all, err := c.page(func([]*chunk) error { return nil })
	return all.families(), err
}

// page gathers all accounts at once, and prepares the chunks of each. With an error it returns everything else.
func (c *Collector) page(prepare func([]*chunk) error) (page, error) {
	chunks, errs := make([][]*chunk, len(c.renderers)), make([]error, len(c.renderers))
	var gathering sync.WaitGroup
	for i, r := range c.renderers {
		gathering.Go(func() {
			errs[i] = guard.Func(func() (err error) {
				chunks[i], err = r.gather()
				return errors.Join(err, prepare(chunks[i]))
			})()
		})
	}
	gathering.Wait()
	all := page{}
	for _, account := range chunks {
		for _, one := range account {
			all.add(one)
		}
	}
	return all, errors.Join(errs...)
}

// renderer renders one account and keeps what it made of the snapshots, which change less often than they are scraped.
type renderer struct {
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
	forwarder forwarder
	states    stateCache
}

// gather returns what the account has of each family. With an error it returns everything else.
func (r *renderer) gather() (chunks []*chunk, err error) {
	state := r.State()
	labels := []string{state.Platform, state.Account, state.Info.RegionCode}
	for i := range labels {
		labels[i] = labelValue(labels[i])
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(labels, r.labels) {
		r.rename(labels)
	}
	s := accountState{AccountState: state}
	chunks = append(chunks, r.feeds.render(r, s, feedFamilies)...)
	if state.Info.RegionCode != "" {
		for _, f := range r.snapshots.render(r, state.Snapshots) {
			chunks = append(chunks, f.chunk)
		}
		var forwarded []*chunk
		err = guard.Func(func() (err error) {
			forwarded, err = r.forward(state.Metrics, r.pushed(r.Name()))
			return err
		})()
		s.dropped = r.dropped.of(r.name(), r.limited)
		chunks = slices.Concat(chunks, forwarded, r.states.render(r, s, stateFamilies))
	}
	return slices.DeleteFunc(chunks, func(c *chunk) bool { return c == nil }), err // nil is a family without metrics
}

// rename forgets what was made under other labels.
func (r *renderer) rename(labels []string) {
	r.labels, r.standard = labels, nil
	for i, name := range metric.StandardLabels {
		r.standard = append(r.standard, labelPair(name, labels[i]))
	}
	r.feeds, r.snapshots, r.forwarder, r.states = stateCache{}, snapshotCache{}, forwarder{}, stateCache{}
}

// name returns the account's name as its series have it.
func (r *renderer) name() string { return r.labels[1] }
