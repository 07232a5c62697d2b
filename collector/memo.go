package collector

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// memo holds what was made of an account's parts. Parts never change, so each is rendered once; a part that is published
// again costs its own families and no others.
type memo struct {
	labels  []string // the standard ones
	parts   []*platform.Part
	blocks  map[*platform.Part][]block // as many as there are partFamilies
	metrics []prometheus.Metric        // of all
}

// parts renders the parts, or finds them rendered. What the limit or a duplicate drops is counted when a part is
// rendered for the first time: once per publication, however many scrapes read it.
func (a *account) parts(labels []string, parts []*platform.Part) []prometheus.Metric {
	a.mu.Lock()
	defer a.mu.Unlock()
	known := a.memo.blocks
	if !slices.Equal(labels, a.memo.labels) {
		known = nil
	} else if slices.Equal(parts, a.memo.parts) {
		return a.memo.metrics
	}
	m := memo{labels: labels, parts: parts, blocks: map[*platform.Part][]block{}}
	for _, part := range parts {
		m.blocks[part] = known[part]
		shared := pairs{}
		for j := len(known[part]); j < len(partFamilies); j++ {
			m.blocks[part] = append(m.blocks[part], render(&partFamilies[j], part, labels, shared, a.limit))
		}
	}
	for j := range partFamilies {
		var blocks []block
		for _, part := range parts {
			if b := m.blocks[part][j]; len(b.ends) > 0 || b.dropped > 0 {
				b.fresh = !slices.Contains(a.memo.parts, part)
				blocks = append(blocks, b)
			}
		}
		metrics, dropped := merge(blocks, a.limit)
		m.metrics = append(m.metrics, metrics...)
		a.dropped.add(labels[1], partFamilies[j].Name, dropped)
	}
	a.memo = m
	return m.metrics
}
