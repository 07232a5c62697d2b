package genesys

import (
	"maps"
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// part is the objects of an inventory that are translated together, such as the instances of a trunk base, so that an event
// costs what its part costs and not what the organization costs.
type part struct {
	items, rows []int              // among those listed
	translated  *platform.Snapshot // nil when an event has changed the part since
}

// divide makes the parts of the items that are listed, and the index of these. It returns the part of what belongs to none.
func (t *inventory[T, R]) divide() (rest *part) {
	rest = &part{}
	byKey := map[string]*part{"": rest}
	for i, item := range t.listed.items {
		key := ""
		if t.partOf != nil {
			key = t.partOf(item.wire)
		}
		of := byKey[key]
		if of == nil {
			of = &part{}
			byKey[key] = of
		}
		of.items = append(of.items, i)
		t.index[item.wire.identity()] = place{i, of}
	}
	t.parts = make([]*part, 0, len(byKey))
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		t.parts = append(t.parts, byKey[key])
	}
	return rest
}

// snapshot joins the parts after translating those that have changed. Its anomalies are what these count. The caller holds
// the lock.
func (t *inventory[T, R]) snapshot() platform.Snapshot {
	all := platform.Snapshot{Trunks: make([]platform.Trunk, 0, len(t.parts))}
	for _, of := range t.parts {
		if of.translated == nil {
			translated := t.translate(t.listed.only(*of))
			all.Add(translated.Anomalies)
			of.translated = &translated
		}
		all.Trunks = append(all.Trunks, of.translated.Trunks...)
		all.Edges = append(all.Edges, of.translated.Edges...)
		all.EdgeCounts = append(all.EdgeCounts, of.translated.EdgeCounts...)
	}
	return all
}

// only is the listing of one part, without what reading the list counted.
func (m listing[T, R]) only(p part) listing[T, R] {
	some := listing[T, R]{
		items: make([]item[T], len(p.items)), metrics: make([]row[R], len(p.rows)), answered: m.answered,
	}
	for i, j := range p.items {
		some.items[i] = m.items[j]
	}
	for i, j := range p.rows {
		some.metrics[i] = m.metrics[j]
	}
	return some
}
