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
	blocks map[*platform.Part][]block // those that are not empty
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
	*p = published{parts, map[*platform.Part][]block{}, make([]merged, len(partFamilies))}
	blocks := make([][]block, len(partFamilies))
	for _, part := range parts {
		known, met := before.blocks[part]
		if !met {
			known = a.blocksOf(part)
		}
		p.blocks[part] = known
		for _, b := range known {
			b.fresh = !slices.Contains(before.parts, part)
			blocks[b.family] = append(blocks[b.family], b)
			p.merged[b.family].parts = append(p.merged[b.family].parts, part)
		}
	}
	for i := range p.merged {
		now := &p.merged[i]
		if before.merged != nil && slices.Equal(now.parts, before.merged[i].parts) {
			now.metrics = before.merged[i].metrics
			continue
		}
		var dropped int
		now.metrics, dropped = merge(blocks[i], a.limit)
		a.dropped.add(a.name(), partFamilies[i].Name, dropped)
	}
	return p.merged
}

// blocksOf renders a part.
func (a *account) blocksOf(part *platform.Part) []block {
	blocks, shared := []block{}, newShared()
	for i := range partFamilies {
		if !partFamilies[i].has(part) {
			continue
		}
		if b := render(&partFamilies[i], part, a.standard, shared).within(a.limit); len(b.ends) > 0 || b.dropped > 0 {
			b.family = i
			blocks = append(blocks, b)
		}
	}
	return blocks
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
	shared := newShared()
	for i := range families {
		b := render(&families[i], &source, a.standard, shared)
		b.fresh = true
		var dropped int
		l.metrics[i], dropped = merge([]block{b}, 0)
		a.dropped.add(a.name(), families[i].Name, dropped)
	}
	return l.metrics
}
