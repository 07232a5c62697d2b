package genesys

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

func TestAgents(t *testing.T) {
	known, snapshot := translateDefinitions(pageOf[definitionWire](t, fixture(t, "presence_definitions.json")))
	diff(t, "translateDefinitions", snapshot, platform.Snapshot{})
	got := translateAgents(decodeFixture[agentCountsWire](t, "agents_status_counts.json"), known)
	diff(t, "translateAgents", got, platform.Snapshot{
		Agents: []platform.AgentCount{
			{State: platform.AgentReady, Count: 12},
			{State: platform.AgentEngaged, Count: 29},
			{State: platform.AgentNotResponding, Count: 0},
			{State: platform.AgentUnavailable, Count: 20},
			{State: platform.AgentOffline, Count: 120},
			{State: platform.AgentUnknown, Count: 0},
		},
		Presences: []platform.PresenceCount{
			{ID: "6a3af858-942f-489d-9700-5f9bcdcdae9b", Presence: "available", Definition: "Available", Count: 10},
			{ID: "5e5c5c66-ea97-4e7f-ac41-6424784829f2", Presence: "away", Definition: "Away", Count: 0},
			{ID: "31fe3bac-dea6-44b7-bed7-47f91660a1a0", Presence: "busy", Definition: "Busy", Count: 4},
			{ID: "b05e0000-0000-4000-8000-00000000c0de", Presence: "busy", Definition: "Coaching", Count: 2},
			{ID: "b05e0000-0000-4000-8000-00000000c0df", Presence: "busy", Definition: "Nachbearbeitung", Count: 0},
			{Presence: "meal", Count: 4}, // two definitions without a known name
			{ID: "ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5", Presence: "offline", Definition: "Offline", Count: 120},
			{ID: "e08eaf1b-ee47-4fa9-a231-1200e284798f", Presence: "on_queue", Definition: "On Queue", Count: 41},
		},
	})
}

type agentNumbers = map[platform.AgentState]int

func all(ready, engaged, notResponding, unavailable, offline, unknown int) agentNumbers {
	return agentNumbers{
		"ready": ready, "engaged": engaged, "not_responding": notResponding,
		"unavailable": unavailable, "offline": offline, "unknown": unknown,
	}
}

// agentAnswers are answers, and what they mean.
var agentAnswers = map[string]struct {
	answer     string
	want       agentNumbers
	unknowns   map[string]int
	violations int
}{
	"empty": {`{"presenceCounts":[],"routingStatusCounts":[]}`, all(0, 0, 0, 0, 0, 0), nil, 0},
	"spelling": {
		`{"presenceCounts":[{"systemPresence":"On Queue","count":9},{"systemPresence":"offline","count":2}],
			  "routingStatusCounts":[{"routingStatus":"NotResponding","count":1},{"routingStatus":"idle","count":8}]}`,
		all(8, 0, 1, 0, 2, 0), nil, 0,
	},
	"new words": {
		`{"presenceCounts":[{"systemPresence":"SIESTA","count":3},{"systemPresence":"UNKNOWN","count":1}],
			  "routingStatusCounts":[{"routingStatus":"DAYDREAMING","count":5}]}`,
		all(0, 0, 0, 0, 0, 4),
		map[string]int{"system_presence": 1, "routing_status": 1},
		0,
	},
	"on a break in the middle of a call": {
		`{"presenceCounts":[{"systemPresence":"ON_QUEUE","count":4},{"systemPresence":"BREAK","count":3},{"systemPresence":"OFFLINE","count":2}],
			  "routingStatusCounts":[{"routingStatus":"IDLE","count":3},{"routingStatus":"INTERACTING","count":2},{"routingStatus":"OFF_QUEUE","count":4}]}`,
		all(3, 2, 0, 2, 2, 0), nil, 0,
	},
	"on a call outside of ACD": {
		`{"presenceCounts":[{"systemPresence":"AVAILABLE","count":3}],"routingStatusCounts":[{"routingStatus":"COMMUNICATING","count":1},{"routingStatus":"OFF_QUEUE","count":2}]}`,
		all(0, 1, 0, 2, 0, 0), nil, 0,
	},
	"on queue without a routing status": {
		`{"presenceCounts":[{"systemPresence":"ON_QUEUE","count":5},{"systemPresence":"AWAY","count":1}],
			  "routingStatusCounts":[{"routingStatus":"IDLE","count":3},{"routingStatus":"UNKNOWN","count":2}]}`,
		all(3, 0, 0, 1, 0, 2), nil, 0,
	},
	"presence not known, routing status is": {
		`{"presenceCounts":[{"systemPresence":"UNKNOWN","count":2}],"routingStatusCounts":[{"routingStatus":"IDLE","count":2}]}`,
		all(2, 0, 0, 0, 0, 0), nil, 0,
	},
	"no presences": {
		`{"routingStatusCounts":[{"routingStatus":"IDLE","count":2},{"routingStatus":"OFF_QUEUE","count":7}]}`,
		agentNumbers{"ready": 2, "engaged": 0, "not_responding": 0, "unknown": 7},
		nil, 1,
	},
	"no routing": {
		`{"presenceCounts":[{"systemPresence":"AWAY","count":3}]}`,
		agentNumbers{"unavailable": 3, "offline": 0, "unknown": 0},
		nil, 1,
	},
	"a count that is none spoils its state only": {
		`{"presenceCounts":[{"systemPresence":"AWAY","count":"3"},{"systemPresence":"BUSY","count":2},{"systemPresence":"OFFLINE","count":7}],
			  "routingStatusCounts":[{"routingStatus":"IDLE","count":null},{"routingStatus":"INTERACTING","count":2},{"routingStatus":"OFF_QUEUE","count":-1}]}`,
		agentNumbers{"engaged": 2, "not_responding": 0, "offline": 7, "unknown": 0},
		nil, 3,
	},
	"word missing": {
		`{"presenceCounts":[{"count":3}],"routingStatusCounts":[{"count":2},{"routingStatus":7,"count":1}]}`,
		all(0, 0, 0, 0, 0, 3), nil, 3,
	},
}

