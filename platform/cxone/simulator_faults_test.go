package cxone_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// replace edits an answer.
func replace(old, to string) func([]byte) []byte {
	return func(body []byte) []byte { return bytes.ReplaceAll(body, []byte(old), []byte(to)) }
}

// oddAnswers are faults of agents/states and what the feed makes of them.
var oddAnswers = []struct {
	name   string
	fault  simulator.Fault
	reason platform.Reason // "": the run succeeds
	check  func(p platform.Snapshot, counts map[platform.AgentState]int) bool
}{
	{
		"unknown state",
		simulator.Fault{Rewrite: replace(`"agentStateId":1,"agentStateName":"Available"`, `"agentStateId":11,"agentStateName":"Meditating"`)},
		"",
		func(p platform.Snapshot, counts map[platform.AgentState]int) bool {
			return counts["ready"] == 0 && counts["unknown"] > 0 && p.Unknowns["agent_state"] == counts["unknown"] && p.Violations == 0
		},
	},
	{
		"wrong types",
		simulator.Fault{Rewrite: replace(`"agentStateId":1,`, `"agentStateId":{"id":1},`)},
		"",
		func(p platform.Snapshot, counts map[platform.AgentState]int) bool {
			return counts["engaged"] > 0 && counts["unknown"] > 0 && p.Violations == counts["unknown"] && len(p.Unknowns) == 0
		},
	},
	{"numbers as strings", simulator.Fault{Rewrite: func(body []byte) []byte {
		for state := range 9 {
			body = replace(fmt.Sprintf(`"agentStateId":%d,`, state), fmt.Sprintf(`"AgentStateId":"%d",`, state))(body)
		}
		return replace(`"isACW":true`, `"isAcw":"True"`)(body)
	}}, "", func(p platform.Snapshot, counts map[platform.AgentState]int) bool {
		return counts["unknown"] == 0 && counts["after_contact_work"] > 0 && p.Violations == 0
	}},
	{
		"result set",
		simulator.Fault{Rewrite: func(body []byte) []byte { return []byte(`{"resultSet":` + string(body) + `}`) }},
		"",
		func(p platform.Snapshot, counts map[platform.AgentState]int) bool {
			return counts["ready"] > 0 && p.Violations == 0
		},
	},
	{"truncated", simulator.Fault{Truncate: 2000}, platform.ReasonBadResponse, nil},
	{"HTML", simulator.Fault{Body: "<html>", Header: http.Header{"Content-Type": {"text/html"}}}, platform.ReasonBadResponse, nil},
	{"forbidden", simulator.Fault{Status: 403, Body: `{"error":"forbidden"}`}, platform.ReasonForbidden, nil},
	{"rate limited", simulator.Fault{Status: 429, Header: http.Header{"Retry-After": {"30"}}}, platform.ReasonRateLimited, nil},
	{"rate limited without a word", simulator.Fault{Status: 429}, platform.ReasonRateLimited, nil},
	{"gone for a moment", simulator.Fault{Status: 503, Times: 1}, "", func(_ platform.Snapshot, counts map[platform.AgentState]int) bool { return counts["ready"] > 0 }},
	{"torn once", simulator.Fault{Reset: true, Times: 1}, "", func(p platform.Snapshot, counts map[platform.AgentState]int) bool {
		_, sum := agentCounts(p)
		return sum == 500 && counts["ready"] > 0
	}},
}

