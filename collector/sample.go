package collector

import (
	"cmp"
	"slices"

	dto "github.com/prometheus/client_model/go"
)

// sample is a metric that does not change any more.
func sample(f *Family, value float64, labels []*dto.LabelPair) *dto.Metric {
	if f.Type == "counter" {
		return &dto.Metric{Label: labels, Counter: &dto.Counter{Value: &value}}
	}
	return &dto.Metric{Label: labels, Gauge: &dto.Gauge{Value: &value}}
}

// pairs makes each label pair once: of many accounts with many series, labels are most of the memory.
type pairs map[[2]string]*dto.LabelPair

func (p pairs) of(name, value string) *dto.LabelPair {
	key := [2]string{name, value}
	pair := p[key]
	if pair == nil {
		pair = labelPair(name, value)
		p[key] = pair
	}
	return pair
}

func labelPair(name, value string) *dto.LabelPair { return &dto.LabelPair{Name: &name, Value: &value} }

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
