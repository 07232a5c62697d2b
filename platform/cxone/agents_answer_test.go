package cxone

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// snapshotOf is what one complete answer of agents/states comes to.
func snapshotOf(t *testing.T, body string) platform.Snapshot {
	t.Helper()
	p, err := decodeAgents(answer(body), false)
	if err != nil {
		t.Fatal(err)
	}
	r := agentReading{counts: activityCounts{}}
	r.take(p)
	return r.snapshot(nil)
}

// TestAgentStatesSample translates a whole answer of today's form.
func TestAgentStatesSample(t *testing.T) {
	want := platform.Snapshot{
		Agents: []platform.AgentCount{
			{State: "ready", Count: 1},
			{State: "engaged", Count: 2},
			{State: "after_contact_work", Count: 1},
			{State: "not_responding", Count: 1},
			{State: "unavailable", Count: 3},
			{State: "offline", Count: 1},
			{State: "unknown", Count: 0},
		},
		Presences: []platform.PresenceCount{
			{Presence: "available", Count: 1},
			{Presence: "dialer", Count: 1},
			{Presence: "inbound_consult"},
			{Presence: "inbound_contact", Count: 1},
			{Presence: "logged_in", Count: 1},
			{Presence: "logged_out", Count: 1},
			{Presence: "outbound_consult"},
			{Presence: "outbound_contact"},
			{Presence: "unavailable"},
			{ID: "15", Presence: "unavailable", Definition: "Lunch", Count: 2},
			{ID: "-1", Presence: "unavailable", Definition: "Refused", Count: 1},
			{ID: "22", Presence: "unavailable", Definition: "Wrap Up", Count: 1},
		},
	}
	body := string(sample(t, "agents-states"))
	got := snapshotOf(t, body)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
	p, _ := decodeAgents(answer(body), false)
	if p.total != 9 || p.rows != 9 || p.lastPoll != "2024-05-02T10:15:30.1234567Z" {
		t.Errorf("page = %d of %d, last poll %q", p.rows, p.total, p.lastPoll)
	}
}

// TestAgentState translates single agents.
func TestAgentState(t *testing.T) {
	type result struct {
		State, Presence     string
		Unknown, Violations int
	}
	for item, want := range map[string]result{
		`{"agentStateId":0}`:                           {"offline", "logged_out/", 0, 0},
		`{"agentStateId":1}`:                           {"ready", "available/", 0, 0},
		`{"agentStateId":"1","agentStateName":7}`:      {"ready", "available/", 0, 0},
		`{"AGENTSTATEID":4}`:                           {"engaged", "outbound_contact/", 0, 0},
		`{"agentStateId":5}`:                           {"engaged", "inbound_consult/", 0, 0},
		`{"agentStateId":6}`:                           {"engaged", "outbound_consult/", 0, 0},
		`{"agentStateId":8,"outStateDescription":"x"}`: {"unavailable", "logged_in/", 0, 0},
		`{"agentStateId":2}`:                           {"unavailable", "unavailable/", 0, 0},
		`{"agentStateId":2,"isAcw":"True","outStateDescription":" A "}`: {"after_contact_work", "unavailable/A", 0, 0},
		`{"agentStateId":2,"isACW":true,"outStateId":-1}`:               {"after_contact_work", "unavailable/", 0, 0},
		`{"agentStateId":2,"isACW":false,"outStateId":"-1"}`:            {"not_responding", "unavailable/", 0, 0},
		`{"agentStateId":2,"outStateId":-9}`:                            {"unavailable", "unavailable/", 0, 0},
		`{"agentStateId":2,"isACW":"perhaps"}`:                          {"unavailable", "unavailable/", 0, 1},
		`{"agentStateId":2,"outStateId":{}}`:                            {"unavailable", "unavailable/", 0, 1},
		`{"agentStateId":1,"isACW":"perhaps"}`:                          {"ready", "available/", 0, 0},
		`{"agentStateId":42,"agentStateName":"On Fire"}`:                {"unknown", "on_fire/", 1, 0},
		`{"agentStateId":42}`:                                           {"unknown", "unknown/", 1, 0},
		`{"agentStateId":-1}`:                                           {"unknown", "unknown/", 1, 0},
		`{"agentStateId":null,"agentStateName":"Available"}`:            {"unknown", "unknown/", 0, 1},
		`{"agentStateId":[1]}`:                                          {"unknown", "unknown/", 0, 1},
		`{}`:                                                            {"unknown", "unknown/", 0, 1},
		`null`:                                                          {"unknown", "unknown/", 0, 1},
		`{"agentStateId":2,"outStateDescription":"Caf\u00e9 \"Nord\""}`: {"unavailable", "unavailable/Café \"Nord\"", 0, 0},
	} {
		snapshot := snapshotOf(t, `{"totalRecords":1,"agentStates":[`+item+`]}`)
		got := result{Unknown: snapshot.Unknowns[fieldAgentState], Violations: snapshot.Violations}
		for state := range agentCounts(snapshot) {
			got.State += string(state)
		}
		for presence := range presenceCounts(snapshot) {
			got.Presence += presence
		}
		if got != want {
			t.Errorf("%s = %+v, want %+v", item, got, want)
		}
	}
}

