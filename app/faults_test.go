package app

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

const (
	edgesPath  = "/api/v2/telephony/providers/edges"
	countsPath = "/api/v2/analytics/agents/status/counts"
	probePath  = "/api/v2/tokens/me"
	agentsPath = "/incontactapi/services/v33.0/agents/states"
	timePath   = "/incontactapi/services/v33.0/server-time"
)

// faultCase is a fault of one endpoint that one feed must notice, and no other.
type faultCase struct {
	name    string
	account string
	feed    string
	fault   simulator.Fault
	reason  string
	api     string // status of the component api while the fault lasts; "" = not looked at
}

func faultCases() []faultCase {
	long := bytes.Repeat([]byte(`{"padding":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},`), 40_000)
	return []faultCase{
		{"hang", "emea", "presence", simulator.Fault{Path: countsPath, Hang: true}, "timeout", "operational"},
		{"reset in mid-body", "emea", "presence", simulator.Fault{Path: countsPath, Reset: true}, "network", "operational"},
		{"403 on one feed", "emea", "presence", simulator.Fault{Path: countsPath, Status: 403, Body: `{"code":"missing.permissions","message":"analytics:agentState:view","status":403}`}, "forbidden", "operational"},
		{"404", "emea", "presence", simulator.Fault{Path: countsPath, Status: 404}, "not_found", "operational"},
		{"500", "emea", "presence", simulator.Fault{Path: countsPath, Status: 500}, "server_error", "operational"},
		{"503", "emea", "presence", simulator.Fault{Path: countsPath, Status: 503}, "server_error", "operational"},
		{"504", "emea", "presence", simulator.Fault{Path: countsPath, Status: 504}, "server_error", "operational"},
		{"HTML instead of JSON", "emea", "presence", simulator.Fault{Path: countsPath, Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>maintenance</html>"}, "bad_response", "operational"},
		{"truncated JSON", "emea", "presence", simulator.Fault{Path: countsPath, Truncate: 20}, "bad_response", "operational"},
		{"200 with an empty body", "emea", "presence", simulator.Fault{Path: countsPath, Rewrite: func([]byte) []byte { return nil }}, "bad_response", "operational"},
		{"body over the limit", "emea", "edges", simulator.Fault{Path: edgesPath, Rewrite: func([]byte) []byte { return append([]byte(`{"entities":[`), long...) }}, "bad_response", "operational"},
		{"wrong types at the top", "emea", "presence", simulator.Fault{Path: countsPath, Rewrite: func([]byte) []byte { return []byte(`{"presenceCounts":7}`) }}, "bad_response", "operational"},
		{"paging that never ends", "emea", "edges", simulator.Fault{Path: edgesPath, Rewrite: func(b []byte) []byte {
			return bytes.Replace(b, []byte(`"pageCount":1`), []byte(`"pageCount":1000000`), 1)
		}}, "bad_response", "operational"},
		{"probe answers 500", "emea", "health", simulator.Fault{Path: probePath, Status: 500}, "server_error", "critical"},
		{"probe hangs", "emea", "health", simulator.Fault{Path: probePath, Hang: true}, "timeout", "critical"},
		{"probe refused with 403", "emea", "health", simulator.Fault{Path: probePath, Status: 403}, "forbidden", "unknown"},
		{"CXone probe answers 503", "us", "health", simulator.Fault{Path: timePath, Status: 503}, "server_error", "critical"},
		{"CXone HTML instead of JSON", "us", "agents", simulator.Fault{Path: agentsPath, Status: 200, Body: "<html>"}, "bad_response", "operational"},
		{"CXone truncated", "us", "agents", simulator.Fault{Path: agentsPath, Truncate: 900}, "bad_response", "operational"},
		{"CXone 403", "us", "agents", simulator.Fault{Path: agentsPath, Status: 403}, "forbidden", "operational"},
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, tc := range faultCases() {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			u := startUnder(t, simulator.Options{})
			if tc.fault.Hang {
				u.reconfigure(t, "timeout: 5s", "timeout: 500ms")
			}
			before := u.until(t, tc.feed+" is up", func(s samples) bool { return feedUp(s, tc.account, tc.feed) })
			counter := fmt.Sprintf("account=%q", tc.account)
			count := func(s samples) string {
				return s.find(t, "ccaas_feed_failures_total", counter, fmt.Sprintf("feed=%q", tc.feed), fmt.Sprintf("reason=%q", tc.reason))
			}
			remove := u.world.Inject(tc.account, tc.fault)
			defer remove()
			during := u.scrape(t)
			if count(during) == count(before) {
				t.Errorf("failures for %s = %s, before %s; all reasons: %v\n%s", tc.reason, count(during), count(before),
					failures(during, tc.account, tc.feed), u.log)
			}
			if feedUp(during, tc.account, tc.feed) {
				t.Error("the feed is up while the fault lasts")
			}
			if tc.api != "" {
				got := during.find(t, "ccaas_component_status", counter, `component="api"`, fmt.Sprintf("status=%q", tc.api))
				if got != "1" {
					t.Errorf(`component api is not %s`, tc.api)
				}
			}
			remove()
			u.until(t, tc.feed+" has recovered", func(s samples) bool { return feedUp(s, tc.account, tc.feed) })
			if v := u.world.Violations(); len(v) > 0 {
				t.Errorf("requests that the vendors' documents do not allow: %s", v)
			}
		})
	}
}

// TestSlowFeedIsLateAlone hangs one request for longer than any scrape: the answer comes while it still hangs.
func TestSlowFeedIsLateAlone(t *testing.T) {
	t.Parallel()
	u := startUnder(t, simulator.Options{})
	u.reconfigure(t, "timeout: 5s", "timeout: 30s")
	before := u.until(t, "presence is up", func(s samples) bool { return feedUp(s, "emea", "presence") })
	u.world.Inject("emea", simulator.Fault{Path: countsPath, Hang: true})
	status, body := u.get(t, "/metrics", "X-Prometheus-Scrape-Timeout-Seconds", "2")
	s := parseSamples(body)
	runs := func(s samples) string {
		return s.find(t, "ccaas_feed_runs_total", `account="emea"`, `feed="presence"`)
	}
	if status != http.StatusOK || runs(s) != runs(before) {
		t.Errorf("scrape = %d after %s runs of presence, want 200 while run %s+1 still hangs", status, runs(s), runs(before))
	}
	if !feedUp(s, "emea", "trunks") || s.count("ccaas_agents", `account="emea"`) == 0 {
		t.Error("the other feeds, or the last values of the slow one, are missing")
	}
}

func TestConnectionRefused(t *testing.T) {
	t.Parallel()
	u := startUnder(t, simulator.Options{})
	u.until(t, "emea is up", func(s samples) bool { return feedUp(s, "emea", "health") })
	if err := u.world.Close(); err != nil {
		t.Fatal(err)
	}
	s := u.scrape(t)
	if got := failures(s, "emea", "health"); len(got) != 1 || got[0] != "network" {
		t.Errorf("reasons = %v, want network", got)
	}
	if s.find(t, "ccaas_platform_status", `account="emea"`, `plane="control"`, `status="critical"`) != "1" {
		t.Error("the control plane is not critical")
	}
	u.until(t, "the breaker opens", func(s samples) bool { return s.find(t, "ccaas_api_breaker_open", `account="emea"`) == "1" })
}
