package feed

import (
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

func TestPlaneStatuses(t *testing.T) {
	trunks := func(statuses ...platform.Status) *platform.Snapshot {
		p := &platform.Snapshot{}
		for _, s := range statuses {
			p.Trunks = append(p.Trunks, platform.Trunk{Condition: platform.Condition{Status: s}})
		}
		return p
	}
	edge := func(own bool, s platform.Status) platform.Edge {
		return platform.Edge{Own: own, Condition: platform.Condition{Status: s}}
	}
	component := func(plane platform.Plane, s platform.Status) *platform.Snapshot {
		return &platform.Snapshot{Components: []platform.Component{{Plane: plane, Condition: platform.Condition{Status: s}}}}
	}
	target := func(s platform.Status) *platform.Snapshot {
		return &platform.Snapshot{SIPProbes: []platform.SIPProbe{{Condition: platform.Condition{Status: s}}}}
	}
	for _, tc := range []struct {
		name          string
		snapshots     []*platform.Snapshot
		control, data platform.Status
	}{
		{"nothing known", nil, platform.Unknown, platform.Unknown},
		{"worst component", []*platform.Snapshot{component(platform.ControlPlane, platform.Operational), component(platform.ControlPlane, platform.Degraded)}, platform.Degraded, platform.Unknown},
		{"unknown does not weigh", []*platform.Snapshot{component(platform.ControlPlane, platform.Operational), component(platform.ControlPlane, platform.Unknown)}, platform.Operational, platform.Unknown},
		{"media gateway down", []*platform.Snapshot{component(platform.DataPlane, platform.Critical), trunks(platform.Operational)}, platform.Unknown, platform.Critical},
		{"all trunks well", []*platform.Snapshot{trunks(platform.Operational, platform.Operational)}, platform.Unknown, platform.Operational},
		{"one trunk down", []*platform.Snapshot{trunks(platform.Operational, platform.Critical, platform.Operational)}, platform.Unknown, platform.Degraded},
		{"one trunk left, degraded", []*platform.Snapshot{trunks(platform.Critical, platform.Degraded)}, platform.Unknown, platform.Degraded},
		{"no trunk left", []*platform.Snapshot{trunks(platform.Critical, platform.Critical, platform.Unknown)}, platform.Unknown, platform.Critical},
		{"trunks of unknown status", []*platform.Snapshot{trunks(platform.Unknown, platform.Unknown)}, platform.Unknown, platform.Unknown},
		{"own edges offline", []*platform.Snapshot{{Edges: []platform.Edge{edge(true, platform.Critical), edge(true, platform.Critical), edge(false, platform.Operational)}}}, platform.Unknown, platform.Critical},
		{"one own edge offline", []*platform.Snapshot{{Edges: []platform.Edge{edge(true, platform.Critical), edge(true, platform.Operational)}}}, platform.Unknown, platform.Degraded},
		{"one SIP target silent", []*platform.Snapshot{target(platform.Operational), target(platform.Critical)}, platform.Unknown, platform.Degraded},
		{"all SIP targets silent", []*platform.Snapshot{target(platform.Critical), trunks(platform.Operational), target(platform.Critical)}, platform.Unknown, platform.Critical},
		{"cloud media alone", []*platform.Snapshot{{Edges: []platform.Edge{edge(false, platform.Critical)}}}, platform.Unknown, platform.Critical},
	} {
		got := planeStatuses(tc.snapshots, defaultLimits)
		if got[0].Status != tc.control || got[1].Status != tc.data {
			t.Errorf("%s: planes = %v %v, want %v %v", tc.name, got[0].Status, got[1].Status, tc.control, tc.data)
		}
	}
}

func TestSnakeCase(t *testing.T) {
	for in, want := range map[string]string{
		"ON_QUEUE": "on_queue", "OnQueue": "on_queue", "On Queue": "on_queue", "InboundContact": "inbound_contact",
		"partial_outage": "partial_outage", " Available ": "available", "LDM": "ldm", "Tier2Support": "tier2_support", "": "",
	} {
		if got := platform.SnakeCase(in); got != want {
			t.Errorf("SnakeCase(%q) = %q, want %q", in, got, want)
		}
	}
}
