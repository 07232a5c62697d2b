// Package collector renders what is known of the accounts as Prometheus metrics.
//
// Each file is a subject (trunks.go, queues.go, …) with a table: a row declares a family and reads its samples from the objects
// of a snapshot. A Collector is made of the accounts of one configuration and lives as long as that. For a scrape it asks each
// account for its state, and then renders family by family, with the standard labels, straight into the page that is sent: nothing
// rendered is kept. What clients count as requests and events happen (metric.Set) is forwarded with the same labels.
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

	"github.com/ccaas-exporter/ccaas_exporter/platform"
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

// Collector renders accounts. It is a prometheus.Gatherer and no prometheus.Collector: a registry would hold the metrics of
// all accounts at once, and check each of them again. It may be used concurrently.
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

// Only returns a collector of the accounts with these names. It shares with c what is counted, so that it may be made for a
// single scrape.
func (c *Collector) Only(names ...string) *Collector {
	other := slices.DeleteFunc(slices.Clone(c.renderers), func(r *renderer) bool {
		return !slices.Contains(names, r.Name())
	})
	return &Collector{other}
}

// Gather implements prometheus.Gatherer. With an error it returns everything else.
func (c *Collector) Gather() ([]*dto.MetricFamily, error) {
	all, err := c.page()
	families, failed := all.families()
	return families, errors.Join(err, failed)
}

// page asks all accounts at once. With an error it returns everything else.
func (c *Collector) page() (page, error) {
	chunks, errs := make([][]chunk, len(c.renderers)), make([]error, len(c.renderers))
	var gathering sync.WaitGroup
	for i, r := range c.renderers {
		gathering.Go(func() {
			errs[i] = guard.Func(func() (err error) {
				chunks[i], err = r.gather()
				return err
			})()
		})
	}
	gathering.Wait()
	all := page{}
	for _, account := range chunks {
		for _, one := range account {
			if all[one.Name] == nil {
				all[one.Name] = make([]chunk, 0, len(chunks))
			}
			all[one.Name] = append(all[one.Name], one)
		}
	}
	return all, errors.Join(errs...)
}

// renderer renders one account.
type renderer struct {
	Account
	limit   int
	dropped *Dropped
	limited []string // names of the families that the limit holds
	pushed  func(account string) *metric.Set

	mu        sync.Mutex
	standard  []string             // values of the standard labels
	counted   []*platform.Snapshot // what is dropped of them is counted, or is about to be
	forwarder forwarder
}

// gather returns what the account has of each family. With an error it returns everything else.
func (r *renderer) gather() (chunks []chunk, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := accountState{AccountState: r.State()}
	standard := []string{labelValue(s.Platform), labelValue(s.Account), labelValue(s.Info.RegionCode)}
	if !slices.Equal(standard, r.standard) {
		r.standard, r.forwarder = standard, forwarder{}
	}
	chunks = ofState(chunks, &s, standard, feedFamilies)
	if s.Info.RegionCode == "" {
		return chunks, nil
	}
	s.dropped = r.dropped.of(r.name(), r.limited)
	chunks = r.ofSnapshots(ofState(chunks, &s, standard, stateFamilies), s.Snapshots)
	err = guard.Func(func() error {
		forwarded, err := r.forward(s.Metrics, r.pushed(r.Name()))
		chunks = append(chunks, forwarded...)
		return err
	})()
	return chunks, err
}

// ofState appends what families make of an account's state, which is not limited.
func ofState(chunks []chunk, s *accountState, standard []string, families []family[*accountState]) []chunk {
	for i := range families {
		chunks = append(chunks, chunk{Family: families[i].Family, samples: func(memory *scratch) ([]sample, error) {
			samples, _ := merge([]rendered{render(&families[i], s, standard, memory)}, 0, memory)
			return samples, nil
		}})
	}
	return chunks
}

// ofSnapshots appends what families make of snapshots. What the limit or a duplicate drops is counted once for each
// publication, however many scrapes read it, when it is rendered: the next page says so.
func (r *renderer) ofSnapshots(chunks []chunk, snapshots []*platform.Snapshot) []chunk {
	standard, counted := r.standard, r.counted
	for i := range snapshotFamilies {
		f := &snapshotFamilies[i]
		if !slices.ContainsFunc(snapshots, f.has) {
			continue
		}
		chunks = append(chunks, chunk{Family: f.Family, samples: func(memory *scratch) ([]sample, error) {
			var all []rendered
			for _, snapshot := range snapshots {
				if f.has(snapshot) {
					one := render(f, snapshot, standard, memory).within(r.limit)
					one.fresh = !slices.Contains(counted, snapshot)
					all = append(all, one)
				}
			}
			samples, dropped := merge(all, r.limit, memory)
			r.dropped.add(standard[1], f.Name, dropped)
			return samples, nil
		}})
	}
	r.counted = snapshots
	return chunks
}

// name returns the account's name as its series have it.
func (r *renderer) name() string { return r.standard[1] }
