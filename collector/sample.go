package collector

import (
	"cmp"
	"slices"

	dto "github.com/prometheus/client_model/go"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// samples makes samples, and what many of them have in common only once: of many accounts with many series, labels are most of the memory,
// and most values are 0 or 1.
type samples struct {
	labels map[[2]string]*dto.LabelPair
	gauges map[float64]*dto.Gauge
}

func newSamples() *samples {
	return &samples{map[[2]string]*dto.LabelPair{}, map[float64]*dto.Gauge{}}
}

func (s *samples) label(name, value string) *dto.LabelPair {
	key := [2]string{name, value}
	pair := s.labels[key]
	if pair == nil {
		pair = labelPair(name, value)
		s.labels[key] = pair
	}
	return pair
}

func labelPair(name, value string) *dto.LabelPair { return &dto.LabelPair{Name: &name, Value: &value} }

// sample is a metric of a type, which does not change any more.
func (s *samples) sample(kind metric.Type, value float64, labels []*dto.LabelPair) *dto.Metric {
	if kind == metric.Counter {
		return &dto.Metric{Label: labels, Counter: &dto.Counter{Value: &value}}
	}
	gauge := s.gauges[value]
	if gauge == nil {
		gauge = newGauge(value)
		s.gauges[value] = gauge
	}
	return &dto.Metric{Label: labels, Gauge: gauge}
}

func newGauge(value float64) *dto.Gauge { return &dto.Gauge{Value: &value} }

// orderOf returns the places of names in the order in which the exposition has them: by name.
func orderOf(names []string) (places []int) {
	for i := range names {
		places = append(places, i)
	}
	slices.SortFunc(places, func(a, b int) int { return cmp.Compare(names[a], names[b]) })
	return places
}
