package collector

import (
	"cmp"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// sample is a metric that does not change any more. It does what prometheus.NewConstMetric does, but shares its label
// pairs with its neighbours: of many accounts with many series, labels are most of the memory.
type sample struct {
	desc    *prometheus.Desc
	counter bool
	value   float64
	labels  []*dto.LabelPair
}

// Desc implements prometheus.Metric.
func (c *sample) Desc() *prometheus.Desc { return c.desc }

// Write implements prometheus.Metric.
func (c *sample) Write(out *dto.Metric) error {
	out.Label = c.labels
	if c.counter {
		out.Counter = &dto.Counter{Value: &c.value}
	} else {
		out.Gauge = &dto.Gauge{Value: &c.value}
	}
	return nil
}

// pairs makes each label pair once.
type pairs map[[2]string]*dto.LabelPair

func (p pairs) of(name, value string) *dto.LabelPair {
	key := [2]string{name, value}
	pair, made := p[key]
	if !made {
		pair = &dto.LabelPair{Name: &key[0], Value: &key[1]}
		p[key] = pair
	}
	return pair
}

// layout is the order in which a family's label values are written: by name, as the exposition has them.
type layout struct {
	names []string
	order []int
}

func layoutOf(names []string) layout {
	l := layout{names: names}
	for i := range l.names {
		l.order = append(l.order, i)
	}
	slices.SortFunc(l.order, func(a, b int) int { return cmp.Compare(l.names[a], l.names[b]) })
	return l
}

// pairs returns the label pairs of values in the order of names.
func (l layout) pairs(shared pairs, values []string) []*dto.LabelPair {
	made := make([]*dto.LabelPair, len(l.order))
	for i, j := range l.order {
		made[i] = shared.of(l.names[j], values[j])
	}
	return made
}
