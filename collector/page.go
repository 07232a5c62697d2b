package collector

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// chunk is what one account has of a family. It never changes. Of many accounts the metrics would be most of the memory, so
// once they are written in a text format only that is kept, from the second time on.
type chunk struct {
	family *metric.Family
	render func() []*dto.Metric // makes the metrics once more, in the order of their labels

	mu      sync.Mutex
	metrics []*dto.Metric // nil when they are not kept
	sent    *text         // as the chunk was last sent; nil when that is not kept
	again   bool          // it was sent before
}

// all returns the metrics.
func (c *chunk) all() []*dto.Metric {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.metrics == nil {
		c.metrics = c.render()
	}
	return c.metrics
}

// page is what a scrape gets: the chunks of each family, by its name, in the order of the accounts.
type page map[string][]*chunk

var types = map[metric.Type]*dto.MetricType{
	metric.Gauge:     dto.MetricType_GAUGE.Enum(),
	metric.Counter:   dto.MetricType_COUNTER.Enum(),
	metric.Histogram: dto.MetricType_HISTOGRAM.Enum(),
}

// newChunk makes a chunk of metrics, nil when there are none.
func newChunk(f *metric.Family, metrics []*dto.Metric, render func() []*dto.Metric) *chunk {
	if len(metrics) == 0 {
		return nil
	}
	return &chunk{family: f, metrics: metrics, render: render}
}

// familyOf is a family with these metrics.
func familyOf(f *metric.Family, metrics []*dto.Metric) *dto.MetricFamily {
	return &dto.MetricFamily{Name: &f.Name, Help: &f.Help, Type: types[f.Type], Metric: metrics}
}

// add appends a chunk.
func (p page) add(c *chunk) { p[c.family.Name] = append(p[c.family.Name], c) }

// names are those of the families in the order in which a registry has them too.
func (p page) names() []string { return slices.Sorted(maps.Keys(p)) }

// families returns the page as a registry has it.
func (p page) families() (list []*dto.MetricFamily) {
	for _, name := range p.names() {
		parts := make([][]*dto.Metric, 0, len(p[name]))
		for _, c := range p[name] {
			parts = append(parts, c.all())
		}
		metrics := slices.Concat(parts...)
		if !slices.IsSortedFunc(metrics, byLabels) { // each account's are
			slices.SortFunc(metrics, byLabels)
		}
		list = append(list, familyOf(p[name][0].family, metrics))
	}
	return list
}

// byLabels is the order of the metrics of a family.
func byLabels(x, y *dto.Metric) int { return compareLabels(x.Label, y.Label) }

func compareLabels(x, y []*dto.LabelPair) int {
	return slices.CompareFunc(x, y, func(x, y *dto.LabelPair) int { return strings.Compare(*x.Value, *y.Value) })
}

// Join is the page of several gatherers that have no family in common. Unlike prometheus.Gatherers it does not look at
// every metric.
func Join(gatherers ...prometheus.Gatherer) prometheus.Gatherer {
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, errs := make([][]*dto.MetricFamily, len(gatherers)), make([]error, len(gatherers))
		var gathering sync.WaitGroup
		for i, g := range gatherers {
			gathering.Go(func() {
				errs[i] = guard.Func(func() (err error) {
					families[i], err = g.Gather()
					return err
				})()
			})
		}
		gathering.Wait()
		all := slices.Concat(families...)
		slices.SortFunc(all, func(x, y *dto.MetricFamily) int { return strings.Compare(x.GetName(), y.GetName()) })
		return all, errors.Join(errs...)
	})
}
