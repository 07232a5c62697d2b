package statuspage

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

var regions = []string{"Americas (US East)", "EMEA (Frankfurt)", "EMEA (Dublin)", "EMEA (Zurich)", ""}

func component(id, name string, s platform.Status) platform.Component {
	return platform.Component{
		ID: id, Name: name, Plane: platform.ControlPlane, Source: platform.SourceStatusPage,
		Condition: platform.Condition{Status: s},
	}
}

func incidents(none, minor, major, critical int) []platform.IncidentCount {
	return []platform.IncidentCount{
		{Page: "genesys", Impact: "none", Count: none},
		{Page: "genesys", Impact: "minor", Count: minor},
		{Page: "genesys", Impact: "major", Count: major},
		{Page: "genesys", Impact: "critical", Count: critical},
	}
}

// The components of the recorded page.
var (
	usEast    = component("c0000000us01", "Americas (US East)", platform.Operational)
	frankfurt = component("c0000000de01", "EMEA (Frankfurt)", platform.Degraded)
	dublin    = component("c0000000ie01", "EMEA (Dublin)", platform.Degraded)
	loginDE   = component("c0000000de02", "Login, EMEA (Frankfurt) / Single sign-on", platform.Operational)
	loginUS   = component("c0000000us02", "Login, Americas (US East) / Single sign-on", platform.Critical)
	developer = component("c000000dev01", "Developer Center", platform.Degraded)
)

