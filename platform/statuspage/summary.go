package statuspage

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
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

// summary is what a summary.json says, for all accounts.
type summary struct {
	components    []pageComponent
	incidents     []pageEvent // open ones; nil when the list was missing
	maintenances  []pageEvent // announced ones, in progress or not; nil when the list was missing
	violations    int
	correlationID string
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

// parseSummary reads a summary.json of Statuspage v2 (form: https://confluence.status.atlassian.com/api). What is wrong
// with one entity is counted and costs no other; what is wrong with the whole is an error.
func parseSummary(body []byte, correlationID string) (*summary, error) {
	var wire struct {
		Components   []json.RawMessage `json:"components"`
		Incidents    json.RawMessage   `json:"incidents"`
		Maintenances json.RawMessage   `json:"scheduled_maintenances"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return nil, fmt.Errorf("summary: %w", err)
	}
	if wire.Components == nil {
		return nil, errors.New("summary: no list of components")
	}
	s := &summary{correlationID: correlationID}
	s.readComponents(wire.Components)
	s.incidents = slices.DeleteFunc(s.readEvents(wire.Incidents), pageEvent.closed)
	s.maintenances = s.readEvents(wire.Maintenances)
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

// snapshot is what one account sees of the summary.
func (s *summary) snapshot(page string, choice selection) platform.Snapshot {
	snapshot := platform.Snapshot{Anomalies: platform.Anomalies{Violations: s.violations}}
	var selected []pageComponent
	for _, c := range s.components {
		if !choice.takes(c) {
			continue
		}
		selected = append(selected, c)
		status, known := lookUp(pageStatuses, c.Status)
		if !known && c.Status != "" {
			snapshot.Unknown(fieldPageStatus)
		}
		snapshot.Components = append(snapshot.Components, platform.Component{
			ID: c.ID, Name: c.Name, Plane: platform.ControlPlane, Source: platform.SourceStatusPage,
			Condition: platform.Condition{Status: status, Evidence: s.evidence(c)},
		})
	}
	if s.incidents != nil {
		snapshot.Incidents = countIncidents(page, touching(s.incidents, selected), &snapshot)
	}
	if s.maintenances != nil {
		snapshot.Maintenances = countMaintenances(touching(s.maintenances, selected), &snapshot)
	}
	return snapshot
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
		return settings.MatchAny(s.patterns, c.Name, c.heading)
	}
	text := normal(c.heading + "\n" + c.Name)
	names := func(label string) bool {
		label = normal(label)
		return label != "" && strings.Contains(text, label)
	}
	return names(s.own) || !slices.ContainsFunc(s.all, names)
}
