package platform

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPlaneStatuses(t *testing.T) {
	trunks := func(statuses ...Status) *Snapshot {
		p := &Snapshot{}
		for _, s := range statuses {
			p.Trunks = append(p.Trunks, Trunk{Condition: Condition{Status: s}})
		}
		return p
	}
	edge := func(own bool, s Status) Edge { return Edge{Own: own, Condition: Condition{Status: s}} }
	component := func(plane Plane, s Status) *Snapshot {
		return &Snapshot{Components: []Component{{Plane: plane, Condition: Condition{Status: s}}}}
	}
	target := func(s Status) *Snapshot { return &Snapshot{Probes: []Probe{{Condition: Condition{Status: s}}}} }
	for _, tc := range []struct {
		name          string
		snapshots     []*Snapshot
		control, data Status
	}{
		{"nothing known", nil, Unknown, Unknown},
		{"worst component", []*Snapshot{component(ControlPlane, Operational), component(ControlPlane, Degraded)}, Degraded, Unknown},
		{"unknown does not weigh", []*Snapshot{component(ControlPlane, Operational), component(ControlPlane, Unknown)}, Operational, Unknown},
		{"media gateway down", []*Snapshot{component(DataPlane, Critical), trunks(Operational)}, Unknown, Critical},
		{"all trunks well", []*Snapshot{trunks(Operational, Operational)}, Unknown, Operational},
		{"one trunk down", []*Snapshot{trunks(Operational, Critical, Operational)}, Unknown, Degraded},
		{"one trunk left, degraded", []*Snapshot{trunks(Critical, Degraded)}, Unknown, Degraded},
		{"no trunk left", []*Snapshot{trunks(Critical, Critical, Unknown)}, Unknown, Critical},
		{"trunks of unknown status", []*Snapshot{trunks(Unknown, Unknown)}, Unknown, Unknown},
		{"own edges offline", []*Snapshot{{Edges: []Edge{edge(true, Critical), edge(true, Critical), edge(false, Operational)}}}, Unknown, Critical},
		{"one own edge offline", []*Snapshot{{Edges: []Edge{edge(true, Critical), edge(true, Operational)}}}, Unknown, Degraded},
		{"one SIP target silent", []*Snapshot{target(Operational), target(Critical)}, Unknown, Degraded},
		{"all SIP targets silent", []*Snapshot{target(Critical), trunks(Operational), target(Critical)}, Unknown, Critical},
		{"cloud media alone", []*Snapshot{{Edges: []Edge{edge(false, Critical)}}}, Unknown, Critical},
	} {
		got := planeStatuses(tc.snapshots, DefaultThresholds)
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
		if got := SnakeCase(in); got != want {
			t.Errorf("SnakeCase(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestThresholds(t *testing.T) {
	bad := Thresholds{DataPlaneDegraded: 2, DataPlaneCritical: -1}
	var got []string
	for _, err := range bad.Validate() {
		got = append(got, err.Error())
	}
	want := "api_latency_degraded: 0s is not positive|data_plane_degraded: 2 is no share, expected 0 to 1|data_plane_critical: -1 is no share, expected 0 to 1"
	if strings.Join(got, "|") != want {
		t.Errorf("problems = %q, want %q", got, want)
	}
	if problems := DefaultThresholds.Validate(); problems != nil {
		t.Errorf("problems of the defaults = %v, want none", problems)
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		`{"client_secret":"canary","a":1}`:      `{"client_secret":"<redacted>","a":1}`,
		`{"accessToken": "can\"ary"}`:           `{"accessToken": "<redacted>"}`,
		`{"Password":"cut of`:                   `{"Password":"<redacted>"`,
		`Authorization: Bearer canary.can-ary`:  `Authorization: Bearer <redacted>`,
		`from jane.doe@example.org on the line`: `from <redacted> on the line`,
		`to +1 (801) 867-5309 now`:              `to <redacted> now`,
		`{"proxyAddress":"192.0.2.10:5060"}`:    `{"proxyAddress":"192.0.2.10:5060"}`,
		`eyJhbGciOiJSUzI1NiJ9.canary.canary`:    `<redacted>`,
	} {
		if got := Redact(in); got != want {
			t.Errorf("Redact(%s) = %s, want %s", in, got, want)
		}
	}
}

func FuzzRedact(f *testing.F) {
	f.Add(`{"secret":"x","b":[1,2]}`)
	f.Add("Bearer \xff\xfe é" + strings.Repeat("é", MaxPayload))
	f.Fuzz(func(t *testing.T, text string) {
		got := Redact(text + `"token":"`)
		if !utf8.ValidString(got) {
			t.Errorf("Redact(%q) = %q, no valid UTF-8", text, got)
		}
		if got := Redact(`"token":"canary` + text); strings.Contains(got[:min(len(got), 14)], "canary") {
			t.Errorf("Redact shows the secret before %q: %q", text, got)
		}
	})
}
