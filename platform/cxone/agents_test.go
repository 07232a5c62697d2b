package cxone

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// replies answers one request after the other and notes the queries.
type replies struct {
	bodies  []string // "304", "204" and "500" are statuses
	queries []url.Values
}

func (r *replies) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body := r.bodies[min(len(r.queries), len(r.bodies)-1)]
	r.queries = append(r.queries, request.URL.Query())
	for text, status := range map[string]int{"304": 304, "204": 204, "400": 400} {
		if body == text {
			w.WriteHeader(status)
			return
		}
	}
	_, _ = w.Write([]byte(body))
}

// TestDeltas follows delta mode: everything first, then what changed since the platform's own clock, everything again
// when that is due, and after a failure.
func TestDeltas(t *testing.T) {
	const poll = `"lastPollTime":"2024-05-02T10:15:3%d.1234567Z"`
	page := func(n int, items string) string {
		return fmt.Sprintf(`{"totalRecords":%d,`+poll+`,"agentStates":[%s]}`, strings.Count(items, "{"), n, items)
	}
	api := &replies{bodies: []string{
		page(0, `{"agentId":1,"agentStateId":1},{"agentId":"2","agentStateId":3},{"agentId":3,"agentStateId":0},{"agentStateId":1}`),
		page(1, `{"agentId":2,"agentStateId":2,"outStateId":9,"outStateDescription":"Lunch"}`),
		"304",
		page(2, `{"agentId":4,"agentStateId":1}`),
		`{"lastPollTime":"2024-05-02T10:15:33Z"}`, // a delta without a list
		"400",
		page(5, `{"agentId":1,"agentStateId":1}`),
		`{"agentStates":[{"agentId":9,"agentStateId":1}]}`, // without a time
		page(6, `{"agentId":9,"agentStateId":5}`),
	}}
	c := account(tenant(t, api.ServeHTTP))
	c.Agents.Delta = true
	agents, notes := feedNamed(t, source(t, c), "agents"), &notebook{}
	for i, want := range []struct {
		since  string
		agents map[platform.AgentState]int
		kept   int
		fails  bool
	}{
		{"", map[platform.AgentState]int{"ready": 1, "engaged": 1, "offline": 1}, 0, false},
		{"2024-05-02T10:15:30.1234567Z", map[platform.AgentState]int{"ready": 1, "unavailable": 1, "offline": 1}, 0, false},
		{"2024-05-02T10:15:31.1234567Z", map[platform.AgentState]int{"ready": 1, "unavailable": 1, "offline": 1}, 1, false},
		{"2024-05-02T10:15:31.1234567Z", map[platform.AgentState]int{"ready": 2, "unavailable": 1, "offline": 1}, 1, false},
		{"2024-05-02T10:15:32.1234567Z", map[platform.AgentState]int{"ready": 2, "unavailable": 1, "offline": 1}, 1, false},
		{"2024-05-02T10:15:33Z", map[platform.AgentState]int{"ready": 2, "unavailable": 1, "offline": 1}, 1, true},
		{"", map[platform.AgentState]int{"ready": 1}, 1, false},
		{"2024-05-02T10:15:35.1234567Z", map[platform.AgentState]int{"ready": 2}, 1, false},
		{"", map[platform.AgentState]int{"engaged": 1}, 1, false},
	} {
		if err := record(t.Context(), agents.Poll, notes); (err != nil) != want.fails {
			t.Errorf("run %d = %v", i, err)
		}
		if got := api.queries[i].Get("updatedSince"); got != want.since {
			t.Errorf("run %d asked for updatedSince=%q, want %q", i, got, want.since)
		}
		if got := agentCounts(notes.last(t)); !cmp.Equal(got, want.agents) || notes.kept != want.kept {
			t.Errorf("run %d: agents = %v, kept %d times; want %v, %d", i, got, notes.kept, want.agents, want.kept)
		}
	}
	if notes.snapshots[0].Violations != 1 {
		t.Errorf("violations = %d, want 1 for the agent without a number", notes.snapshots[0].Violations)
	}
}