func TestSummarySnapshot(t *testing.T) {
	s, err := parseSummary(recorded(t, "summary.json"), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		choice selection
		want   platform.Snapshot
	}{
		{
			"own region, by its name or its heading, and what names none",
			newSelection(nil, "emea (frankfurt)", regions),
			platform.Snapshot{
				Components: []platform.Component{frankfurt, loginDE, developer},
				Incidents:  incidents(1, 0, 1, 0), Maintenances: new(0),
			},
		},
		{
			"a region under maintenance",
			newSelection(nil, "EMEA (Dublin)", regions),
			platform.Snapshot{
				Components: []platform.Component{dublin, developer},
				Incidents:  incidents(1, 0, 0, 0), Maintenances: new(1),
			},
		},
		{
			"no label known: what names no known region",
			newSelection(nil, "", regions),
			platform.Snapshot{Components: []platform.Component{developer}, Incidents: incidents(1, 0, 0, 0), Maintenances: new(0)},
		},
		{
			"no region known: everything",
			newSelection(nil, "", nil),
			platform.Snapshot{
				Components: []platform.Component{usEast, frankfurt, dublin, loginDE, loginUS, developer},
				Incidents:  incidents(1, 0, 1, 1), Maintenances: new(1),
			},
		},
		{
			"patterns replace the region",
			newSelection([]string{"login, americas*", "*dublin*"}, "EMEA (Frankfurt)", regions),
			platform.Snapshot{Components: []platform.Component{dublin, loginUS}, Incidents: incidents(1, 0, 0, 1), Maintenances: new(1)},
		},
		{
			"patterns that match nothing",
			newSelection([]string{"mars"}, "", nil),
			platform.Snapshot{Incidents: incidents(1, 0, 0, 0), Maintenances: new(0)},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := s.snapshot("genesys", test.choice)
			if diff := cmp.Diff(test.want, got, ignoreUnexported, ignoreEvidence); diff != "" {
				t.Errorf("snapshot (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSummaryEvidence(t *testing.T) {
	s, err := parseSummary(recorded(t, "summary.json"), "corr-1")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range s.snapshot("genesys", newSelection([]string{"emea (frankfurt)"}, "", nil)).Components {
		component, incident, _ := strings.Cut(string(c.Evidence.Payload), "\n")
		if !strings.Contains(component, `"status":"partial_outage"`) || !strings.Contains(incident, "Delayed call delivery") {
			t.Errorf("payload of %s = %s", c.Name, c.Evidence.Payload)
		}
		if c.Evidence.CorrelationID != "corr-1" {
			t.Errorf("correlation id = %q", c.Evidence.CorrelationID)
		}
	}
}

func TestSummaryWithFaults(t *testing.T) {
	for _, test := range []struct {
		name, body string
		want       platform.Snapshot
	}{
		{
			"statuses", `{"components":[{"id":"1","name":" A ","status":" Operational "},{"id":"2","name":"B","status":"melting"},
				{"id":"3","name":"C"},{"id":"4","name":"D","status":7}],"incidents":[],"scheduled_maintenances":[]}`,
			platform.Snapshot{
				Components: []platform.Component{
					component("1", "A", platform.Operational), component("2", "B", platform.Unknown),
					component("3", "C", platform.Unknown), component("4", "D", platform.Unknown),
				},
				Incidents: incidents(0, 0, 0, 0), Maintenances: new(0), Anomalies: platform.Anomalies{Violations: 2, Unknowns: map[string]int{fieldPageStatus: 1}, Places: []platform.Place{
					{Path: "components[].status", Count: 2}, {Path: "components[].status", Value: "melting", Count: 1},
				}},
			},
		},
		{
			"entities without identity", `{"components":[{"id":"1","name":"A","status":"operational"},{"id":"1","name":"again","status":"operational"},
				{"id":5,"name":"x"},{"name":"y"},null,[],"z"],"incidents":[],"scheduled_maintenances":[]}`,
			platform.Snapshot{
				Components: []platform.Component{component("1", "A", platform.Operational)},
				Incidents:  incidents(0, 0, 0, 0), Maintenances: new(0), Anomalies: platform.Anomalies{Violations: 6, Places: []platform.Place{{Path: "components[].id or name", Count: 6}}},
			},
		},
		{
			"incidents and maintenances unreadable", `{"components":[],"incidents":{"a":1},"scheduled_maintenances":7}`,
			platform.Snapshot{Anomalies: platform.Anomalies{Violations: 2, Places: []platform.Place{{Path: "incidents", Count: 1}, {Path: "scheduled_maintenances", Count: 1}}}},
		},
		{"incidents and maintenances missing", `{"components":[]}`, platform.Snapshot{Anomalies: platform.Anomalies{Violations: 2, Places: []platform.Place{{Path: "incidents", Count: 1}, {Path: "scheduled_maintenances", Count: 1}}}}},
		{
			"an incident with faults is still an incident", `{"components":[{"id":"1","name":"A","status":"operational"}],"incidents":[
				{"status":"monitoring","impact":"Critical","components":"all"},{"status":"investigating","impact":"apocalyptic","components":[{"id":"1"}]},
				{"impact":"minor","components":[{"name":"?"}]},{"status":"identified","impact":null},
				{"status":"Postmortem","impact":"major"},null,{}],"scheduled_maintenances":[]}`,
			platform.Snapshot{
				Components:   []platform.Component{component("1", "A", platform.Operational)},
				Incidents:    append(incidents(0, 1, 0, 1), platform.IncidentCount{Page: "genesys", Impact: "unknown", Count: 2}),
				Maintenances: new(0), Anomalies: platform.Anomalies{
					Violations: 5, Unknowns: map[string]int{fieldPageImpact: 1}, Places: []platform.Place{
						{Path: "incidents[]", Count: 4},
						{Path: "incidents[].status or impact", Count: 1},
						{Path: "incidents[].impact", Value: "apocalyptic", Count: 1},
					},
				},
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := parseSummary([]byte(test.body), "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, s.snapshot("genesys", newSelection(nil, "", nil)), ignoreUnexported, ignoreEvidence); diff != "" {
				t.Errorf("snapshot (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSummaryGarbage(t *testing.T) {
	for _, body := range []string{``, `null`, `[]`, `"up"`, `{}`, `{"components":null}`, `{"components":{}}`, `{"components":[`} {
		if s, err := parseSummary([]byte(body), ""); err == nil {
			t.Errorf("parseSummary(%q) = %+v, want an error", body, s)
		}
	}
}
