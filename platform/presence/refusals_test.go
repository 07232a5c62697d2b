package presence_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"testing"

	"github.com/prometheus/common/model"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/presence"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// without removes the definition of engaged agents from a list of definitions.
func without(body []byte) []byte {
	var list struct {
		Entities []map[string]any `json:"entities"`
	}
	if json.Unmarshal(body, &list) != nil {
		return body
	}
	left := []map[string]any{}
	for _, d := range list.Entities {
		if d["name"] != busyDefinition {
			left = append(left, d)
		}
	}
	body, _ = json.Marshal(map[string]any{"entities": left, "pageCount": 1, "pageNumber": 1})
	return body
}

// rewritten edits the answers to a GET of one path.
func rewritten(path string, rewrite func([]byte) []byte) simulator.Fault {
	return simulator.Fault{Method: http.MethodGet, Path: path, Exact: true, Rewrite: rewrite}
}

// refusal is how a reason is brought about for which an agent is left alone.
type refusal struct {
	agents int // 0 = one
	change func(*simulator.World, *presence.Options)
	does   func(t *testing.T, f floor) // until something is refused
	shown  string                      // system presence of the first agent in the end; "" where it does not matter
}

// refusalsOfAgents are the reasons that lie in an agent.
var refusalsOfAgents = map[presence.Refusal]refusal{
	presence.ManualOverride: {0, nil, func(t *testing.T, f floor) {
		f.contacts(t)
		until(t, "the agent is protected", func() bool { return f.shows("busy") == 1 })
		f.passes(t, 12) // what changes within 2 s of a write is taken for a part of it
		f.onEmea(t, 0, simulator.GoOnQueue)
	}, "on_queue"},
	presence.NotLoggedIn: {0, func(_ *simulator.World, o *presence.Options) {
		o.Config.Sync.Rules = append(o.Config.Sync.Rules, presence.Rule{State: platform.AgentOffline, Presence: "Offline"})
	}, func(t *testing.T, f floor) {
		f.onUS(t, 0, simulator.LogOut)
		until(t, "the agent is offline", func() bool { return f.shows("offline") == 1 })
		f.onUS(t, 0, simulator.LogIn, simulator.TakeContact)
	}, "offline"},
	presence.OutOfOffice: {0, nil, func(t *testing.T, f floor) {
		f.onEmea(t, 0, simulator.LeaveOffice)
		f.passes(t, 2)
		f.contacts(t)
	}, "on_queue"},
	presence.OtherSource: {0, func(w *simulator.World, _ *presence.Options) {
		w.Inject("emea", rewritten(usersPath, func(body []byte) []byte {
			return bytes.ReplaceAll(body, []byte(`"primary":true`), []byte(`"primary":false`))
		}))
	}, atOnce, "on_queue"},
	presence.SuspectSource: {0, nil, func(t *testing.T, f floor) {
		f.w.Inject("emea", rewritten(usersPath, func([]byte) []byte { return []byte(`{"entities":[],"pageCount":1}`) }))
		until(t, "the answer is not trusted", func() bool { return f.rig.emea.Persons().Roster().Suspect })
		f.contacts(t)
	}, ""},
}

