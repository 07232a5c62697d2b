package statuspage

import (
	"encoding/json"
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// impacts are the impacts of incidents, in the order in which they are exported.
var impacts = [...]string{"none", "minor", "major", "critical"}

const (
	maintenanceImpact = "maintenance" // documented, of maintenances that a page lists as incidents; exported while there is one
	otherImpact       = "unknown"     // of incidents whose impact is missing or not known
)

// incidentClosed reports for each status of an incident whether the incident is over.
var incidentClosed = map[string]bool{
	"investigating": false, "identified": false, "monitoring": false, "resolved": true, "postmortem": true,
}

// underWay reports for each status of a scheduled maintenance whether work is in progress. The last words are those that
// incident.io documents for its pages.
var underWay = map[string]bool{
	"scheduled": false, "in_progress": true, "verifying": true, "completed": false,
	"maintenance_scheduled": false, "maintenance_in_progress": true, "maintenance_complete": false,
}

// The lists of events of a page.
const (
	pathIncidents    = "incidents"
	pathMaintenances = "scheduled_maintenances"
)

// pageEvent is an incident or a scheduled maintenance, which have one form.
type pageEvent struct {
	Status     string            `json:"status"`
	Impact     string            `json:"impact"`
	Components []json.RawMessage `json:"components"`
	touched    map[string]bool   // ids of components; empty when the event names none
	raw        json.RawMessage
}

func (e pageEvent) closed() bool { return incidentClosed[normalise(e.Status)] }

// touches reports whether the event lists the component or its group.
func (e pageEvent) touches(c pageComponent) bool { return e.touched[c.ID] || e.touched[c.GroupID] }

// readEvents returns the events of a list, or nil when there is no list.
func (s *summary) readEvents(list json.RawMessage, path string) []pageEvent {
	var raws []json.RawMessage
	if !decodes(list, &raws) || raws == nil {
		s.Violate(path)
		return nil
	}
	events := []pageEvent{}
	for _, raw := range raws {
		if e, ok := s.readEvent(raw, path+"[]"); ok {
			events = append(events, e)
		}
	}
	return events
}

// readEvent reads one event. Ok is false when it is none at all.
func (s *summary) readEvent(raw json.RawMessage, path string) (e pageEvent, ok bool) {
	e = pageEvent{raw: raw, touched: map[string]bool{}}
	whole := decodes(raw, &e)
	if string(raw) == "null" || e.Status == "" && e.Impact == "" {
		s.Violate(path)
		return e, false
	}
	for _, raw := range e.Components {
		var c struct {
			ID string `json:"id"`
		}
		if decodes(raw, &c); c.ID == "" {
			whole = false
			continue
		}
		e.touched[c.ID] = true
	}
	switch {
	case !whole:
		s.Violate(path)
	case e.Status == "" || e.Impact == "":
		s.Violate(path, ".status or impact")
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

// countIncidents counts incidents by impact. A status or impact that is not known is counted as such.
func countIncidents(page string, incidents []pageEvent, found *platform.Anomalies) (counts []platform.IncidentCount) {
	open := map[string]int{}
	for _, i := range incidents {
		impact := normalise(i.Impact)
		if _, isKnown := incidentClosed[normalise(i.Status)]; !isKnown && i.Status != "" {
			found.Unknown(fieldPageStatus, i.Status, pathIncidents, "[].status")
		}
		if impact != maintenanceImpact && !slices.Contains(impacts[:], impact) {
			if impact != "" {
				found.Unknown(fieldPageImpact, i.Impact, pathIncidents, "[].impact")
			}
			impact = otherImpact
		}
		open[impact]++
	}
	for _, impact := range impacts {
		counts = append(counts, platform.IncidentCount{Page: page, Impact: impact, Count: open[impact]})
	}
	for _, impact := range [...]string{maintenanceImpact, otherImpact} {
		if open[impact] > 0 {
			counts = append(counts, platform.IncidentCount{Page: page, Impact: impact, Count: open[impact]})
		}
	}
	return counts
}

// countMaintenances counts those that are in progress.
func countMaintenances(maintenances []pageEvent, found *platform.Anomalies) *int {
	count := 0
	for _, m := range maintenances {
		inProgress, isKnown := underWay[normalise(m.Status)]
		if !isKnown && m.Status != "" {
			found.Unknown(fieldPageStatus, m.Status, pathMaintenances, "[].status")
		}
		if inProgress {
			count++
		}
	}
	return &count
}
