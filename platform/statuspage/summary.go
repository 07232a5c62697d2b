package statuspage

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// pageStatuses translates the statuses of Statuspage v2 components. A scheduled maintenance in progress shows as
// under_maintenance in the components it touches.
var pageStatuses = map[string]platform.Status{
	"operational":          platform.Operational,
	"degraded_performance": platform.Degraded,
	"partial_outage":       platform.Degraded,
	"under_maintenance":    platform.Degraded,
	"major_outage":         platform.Critical,
}

// impacts are the known impacts of incidents, in the order in which they are exported.
var impacts = [...]string{"none", "minor", "major", "critical"}

// otherImpact counts incidents whose impact is missing or not known.
const otherImpact = "unknown"

// closed are the statuses of incidents that are over.
var closed = map[string]bool{"resolved": true, "postmortem": true}

// summary is what a summary.json says, for all accounts.
type summary struct {
	components     []pageComponent
	incidents      []pageIncident // open ones
	incidentsKnown bool           // false when the list was missing
	violations     int
	correlationID  string
}

type pageComponent struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Status  string `json:"status"`
	Group   bool   `json:"group"`    // a heading; its members have rows of their own
	GroupID string `json:"group_id"` // null outside groups
	heading string
	raw     json.RawMessage
}

type pageIncident struct {
	Status     string            `json:"status"`
	Impact     string            `json:"impact"`
	Components []json.RawMessage `json:"components"`
	touched    map[string]bool   // ids of components; empty when the incident names none
	raw        json.RawMessage
}

// touches tells whether the incident lists the component or its heading.
func (i pageIncident) touches(c pageComponent) bool { return i.touched[c.ID] || i.touched[c.GroupID] }

// parseSummary reads a summary.json of Statuspage v2 (form: https://confluence.status.atlassian.com/api). What is wrong
// with one entity is counted and costs no other; what is wrong with the whole is an error.
func parseSummary(body []byte, correlationID string) (*summary, error) {
	var wire struct {
		Components []json.RawMessage `json:"components"`
		Incidents  json.RawMessage   `json:"incidents"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return nil, fmt.Errorf("summary: %w", err)
	}
	if wire.Components == nil {
		return nil, errors.New("summary: no list of components")
	}
	s := &summary{correlationID: correlationID}
	s.readComponents(wire.Components)
	var incidents []json.RawMessage
	if s.incidentsKnown = sound(wire.Incidents, &incidents) && incidents != nil; !s.incidentsKnown {
		s.violations++
	}
	for _, raw := range incidents {
		s.readIncident(raw)
	}
	return s, nil
}

func (s *summary) readComponents(list []json.RawMessage) {
	headings, seen := map[string]string{}, map[string]bool{}
	for _, raw := range list {
		c := pageComponent{raw: raw}
		ok := sound(raw, &c)
		c.ID, c.Name = strings.TrimSpace(c.ID), strings.TrimSpace(c.Name)
		switch {
		case c.ID == "", c.Name == "", seen[c.ID]:
			s.violations++
			continue
		case !ok, c.Status == "":
			s.violations++
		}
		seen[c.ID] = true
		if c.Group {
			headings[c.ID] = c.Name
			continue
		}
		s.components = append(s.components, c)
	}
	for i := range s.components {
		s.components[i].heading = headings[s.components[i].GroupID]
	}
}

func (s *summary) readIncident(raw json.RawMessage) {
	i := pageIncident{raw: raw, touched: map[string]bool{}}
	ok := sound(raw, &i)
	if string(raw) == "null" || i.Status == "" && i.Impact == "" {
		s.violations++ // no incident at all
		return
	}
	for _, raw := range i.Components {
		var c struct {
			ID string `json:"id"`
		}
		if sound(raw, &c); c.ID == "" {
			ok = false
			continue
		}
		i.touched[c.ID] = true
	}
	if !ok || i.Status == "" || i.Impact == "" {
		s.violations++
	}
	if !closed[normal(i.Status)] {
		s.incidents = append(s.incidents, i)
	}
}

// part is what one account sees of the summary.
func (s *summary) part(page string, choice selection) platform.Part {
	part := platform.Part{Violations: s.violations}
	var selected []pageComponent
	for _, c := range s.components {
		if !choice.takes(c) {
			continue
		}
		selected = append(selected, c)
		status, known := lookUp(pageStatuses, c.Status)
		if !known && c.Status != "" {
			part.Unknown(fieldPageStatus)
		}
		part.Components = append(part.Components, platform.Component{
			ID: c.ID, Name: c.Name, Plane: platform.ControlPlane, Source: platform.SourceStatusPage,
			Condition: platform.Condition{Status: status, Evidence: s.evidence(c)},
		})
	}
	if s.incidentsKnown {
		part.Incidents = s.count(page, selected, &part)
	}
	return part
}

// evidence is the component and the first incident that lists it.
func (s *summary) evidence(c pageComponent) platform.Evidence {
	for _, i := range s.incidents {
		if i.touches(c) {
			return evidence(s.correlationID, c.raw, i.raw)
		}
	}
	return evidence(s.correlationID, c.raw)
}

// count counts the incidents that touch one of the components or name none, by impact.
func (s *summary) count(page string, selected []pageComponent, part *platform.Part) (counts []platform.IncidentCount) {
	open := map[string]int{}
	for _, i := range s.incidents {
		touches := len(i.touched) == 0
		for _, c := range selected {
			touches = touches || i.touches(c)
		}
		if touches {
			open[normal(i.Impact)]++
		}
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
				part.Unknown(fieldPageImpact)
			}
		}
	}
	if others > 0 {
		counts = append(counts, platform.IncidentCount{Page: page, Impact: otherImpact, Count: others})
	}
	return counts
}

// selection says which components of a page concern an account.
type selection struct {
	patterns []string // globs over the names of components and of their headings; replace the rest
	own      string   // label of the account's region
	all      []string // labels of every known region
}

// takes follows the patterns; without them it takes what names the account's own region, and what names no known
// region at all, in its own name or in that of its heading.
func (s selection) takes(c pageComponent) bool {
	if len(s.patterns) > 0 {
		return matches(s.patterns, c.Name, c.heading)
	}
	text := normal(c.heading + "\n" + c.Name)
	names := func(label string) bool {
		label = normal(label)
		return label != "" && strings.Contains(text, label)
	}
	return names(s.own) || !slices.ContainsFunc(s.all, names)
}