// refusalsOfAll are the reasons that hold for all agents.
var refusalsOfAll = map[presence.Refusal]refusal{
	presence.NotLeader: {0, func(_ *simulator.World, o *presence.Options) { o.Redis.Address = "127.0.0.1:1" }, atOnce, "on_queue"},
	presence.DefinitionMissing: {0, func(_ *simulator.World, o *presence.Options) {
		o.Config.Directory = model.Duration(soon)
	}, func(t *testing.T, f floor) {
		f.w.Inject("emea", rewritten("/api/v2/presence/definitions", without))
		f.passes(t, 4)
		f.contacts(t)
	}, "on_queue"},
	presence.RateLimit: {60, func(_ *simulator.World, o *presence.Options) { o.Config.Sync.MaxChanges = 1 }, atOnce, ""},
	presence.Budget: {3, func(_ *simulator.World, o *presence.Options) {
		o.Config.Sync.RateLimit = settings.RateLimit{RequestsPerMinute: .1, Burst: 4}
	}, func(t *testing.T, f floor) { // two requests read the definitions
		for i := range 3 {
			f.onUS(t, i, simulator.TakeContact)
			until(t, "one more is protected, or the budget is used up", func() bool {
				return f.shows("busy") == i+1 || f.value(t, "refused_total", string(presence.Budget)) > 0
			})
		}
	}, "busy"},
	presence.OnQueueNotPermitted: {0, nil, func(t *testing.T, f floor) {
		f.w.Inject("emea", refused(http.MethodPatch, 403, "presence.not.authorized.update.on.queue", 0))
		f.contacts(t)
		until(t, "the agent is protected", func() bool { return f.shows("busy") == 1 })
		f.onUS(t, 0, simulator.EndContact)
	}, ""},
	presence.LoopGuard: {0, func(_ *simulator.World, o *presence.Options) {
		o.Config.Sync.Rules = append(o.Config.Sync.Rules, presence.Rule{State: platform.AgentUnavailable, Presence: "Meal"})
	}, func(t *testing.T, f floor) {
		for i := range 7 {
			f.onUS(t, 0, []simulator.Action{simulator.TakeContact, simulator.BePaused}[i%2])
			until(t, "the presence follows, or there is a loop", func() bool {
				return f.shows([]string{"busy", "meal"}[i%2]) == 1 || f.value(t, "refused_total", string(presence.LoopGuard)) > 0
			})
		}
	}, ""},
}

// refusals bring about each reason. What is to be protected is not, and is counted.
func refusals() map[string]func(t *testing.T) {
	tests := map[string]func(t *testing.T){}
	both := maps.Clone(refusalsOfAgents)
	maps.Copy(both, refusalsOfAll)
	for reason, tc := range both {
		tests[string(reason)] = func(t *testing.T) {
			f := staffed(t, max(1, tc.agents), tc.change)
			before := f.value(t, "refused_total", string(reason))
			tc.does(t, f)
			until(t, "an agent is left alone", func() bool { return f.value(t, "refused_total", string(reason)) > before })
			f.passes(t, 3)
			if got := f.rig.emea.Persons().Roster().Activities[f.emea[0].ID].System; tc.shown != "" && got != tc.shown {
				t.Errorf("the agent is %s, want %s", got, tc.shown)
			}
		}
	}
	for _, reason := range presence.Refusals {
		if tests[string(reason)] == nil {
			tests[string(reason)] = func(t *testing.T) { t.Error("there is no row for this reason") }
		}
	}
	return tests
}

// atOnce needs nothing but a contact.
func atOnce(t *testing.T, f floor) {
	t.Helper()
	f.contacts(t)
}

// lostSources take the states of us away from many agents, and give them back.
func lostSources() map[string]func(t *testing.T) {
	const n = 1000
	return map[string]func(t *testing.T){"1000 agents": func(t *testing.T) {
		f := staffed(t, n, func(_ *simulator.World, o *presence.Options) {
			o.Config.Sync.Poll, o.Config.Sync.MaxChanges = model.Duration(4*soon), 60_000
			o.Config.Sync.SourceLost.After, o.Config.Sync.SourceLost.Failures = model.Duration(2*soon), 2
			o.Config.Sync.RateLimit = settings.RateLimit{RequestsPerMinute: 300, Burst: 250}
		})
		if err := f.w.SetScenario("source-lost"); err != nil {
			t.Fatal(err)
		}
		until(t, "all are offline", func() bool { return f.shows("offline") == n })
		if got := f.value(t, "requests_total", "bulk"); got > n/platform.PresenceBatch {
			t.Errorf("%v requests, want %d", got, n/platform.PresenceBatch)
		}
		if err := f.w.SetScenario("calm"); err != nil {
			t.Fatal(err)
		}
		until(t, "some are back on queue", func() bool { return f.shows("on_queue") > 20 })
	}}
}
