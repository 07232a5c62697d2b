// A Statuspage v2 with a component per Genesys Cloud region. How the live page names them was not checked: the labels of
// the login page stand in, grouped by continent, and one component that belongs to no region.

package simulator

import (
	"encoding/hex"
	"net/http"
	"slices"
	"time"
)

// pageGroups lists the components under their headings; the group "" has none.
var pageGroups = []pageGroup{
	{"Americas", []string{
		"Americas (US East)", "FedRAMP, Americas (US East 2)", "Americas (US West)", "Americas (Canada)", "Americas (Mexico)",
		"Americas (São Paulo)",
	}},
	{"EMEA", []string{
		"EMEA (Dublin)", "EMEA (London)", "EMEA (Frankfurt)", "EMEA (Zurich)", "EU sovereign cloud", "EMEA (UAE)",
	}},
	{"Asia Pacific", []string{
		"Asia Pacific (Mumbai)", "Asia Pacific (Singapore)", "Asia Pacific (Sydney)", "Asia Pacific (Tokyo)", "Asia Pacific (Seoul)",
		"Asia Pacific (Osaka)",
	}},
	{"", []string{"Developer Center"}},
}

const (
	frankfurt = "EMEA (Frankfurt)"
	usEast    = "Americas (US East)"
)

func newStatusPage(w *World, name string) *site {
	s := &site{name: name, world: w, calls: map[string]int{}}
	s.fail = func(_ *call, status int, _, text string) answer {
		a := reply(obj{"error": text})
		a.status = status
		return a
	}
	s.admit = func(*call, *route) (answer, bool) { return answer{}, true }
	s.finish = func(*call, http.Header) {}
	s.routes = []route{
		{method: "GET", path: "/api/v2/summary.json", serve: s.summary},
		documentRoute("/api/v2/system/health"), componentsRoute("/api/v2/health/details"),
	}
	return s
}

// componentStatus is the status of a component just now, and since when.
func (c *call) componentStatus(label string) (string, time.Time) {
	entries := c.world.statusEntries.Load()
	if entry := entries.of(label); entry != nil {
		return entry.Status, entries.since
	}
	switch {
	case label == frankfurt && c.in(regionDegraded):
		if c.now.Sub(c.stage.since) < outageSpreads {
			return "partial_outage", c.stage.since
		}
		return "major_outage", c.stage.since.Add(outageSpreads)
	case label == frankfurt:
		return "operational", c.changed(regionDegraded)
	case label == usEast && c.in(maintenance):
		return "under_maintenance", c.stage.since
	case label == usEast:
		return "operational", c.changed(maintenance)
	}
	return "operational", c.changed("")
}

// outageSpreads is how long the region's outage is a partial one on the page.
const outageSpreads = 20 * time.Second

// severity orders the statuses of components for the headings.
var severity = []string{"operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage"}

func (s *site) pageID(kind, name string) string {
	sum := s.world.digest(kind, name)
	return hex.EncodeToString(sum[:6])
}

func (s *site) component(c *call, label, group string, position int) obj {
	word, since := c.componentStatus(label)
	component := obj{
		"id": s.pageID("component", label), "name": label, "status": word, "created_at": "2020-01-15T10:00:00.000Z",
		"updated_at": iso(since), "position": position, "description": nil, "showcase": false, "start_date": nil,
		"group": false, "group_id": nil, "page_id": s.pageID("page", ""), "only_show_if_degraded": false,
	}
	if group != "" {
		component["group_id"] = s.pageID("group", group)
	}
	return component
}

func (s *site) components(c *call) list {
	l := list{}
	for i, group := range c.world.statusEntries.Load().groups() {
		var children, ids list
		worst, since := "operational", c.changed("")
		for j, label := range group.labels {
			child := s.component(c, label, group.heading, j+1)
			children, ids = append(children, child), append(ids, child["id"])
			if word, at := c.componentStatus(label); slices.Index(severity, word) > slices.Index(severity, worst) {
				worst, since = word, at
			}
		}
		if group.heading != "" {
			heading := s.component(c, group.heading, "", i+1)
			heading["id"], heading["group"], heading["components"] = s.pageID("group", group.heading), true, ids
			heading["status"], heading["updated_at"] = worst, iso(since)
			l = append(l, heading)
		}
		l = append(l, children...)
	}
	return l
}

// summary is the whole page, with an ETag.
func (s *site) summary(c *call) answer {
	indicator, description := "none", "All Systems Operational"
	incidents, maintenances := list{}, list{}
	updated := c.changed(regionDegraded)
	if c.in(regionDegraded) {
		word, since := c.componentStatus(frankfurt)
		incident := s.event(c, "Service disruption in EMEA (Frankfurt)", "identified", "critical", since, frankfurt)
		indicator, description = "critical", "Major Service Outage"
		if word == "partial_outage" {
			incident["impact"], incident["status"] = "major", "investigating"
			indicator, description = "major", "Partial System Outage"
		}
		incidents = append(incidents, incident)
		updated = since
	}
	for _, entry := range c.world.statusEntries.Load().list {
		if entry.Impact != "" {
			updated = c.world.statusEntries.Load().since
			incidents = append(incidents, s.event(c, "Service disruption in "+entry.Component, "investigating", entry.Impact, updated, entry.Component))
			indicator, description = entry.Impact, "Partial System Outage"
		}
	}
	if c.in(maintenance) {
		work := s.event(c, "Planned maintenance in Americas (US East)", "in_progress", "maintenance", c.stage.since, usEast)
		work["scheduled_for"], work["scheduled_until"] = iso(c.stage.since), iso(c.stage.since.Add(2*time.Hour))
		maintenances = append(maintenances, work)
		indicator, description = "maintenance", "Service Under Maintenance"
		updated = c.stage.since
	}
	return withETag(c, reply(obj{
		"page": obj{
			"id": s.pageID("page", ""), "name": "Genesys Cloud", "url": s.world.URL(s.name), "time_zone": "Etc/UTC", "updated_at": iso(updated),
		},
		"status":     obj{"indicator": indicator, "description": description},
		"components": s.components(c), "incidents": incidents, "scheduled_maintenances": maintenances,
	}))
}

// event is an incident or a maintenance that touches one component.
func (s *site) event(c *call, name, word, impact string, updated time.Time, label string) obj {
	started := c.stage.since
	id := s.pageID("event", name+iso(started))
	component := s.component(c, label, "", 1)
	return obj{
		"id": id, "name": name, "status": word, "impact": impact, "created_at": iso(started), "updated_at": iso(updated),
		"started_at": iso(started), "monitoring_at": nil, "resolved_at": nil, "shortlink": s.world.URL(s.name) + "/" + id,
		"page_id": s.pageID("page", ""), "components": list{component},
		"incident_updates": list{obj{
			"id": id + "-1", "status": word, "body": name + ": we are working on it.", "incident_id": id,
			"created_at": iso(updated), "updated_at": iso(updated), "display_at": iso(updated),
			"affected_components": list{obj{"code": component["id"], "name": label, "old_status": "operational", "new_status": component["status"]}},
		}},
	}
}
