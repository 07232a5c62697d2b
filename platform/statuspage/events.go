package statuspage

import (
	"encoding/json"
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// This file reads what happens to the components of a page: incidents and scheduled maintenances, which have one form.

// impacts are the known impacts of incidents, in the order in which they are exported.
var impacts = [...]string{"none", "minor", "major", "critical"}

// otherImpact counts incidents whose impact is missing or not known.
const otherImpact = "unknown"

// closed are the statuses of incidents that are over.
var closed = map[string]bool{"resolved": true, "postmortem": true}

// underWay tells for each status of a scheduled maintenance whether work is in progress.
var underWay = map[string]bool{"scheduled": false, "in_progress": true, "verifying": true, "completed": false}

type pageEvent struct {
	Status     string            `json:"status"`
	Impact     string            `json:"impact"`
	Components []json.RawMessage `json:"components"`
	touched    map[string]bool   // ids of components; empty when the event names none
	raw        json.RawMessage
}

func (e pageEvent) closed() bool { return closed[normal(e.Status)] }

// touches tells whether the event lists the component or its heading.
func (e pageEvent) touches(c pageComponent) bool { return e.touched[c.ID] || e.touched[c.GroupID] }

// readEvents returns the events of a list, or nil when there is no list.
func (s *summary) readEvents(list json.RawMessage) []pageEvent {
	var raws []json.RawMessage
	if !sound(list, &raws) || raws == nil {
		s.violations++
		return nil
	}
	events := []pageEvent{}
	for _, raw := range raws {
		if e, ok := s.readEvent(raw); ok {
			events = append(events, e)
		}
	}
	return events
}

// readEvent tells whether it is an event at all.
func (s *summary) readEvent(raw json.RawMessage) (e pageEvent, ok bool) {
	e = pageEvent{raw: raw, touched: map[string]bool{}}
	whole := sound(raw, &e)
	if string(raw) == "null" || e.Status == "" && e.Impact == "" {
		s.violations++
		return e, false
	}
	for _, raw := range e.Components {
		var c struct {
			ID string `json:"id"`
		}
		if sound(raw, &c); c.ID == "" {
			whole = false
			continue
		}
		e.touched[c.ID] = true
	}
	if !whole || e.Status == "" || e.Impact == "" {
		s.violations++
	}
	return e, true
}

// touching returns the events that touch one of the components, or name none.
func touching(events []pageEvent, selected []pageComponent) (list []pageEvent) {
	for _, e := range events {
		if len(e.touched) == 0 || slices.ContainsFunc(selected, e.touches) {
			list = append(list, e)
		}
	}
	return list
}

// countIncidents counts incidents by impact.
func countIncidents(page string, incidents []pageEvent, snapshot *platform.Snapshot) (counts []platform.IncidentCount) {
	open := map[string]int{}
	for _, i := range incidents {
		open[normal(i.Impact)]++
	}
	for _, impact := range impacts {
		counts = append(counts, platform.IncidentCount{Page: page, Impact: impact, Count: open[impact]})
		delete(open, impact)
	}
	others := 0
	for impact, n := range open {
		others += n
		for range n {
			if impact != "" {
				snapshot.Unknown(fieldPageImpact)
			}
		}
	}
	if others > 0 {
		counts = append(counts, platform.IncidentCount{Page: page, Impact: otherImpact, Count: others})
	}
	return counts
}

// countMaintenances counts those that are in progress.
func countMaintenances(maintenances []pageEvent, snapshot *platform.Snapshot) *int {
	count := 0
	for _, m := range maintenances {
		inProgress, known := underWay[normal(m.Status)]
		if !known && m.Status != "" {
			snapshot.Unknown(fieldPageStatus)
		}
		if inProgress {
			count++
		}
	}
	return &count
}