// TestBrokenAgents: one broken element harms no other and is counted.
func TestBrokenAgents(t *testing.T) {
	snapshot := snapshotOf(t, `{"totalRecords":6,"agentStates":[{"agentStateId":1},7,"x",[{}],{"agentStateId":1},true]}`)
	if got := agentCounts(snapshot); !cmp.Equal(got, map[platform.AgentState]int{"ready": 2}) || snapshot.Violations != 4 {
		t.Errorf("agents = %v, violations = %d, want 2 ready, 4", got, snapshot.Violations)
	}
}

// TestOldForms reads the forms of 2015 and 2020.
func TestOldForms(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want map[platform.AgentState]int
	}{
		"2015": {`{"AgentStates":[` + string(sample(t, "agents-states-item-2015")) + `]}`, map[platform.AgentState]int{"ready": 1}},
		"2020": {shape2020(t, "GET /agents/states"), map[platform.AgentState]int{"offline": 1}},
		"result set": {`{"resultSet":` + string(sample(t, "agents-states")) + `}`, map[platform.AgentState]int{
			"ready": 1, "engaged": 2, "after_contact_work": 1, "not_responding": 1, "unavailable": 3, "offline": 1,
		}},
	} {
		if got := agentCounts(snapshotOf(t, test.body)); !cmp.Equal(got, test.want) {
			t.Errorf("%s: agents = %v, want %v", name, got, test.want)
		}
	}
}

// TestManyActivities: what the platform sends cannot make memory or series grow without bound.
func TestManyActivities(t *testing.T) {
	var b strings.Builder
	for i := range 3 * maxActivities {
		fmt.Fprintf(&b, `{"agentStateId":%d,"agentStateName":"State %d"},{"agentStateId":2,"outStateId":%d,"outStateDescription":"Code %d"},`, 100+i, i, i, i)
	}
	p, err := decodeAgents(answer(`{"agentStates":[`+b.String()+`{"agentStateId":1}]}`), false)
	if err != nil {
		t.Fatal(err)
	}
	r := agentReading{counts: activityCounts{}}
	r.take(p)
	snapshot := r.snapshot(nil)
	want := map[platform.AgentState]int{"unknown": 3 * maxActivities, "unavailable": 3 * maxActivities, "ready": 1}
	if got := agentCounts(snapshot); !cmp.Equal(got, want) {
		t.Errorf("agents = %v, want %v", got, want)
	}
	if n := len(p.groups); n > maxActivities+50 {
		t.Errorf("%d groups, want about %d", n, maxActivities)
	}
	if n := len(p.same); n > maxActivities {
		t.Errorf("%d elements are remembered, want at most %d", n, maxActivities)
	}
	p, err = decodeAgents(answer(`{"agentStates":[{"agentId":1,"agentStateId":1},{"agentId":2,"agentStateId":1}]}`), true)
	if err != nil || len(p.agents) != 2 || len(p.same) != 0 {
		t.Errorf("%d agents with numbers, of whom %d elements are remembered (%v), want 2, none", len(p.agents), len(p.same), err)
	}
	if snapshot.Unknowns[fieldAgentState] != 3*maxActivities {
		t.Errorf("unknown values = %d", snapshot.Unknowns[fieldAgentState])
	}
}

