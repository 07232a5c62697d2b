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
	families  []familyCache // for each of snapshotFamilies
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
	*c = snapshotCache{snapshots, make([]familyCache, len(snapshotFamilies))}
	common := newSamples()
	for i := range c.families {
		now := &c.families[i]
		for _, snapshot := range snapshots {
			if snapshotFamilies[i].has(snapshot) {
				now.snapshots = append(now.snapshots, snapshot)
			}
		}
		if before.families != nil && slices.Equal(now.snapshots, before.families[i].snapshots) {
			now.chunk = before.families[i].chunk
			continue
		}
		of := snapshotsOf{&snapshotFamilies[i], now.snapshots, r.standard, r.limit}
		metrics, dropped := of.render(common, before.snapshots)
		now.chunk = newChunk(of.Family, metrics, func() []*dto.Metric {
			metrics, _ := of.render(newSamples(), of.snapshots)
			return metrics
		})
		r.dropped.add(r.name(), of.Name, dropped)
	}
	return c.families
}

// snapshotsOf is the snapshots that a family is made of.
type snapshotsOf struct {
	*family[*platform.Snapshot]
	snapshots []*platform.Snapshot
	standard  []*dto.LabelPair
	limit     int
}

// render renders the family, and counts what is dropped of snapshots that were not there before.
func (of snapshotsOf) render(common *samples, before []*platform.Snapshot) (metrics []*dto.Metric, dropped int) {
	all := make([]rendered, len(of.snapshots))
	for i, snapshot := range of.snapshots {
		all[i] = render(of.family, snapshot, of.standard, common).within(of.limit)
		all[i].fresh = !slices.Contains(before, snapshot)
	}
	return merge(all, of.limit)
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
		of, standard := &families[i], r.standard
		render := func(common *samples) (metrics []*dto.Metric, dropped int) {
			one := render(of, &source, standard, common)
			one.fresh = true
			return merge([]rendered{one}, 0)
		}
		metrics, dropped := render(common)
		c.chunks[i] = newChunk(of.Family, metrics, func() []*dto.Metric {
			metrics, _ := render(newSamples())
			return metrics
		})
		r.dropped.add(r.name(), of.Name, dropped)
	}
	return c.chunks
}
