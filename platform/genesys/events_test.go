package genesys

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// minute is a moment of the recorded answers.
func minute(m int) time.Time { return time.Date(2026, 11, 26, 11, m, 0, 0, time.UTC) }

func TestEvents(t *testing.T) {
	const one, two = "e7e00000-0000-4000-8000-000000000001", "e7e00000-0000-4000-8000-000000000002"
	type result struct {
		End        time.Time
		Counts     map[string]int
		Violations int
		Failed     bool
	}
	list := func(rows string) string { return `"eventDefinitionAggregates":[` + rows + `]` }
	for name, c := range map[string]struct {
		answer string
		want   result
	}{
		"recorded":         {string(fixture(t, "usage_events_aggregates.json")), result{minute(5), map[string]int{one: 3, two: 1}, 0, false}},
		"without interval": {`{` + list(`{"eventDefinition":{"id":"x"},"eventCount":2}`) + `}`, result{minute(5), map[string]int{"x": 2}, 0, false}},
		"without events":   {`{"interval":"2026-11-26T11:00:00Z/2026-11-26T11:05:00Z"}`, result{minute(5), map[string]int{}, 0, false}},
		"one kind twice": {
			`{` + list(`{"eventDefinition":{"id":"x"},"eventCount":2},{"eventDefinition":{"id":"x"},"eventCount":1}`) + `}`,
			result{minute(5), map[string]int{"x": 3}, 0, false},
		},
		"broken ones": {
			`{` + list(`7,{"eventDefinition":{"id":"x"}},{"eventDefinition":{"id":"x"},"eventCount":-1},{"eventCount":1},{"eventDefinition":{"id":"x"},"eventCount":5}`) + `}`,
			result{minute(5), map[string]int{"x": 5, "": 1}, 4, false},
		},
		"the last millisecond":   {`{"interval":"2026-11-26T11:00:00.000Z/2026-11-26T11:04:59.999Z"}`, result{minute(5), map[string]int{}, 0, false}},
		"a part":                 {`{"interval":"2026-11-26T11:00:00Z/2026-11-26T11:03:00Z"}`, result{minute(3), map[string]int{}, 0, false}},
		"other time zone":        {`{"interval":"2026-11-26T12:00:00+01:00/2026-11-26T12:03:00+01:00"}`, result{minute(3), map[string]int{}, 0, false}},
		"unreadable interval":    {`{"interval":"PT5M",` + list("") + `}`, result{minute(5), map[string]int{}, 1, false}},
		"more than asked for":    {`{"interval":"2026-11-26T11:00:00Z/2026-11-26T11:10:00Z",` + list("") + `}`, result{Failed: true}},
		"from earlier on":        {`{"interval":"2026-11-26T10:55:00Z/2026-11-26T11:05:00Z",` + list("") + `}`, result{Failed: true}},
		"empty interval":         {`{"interval":"2026-11-26T11:00:00Z/2026-11-26T11:00:00Z",` + list("") + `}`, result{Failed: true}},
		"nothing":                {`{}`, result{Failed: true}},
		"null":                   {`null`, result{Failed: true}},
		"null instead of events": {`{"eventDefinitionAggregates":null}`, result{Failed: true}},
	} {
		t.Run(name, func(t *testing.T) {
			var answer *eventsWire
			if err := json.Unmarshal([]byte(c.answer), &answer); err != nil {
				t.Fatal(err)
			}
			var anomalies platform.Anomalies
			end, counts, err := translateEvents(answer, minute(0), minute(5), &anomalies)
			if err != nil {
				end, counts = time.Time{}, nil
			}
			diff(t, "translateEvents", result{end, counts, anomalies.Violations, err != nil}, c.want)
		})
	}
}

// Only so many kinds of events have a series of their own, and those that have one keep it.
func TestEventNames(t *testing.T) {
	items := func(from, to int) (list []item[eventDefinitionWire]) {
		for i := from; i < to; i++ {
			list = append(list, item[eventDefinitionWire]{wire: eventDefinitionWire{ID: fmt.Sprint("id", i), Name: fmt.Sprint(" kind ", i)}})
		}
		return list
	}
	var anomalies platform.Anomalies
	first := eventNames(items(0, 150), nil, &anomalies)
	second := eventNames(items(100, 300), first, &anomalies)
	labels := map[string]bool{}
	for _, name := range second {
		labels[name] = true
	}
	if len(labels) != maxEventNames+1 || len(second) != 300 {
		t.Errorf("%d labels for %d definitions, want %d and one for all others, for 300", len(labels), len(second), maxEventNames)
	}
	for id, want := range map[string]string{"id0": "kind 0", "id149": "kind 149", "id199": "kind 199", "id200": otherEvent} {
		if second[id] != want {
			t.Errorf("label of %s = %q, want %q", id, second[id], want)
		}
	}
	nameless := eventNames([]item[eventDefinitionWire]{{wire: eventDefinitionWire{ID: "id"}}}, nil, &anomalies)
	diff(t, "a definition without a name", nameless, map[string]string{"id": "id"})
	if anomalies.Violations != 1 {
		t.Errorf("violations = %d, want 1", anomalies.Violations)
	}
}
