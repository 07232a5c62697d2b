package cxone

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

func TestActive(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want float64
		ok   bool
	}{
		"recorded":   {string(sample(t, "contacts-active")), 231, true},
		"result set": {`{"resultSet":{"totalRecords":"12","activeContacts":[{}]}}`, 12, true},
		"none":       {`{"totalRecords":0,"activeContacts":[]}`, 0, true},
		"2020":       {shape2020(t, "GET /contacts/active"), 0, false}, // without a total
		"null":       {`{"totalRecords":null}`, 0, false},
		"negative":   {`{"totalRecords":-1}`, 0, false},
		"words":      {`{"totalRecords":"some"}`, 0, false},
		"list":       {`[]`, 0, false},
	} {
		changed, got, err := decodeActive(answer(test.body))
		if !test.ok {
			if err == nil {
				t.Errorf("%s: decodeActive = %+v, want an error: a missing number is no 0", name, got)
			}
			continue
		}
		if want := (platform.Calls{Deployment: "cloud", InProgress: &test.want}); err != nil || !changed || !cmp.Equal(got, want) {
			t.Errorf("%s: decodeActive = %+v, %v, %v", name, got, changed, err)
		}
	}
}

func TestCapacity(t *testing.T) {
	limit := func(n float64) []platform.Calls { return []platform.Calls{{Deployment: "cloud", Capacity: &n}} }
	for name, test := range map[string]struct {
		body string
		want platform.Snapshot
		ok   bool
	}{
		"recorded":    {string(sample(t, "business-unit")), platform.Snapshot{Calls: limit(500)}, true},
		"result set":  {`{"resultSet":{"BusinessUnits":[{"ConcurrentPortLimit":"20"}]}}`, platform.Snapshot{Calls: limit(20)}, true},
		"two":         {`{"businessUnits":[{"concurrentPortLimit":1},{"concurrentPortLimit":2}]}`, platform.Snapshot{Calls: limit(1), Anomalies: violated("businessUnits")}, true},
		"null":        {`{"businessUnits":[{"concurrentPortLimit":null}]}`, platform.Snapshot{Anomalies: violated("businessUnits[].concurrentPortLimit")}, true},
		"missing":     {`{"businessUnits":[{}]}`, platform.Snapshot{Anomalies: violated("businessUnits[].concurrentPortLimit")}, true},
		"wrong types": {`{"businessUnits":["x"]}`, platform.Snapshot{Anomalies: violated("businessUnits")}, true},
		"negative":    {`{"businessUnits":[{"concurrentPortLimit":-1}]}`, platform.Snapshot{Anomalies: violated("businessUnits[].concurrentPortLimit")}, true},
		"no unit":     {`{"businessUnits":[]}`, platform.Snapshot{}, false},
		"no list":     {`{}`, platform.Snapshot{}, false},
		"object":      {`{"businessUnits":{"concurrentPortLimit":1}}`, platform.Snapshot{}, false},
	} {
		changed, got, err := decodeCapacity(answer(test.body))
		if (err == nil) != test.ok || !changed {
			t.Errorf("%s: decodeCapacity = %v, %v", name, changed, err)
		} else if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: snapshot (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzCalls(f *testing.F) {
	seeds(f, "contacts-active", "business-unit", "server-time")
	f.Fuzz(func(t *testing.T, body []byte) {
		if changed, calls, err := decodeActive(answer(string(body))); err == nil && changed && (calls.InProgress == nil || *calls.InProgress < 0) {
			t.Errorf("decodeActive(%q) = %+v", body, calls)
		}
		if _, snapshot, err := decodeCapacity(answer(string(body))); err == nil {
			for _, c := range snapshot.Calls {
				if c.Capacity == nil || *c.Capacity < 0 {
					t.Errorf("decodeCapacity(%q) = %+v", body, snapshot)
				}
			}
		}
	})
}

// violated is one violation in a field.
func violated(path string) platform.Anomalies {
	return platform.Anomalies{Violations: 1, Places: []platform.Place{{Path: path, Count: 1}}}
}