// TestOddAnswers changes real answers on their way.
func TestOddAnswers(t *testing.T) {
	for _, test := range oddAnswers {
		t.Run(test.name, func(t *testing.T) {
			w := world(t, 500)
			test.fault.Path = services + "/agents/states"
			w.Inject("us", test.fault)
			s, notes := source(t, account(w)), &notebook{}
			err := run(t, s, "agents", notes)
			if test.reason != "" {
				if err == nil || platform.ReasonOf(err) != test.reason || len(notes.snapshots) > 0 {
					t.Errorf("run = %v with %d snapshots, want reason %s and none", err, len(notes.snapshots), test.reason)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			snapshot := notes.last(t)
			if counts, _ := agentCounts(snapshot); !test.check(snapshot, counts) {
				t.Errorf("agents = %v, unknown = %v, violations = %d", counts, snapshot.Unknowns, snapshot.Violations)
			}
		})
	}
}

// TestPauseAfter429: the account pauses for as long as the platform asks, or for 15 s; health is as it was.
func TestPauseAfter429(t *testing.T) {
	for header, want := range map[string]time.Duration{"30": 30 * time.Second, "": 15 * time.Second} {
		w := world(t, 10)
		s := source(t, account(w))
		must(t, s, "health")
		fault := simulator.Fault{Path: services, Status: 429}
		if header != "" {
			fault.Header = http.Header{"Retry-After": {header}}
		}
		w.Inject("us", fault)
		notes := &notebook{}
		err := run(t, s, "health", notes)
		if platform.ReasonOf(err) != platform.ReasonRateLimited || statuses(notes.last(t))["api"] != "operational" {
			t.Errorf("Retry-After %q: health = %v, %v", header, err, statuses(notes.last(t)))
		}
		w.ResetCalls()
		err = run(t, s, "agents", notes)
		if platform.ReasonOf(err) != platform.ReasonRateLimited || len(w.Calls("us")) > 0 {
			t.Errorf("Retry-After %q: agents = %v after %v, want no request", header, err, w.Calls("us"))
		}
		until := gauge(t, s, "ccaas_api_rate_limit_paused_until_timestamp_seconds")
		if left := time.Until(time.Unix(int64(until), 0)); left > want || left < want-5*time.Second {
			t.Errorf("Retry-After %q: paused for another %v, want %v", header, left, want)
		}
	}
}

// TestRotation: a secret that changes in its file is taken up at the next login, and a revoked token costs one login.
func TestRotation(t *testing.T) {
	w := world(t, 10)
	c := account(w)
	file := filepath.Join(t.TempDir(), "secret")
	write := func(secret string) {
		if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(string(c.AccessKeySecret))
	c.AccessKeySecret, c.AccessKeySecretFile = "", file
	s := source(t, c)
	must(t, s, "health")
	w.RotateSecret("us", "another+secret====")
	must(t, s, "health") // the token is still good
	write("another+secret====")
	w.RevokeTokens("us")
	must(t, s, "health")
	if n := w.Calls("us")["POST /authentication/v1/token/access-key"]; n != 2 {
		t.Errorf("%d logins, want 2", n)
	}
}

// TestListShapes reads all agents in every form that the platform gives to its lists.
func TestListShapes(t *testing.T) {
	for _, test := range []struct {
		name       string
		shape      simulator.ListShape
		agents     int
		violations int
		reason     platform.Reason // "": the run succeeds
	}{
		{"pages with a total", simulator.ListShape{PageLimit: 100}, 500, 0, ""},
		{"pages with a total alone", simulator.ListShape{PageLimit: 100, NoLinks: true}, 500, 0, ""},
		{"pages with links alone", simulator.ListShape{PageLimit: 100, NoTotal: true}, 500, 5, ""},
		{"neither", simulator.ListShape{NoTotal: true, NoLinks: true}, 500, 1, ""},
		{"no agents", simulator.ListShape{Empty: true}, 0, 0, ""},
		{"null", simulator.ListShape{Empty: true, Null: true}, 0, 0, ""},
		{"null without a total", simulator.ListShape{Empty: true, Null: true, NoTotal: true}, 0, 0, platform.ReasonBadResponse},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := world(t, 500)
			w.ShapeLists(test.shape)
			notes := &notebook{}
			err := run(t, source(t, account(w)), "agents", notes)
			if test.reason != "" {
				if err == nil || platform.ReasonOf(err) != test.reason || len(notes.snapshots) > 0 {
					t.Errorf("run = %v with %d snapshots, want reason %s and none", err, len(notes.snapshots), test.reason)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if counts, sum := agentCounts(notes.last(t)); sum != test.agents || notes.last(t).Violations != test.violations {
				t.Errorf("agents = %v, violations = %d, want %d agents and %d", counts, notes.last(t).Violations, test.agents, test.violations)
			}
			if violations := w.Violations(); len(violations) > 0 {
				t.Errorf("undocumented requests: %v", violations)
			}
		})
	}
}
