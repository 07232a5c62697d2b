package collector

import (
	"reflect"
	"slices"

	dto "github.com/prometheus/client_model/go"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// This file keeps what was rendered until what it was made of changes.

// published holds what was made of an account's snapshots. Snapshots never change, so each is rendered once; a snapshot that is
// published again costs its own families and no others.
type published struct {
	snapshots []*platform.Snapshot
	blocks    map[*platform.Snapshot][]block // those that are not empty
	merged    []merged                       // of all snapshots, for each of snapshotFamilies
}

// merged is what one family makes of all snapshots.
type merged struct {
	snapshots []*platform.Snapshot // those with something to say
	metrics   []*dto.Metric
}

// render renders the snapshots, or finds them rendered, for each of snapshotFamilies. What the limit or a duplicate drops is
// counted when a snapshot is rendered for the first time: once per publication, however many scrapes read it.
func (p *published) render(a *account, snapshots []*platform.Snapshot) []merged {
	before := *p
	if slices.Equal(snapshots, before.snapshots) {
		return before.merged
	}
	*p = published{snapshots, map[*platform.Snapshot][]block{}, make([]merged, len(snapshotFamilies))}
	blocks := make([][]block, len(snapshotFamilies))
	for _, snapshot := range snapshots {
		known, met := before.blocks[snapshot]
		if !met {
			known = a.blocksOf(snapshot)
		}
		p.blocks[snapshot] = known
		for _, b := range known {
			b.fresh = !slices.Contains(before.snapshots, snapshot)
			blocks[b.family] = append(blocks[b.family], b)
			p.merged[b.family].snapshots = append(p.merged[b.family].snapshots, snapshot)
		}
	}
	for i := range p.merged {
		now := &p.merged[i]
		if before.merged != nil && slices.Equal(now.snapshots, before.merged[i].snapshots) {
			now.metrics = before.merged[i].metrics
			continue
		}
		var dropped int
		now.metrics, dropped = merge(blocks[i], a.limit)
		a.dropped.add(a.name(), snapshotFamilies[i].Name, dropped)
	}
	return p.merged
}

// blocksOf renders a snapshot.
func (a *account) blocksOf(snapshot *platform.Snapshot) []block {
	blocks, shared := []block{}, newShared()
	for i := range snapshotFamilies {
		if !snapshotFamilies[i].has(snapshot) {
			continue
		}
		if b := render(&snapshotFamilies[i], snapshot, a.standard, shared).within(a.limit); len(b.ends) > 0 || b.dropped > 0 {
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
	source.Snapshots, source.Metrics = nil, nil // not in these families
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