func TestAgentStates(t *testing.T) {
	for name, c := range agentAnswers {
		t.Run(name, func(t *testing.T) {
			var wire agentCountsWire
			if err := json.Unmarshal([]byte(c.answer), &wire); err != nil {
				t.Fatal(err)
			}
			snapshot, got := translateAgents(wire, nil), agentNumbers{}
			for _, a := range snapshot.Agents {
				got[a.State] = a.Count
			}
			diff(t, "agents", got, c.want)
			diff(t, "unknowns", snapshot.Unknowns, c.unknowns)
			diff(t, "violations", snapshot.Violations, c.violations)
		})
	}
}

// Without definitions every system presence has a row, so that none comes and goes.
func TestPresencesWithoutNames(t *testing.T) {
	snapshot := translateAgents(decodeFixture[agentCountsWire](t, "agents_status_counts.json"), nil)
	counts := map[string]int{"available": 10, "busy": 6, "meal": 4, "offline": 120, "on_queue": 41}
	var want []platform.PresenceCount
	for _, presence := range []string{
		"available", "away", "break", "busy", "idle", "meal", "meeting", "offline", "on_queue", "training",
	} {
		want = append(want, platform.PresenceCount{Presence: presence, Count: counts[presence]})
	}
	diff(t, "presences", snapshot.Presences, want)
}

// Two presences of one name stay two rows with an id each, and a broken definition costs itself only.
func TestDefinitionsBroken(t *testing.T) {
	known, snapshot := translateDefinitions(pageOf[definitionWire](t, entities(
		`{"id":"1","name":"Lunch","systemPresence":"Meal"}`,
		`{"id":"2","name":"Lunch","systemPresence":"Meal"}`,
		`{"id":"3","name":7,"languageLabels":{"fr":"Pause"},"systemPresence":"Sieste"}`,
		`{"name":"no id"}`, `"text"`,
	)))
	diff(t, "violations", snapshot.Violations, 3)
	diff(t, "unknowns", snapshot.Unknowns, map[string]int{"definition_system_presence": 1})
	agents := translateAgents(agentCountsWire{Presences: raws(
		`{"systemPresence":"MEAL","organizationPresenceId":"2","count":4}`, `{"organizationPresenceId":"1","count":3}`,
	)}, known)
	diff(t, "presences", agents.Presences, []platform.PresenceCount{
		{ID: "1", Presence: "meal", Definition: "Lunch", Count: 3},
		{ID: "2", Presence: "meal", Definition: "Lunch", Count: 4},
		{ID: "3", Presence: "sieste", Definition: "Pause"},
	})
	diff(t, "agents", agents.Agents, []platform.AgentCount{
		{State: platform.AgentUnavailable, Count: 7}, {State: platform.AgentOffline}, {State: platform.AgentUnknown},
	})
}

// The states of agents add up to the agents of the answer, always.
func TestAgentsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var presences, routing []json.RawMessage
		total, decided := 0, 0
		words := append(slices.Clone(systemPresences), "SIESTA", "On Queue", "")
		for range rapid.IntRange(0, 12).Draw(t, "presences") {
			n := rapid.IntRange(0, 20).Draw(t, "count")
			total += n
			presences = append(presences, raws(fmt.Sprintf(`{"systemPresence":%q,"count":%d}`, rapid.SampledFrom(words).Draw(t, "presence"), n))...)
		}
		left := total // every agent has one routing status
		for left > 0 {
			n := rapid.IntRange(1, left).Draw(t, "count")
			left -= n
			word := rapid.SampledFrom(append(slices.Clone(routingStatus.words), "DAYDREAMING")).Draw(t, "status")
			if onQueue[word] != "" {
				decided += n
			}
			routing = append(routing, raws(fmt.Sprintf(`{"routingStatus":%q,"count":%d}`, word, n))...)
		}
		for name, answer := range map[string]agentCountsWire{
			"both": {Presences: presences, Routing: routing}, "presences": {Presences: presences}, "routing": {Routing: routing},
		} {
			if answer.Presences == nil && answer.Routing == nil {
				continue // no answer
			}
			sum, byRouting := 0, 0
			for _, a := range translateAgents(answer, nil).Agents {
				if sum += a.Count; a.Count < 0 {
					t.Errorf("%d agents are %s", a.Count, a.State)
				}
				if slices.Contains(routed[:], a.State) {
					byRouting += a.Count
				}
			}
			if sum != total || answer.Routing != nil && byRouting != decided {
				t.Errorf("with %s the states add up to %d, %d of them by routing status, want %d, %d", name, sum, byRouting, total, decided)
			}
		}
	})
}
