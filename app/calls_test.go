// How many calls scrapes cause.

package app

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/cxone"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
	"github.com/ccaas-exporter/ccaas_exporter/platform/statuspage"
)

const cxonePath = "/incontactapi/services/v33.0"

// polled are the calls of one poll of each account: 7 for a Genesys organization, 3 for a CXone tenant.
func polled() map[string]map[string]int {
	return map[string]map[string]int{
		"emea": {
			"HEAD /api/v2/tokens/me":                               1,
			"GET /api/v2/telephony/providers/edges":                1,
			"GET /api/v2/telephony/providers/edges/metrics":        1,
			"GET /api/v2/telephony/providers/edges/trunks":         1,
			"GET /api/v2/telephony/providers/edges/trunks/metrics": 1,
			"POST /api/v2/analytics/agents/status/counts":          1,
			"GET /api/v2/telephony/calls/metrics":                  2, // of the cloud and of the premises
		},
		"us": {
			"GET " + cxonePath + "/server-time":     1,
			"GET " + cxonePath + "/agents/states":   1,
			"GET " + cxonePath + "/contacts/active": 1,
		},
	}
}

// hourly are the further calls of the first poll, which are made again every hour or when a token runs out.
var hourly = map[string][]string{
	"emea": {"POST /oauth/token", "GET /api/v2/presence/definitions"},
	"us": {
		"POST /authentication/v1/token/access-key", "GET /.well-known/cxone-configuration", "GET " + cxonePath + "/business-unit",
	},
}

// TestCallsPerPoll polls an organization with 4 edges of its own and 60 trunk instances, and a tenant. However many
// agents they have, they cost the same calls.
func TestCallsPerPoll(t *testing.T) {
	t.Parallel()
	for _, agents := range []int{10, 5000} {
		t.Run(fmt.Sprint(agents, " agents"), func(t *testing.T) {
			t.Parallel()
			world := startWorld(t, simulator.Options{Agents: agents, Edges: 4, TrunkInstances: 60})
			config := demoAccounts(t, demoConfig(world), 0)
			config.Health = statuspage.Config{}
			config.accounts = slices.Delete(config.accounts, 1, 2) // the second organization
			const due, once = settings.Interval(time.Millisecond), settings.Interval(time.Hour)
			configure(config, func(g *genesys.Config) {
				g.Feeds = genesys.FeedIntervals{Health: due, Edges: due, Trunks: due, Presence: due, Calls: due, Definitions: once}
			})
			configure(config, func(x *cxone.Config) {
				x.Feeds = cxone.FeedIntervals{Health: due, Agents: due, Calls: due, Capacity: once}
			})
			h, _ := startHandler(t, config)
			for _, first := range []bool{true, false} {
				scrape(t, h)
				for site, want := range polled() {
					for _, call := range hourly[site] {
						if first {
							want[call]++
						}
					}
					if diff := cmp.Diff(want, world.Calls(site)); diff != "" {
						t.Errorf("calls to %s, first poll %t (-want +got):\n%s", site, first, diff)
					}
				}
				world.ResetCalls()
			}
			if v := world.Violations(); len(v) > 0 {
				t.Errorf("requests that the vendors' documents do not allow: %s", v)
			}
		})
	}
}

// TestTenScrapers lets ten scrapers ask at once: while the first answers are under way, and within the minimum
// intervals.
func TestTenScrapers(t *testing.T) {
	t.Parallel()
	world := slowWorld(t)
	config := demoAccounts(t, demoConfig(world), time.Hour)
	calls := map[int]map[string]map[string]int{}
	for _, scrapers := range []int{1, 10} {
		h, _ := startHandler(t, config)
		world.ResetCalls()
		scrapeTogether(t, h, scrapers)
		scrapeTogether(t, h, scrapers)
		allRan(t, scrape(t, h), "1")
		calls[scrapers], _ = allCalls(world)
	}
	if diff := cmp.Diff(calls[1], calls[10]); diff != "" {
		t.Errorf("calls of one scraper (-) and of ten (+):\n%s", diff)
	}
	if n := calls[1]["emea"]["GET /api/v2/telephony/providers/edges/trunks"]; n != 1 {
		t.Errorf("lists of trunks = %d, want 1", n)
	}
}
