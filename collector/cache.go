package collector

import (
	"reflect"
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// snapshotCache holds what was made of an account's snapshots. Snapshots never change, so each is rendered once; a snapshot that is
// published again costs its own families and no others.
type snapshotCache struct {
	snapshots []*platform.Snapshot
	rendered  map[*platform.Snapshot][]rendered // those that are not empty
	families  []familyCache                     // of all snapshots, for each of snapshotFamilies
}

// familyCache is what one family makes of all snapshots.
type familyCache struct {
	snapshots []*platform.Snapshot // those with something to say
	chunk     *chunk
}

// render renders the snapshots, or finds them rendered, for each of snapshotFamilies. What the limit or a duplicate drops is
// counted when a snapshot is rendered for the first time: once per publication, however many scrapes read it.
func (c *snapshotCache) render(r *renderer, snapshots []*platform.Snapshot) []familyCache {
	before := *c
	if slices.Equal(snapshots, before.snapshots) {
		return before.families
	}
	*c = snapshotCache{snapshots, map[*platform.Snapshot][]rendered{}, make([]familyCache, len(snapshotFamilies))}
	byFamily := make([][]rendered, len(snapshotFamilies))
	for _, snapshot := range snapshots {
		one, again := before.rendered[snapshot]
		if !again {
			one = r.renderSnapshot(snapshot)
		}
		c.rendered[snapshot] = one
		for _, family := range one {
			family.fresh = !slices.Contains(before.snapshots, snapshot)
			byFamily[family.family] = append(byFamily[family.family], family)
			c.families[family.family].snapshots = append(c.families[family.family].snapshots, snapshot)
		}
	}
	for i := range c.families {
		now := &c.families[i]
		if before.families != nil && slices.Equal(now.snapshots, before.families[i].snapshots) {
			now.chunk = before.families[i].chunk
			continue
		}
		metrics, dropped := merge(byFamily[i], r.limit)
		now.chunk = &chunk{family: snapshotFamilies[i].Family, metrics: metrics}
		r.dropped.add(r.name(), snapshotFamilies[i].Name, dropped)
	}
	return c.families
}

// renderSnapshot renders each family that the snapshot has something for.
func (r *renderer) renderSnapshot(snapshot *platform.Snapshot) []rendered {
	all, common := []rendered{}, newSamples()
	for i := range snapshotFamilies {
		if !snapshotFamilies[i].has(snapshot) {
			continue
		}
		if family := render(&snapshotFamilies[i], snapshot, r.standard, common).within(r.limit); len(family.ends) > 0 || family.dropped > 0 {
			family.family = i
			all = append(all, family)
		}
	}
	return all
}

// stateCache holds what was made of the rest of an account's state, which is small and compared as a whole.
type stateCache struct {
	source accountState
	chunks []*chunk // for each of the families
}

// render renders the families, or finds them rendered.
func (c *stateCache) render(r *renderer, source accountState, families []family[*accountState]) []*chunk {
	source.Snapshots, source.Metrics = nil, nil // not in these families
	if c.chunks != nil && reflect.DeepEqual(source, c.source) {
		return c.chunks
	}
	c.source, c.chunks = source, make([]*chunk, len(families))
	common := newSamples()
	for i := range families {
		one := render(&families[i], &source, r.standard, common)
		one.fresh = true
		metrics, dropped := merge([]rendered{one}, 0)
		c.chunks[i] = &chunk{family: families[i].Family, metrics: metrics}
		r.dropped.add(r.name(), families[i].Name, dropped)
	}
	return c.chunks
}
