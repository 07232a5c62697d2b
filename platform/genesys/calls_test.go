package genesys

import (
	"encoding/json"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

func TestCalls(t *testing.T) {
	for name, c := range map[string]struct {
		answer  string
		want    platform.Snapshot
		wantErr bool
	}{
		"recorded": {
			string(fixture(t, "calls_metrics.json")),
			platform.Snapshot{Calls: []platform.Calls{{Deployment: "cloud", InProgress: new(125.0), Capacity: new(1000.0)}}},
			false,
		},
		"capacity null": {
			`{"concurrentCallCount":3,"maxCallCapacity":null}`,
			platform.Snapshot{Calls: []platform.Calls{{Deployment: "cloud", InProgress: new(3.0)}}, Anomalies: violated("concurrentCallCount or maxCallCapacity")},
			false,
		},
		"wrong type": {
			`{"concurrentCallCount":"3","maxCallCapacity":10}`,
			platform.Snapshot{Calls: []platform.Calls{{Deployment: "cloud", Capacity: new(10.0)}}, Anomalies: violated("concurrentCallCount")},
			false,
		},
		"nothing": {`{}`, platform.Snapshot{}, true},
		"null":    {`null`, platform.Snapshot{Anomalies: violated("the answer")}, true},
		"list":    {`[]`, platform.Snapshot{Anomalies: violated("the answer")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			var snapshot platform.Snapshot
			calls, err := translateCalls(deploymentCloud, json.RawMessage(c.answer), &snapshot.Anomalies)
			if err == nil {
				snapshot.Calls = []platform.Calls{calls}
			}
			if (err != nil) != c.wantErr {
				t.Errorf("translateCalls(%s) fails with %v, want an error: %t", c.answer, err, c.wantErr)
			}
			diff(t, "translateCalls", snapshot, c.want)
		})
	}
}

// violated is one violation in a field.
func violated(path string) platform.Anomalies {
	return platform.Anomalies{Violations: 1, Places: []platform.Place{{Path: path, Count: 1}}}
}