// FuzzAgentStates reads whole answers: however they look, no agent is counted twice or lost.
func FuzzAgentStates(f *testing.F) {
	seeds(f, "agents-states", "agents-states-item-2015", "shapes-2020", "agents-states-persons")
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := decodeAgents(answer(string(body)), true)
		if err != nil {
			return
		}
		r := agentReading{counts: activityCounts{}, agents: map[int64]row{}}
		r.take(p)
		snapshot := r.snapshot(nil)
		sum, words := 0, 0
		for _, a := range snapshot.Agents {
			sum += a.Count
		}
		for _, c := range snapshot.Presences {
			words += c.Count
		}
		if sum != words || sum > p.rows || len(p.agents) > p.rows {
			t.Errorf("%d rows became %d agents, %d presences, %d numbers", p.rows, sum, words, len(p.agents))
		}
		for id, row := range p.agents {
			what, known := row.activity(false)
			if !known || what.State != row.group.state && what.State != platform.AgentEngaged || row.before(row) {
				t.Errorf("agent %d of %+v does %+v, %t", id, row.group, what, known)
			}
		}
	})
}

// body10k is an answer with 10,000 agents in all states, a fifth of them unavailable by one of 20 codes.
func body10k() string {
	dice := rand.New(rand.NewPCG(1, 2))
	items := make([]string, 10_000)
	for i := range items {
		state := dice.IntN(len(agentStates))
		out := `"isACW":false,"outStateId":null,"outStateDescription":null`
		if state == stateUnavailable {
			code := dice.IntN(20)
			out = fmt.Sprintf(`"isACW":%v,"outStateId":%d,"outStateDescription":"Pause Code %d"`, code == 0, code+10, code)
		}
		items[i] = fmt.Sprintf(`{"agentStateId":%d,"agentStateName":"%s",%s}`, state, agentStates[state].presence, out)
	}
	return `{"totalRecords":10000,"lastPollTime":"2024-05-02T10:15:30.1234567Z","agentStates":[` + strings.Join(items, ",") + `]}`
}

// TestMemory: the memory taken by a read does not grow with the number of agents.
func TestMemory(t *testing.T) {
	body := body10k()
	allocations := testing.AllocsPerRun(1, func() {
		if p, err := decodeAgents(answer(body), false); err != nil || p.rows != 10_000 {
			t.Fatal(p.rows, err)
		}
	})
	if allocations > mostAllocations {
		t.Errorf("%v allocations for 10,000 agents, want at most %d", allocations, mostAllocations)
	}
}

func TestStatesAreComplete(t *testing.T) {
	enums := load[struct {
		AgentStateID       map[int]string
		ReservedOutStateID map[int]string
		MediaTypeID        map[string]string
	}](t, "agent-state-enums")
	var got []string
	for id := range agentStates {
		got = append(got, agentStates[id].presence)
	}
	want := make([]string, len(enums.AgentStateID))
	for id, name := range enums.AgentStateID {
		want[id] = platform.SnakeCase(name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("states = %v, want %v", got, want)
	}
	for id, name := range enums.MediaTypeID {
		if n, err := strconv.ParseInt(id, 10, 64); err != nil || channels[n] == "" {
			t.Errorf("media type %s (%s) has no channel", id, name)
		}
	}
	if len(channels) != len(enums.MediaTypeID) {
		t.Errorf("%d channels for %d media types", len(channels), len(enums.MediaTypeID))
	}
	if enums.ReservedOutStateID[outStateRefused] != "Refused" || enums.MediaTypeID[mediaTypePhone] != "Phone" {
		t.Error("the out-state or the media type is another")
	}
}
