package statuspage

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// pageStatuses translates the statuses of Statuspage v2 components. A scheduled maintenance in progress shows as
// under_maintenance in the components it touches. The last word is the one that incident.io documents for its pages in
// place of major_outage.
var pageStatuses = map[string]platform.Status{
	"operational":          platform.Operational,
	"degraded_performance": platform.Degraded,
	"partial_outage":       platform.Degraded,
	"under_maintenance":    platform.Degraded,
	"major_outage":         platform.Critical,
	"full_outage":          platform.Critical,
}

// summary is the content of a summary.json, for all accounts.
type summary struct {
	platform.Anomalies
	components    []pageComponent
	incidents     []pageEvent // open ones; nil when the list was missing
	maintenances  []pageEvent // announced ones, in progress or not; nil when the list was missing
	correlationID string
}

type pageComponent struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Status  string `json:"status"`
	Group   bool   `json:"group"`    // a heading; its members have rows of their own
	GroupID string `json:"group_id"` // null outside groups
	heading string // the name of its group; "" outside groups
	raw     json.RawMessage
}

// fullName is the component's name with its group: "Voice / EMEA (Frankfurt)". It depends on nothing else on the page. A
// group that the name itself begins with is left out: "EMEA (Frankfurt)" in the group EMEA.
func (c pageComponent) fullName() string {
	rest, begins := strings.CutPrefix(normalise(c.Name), normalise(c.heading))
	next, _ := utf8.DecodeRuneInString(rest)
	if c.heading == "" || begins && !unicode.IsLetter(next) && !unicode.IsDigit(next) {
		return c.Name
	}
	return c.heading + " / " + c.Name
}

// parseSummary reads a summary.json of Statuspage v2 (form: https://confluence.status.atlassian.com/api). A fault of one
// entity is counted and harms no other; a fault of the whole is an error.
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
	s.incidents = slices.DeleteFunc(s.readEvents(wire.Incidents, pathIncidents), pageEvent.closed)
	s.maintenances = s.readEvents(wire.Maintenances, pathMaintenances)
	return s, nil
}

func (s *summary) readComponents(list []json.RawMessage) {
	headings, seen := map[string]string{}, map[string]bool{}
	for _, raw := range list {
		c := pageComponent{raw: raw}
		ok := decodes(raw, &c)
		c.ID, c.Name = strings.TrimSpace(c.ID), strings.TrimSpace(c.Name)
		switch {
		case c.ID == "", c.Name == "", seen[c.ID]:
			s.Violate("components[].id or name")
			continue
		case !ok, c.Status == "":
			s.Violate("components[].status")
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

// snapshot returns what one account sees of the summary.
func (s *summary) snapshot(page string, choice selection) platform.Snapshot {
	var snapshot platform.Snapshot
	snapshot.Add(s.Anomalies)
	var selected []pageComponent
	for _, c := range s.components {
		if !choice.takes(c) {
			continue
		}
		selected = append(selected, c)
		status, isKnown := pageStatuses[normalise(c.Status)]
		if !isKnown && c.Status != "" {
			snapshot.Unknown(fieldPageStatus, c.Status, "components[].status")
		}
		snapshot.Components = append(snapshot.Components, platform.Component{
			ID: c.ID, Name: c.fullName(), Plane: platform.ControlPlane, Source: platform.SourceStatusPage,
			Condition: platform.Condition{Status: status, Evidence: s.evidence(c)},
		})
	}
	if s.incidents != nil {
		snapshot.Incidents = countIncidents(page, touching(s.incidents, selected), &snapshot.Anomalies)
	}
	if s.maintenances != nil {
		snapshot.Maintenances = countMaintenances(touching(s.maintenances, selected), &snapshot.Anomalies)
	}
	return snapshot
}

// evidence returns the component and the first incident that lists it.
func (s *summary) evidence(c pageComponent) platform.Evidence {
	for _, i := range s.incidents {
		if i.touches(c) {
			return evidence(s.correlationID, c.raw, i.raw)
		}
	}
	return evidence(s.correlationID, c.raw)
}
