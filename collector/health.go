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
		"Status of a component as a state set. When its source has not been read within its maximum age, the probe of the API and the login are unknown, and every other component is absent.",
		func(c *platform.Component, e emit) { e.status(c.Status, string(c.Plane), c.Name, c.Source) }),
	gauge("ccaas_component_last_change_timestamp_seconds", by("plane", "component", "source"),
		"Unix time at which the exporter first saw the current status of the component; absent with the status.",
		func(c *platform.Component, e emit) { e.time(c.Since, string(c.Plane), c.Name, c.Source) }),
	counter("ccaas_component_status_changes_total", by("plane", "component", "source"),
		"Changes of the component's status from a known one to another since the exporter started; between the two the status may have been unknown. Absent with the status.",
		func(c *platform.Component, e emit) { e(float64(c.Changes), string(c.Plane), c.Name, c.Source) }),
	gauge("ccaas_component_policy_info", by("plane", "component", "source", "policy"),
		"1 with the policy that governs the component: the name of its health document where that has one of its own, else default. Absent with the status.",
		func(c *platform.Component, e emit) {
			if c.Policy != "" {
				e(1, string(c.Plane), c.Name, c.Source, c.Policy)
			}
		}),
	gauge("ccaas_component_critical_info", by("plane", "component", "source"),
		"1 for every component whose fault is worth an alert without others, as its policy says; absent for all others.",
		func(c *platform.Component, e emit) {
			if c.Alone {
				e(1, string(c.Plane), c.Name, c.Source)
			}
		}),
	gauge("ccaas_component_dependency_info", by("plane", "component", "source", "depends_on"),
		"1 for every component without which this one cannot work, as its policy says; absent where none is configured.",
		func(c *platform.Component, e emit) {
			for _, other := range c.DependsOn {
				e(1, string(c.Plane), c.Name, c.Source, other)
			}
		}),
)

func policies(s *accountState) []platform.Policy { return s.Policies }

// policyFamilies are the limits that the alerts on components read.
var policyFamilies = table(policies,
	gauge("ccaas_component_policy_minimum_components", by("policy", "status"),
		"Number of components of the policy that have to be critical, or degraded or critical, at once before their alerts fire.",
		func(p *platform.Policy, e emit) {
			e.count(p.MinimumDown, p.Name, platform.Critical.String())
			e.count(p.MinimumDegraded, p.Name, platform.Degraded.String())
		}),
	gauge("ccaas_component_policy_flap_changes", by("policy"),
		"Changes of a component's status within the window above which the component counts as flapping.",
		func(p *platform.Policy, e emit) { e.count(p.FlapChanges, p.Name) }),
	gauge("ccaas_component_policy_flap_window_seconds", by("policy"),
		"Window within which the changes of a component's status are counted.",
		func(p *platform.Policy, e emit) { e(p.FlapWindow.Seconds(), p.Name) }),
	gauge("ccaas_component_policy_flap_suppression", by("policy"),
		"1 when a component that is flapping has no other alert, else 0.",
		func(p *platform.Policy, e emit) { e.truth(p.FlapSuppress, p.Name) }),
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
