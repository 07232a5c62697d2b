// The simulated worlds in which alerts are seen firing and silent.

package alerts_test

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// world is a simulated platform with one account of the exporter. Thresholds are the defaults, and so are the intervals,
// in the fast motion of the rules.
type world struct {
	account  string
	site     string // of the simulator: emea, americas or us
	scenario string // default calm
	options  simulator.Options
	feeds    string            // beside health, those that the scene needs; the others are off
	faults   []simulator.Fault // from the beginning
	stream   bool
	hook     string                                                      // name of a webhook for voice quality
	target   string                                                      // sip: the carrier over "udp", "tcp" or "tls"; or "dead": no program answers for the first trunk
	later    func(ctx context.Context, t *testing.T, w *simulator.World) // when the account has been read
}

// minute is one of the rules' minutes.
const minute = time.Minute / worldMotion

const (
	tokensMe = "/api/v2/tokens/me"
	trunks   = "/api/v2/telephony/providers/edges/trunks"
	channels = "/api/v2/notifications/channels"
	agents   = "/incontactapi/services/*/agents/states"
)

var (
	probeFails = simulator.Fault{Path: tokensMe, Status: http.StatusServiceUnavailable}
	connected  = regexp.MustCompile(`"connected":true`)
	allTrunks  = simulator.Fault{Path: trunks, Rewrite: func(body []byte) []byte {
		return connected.ReplaceAll(body, []byte(`"connected":false`))
	}}
)

var scenes = []world{
	{account: "calm", site: "emea", feeds: "edges trunks calls presence queues", target: "udp"},
	{account: "critical", site: "emea", faults: []simulator.Fault{probeFails}},
	{account: "blip", site: "emea", feeds: "trunks", later: func(ctx context.Context, _ *testing.T, w *simulator.World) {
		remove := w.Inject("emea", simulator.Fault{Path: "/api/v2/", Status: http.StatusServiceUnavailable})
		defer remove()
		wait(ctx, minute)
	}},
	{account: "slow", site: "americas", scenario: "api-slow"},
	{account: "brisk", site: "americas", faults: []simulator.Fault{{Path: tokensMe, Delay: 600 * time.Millisecond}}},
	{account: "dead", site: "emea", feeds: "edges trunks", faults: []simulator.Fault{allTrunks}},
	{account: "all-dead", site: "emea", feeds: "edges trunks", faults: []simulator.Fault{allTrunks, probeFails}},
	{account: "outage", site: "emea", scenario: "trunk-outage", feeds: "edges trunks"},
	{account: "agreed", site: "emea", scenario: "trunk-outage", feeds: "trunks", target: "udp"},
	{account: "contradicted", site: "emea", feeds: "trunks", target: "dead"},
	{account: "uneven", site: "emea", scenario: "bad-carriers", target: "tcp"},
	{account: "lossy", site: "emea", scenario: "bad-carriers", target: "tls"},
	{account: "edge", site: "emea", scenario: "edge-offline", feeds: "edges trunks"},
	{account: "draining", site: "americas", scenario: "maintenance", feeds: "edges"},
	{account: "flapping", site: "emea", later: flap},
	{account: "refused", site: "americas", scenario: "auth-broken", feeds: "trunks"},
	{
		account: "token", site: "americas", feeds: "trunks", options: simulator.Options{TokenLifetime: 8 * minute},
		later: func(_ context.Context, _ *testing.T, w *simulator.World) {
			w.Inject("americas", simulator.Fault{Path: "/oauth/token", Status: http.StatusServiceUnavailable})
		},
	},
	{account: "renewed", site: "americas", feeds: "trunks", options: simulator.Options{TokenLifetime: 8 * minute}},
	{account: "limited", site: "emea", feeds: "trunks", faults: []simulator.Fault{{
		Path: "/api/v2/", Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"15"}},
	}}},
	{account: "limited-once", site: "emea", feeds: "trunks", faults: []simulator.Fault{{
		Path: trunks, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}, Times: 1,
	}}},
	{account: "starved", site: "emea", feeds: "edges trunks", faults: []simulator.Fault{{Path: "/api/v2/", Header: http.Header{
		"inin-ratelimit-allowed": {"300"}, "inin-ratelimit-count": {"299"}, "inin-ratelimit-reset": {"60"},
	}}}},
	{account: "stale", site: "emea", feeds: "trunks", faults: []simulator.Fault{{Path: trunks, Status: http.StatusInternalServerError}}},
	{account: "expiring", site: "americas", scenario: "client-expiring", feeds: "credential"},
	{account: "crowded", site: "emea", scenario: "quota-near", feeds: "quota credential"},
	{account: "crowded-once", site: "emea", scenario: "quota-near", feeds: "quota", later: func(ctx context.Context, t *testing.T, w *simulator.World) {
		wait(ctx, 5*minute)
		if err := w.SetScenario("calm"); err != nil {
			t.Error(err)
		}
	}},
	{account: "ahead", site: "emea", faults: []simulator.Fault{{ClockOffset: 90 * time.Second}}},
	{account: "ahead-little", site: "emea", faults: []simulator.Fault{{ClockOffset: 30 * time.Second}}},
	{account: "deaf", site: "emea", feeds: "trunks", stream: true, faults: []simulator.Fault{{Path: channels, Status: http.StatusServiceUnavailable}}},
	{account: "streaming", site: "emea", feeds: "trunks", stream: true},
	{account: "stalled", site: "emea", scenario: "queue-stalled", feeds: "queues"},
	{account: "ringing", site: "us", feeds: "agents", faults: []simulator.Fault{{Path: agents, Rewrite: share(0.4, refuses)}}},
	{account: "ringing-few", site: "us", feeds: "agents", faults: []simulator.Fault{{Path: agents, Rewrite: share(0.1, refuses)}}},
	{account: "dropping", site: "us", feeds: "agents", later: dropping(0.7)},
	{account: "dropping-few", site: "us", feeds: "agents", later: dropping(0.3)},
	{account: "sound-bad", site: "us", scenario: "bad-audio", hook: "sound-bad"},
	{account: "sound-good", site: "us", hook: "sound-good"},
	{account: "silent", site: "us", hook: "silent"},
	{account: "gone", site: "emea"},
}

