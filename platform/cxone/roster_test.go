package cxone

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/common/model"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// TestRosterSample reads the recorded answers.
func TestRosterSample(t *testing.T) {
	tenant, source := company(t, nil)
	tenant.set(pathAgents, string(sample(t, "agents")))
	tenant.set(pathAgentStates, string(sample(t, "agents-states-persons")))
	started, notes := time.Now(), &notebook{}
	for _, name := range []string{source.Persons.Directory, source.Persons.Activities} {
		if source.Persons.Roster() != nil {
			t.Errorf("there is a roster before %s has been read", name)
		}
		wantRead(t, source, name, notes)
	}
	got := source.Persons.Roster()
	want := &platform.Roster{
		Persons: map[string]platform.Person{
			"174": {ID: "174", Email: "jane.doe@example.com", Username: "jane.doe@example.com"},
			"175": {ID: "175", Email: "John.Roe@example.com", Username: "jroe"},
			"176": {ID: "176", Username: "max.poe@example.com"},
			"177": {ID: "177", Username: "ann.low@example.com"},
		},
		Activities: map[string]platform.Activity{
			"174": {State: "engaged", Since: parsed(t, "2026-11-21T10:15:01.9Z")},
			"175": {State: "after_contact_work", Code: "Wrap up", Since: parsed(t, "2026-11-21T10:14:58.12Z")},
			"176": {State: "engaged", Since: parsed(t, "2026-11-21T10:15:02Z")},
			"177": {State: "offline"},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(platform.Roster{}, "Listed", "Read", "FullRead")); diff != "" {
		t.Errorf("roster (-want +got):\n%s", diff)
	}
	if got.Listed.Before(started) || got.Read.Before(got.Listed) || got.Read != got.FullRead {
		t.Errorf("listed at %v, read at %v, in full at %v", got.Listed, got.Read, got.FullRead)
	}
	counts := map[platform.AgentState]int{"engaged": 1, "after_contact_work": 1, "unavailable": 1, "offline": 1}
	if got := agentCounts(notes.last(t)); !cmp.Equal(got, counts) {
		t.Errorf("counts = %v, want %v: there a contact on its way counts as unavailable", got, counts)
	}
	for _, query := range tenant.queries {
		fields := query.Get("fields")
		if fields != directoryFields && fields != "agentId,"+agentFields+","+personFields {
			t.Errorf("fields = %s", fields)
		}
	}
}

// TestActivity translates what single agents do.
func TestActivity(t *testing.T) {
	for fields, want := range map[string]platform.Activity{
		`"agentStateId":1`:                           {State: "ready"},
		`"agentStateId":3,"outStateDescription":"x"`: {State: "engaged"},
		`"agentStateId":8`:                           {State: "unavailable"},
		`"agentStateId":42`:                          {State: "unknown"},
		`"agentStateId":2`:                           {State: "unavailable"},
		`"agentStateId":2,"outStateId":3,"outStateDescription":"Unavailable"`:              {State: "unavailable", Code: "Unavailable"},
		`"agentStateId":2,"outStateId":1042,"outStateDescription":"Lunch"`:                 {State: "unavailable", Code: "Lunch"},
		`"agentStateId":2,"outStateDescription":"Lunch"`:                                   {State: "unavailable", Code: "Lunch"},
		`"agentStateId":2,"outStateId":-1,"outStateDescription":"Refused"`:                 {State: "not_responding"},
		`"agentStateId":2,"outStateId":-2,"outStateDescription":"HeldPartyAbandoned"`:      {State: "unavailable"},
		`"agentStateId":2,"outStateId":-3,"outStateDescription":"InboundPending"`:          {State: "engaged"},
		`"agentStateId":2,"outStateId":"-9"`:                                               {State: "engaged"},
		`"agentStateId":2,"outStateId":-12`:                                                {State: "engaged"},
		`"agentStateId":2,"outStateId":-13`:                                                {State: "engaged"},
		`"agentStateId":2,"outStateId":-3,"isACW":true`:                                    {State: "after_contact_work"},
		`"agentStateId":1,"outStateId":-3`:                                                 {State: "ready"},
		`"agentStateId":1,"startDate":"2026-11-21T10:15:01Z"`:                              {State: "ready", Since: parsed(t, "2026-11-21T10:15:01Z")},
		`"agentStateId":1,"startDate":null,"lastUpdateTime":"2026-11-21T10:15:01Z"`:        {State: "ready", Since: parsed(t, "2026-11-21T10:15:01Z")},
		`"agentStateId":1,"startDate":"canary","lastUpdateTime":"2026-11-21T10:15:01.12Z"`: {State: "ready", Since: parsed(t, "2026-11-21T10:15:01.12Z")},
	} {
		p, err := decodeAgents(answer(`{"totalRecords":1,"agentStates":[{"agentId":1,`+fields+`}]}`), true)
		if err != nil {
			t.Fatal(err)
		}
		if got, known := p.agents[1].activity(false); got != want || !known {
			t.Errorf("%s = %+v, %t, want %+v", fields, got, known, want)
		}
		if len(p.times) > 0 {
			t.Errorf("%s: %v would be logged", fields, p.times)
		}
	}
}

// all are the states of all agents.
type all = map[string]platform.AgentState

// TestRosterDeltas follows the roster through full reads and deltas: rows that go back in time, and agents whom a full read
// leaves out.
func TestRosterDeltas(t *testing.T) {
	tenant, source := company(t, func(c *Config) { c.Agents.FullRead = model.Duration(time.Hour) }) // as long as nothing fails
	tenant.set(pathAgents, directoryList(0, -1, agentNamed(1), agentNamed(2), agentNamed(3), agentNamed(4)))
	notes := &notebook{}
	wantRead(t, source, feedDirectory, notes)
	poll := feedNamed(t, source, feedAgents).Poll
	for i, test := range []struct {
		name, answer, since string
		want                all
		fails               bool
	}{
		{
			"everything", stateList(10, -1, stated(1, 1, 5), stated(2, 3, 5), stated(3, 1, 0), stated(4, 1, 0)), "",
			all{"1": "ready", "2": "engaged", "3": "ready", "4": "ready"},
			false,
		},
		{"a change", stateList(11, -1, stated(1, 3, 11)), "10", all{"1": "engaged", "2": "engaged", "3": "ready", "4": "ready"}, false},
		{"back in time", stateList(12, -1, stated(1, 1, 9), stated(2, 0, 12)), "11", all{"1": "engaged", "2": "offline", "3": "ready", "4": "ready"}, false},
		{"nothing new", "304", "12", all{"1": "engaged", "2": "offline", "3": "ready", "4": "ready"}, false},
		{"an empty body", "", "12", all{"1": "engaged", "2": "offline", "3": "ready", "4": "ready"}, false},
		{"an empty delta", stateList(13, 0), "12", all{"1": "engaged", "2": "offline", "3": "ready", "4": "ready"}, false},
		{"a failure", "500", "13", all{"1": "engaged", "2": "offline", "3": "ready", "4": "ready"}, true},
		{
			"everything, less two, one back in time", stateList(20, -1, stated(1, 1, 9), stated(2, 1, 13)), "",
			all{"1": "engaged", "2": "ready"},
			false,
		},
		{"one is back", stateList(21, -1, stated(3, 3, 21)), "20", all{"1": "engaged", "2": "ready", "3": "engaged"}, false},
		{"another failure", "500", "21", all{"1": "engaged", "2": "ready", "3": "engaged"}, true},
		{
			"everything again: who is missing is logged out, and what goes back in time is true",
			stateList(30, -1, stated(1, 1, 9), stated(2, 1, 13), stated(3, 3, 21)), "",
			all{"1": "ready", "2": "ready", "3": "engaged", "4": "offline"},
			false,
		},
		{"the missing is back", stateList(31, -1, stated(4, 1, 31)), "30", all{"1": "ready", "2": "ready", "3": "engaged", "4": "ready"}, false},
	} {
		tenant.set(pathAgentStates, test.answer)
		before, started := source.Persons.Roster(), time.Now()
		if err := record(t.Context(), poll, notes); (err != nil) != test.fails {
			t.Errorf("%d, %s: %v", i, test.name, err)
		}
		since := tenant.asked().Get("updatedSince")
		if test.since != "" {
			test.since = "2026-11-21T10:15:" + test.since + "Z"
		}
		after := source.Persons.Roster()
		if got := doing(after); !cmp.Equal(got, test.want) || since != test.since || len(after.Persons) != 4 || after.Suspect {
			t.Errorf("%d, %s: states = %v, since %q, suspect = %t, want %v, %q", i, test.name, got, since, after.Suspect, test.want, test.since)
		}
		if test.fails {
			if !after.Read.Equal(before.Read) || !after.FullRead.Equal(before.FullRead) {
				t.Errorf("%d, %s: a failure counts as a read", i, test.name)
			}
		} else if after.Read.Before(started) || (since == "") != !after.FullRead.Before(started) {
			t.Errorf("%d, %s: read at %v, in full at %v, started at %v", i, test.name, after.Read, after.FullRead, started)
		}
	}
	want := map[platform.AgentState]int{"ready": 3, "engaged": 1}
	if got := agentCounts(notes.last(t)); !cmp.Equal(got, want) {
		t.Errorf("counts = %v, want %v", got, want)
	}
}

// TestSuspectStates: a full read with less than half of the agents, or none, is not trusted. The roster and the counts stay, and
// everything is read again.
func TestSuspectStates(t *testing.T) {
	tenant, source := company(t, func(c *Config) { c.Agents.FullRead = model.Duration(time.Nanosecond) })
	tenant.set(pathAgents, directoryList(0, -1, agentNamed(1), agentNamed(2), agentNamed(3)))
	notes := &notebook{}
	wantRead(t, source, feedDirectory, notes)
	poll := feedNamed(t, source, feedAgents).Poll
	good := stateList(10, -1, stated(1, 1, 5), stated(2, 3, 5), stated(3, 1, 5))
	const problem = "agents_states: the answer is not trusted: it holds %d agents where %d are known"
	for i, test := range []struct{ answer, problem string }{
		{stateList(9, 0), fmt.Sprintf(problem, 0, 0)},
		{good, ""},
		{stateList(11, -1, stated(1, 1, 5)), fmt.Sprintf(problem, 1, 3)},
		{stateList(12, 0), fmt.Sprintf(problem, 0, 3)},
		{"", fmt.Sprintf(problem, 0, 3)},
		{"204", fmt.Sprintf(problem, 0, 3)},
		{stateList(13, -1, `{"agentStateId":1}`, `{"agentStateId":1}`, `{"agentStateId":1}`), fmt.Sprintf(problem, 0, 3)},
		{good, ""},
	} {
		tenant.set(pathAgentStates, test.answer)
		before, published := source.Persons.Roster(), len(notes.snapshots)
		err := record(t.Context(), poll, notes)
		after := source.Persons.Roster()
		switch {
		case test.problem == "":
			if err != nil || after.Suspect || len(after.Activities) != 3 {
				t.Errorf("run %d = %v, %+v", i, err, after)
			}
		case err == nil || err.Error() != test.problem || platform.ReasonOf(err) != platform.ReasonBadResponse:
			t.Errorf("run %d = %v, want %s", i, err, test.problem)
		case len(notes.snapshots) != published:
			t.Errorf("run %d publishes counts", i)
		case before == nil:
			if after != nil {
				t.Errorf("run %d: there is a roster", i)
			}
		case !after.Suspect || !cmp.Equal(before, after, cmpopts.IgnoreFields(platform.Roster{}, "Suspect")):
			t.Errorf("run %d: the roster is another or not suspect: %+v", i, after)
		}
		if tenant.asked().Has("updatedSince") {
			t.Errorf("run %d asks for changes only", i)
		}
	}
}

// TestRostersDoNotChange: what a caller holds is not modified by later reads.
func TestRostersDoNotChange(t *testing.T) {
	tenant, source := company(t, nil)
	tenant.set(pathAgents, directoryList(0, -1, agentNamed(1), agentNamed(2)))
	tenant.set(pathAgentStates, stateList(10, -1, stated(1, 1, 5), stated(2, 3, 5)))
	read := func() *platform.Roster {
		for _, name := range []string{feedDirectory, feedAgents} {
			wantRead(t, source, name, &notebook{})
		}
		return source.Persons.Roster()
	}
	first := read()
	persons, activities := len(first.Persons), doing(first)
	tenant.set(pathAgents, directoryList(1, -1, agentNamed(3), `{"agentId":1,"isActive":false}`))
	tenant.set(pathAgentStates, stateList(11, -1, stated(1, 0, 11), stated(3, 1, 11)))
	second := read()
	if len(first.Persons) != persons || !cmp.Equal(doing(first), activities) {
		t.Errorf("the first roster has become %v", first)
	}
	if want := (map[string]platform.AgentState{"1": "offline", "2": "engaged", "3": "ready"}); !cmp.Equal(doing(second), want) || len(second.Persons) != 2 {
		t.Errorf("the second roster has %d persons who do %v, want 2 and %v", len(second.Persons), doing(second), want)
	}
}

// TestNobodyIsRead: without a comparison the states are read as ever, without a number of an agent.
func TestNobodyIsRead(t *testing.T) {
	api := &replies{bodies: []string{`{"totalRecords":1,"agentStates":[{"agentStateId":1}]}`}}
	s := source(t, account(tenant(t, api.ServeHTTP)))
	if err := record(t.Context(), feedNamed(t, s, feedAgents).Poll, &notebook{}); err != nil {
		t.Fatal(err)
	}
	if fields := api.queries[0].Get("fields"); fields != agentFields || s.Persons.Roster != nil || s.Persons.Directory != "" {
		t.Errorf("fields = %s, persons = %+v", fields, s.Persons)
	}
	for _, f := range s.Feeds {
		if f.Name == feedDirectory {
			t.Error("there is a directory")
		}
	}
}

// TestOpenContacts: an agent who is available with open contacts is engaged where that is chosen, and only then are they asked for.
func TestOpenContacts(t *testing.T) {
	for chosen, want := range map[bool]platform.AgentState{false: "ready", true: "engaged"} {
		tenant, source := company(t, func(c *Config) { c.Agents.OpenContacts = chosen })
		tenant.set(pathAgents, directoryList(0, -1, agentNamed(1), agentNamed(2)))
		tenant.set(pathAgentStates, stateList(0, -1, `{"agentId":1,"agentStateId":1,"openContacts":2}`, `{"agentId":2,"agentStateId":1,"openContacts":0}`))
		notes := &notebook{}
		for _, name := range []string{feedDirectory, feedAgents} {
			wantRead(t, source, name, notes)
		}
		states := doing(source.Persons.Roster())
		if states["1"] != want || states["2"] != "ready" || agentCounts(notes.last(t))["ready"] != 2 {
			t.Errorf("open contacts chosen = %t: states = %v, counts = %v, want %s and ready, 2 ready", chosen, states, agentCounts(notes.last(t)), want)
		}
		if got := strings.HasSuffix(tenant.asked().Get("fields"), ","+contactField); got != chosen {
			t.Errorf("open contacts chosen = %t, asked for = %t", chosen, got)
		}
	}
}
