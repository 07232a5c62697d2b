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

// chunk is what one account has of a family. It is rendered when it is written: the samples of many accounts at once would
// take more memory than all that is known of them.
type chunk struct {
	*metric.Family
	samples func(*scratch) ([]sample, error)             // in the order of their labels; nil for a histogram
	metrics func(*scratch, write) ([]*dto.Metric, error) // the same as a registry has it; nil where the samples say all
}

// read returns the samples, which are good until the memory is used again.
func (c chunk) read(memory *scratch) (samples []sample, err error) {
	memory.reset()
	err = guard.Func(func() (err error) {
		samples, err = c.samples(memory)
		return err
	})()
	return samples, err
}

// write reads a metric.
type write func(from prometheus.Metric, to *dto.Metric) error

// whole reads everything that a metric has.
func whole(from prometheus.Metric, to *dto.Metric) error { return from.Write(to) }

// forText reads what a text says of a metric, without labels where that is less.
func forText(from prometheus.Metric, to *dto.Metric) error {
	if histogram, ok := from.(interface{ WriteClassic(to *dto.Metric) error }); ok {
		return histogram.WriteClassic(to)
	}
	return from.Write(to)
}

// all returns the metrics, which are good until the memory is used again.
func (c chunk) all(memory *scratch, write write) (metrics []*dto.Metric, err error) {
	if c.metrics == nil {
		samples, err := c.read(memory)
		return metricsOf(c.Family, samples), err
	}
	memory.reset()
	err = guard.Func(func() (err error) {
		metrics, err = c.metrics(memory, write)
		return err
	})()
	return metrics, err
}

// page is what a scrape gets: the chunks of each family, by its name, in the order of the accounts.
type page map[string][]chunk

// names are those of the families in the order in which a registry has them too.
func (p page) names() []string { return slices.Sorted(maps.Keys(p)) }

// families returns the page as a registry has it. With an error it returns everything else.
func (p page) families() (list []*dto.MetricFamily, err error) {
	var errs []error
	for _, name := range p.names() {
		var metrics []*dto.Metric
		for _, c := range p[name] {
			more, err := c.all(&scratch{}, whole)
			metrics, errs = append(metrics, more...), append(errs, err)
		}
		if len(metrics) > 0 {
			list = append(list, familyOf(p[name][0].Family, metrics))
		}
	}
	return list, errors.Join(errs...)
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
