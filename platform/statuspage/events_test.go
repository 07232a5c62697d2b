package statuspage

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// TestMaintenances counts those that are under way and touch a component or its heading, or name none. Faults in one are
// counted and leave it in.
func TestMaintenances(t *testing.T) {
	const body = `{"components":[{"id":"1","name":"A","status":"under_maintenance","group_id":"9"}],"incidents":[],"scheduled_maintenances":[
		{"status":"scheduled","impact":"maintenance","components":[{"id":"1"}]},
		{"status":"completed","impact":"maintenance","components":[]},
		{"status":" In_Progress ","impact":"maintenance","components":[{"id":"1"}]},
		{"status":"verifying","impact":"none","components":[{"id":"9"}]},
		{"status":"in_progress","impact":"maintenance","components":[{"id":"2"}]},
		{"status":"in_progress","impact":"maintenance"},
		{"status":"verifying","components":"all"},
		{"status":"postponed","impact":"maintenance","components":[]},
		{"impact":"maintenance"},null]}`
	s, err := parseSummary([]byte(body), "")
	if err != nil {
		t.Fatal(err)
	}
	want := platform.Snapshot{
		Components: []platform.Component{component("1", "A", platform.Degraded)},
		Incidents:  incidents(0, 0, 0, 0), Maintenances: new(4), Anomalies: platform.Anomalies{
			Violations: 3, Unknowns: map[string]int{fieldPageStatus: 1}, Places: []platform.Place{
				{Path: "scheduled_maintenances[]", Count: 2},
				{Path: "scheduled_maintenances[].status or impact", Count: 1},
				{Path: "scheduled_maintenances[].status", Value: "postponed", Count: 1},
			},
		},
	}
	if diff := cmp.Diff(want, s.snapshot("genesys", newSelection(nil, "", nil)), ignoreUnexported, ignoreEvidence); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
}