// TestFullReads: a delta that is too long after the last full read is replaced by one.
func TestFullReads(t *testing.T) {
	api := &replies{bodies: []string{`{"lastPollTime":"2024-05-02T10:15:30Z","agentStates":[{"agentId":1,"agentStateId":1}]}`}}
	c := account(tenant(t, api.ServeHTTP))
	c.Agents = AgentsConfig{Delta: true, FullRead: model.Duration(time.Nanosecond)}
	agents := feedNamed(t, source(t, c), "agents")
	for range 3 {
		if err := record(t.Context(), agents.Poll, &notebook{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, query := range api.queries {
		if query.Has("updatedSince") || query.Get("fields") != "agentId,"+agentFields {
			t.Errorf("query = %v, want everything", query)
		}
	}
}

// TestFullReadAsked: the next read after a sync asked is a full one, and so are those after it until one has succeeded.
func TestFullReadAsked(t *testing.T) {
	tenant, source := company(t, func(c *Config) { c.Agents.FullRead = model.Duration(time.Hour) })
	tenant.set(pathAgents, directoryList(0, -1, agentNamed(1)))
	notes := &notebook{}
	wantRead(t, source, feedDirectory, notes)
	poll := feedNamed(t, source, feedAgents).Poll
	for i, test := range []struct {
		ask    bool
		answer string
		full   bool
	}{
		{false, stateList(10, -1, stated(1, 1, 5)), true}, // the first
		{false, stateList(11, 0), false},
		{true, "500", true},
		{false, stateList(12, -1, stated(1, 3, 12)), true},
		{false, stateList(13, 0), false},
		{true, stateList(14, -1, stated(1, 3, 12)), true},
		{false, stateList(15, 0), false},
	} {
		if test.ask {
			source.Persons.Full()
		}
		tenant.set(pathAgentStates, test.answer)
		_ = record(t.Context(), poll, notes) // the failure is in the table
		if full := tenant.asked().Get("updatedSince") == ""; full != test.full {
			t.Errorf("read %d: in full = %t, want %t", i, full, test.full)
		}
	}
}

// TestPages: more pages are asked for only when the answer holds fewer agents than it says there are.
func TestPages(t *testing.T) {
	list := func(total string, n int) string {
		return `{"totalRecords":` + total + `,"agentStates":[` + strings.TrimSuffix(strings.Repeat(`{"agentStateId":1},`, n), ",") + `]}`
	}
	for _, test := range []struct {
		name    string
		bodies  []string
		skips   []string
		ready   int
		problem string
	}{
		{"one", []string{list("3", 3)}, []string{""}, 3, ""},
		{"three", []string{list("5", 2), list("5", 2), list("5", 1)}, []string{"", "2", "4"}, 5, ""},
		{"shrinking", []string{list("5", 2), list("4", 2)}, []string{"", "2"}, 4, ""},
		{"total not said", []string{list("null", 2)}, []string{""}, 2, ""},
		{"no agents", []string{list("0", 0)}, []string{""}, 0, ""},
		{"breaks off", []string{list("5", 2), list("5", 0)}, []string{"", "2"}, 0, "ends after 2 of 5"},
		{"breaks off without a body", []string{list("5", 2), "204"}, []string{"", "2"}, 0, "ends after 2 of 5"},
		{"nothing at all", []string{list("5", 0)}, []string{""}, 0, "ends after 0 of 5"},
		{"no list", []string{`{"totalRecords":5}`}, []string{""}, 0, "holds no list"},
		{"null list", []string{`{"agentStates":null}`}, []string{""}, 0, "holds no list"},
		{"null list of none", []string{`{"totalRecords":0,"agentStates":null}`}, []string{""}, 0, ""},
		{"null list of some", []string{`{"totalRecords":2,"agentStates":null}`}, []string{""}, 0, "holds no list"},
		{"no end", []string{list("999999", 1)}, nil, 0, "takes more than 100 pages"},
	} {
		t.Run(test.name, func(t *testing.T) {
			api := &replies{bodies: test.bodies}
			c := account(tenant(t, api.ServeHTTP))
			c.RateLimit.Burst, c.RateLimit.RequestsPerMinute = 1000, 60_000
			notes := &notebook{}
			err := record(t.Context(), feedNamed(t, source(t, c), "agents").Poll, notes)
			if test.problem != "" {
				if err == nil || !strings.Contains(err.Error(), test.problem) || len(notes.snapshots) > 0 {
					t.Errorf("run = %v with %d snapshots, want %q and none", err, len(notes.snapshots), test.problem)
				}
			} else if err != nil || agentCounts(notes.last(t))["ready"] != test.ready {
				t.Errorf("run = %v, %v, want %d ready", err, agentCounts(notes.last(t)), test.ready)
			}
			for i, skip := range test.skips {
				if got := api.queries[i].Get("skip"); got != skip {
					t.Errorf("request %d: skip = %q, want %q", i, got, skip)
				}
			}
			if test.skips != nil && len(api.queries) != len(test.skips) || len(api.queries) > maxPages {
				t.Errorf("%d requests, want %d", len(api.queries), len(test.skips))
			}
		})
	}
}

// TestEmptyAnswers: an answer without content confirms what was known where the request was for changes only, as that of
// queues is from the second read on. To a request for everything it is a bad response: the old value must age.
func TestEmptyAnswers(t *testing.T) {
	for name, first := range map[string]string{
		"agents":   string(sample(t, "agents-states")),
		"calls":    string(sample(t, "contacts-active")),
		"capacity": string(sample(t, "business-unit")),
		"queues":   string(sample(t, "skills-activity")),
	} {
		for _, nothing := range []string{"304", "204", ""} {
			api := &replies{bodies: []string{nothing, first, nothing}}
			f, notes := feedNamed(t, source(t, account(tenant(t, api.ServeHTTP))), name), &notebook{}
			var got []string
			for range api.bodies {
				outcome := "read"
				if err := record(t.Context(), f.Poll, notes); err != nil {
					outcome = string(platform.ReasonOf(err))
				} else if notes.kept > 0 {
					outcome = "unchanged"
				}
				got = append(got, outcome)
			}
			want := []string{"bad_response", "read", "bad_response"}
			if name == "queues" {
				want[2] = "unchanged"
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s with answer %q (-want +got):\n%s", name, nothing, diff)
			}
		}
	}
}
