package collector

import (
	"reflect"
	"slices"

	dto "github.com/prometheus/client_model/go"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// snapshotCache holds what was made of an account's snapshots. Snapshots never change, so each is rendered once; a snapshot that is
// published again costs its own families and no others.
type snapshotCache struct {
	snapshots []*platform.Snapshot
	blocks    map[*platform.Snapshot][]rendered // those that are not empty
	merged    []merged                          // of all snapshots, for each of snapshotFamilies
}

// merged is what one family makes of all snapshots.
type merged struct {
	snapshots []*platform.Snapshot // those with something to say
	metrics   []*dto.Metric
}

// render renders the snapshots, or finds them rendered, for each of snapshotFamilies. What the limit or a duplicate drops is
// counted when a snapshot is rendered for the first time: once per publication, however many scrapes read it.
func (c *snapshotCache) render(a *account, snapshots []*platform.Snapshot) []merged {
	before := *c
	if slices.Equal(snapshots, before.snapshots) {
		return before.merged
	}
	*c = snapshotCache{snapshots, map[*platform.Snapshot][]rendered{}, make([]merged, len(snapshotFamilies))}
	blocks := make([][]rendered, len(snapshotFamilies))
	for _, snapshot := range snapshots {
		known, met := before.blocks[snapshot]
		if !met {
			known = a.blocksOf(snapshot)
		}
		c.blocks[snapshot] = known
		for _, b := range known {
			b.fresh = !slices.Contains(before.snapshots, snapshot)
			blocks[b.family] = append(blocks[b.family], b)
			c.merged[b.family].snapshots = append(c.merged[b.family].snapshots, snapshot)
		}
	}
	for i := range c.merged {
		now := &c.merged[i]
		if before.merged != nil && slices.Equal(now.snapshots, before.merged[i].snapshots) {
			now.metrics = before.merged[i].metrics
			continue
		}
		var dropped int
		now.metrics, dropped = merge(blocks[i], a.limit)
		a.dropped.add(a.name(), snapshotFamilies[i].Name, dropped)
	}
	return c.merged
}

// blocksOf renders a snapshot.
func (a *account) blocksOf(snapshot *platform.Snapshot) []rendered {
	blocks, common := []rendered{}, newInterned()
	for i := range snapshotFamilies {
		if !snapshotFamilies[i].has(snapshot) {
			continue
		}
		if b := render(&snapshotFamilies[i], snapshot, a.standard, common).within(a.limit); len(b.ends) > 0 || b.dropped > 0 {
			b.family = i
			blocks = append(blocks, b)
		}
	}
	return blocks
}

// stateCache holds what was made of the rest of a view, which is small and compared as a whole.
type stateCache struct {
	source  scrape
	metrics [][]*dto.Metric // for each of the families
}

// render renders the families, or finds them rendered.
func (c *stateCache) render(a *account, source scrape, families []family[*scrape]) [][]*dto.Metric {
	source.Snapshots, source.Metrics = nil, nil // not in these families
	if c.metrics != nil && reflect.DeepEqual(source, c.source) {
		return c.metrics
	}
	c.source, c.metrics = source, make([][]*dto.Metric, len(families))
	common := newInterned()
	for i := range families {
		b := render(&families[i], &source, a.standard, common)
		b.fresh = true
		var dropped int
		c.metrics[i], dropped = merge([]rendered{b}, 0)
		a.dropped.add(a.name(), families[i].Name, dropped)
	}
	return c.metrics
}