// flap makes the API slow and quick again, in turn.
func flap(ctx context.Context, _ *testing.T, w *simulator.World) {
	for ctx.Err() == nil {
		remove := w.Inject("emea", simulator.Fault{Path: tokensMe, Delay: time.Second})
		wait(ctx, 2*minute)
		remove()
		wait(ctx, 2*minute)
	}
}

// dropping waits for what an agent count of 5 minutes ago needs, then logs a share of the agents out.
func dropping(part float64) func(context.Context, *testing.T, *simulator.World) {
	return func(ctx context.Context, _ *testing.T, w *simulator.World) {
		wait(ctx, 7*minute)
		w.Inject("us", simulator.Fault{Path: agents, Rewrite: share(part, leaves)})
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

func leaves(agent map[string]any) { agent["agentStateId"] = 0 }

func refuses(agent map[string]any) {
	agent["agentStateId"], agent["outStateId"], agent["isACW"] = 2, -1, false
}

// share rewrites that part of the agents of an answer who are logged in.
func share(part float64, change func(map[string]any)) func([]byte) []byte {
	return func(body []byte) []byte {
		var answer map[string]any
		if json.Unmarshal(body, &answer) != nil {
			return body
		}
		list, _ := answer["agentStates"].([]any)
		changed, seen := 0.0, 0.0
		for _, item := range list {
			agent, ok := item.(map[string]any)
			if !ok || agent["agentStateId"] == 0.0 {
				continue
			}
			if seen++; changed < seen*part {
				changed++
				change(agent)
			}
		}
		rewritten, err := json.Marshal(answer)
		if err != nil {
			return body
		}
		return rewritten
	}
}
