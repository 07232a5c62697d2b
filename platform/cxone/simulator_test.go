package cxone_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	promconfig "github.com/prometheus/common/config"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/cxone"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// This file runs the feeds over real sockets against the simulator, which is another reading of the same documents.

const services = "/incontactapi/services/v33.0"

// notebook is a sink that writes down what it is given.
type notebook struct {
	parts []platform.Part
	kept  int
}

func (n *notebook) Publish(p platform.Part) { n.parts = append(n.parts, p) }
func (n *notebook) Keep()                   { n.kept++ }

func (n *notebook) last(t *testing.T) platform.Part {
	t.Helper()
	if len(n.parts) == 0 {
		t.Fatal("nothing was published")
	}
	return n.parts[len(n.parts)-1]
}

// world starts a calm simulator.
func world(t *testing.T, agents int) *simulator.World {
	t.Helper()
	w, err := simulator.NewWorld(simulator.Options{Scenario: "calm", Agents: agents})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// account is the simulated tenant's, found through discovery.
func account(w *simulator.World) cxone.Config {
	c := cxone.DefaultConfig()
	id, secret := w.Credentials("us")
	c.Name, c.Issuer, c.AccessKeyID, c.AccessKeySecret = "us", w.URL("us"), id, promconfig.Secret(secret)
	c.TokenURL = w.URL("us") + "/authentication/v1/token/access-key"
	return c
}

func source(t *testing.T, c cxone.Config) platform.Source {
	t.Helper()
	s, err := cxone.New(c, cxone.Options{Thresholds: platform.DefaultThresholds})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// run runs a feed once.
func run(t *testing.T, s platform.Source, name string, sink platform.Sink) error {
	t.Helper()
	for _, f := range s.Feeds {
		if f.Name == name {
			ctx, cancel := context.WithTimeout(t.Context(), f.Timeout)
			defer cancel()
			return f.Run(ctx, sink)
		}
	}
	t.Fatalf("no feed %q", name)
	return nil
}

// must runs a feed that has to succeed, and returns what it published.
func must(t *testing.T, s platform.Source, name string) platform.Part {
	t.Helper()
	notes := &notebook{}
	if err := run(t, s, name, notes); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return notes.last(t)
}

func statuses(p platform.Part) map[string]string {
	got := map[string]string{}
	for _, c := range p.Components {
		got[c.Name] = c.Status.String()
	}
	return got
}

func agentCounts(p platform.Part) (counts map[platform.AgentState]int, sum int) {
	counts = map[platform.AgentState]int{}
	for _, a := range p.Agents {
		counts[a.State] = a.Count
		sum += a.Count
	}
	return counts, sum
}

// TestEveryFeed runs all feeds by both logins, and demands that every request was a documented one.
func TestEveryFeed(t *testing.T) {
	for _, auth := range []string{cxone.AuthAccessKey, cxone.AuthPassword} {
		for _, delta := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, delta %v", auth, delta), func(t *testing.T) {
				w := world(t, 500)
				c := account(w)
				c.Auth, c.Agents.Delta = auth, delta
				if auth == cxone.AuthPassword {
					id, secret := w.Application()
					c.TokenURL, c.ClientID, c.ClientSecret = "", id, promconfig.Secret(secret)
				}
				s := source(t, c)
				everyFeed(t, w, s)
			})
		}
	}
}

func everyFeed(t *testing.T, w *simulator.World, s platform.Source) {
	health := must(t, s, "health")
	want := map[string]string{"api": "operational", "auth": "operational", "discovery": "operational"}
	if diff := cmp.Diff(want, statuses(health)); diff != "" || health.Latency == nil || health.Violations != 0 {
		t.Errorf("components (-want +got):\n%s", diff)
	}
	host := strings.TrimPrefix(w.URL("us"), "http://")
	if got := s.Info(); got != (platform.Info{RegionCode: "na1", APIHost: host}) {
		t.Errorf("info = %+v", got)
	}
	agents := must(t, s, "agents")
	if counts, sum := agentCounts(agents); sum != 500 || counts["unknown"] != 0 || counts["engaged"] == 0 || counts["offline"] == 0 {
		t.Errorf("agents = %v, want 500 and no unknown", counts)
	}
	if agents.Violations != 0 || len(agents.Unknowns) != 0 {
		t.Errorf("violations = %d, unknown = %v", agents.Violations, agents.Unknowns)
	}
	if calls := must(t, s, "calls").Calls; len(calls) != 1 || calls[0].InProgress == nil || *calls[0].InProgress == 0 || calls[0].Capacity != nil {
		t.Errorf("calls = %+v", calls)
	}
	if capacity := must(t, s, "capacity").Calls; len(capacity) != 1 || capacity[0].Capacity == nil || capacity[0].InProgress != nil {
		t.Errorf("capacity = %+v", capacity)
	}
	if violations := w.Violations(); len(violations) > 0 {
		t.Errorf("undocumented requests:\n%s", strings.Join(violations, "\n"))
	}
	if calls := w.Calls("us"); calls["GET /.well-known/cxone-configuration"] != 1 {
		t.Errorf("calls = %v, want discovery once", calls)
	}
	if n := testutil.CollectAndCount(s.Metrics, "ccaas_clock_skew_seconds"); n != 1 {
		t.Errorf("%d clock skews, want one", n)
	}
}

