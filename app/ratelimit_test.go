package app

import (
	"net/http"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

func TestRateLimitIsNoOutage(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		fault simulator.Fault
	}{
		{"with Retry-After", simulator.Fault{Status: 429, Header: http.Header{"Retry-After": {"5"}}, Times: 1}},
		{"without Retry-After", simulator.Fault{Status: 429, Times: 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			u := startUnder(t, simulator.Options{})
			calm := u.until(t, "health is up", func(s samples) bool { return feedUp(s, "emea", "health") && feedUp(s, "emea", "presence") })
			u.world.Inject("emea", tc.fault)
			u.until(t, "a feed is rate limited", func(s samples) bool {
				return s.find(t, "ccaas_api_rate_limited_total", `account="emea"`) == "1"
			})
			s := u.scrape(t) // while paused: everything fails at once, nothing is lost
			if got := failures(s, "emea", "presence"); len(got) != 1 || got[0] != "rate_limited" {
				t.Errorf("reasons of presence = %v, want rate_limited alone", got)
			}
			if s.count("ccaas_agents", `account="emea"`) != calm.count("ccaas_agents", `account="emea"`) {
				t.Error("a rate limit takes agents off the page")
			}
			if got := s.find(t, "ccaas_component_status", `account="emea"`, `component="api"`, `status="operational"`); got != "1" {
				t.Error("a rate limit makes the API look down")
			}
			if s.find(t, "ccaas_api_rate_limit_paused_until_timestamp_seconds", `account="emea"`) == "0" {
				t.Error("the pause does not show")
			}
			if tc.fault.Header != nil {
				u.until(t, "presence has recovered", func(s samples) bool { return feedUp(s, "emea", "presence") })
			}
		})
	}
}
