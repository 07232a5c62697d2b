package app

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// sumOf adds up the values of all series of a name that have these labels.
func (s samples) sumOf(t *testing.T, name string, labels ...string) (sum float64) {
	t.Helper()
	for series, text := range s {
		matches := strings.HasPrefix(series, name+"{")
		for _, label := range labels {
			matches = matches && strings.Contains(series, label)
		}
		if !matches {
			continue
		}
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatalf("%s %s: %v", series, text, err)
		}
		sum += value
	}
	return sum
}

// TestRandomWorlds looks at worlds of random size whose agents do odd things: on every page the states of agents add up to the
// agents that there are, and once the platforms answer nothing any more, no value outlives its maximum age.
func TestRandomWorlds(t *testing.T) {
	t.Parallel()
	for range 5 {
		seed := rand.Uint64()
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 0))
			scenarios := []string{"calm", "trunk-outage", "queue-stalled", "agents-dropped", "agents-not-responding"}
			o := simulator.Options{
				Agents: 20 + random.IntN(400), Edges: 1 + random.IntN(6), TrunkInstances: 1 + random.IntN(80),
				Scenario: scenarios[random.IntN(len(scenarios))],
			}
			u := startUnder(t, o)
			u.reconfigure(t, "definitions: 1ms}", "definitions: 1ms}\n    max_age: {edges: 1s, trunks: 1s, presence: 1s, calls: 1s}")
			u.reconfigure(t, "capacity: 1ms}", "capacity: 1ms}\n    max_age: {agents: 1s, calls: 1s, capacity: 1s}")
			for range 4 {
				u.world.SetOddAgents("emea", simulator.OddAgents{
					InteractingOnBreak: random.IntN(5), CommunicatingOffQueue: random.IntN(5), UnknownRouting: random.IntN(5),
				})
				s := u.until(t, "agents are read", func(s samples) bool {
					return feedUp(s, "emea", "presence") && feedUp(s, "us", "agents")
				})
				for _, account := range []string{`account="emea"`, `account="us"`} {
					states, presences := s.sumOf(t, "ccaas_agents", account), s.sumOf(t, "ccaas_agents_presence", account)
					if states != presences || states == 0 {
						t.Errorf("%s: states of agents add up to %v, agents by presence to %v", account, states, presences)
					}
				}
			}
			for _, site := range []string{"emea", "us"} {
				u.world.Inject(site, simulator.Fault{Path: "/", Status: 503})
			}
			u.until(t, "nothing outlives its maximum age", func(s samples) bool {
				return s.count("ccaas_agents")+s.count("ccaas_agents_presence")+s.count("ccaas_trunk_status")+s.count("ccaas_edges")+
					s.count("ccaas_calls_in_progress")+s.count("ccaas_calls_capacity") == 0
			})
			after := u.scrape(t)
			if n := after.count("ccaas_trunk_calls") + after.count("ccaas_edge_status") + after.count("ccaas_trunk_proxies"); n > 0 {
				t.Errorf("%d series of trunks and edges outlive the others", n)
			}
		})
	}
}
