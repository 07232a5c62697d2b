// What a test writes on the status page beside the scenario.

package simulator

import (
	"slices"
	"time"
)

// StatusEntry is one component of the status page. A component that the page does not have is added, in its group if it
// has one.
type StatusEntry struct {
	Component string
	Group     string // heading; "" = none, or that of a component which the page has
	Status    string // operational, degraded_performance, partial_outage, major_outage, under_maintenance or any other word
	Impact    string // none, minor, major or critical: of an open incident that names the component; "" = no incident
}

// statusEntries are the entries in force and the time of their last change.
type statusEntries struct {
	since time.Time
	list  []StatusEntry
}

// SetStatusEntries replaces the entries that tests have written on the status page.
func (w *World) SetStatusEntries(entries ...StatusEntry) {
	w.statusEntries.Store(&statusEntries{time.Now(), entries})
}

// of returns the entry of a component, nil when there is none.
func (e *statusEntries) of(component string) *StatusEntry {
	i := slices.IndexFunc(e.list, func(entry StatusEntry) bool { return entry.Component == component })
	if i < 0 {
		return nil
	}
	return &e.list[i]
}

// pageGroup is a heading with its components; "" is none.
type pageGroup struct {
	heading string
	labels  []string
}

// groups are those of the page with the components that the entries add.
func (e *statusEntries) groups() []pageGroup {
	all := slices.Clone(pageGroups)
	for _, entry := range e.list {
		if slices.ContainsFunc(all, func(g pageGroup) bool { return slices.Contains(g.labels, entry.Component) }) {
			continue
		}
		i := slices.IndexFunc(all, func(g pageGroup) bool { return g.heading == entry.Group })
		if i < 0 {
			i, all = len(all), append(all, pageGroup{heading: entry.Group})
		}
		all[i].labels = append(slices.Clip(all[i].labels), entry.Component)
	}
	return all
}
