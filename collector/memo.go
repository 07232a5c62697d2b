package collector

import (
	"reflect"
	"slices"

	dto "github.com/prometheus/client_model/go"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// This file keeps what was rendered until what it was made of changes.

// published holds what was made of an account's parts. Parts never change, so each is rendered once; a part that is
// published again costs its own families and no others.
type published struct {
	parts  []*platform.Part
	blocks map[*platform.Part][]block // as many as there are partFamilies
	merged []merged                   // of all parts, for each of partFamilies
}

// merged is what one family makes of all parts.
type merged struct {
	parts   []*platform.Part // those with something to say
	metrics []*dto.Metric
}

// render renders the parts, or finds them rendered, for each of partFamilies. What the limit or a duplicate drops is
// counted when a part is rendered for the first time: once per publication, however many scrapes read it.
func (p *published) render(a *account, parts []*platform.Part) []merged {
	before := *p
	if slices.Equal(parts, before.parts) {
		return before.merged
	}
	m := published{parts: parts, blocks: map[*platform.Part][]block{}, merged: make([]merged, len(partFamilies))}
	for _, part := range parts {
		m.blocks[part] = before.blocks[part]
		shared := pairs{}
		for i := len(m.blocks[part]); i < len(partFamilies); i++ {
			m.blocks[part] = append(m.blocks[part], render(&partFamilies[i], part, a.labels, shared, a.limit))
		}
	}
	for i := range partFamilies {
		var blocks []block
		now := &m.merged[i]
		for _, part := range parts {
			if b := m.blocks[part][i]; len(b.ends) > 0 || b.dropped > 0 {
				b.fresh = !slices.Contains(before.parts, part)
				now.parts, blocks = append(now.parts, part), append(blocks, b)
			}
		}
		if before.merged != nil && slices.Equal(now.parts, before.merged[i].parts) {
			now.metrics = before.merged[i].metrics
			continue
		}
		metrics, dropped := merge(blocks, a.limit)
		now.metrics = ordered(metrics)
		a.dropped.add(a.labels[1], partFamilies[i].Name, dropped)
	}
	*p = m
	return m.merged
}

// live holds what was made of the rest of a view, which is small and compared as a whole.
type live struct {
	source  scrape
	metrics [][]*dto.Metric // for each of the families
}

// render renders the families, or finds them rendered.
func (l *live) render(a *account, source scrape, families []family[*scrape]) [][]*dto.Metric {
	source.Parts, source.Metrics = nil, nil // not in these families
	if l.metrics != nil && reflect.DeepEqual(source, l.source) {
		return l.metrics
	}
	l.source, l.metrics = source, make([][]*dto.Metric, len(families))
	shared := pairs{}
	for i := range families {
		b := render(&families[i], &source, a.labels, shared, 0)
		a.dropped.add(a.labels[1], families[i].Name, b.dropped)
		l.metrics[i] = ordered(b.metrics)
	}
	return l.metrics
}
