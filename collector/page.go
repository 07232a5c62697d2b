package collector

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// page is what a scrape gets, by the names of the families.
type page map[string]*dto.MetricFamily

var types = map[metric.Type]*dto.MetricType{
	metric.Gauge:     dto.MetricType_GAUGE.Enum(),
	metric.Counter:   dto.MetricType_COUNTER.Enum(),
	metric.Histogram: dto.MetricType_HISTOGRAM.Enum(),
}

// add appends metrics, which are never modified.
func (p page) add(f *metric.Family, metrics []*dto.Metric) {
	if len(metrics) == 0 {
		return
	}
	mf := p[f.Name]
	if mf == nil {
		mf = &dto.MetricFamily{Name: &f.Name, Help: &f.Help, Type: types[f.Type]}
		p[f.Name] = mf
	}
	mf.Metric = append(mf.Metric, metrics...)
}

// merge appends another page.
func (p page) merge(other page) {
	for name, mf := range other {
		if p[name] == nil {
			p[name] = mf
		} else {
			p[name].Metric = append(p[name].Metric, mf.Metric...)
		}
	}
}

// sorted returns the families in the order in which a registry has them too.
func (p page) sorted() (list []*dto.MetricFamily) {
	for _, mf := range p {
		if !slices.IsSortedFunc(mf.Metric, byLabels) { // each account's are
			slices.SortFunc(mf.Metric, byLabels)
		}
		list = append(list, mf)
	}
	slices.SortFunc(list, byName)
	return list
}

func byName(x, y *dto.MetricFamily) int { return strings.Compare(x.GetName(), y.GetName()) }

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
		slices.SortFunc(all, byName)
		return all, errors.Join(errs...)
	})
}
