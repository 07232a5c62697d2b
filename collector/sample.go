package collector

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// sample is a series of a gauge or a counter with its value.
type sample struct {
	labels []string // the values of all labels, in the order of their names
	value  float64
	last   bool // of its object
}

// scratch is memory in which one chunk after the other is rendered. The zero value is ready.
type scratch struct {
	samples []sample
	labels  []string
	sorted  []sample
	text    bytes.Buffer
	pairs   []*dto.LabelPair // of metrics
}

// reset makes the memory ready for the next chunk.
func (m *scratch) reset() { m.samples, m.labels, m.pairs = m.samples[:0], m.labels[:0], m.pairs[:0] }

// take returns n labels to be set.
func (m *scratch) take(n int) []string {
	used := len(m.labels)
	if used+n > cap(m.labels) { // what is in use stays where it is
		used, m.labels = 0, make([]string, 0, max(64, 2*cap(m.labels), n))
	}
	m.labels = m.labels[:used+n]
	return m.labels[used : used+n : used+n]
}

// takePairs returns labels as a registry has them, in memory that is used again: those of the metrics that were taken before stay
// as they are until the memory is reset.
func (m *scratch) takePairs(names, values []string) []*dto.LabelPair {
	used := len(m.pairs)
	for i := range values {
		if len(m.pairs) < cap(m.pairs) && m.pairs[:len(m.pairs)+1][len(m.pairs)] != nil {
			m.pairs = m.pairs[:len(m.pairs)+1]
		} else {
			m.pairs = append(m.pairs, &dto.LabelPair{})
		}
		pair := m.pairs[len(m.pairs)-1]
		pair.Name, pair.Value = &names[i], &values[i]
	}
	return m.pairs[used:len(m.pairs):len(m.pairs)]
}

// byLabels is the order of the samples of a family.
func byLabels(x, y sample) int { return compareLabels(x.labels, y.labels) }

func compareLabels(x, y []string) int { return slices.CompareFunc(x, y, strings.Compare) }

// orderOf returns the places of names in the order in which the exposition has them: by name.
func orderOf(names []string) (places []int) {
	for i := range names {
		places = append(places, i)
	}
	slices.SortFunc(places, func(a, b int) int { return cmp.Compare(names[a], names[b]) })
	return places
}

// namesOf are the names of a family's labels in the order in which the exposition has them.
func namesOf(f *metric.Family) []string { return slices.Sorted(slices.Values(f.AllLabels())) }

// pairsOf returns labels as a registry has them.
func pairsOf(names, values []string) []*dto.LabelPair {
	all, pairs := make([]dto.LabelPair, len(values)), make([]*dto.LabelPair, len(values))
	for i := range values {
		pairs[i] = &all[i]
		pairs[i].Name, pairs[i].Value = &names[i], &values[i]
	}
	return pairs
}

// metricsOf returns samples as a registry has them.
func metricsOf(f *metric.Family, samples []sample) []*dto.Metric {
	metrics := make([]*dto.Metric, len(samples))
	names := namesOf(f)
	for i, s := range samples {
		metrics[i] = &dto.Metric{Label: pairsOf(names, s.labels)}
		if f.Type == metric.Counter {
			metrics[i].Counter = &dto.Counter{Value: &s.value}
		} else {
			metrics[i].Gauge = &dto.Gauge{Value: &s.value}
		}
	}
	return metrics
}

var types = map[metric.Type]*dto.MetricType{
	metric.Gauge:     dto.MetricType_GAUGE.Enum(),
	metric.Counter:   dto.MetricType_COUNTER.Enum(),
	metric.Histogram: dto.MetricType_HISTOGRAM.Enum(),
}

// familyOf is a family with these metrics, as a registry has it.
func familyOf(f *metric.Family, metrics []*dto.Metric) *dto.MetricFamily {
	return &dto.MetricFamily{Name: &f.Name, Help: &f.Help, Type: types[f.Type], Metric: metrics}
}
