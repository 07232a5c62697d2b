package collector

import (
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// planeFamilies are the statuses of the two planes of an account.
var planeFamilies = table(func(s *accountState) []feed.PlaneStatus { return s.Planes },
	gauge("ccaas_platform_status", by("plane", "status"),
		"Status of a plane of the platform as a state set: the worst status of its components, where edges and trunks count by their share; absent until the health feed has run once.",
		func(p *feed.PlaneStatus, e emit) { e.status(p.Status, string(p.Plane)) }),
)

func components(p *platform.Snapshot) []platform.Component { return p.Components }

// componentFamilies are the statuses of the components, with the time of their last change.
var componentFamilies = table(components,
	gauge("ccaas_component_status", by("plane", "component", "source", "status"),
		"Status of a component as a state set; absent when its source has not been read within its maximum age.",
		func(c *platform.Component, e emit) { e.status(c.Status, string(c.Plane), c.Name, c.Source) }),
	gauge("ccaas_component_last_change_timestamp_seconds", by("plane", "component", "source"),
		"Unix time at which the exporter first saw the current status of the component; absent with the status.",
		func(c *platform.Component, e emit) { e.time(c.Since, string(c.Plane), c.Name, c.Source) }),
)

// latencyFamilies are response times of the platform: as the exporter measured them, and as the platform reports them.
var latencyFamilies = slices.Concat(
	table(self[platform.Snapshot],
		gauge("ccaas_control_plane_latency_seconds", nil,
			"Response time of the last API probe, as measured by the exporter; absent when the probe failed.",
			func(p *platform.Snapshot, e emit) { e.maybeSeconds(p.Latency) }),
	),
	table(components,
		gauge("ccaas_component_latency_seconds", by("component", "source"),
			"Latency of a component as a health document reports it; absent where the document names none.",
			func(c *platform.Component, e emit) { e.maybeSeconds(c.Latency, c.Name, c.Source) }),
	),
)

// incident is the number of open incidents of one impact.
type incident struct {
	impact string
	count  int
}

// incidentFamilies count what the vendor publishes on its status pages.
var incidentFamilies = slices.Concat(
	table(incidents,
		gauge("ccaas_status_page_incidents", by("impact"),
			"Open incidents on the status pages that touch the account's region, by impact; absent when no page has been read within its maximum age.",
			func(i *incident, e emit) { e.count(i.count, i.impact) }),
	),
	table(self[accountState],
		gauge("ccaas_status_page_maintenances", nil,
			"Scheduled maintenances in progress on the status pages that touch the account's region; absent when no page has been read within its maximum age.",
			func(s *accountState, e emit) { e.maybeCount(s.Maintenances) }),
	),
)

func incidents(s *accountState) (list []incident) {
	for impact, count := range s.Incidents {
		list = append(list, incident{impact, count})
	}
	return list
}