// TestDeltaAgainstFull: after some changes the merged deltas tell the same as a full read.
func TestDeltaAgainstFull(t *testing.T) {
	w := world(t, 2000)
	c := account(w)
	c.RateLimit = rest.RateLimit{RequestsPerMinute: 60_000, Burst: 1000} // no pauses in which agents move on
	full := source(t, c)
	c.Agents.Delta = true
	delta := source(t, c)
	must(t, delta, "agents")
	notes := &notebook{}
	for deadline := time.Now().Add(20 * time.Second); len(notes.parts) < 3 && time.Now().Before(deadline); {
		if err := run(t, delta, "agents", notes); err != nil {
			t.Fatal(err)
		}
	}
	if len(notes.parts) < 3 {
		t.Fatalf("%d changes and %d answers without in 20 s, want 3 changes", len(notes.parts), notes.kept)
	}
	for range 50 { // agents may change between the two reads
		want := must(t, full, "agents")
		if err := run(t, delta, "agents", notes); err != nil {
			t.Fatal(err)
		}
		if cmp.Equal(want, notes.last(t)) {
			return
		}
	}
	t.Errorf("full and delta never agree, last (-full +delta):\n%s", cmp.Diff(must(t, full, "agents"), notes.last(t)))
}

// TestOddAnswers changes real answers on their way.
func TestOddAnswers(t *testing.T) {
	replace := func(old, to string) func([]byte) []byte {
		return func(body []byte) []byte { return bytes.ReplaceAll(body, []byte(old), []byte(to)) }
	}
	for _, test := range []struct {
		name   string
		fault  simulator.Fault
		reason platform.Reason // "": the run succeeds
		check  func(p platform.Part, counts map[platform.AgentState]int) bool
	}{
		{"unknown state", simulator.Fault{Rewrite: replace(`"agentStateId":1,"agentStateName":"Available"`, `"agentStateId":11,"agentStateName":"Meditating"`)}, "",
			func(p platform.Part, counts map[platform.AgentState]int) bool {
				return counts["ready"] == 0 && counts["unknown"] > 0 && p.Unknowns["agent_state"] == counts["unknown"] && p.Violations == 0
			}},
		{"wrong types", simulator.Fault{Rewrite: replace(`"agentStateId":1,`, `"agentStateId":{"id":1},`)}, "",
			func(p platform.Part, counts map[platform.AgentState]int) bool {
				return counts["engaged"] > 0 && counts["unknown"] > 0 && p.Violations == counts["unknown"] && len(p.Unknowns) == 0
			}},
		{"numbers as strings", simulator.Fault{Rewrite: func(body []byte) []byte {
			for state := range 9 {
				body = replace(fmt.Sprintf(`"agentStateId":%d,`, state), fmt.Sprintf(`"AgentStateId":"%d",`, state))(body)
			}
			return replace(`"isACW":true`, `"isAcw":"True"`)(body)
		}}, "", func(p platform.Part, counts map[platform.AgentState]int) bool {
			return counts["unknown"] == 0 && counts["after_contact_work"] > 0 && p.Violations == 0
		}},
		{"result set", simulator.Fault{Rewrite: func(body []byte) []byte { return []byte(`{"resultSet":` + string(body) + `}`) }}, "",
			func(p platform.Part, counts map[platform.AgentState]int) bool {
				return counts["ready"] > 0 && p.Violations == 0
			}},
		{"truncated", simulator.Fault{Truncate: 2000}, platform.ReasonBadResponse, nil},
		{"HTML", simulator.Fault{Body: "<html>", Header: http.Header{"Content-Type": {"text/html"}}}, platform.ReasonBadResponse, nil},
		{"forbidden", simulator.Fault{Status: 403, Body: `{"error":"forbidden"}`}, platform.ReasonForbidden, nil},
		{"rate limited", simulator.Fault{Status: 429, Header: http.Header{"Retry-After": {"30"}}}, platform.ReasonRateLimited, nil},
		{"rate limited without a word", simulator.Fault{Status: 429}, platform.ReasonRateLimited, nil},
		{"gone for a moment", simulator.Fault{Status: 503, Times: 1}, "", func(_ platform.Part, counts map[platform.AgentState]int) bool { return counts["ready"] > 0 }},
		{"torn once", simulator.Fault{Reset: true, Times: 1}, "", func(p platform.Part, counts map[platform.AgentState]int) bool {
			_, sum := agentCounts(p)
			return sum == 500 && counts["ready"] > 0
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := world(t, 500)
			test.fault.Path = services + "/agents/states"
			w.Inject("us", test.fault)
			s, notes := source(t, account(w)), &notebook{}
			err := run(t, s, "agents", notes)
			if test.reason != "" {
				if err == nil || platform.ReasonOf(err) != test.reason || len(notes.parts) > 0 {
					t.Errorf("run = %v with %d parts, want reason %s and none", err, len(notes.parts), test.reason)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			part := notes.last(t)
			if counts, _ := agentCounts(part); !test.check(part, counts) {
				t.Errorf("agents = %v, unknown = %v, violations = %d", counts, part.Unknowns, part.Violations)
			}
		})
	}
}

// TestPauseAfter429: the account pauses for as long as it was told, or for 15 s; health is as it was.
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
