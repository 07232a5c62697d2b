package presence

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// noon is when the tests of decisions take place.
var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func rulesOf(t testing.TB, change func(*SyncConfig)) *ruleSet {
	t.Helper()
	c := syncConfig()
	if change != nil {
		change(&c)
	}
	r, err := resolveRules(c, definitions)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// has is an agent on the target with a presence since a minute.
func has(definition string, state platform.AgentState) platform.Activity {
	return platform.Activity{Definition: definition, System: systemOf(definition), State: state, Modified: noon.Add(-time.Minute)}
}

func is(state platform.AgentState) platform.Activity {
	return platform.Activity{State: state, Since: noon.Add(-time.Minute)}
}

// decision is what is given to a decision, and what is wanted of it.
type decision struct {
	rules          *ruleSet
	record         record
	source, target platform.Activity
	want           string // action and definition, refusal, or the beginning of why not
}

func (tc decision) check(t *testing.T, name string) {
	t.Helper()
	rules := tc.rules
	if rules == nil {
		rules = rulesOf(t, nil)
	}
	record := tc.record.see(tc.source, tc.target, rules, time.Time{}, noon)
	d := decide(record, tc.source, tc.target, rules, noon)
	got := d.Why
	switch {
	case d.Refusal != "":
		got = string(d.Refusal)
	case d.Change != nil:
		got = fmt.Sprintf("%s %s", d.Change.Action, d.Change.Definition)
		if d.Change.OnQueue {
			got += " single"
		}
	}
	if !strings.HasPrefix(got, tc.want) {
		t.Errorf("%s: %s, want %s", name, got, tc.want)
	}
}

// TestDecide has a row for each refusal and for each thing that a decision heeds.
func TestDecide(t *testing.T) {
	queued := has("on_queue", platform.AgentReady)
	with := func(a platform.Activity, change func(*platform.Activity)) platform.Activity { change(&a); return a }
	ours := record{Ours: "cxone", Previous: "on_queue", Queued: true, Sent: noon.Add(-time.Hour), Modified: noon.Add(-time.Hour)}
	missing := rulesOf(t, nil).refresh(definitions[:3])
	many := record{}
	for range guardWrites {
		many.Writes = append(many.Writes, noon)
	}
	for name, tc := range map[string]decision{
		"on queue and on a contact":      {nil, record{}, is("engaged"), queued, "protect cxone"},
		"not on queue":                   {nil, record{}, is("engaged"), has("available", "unavailable"), "the agent is not On Queue"},
		"lunch":                          {nil, record{}, with(is("unavailable"), func(a *platform.Activity) { a.Code = "lunch break" }), queued, "protect meal"},
		"another pause":                  {nil, record{}, is("unavailable"), queued, "protect away"},
		"what we wrote changes":          {nil, ours, is("not_responding"), has("cxone", "unavailable"), "protect away"},
		"free again":                     {nil, ours, is("ready"), has("cxone", "unavailable"), "release on_queue single"},
		"free again, was available":      {nil, record{Ours: "cxone", Previous: "available"}, is("ready"), has("cxone", "unavailable"), "release available"},
		"free again, wished for a meal":  {nil, ours, is("ready"), with(has("cxone", "unavailable"), func(a *platform.Activity) { a.Wish = "meal" }), "release meal"},
		"free again, nothing of ours":    {nil, record{}, is("ready"), has("busy", "unavailable"), "the agent is free on the source, and the sync holds nothing"},
		"free again, On Queue forbidden": {rulesOf(t, nil).restrictToOffQueue(), ours, is("ready"), has("cxone", "unavailable"), "release available"},
		"free again, was never on queue": {rulesOf(t, func(c *SyncConfig) { c.Rules[5].Release = ReleaseOnQueue }), record{Ours: "cxone", Previous: "meal"}, is("ready"), has("cxone", "unavailable"), "release meal"},
		"left alone":                     {nil, record{}, is("offline"), queued, "the rule for offline leaves"},
		"unknown on the source":          {nil, record{}, is("unknown"), queued, "the state on the source is not known"},
		"unknown on the target":          {nil, record{}, is("engaged"), platform.Activity{}, "the presence on the target is not known"},
		"no rule":                        {rulesOf(t, func(c *SyncConfig) { c.Rules = c.Rules[:1] }), record{}, is("ready"), queued, "no rule is for"},
		"on a contact of both":           {nil, record{}, is("engaged"), has("on_queue", "engaged"), "protect cxone"},
		"on a contact of both, to wait":  {rulesOf(t, func(c *SyncConfig) { c.WhileInteracting = WaitForInteraction }), record{}, is("engaged"), has("on_queue", "engaged"), "the agent is engaged on the source, when the contact"},
		"out of office":                  {nil, record{}, is("engaged"), with(queued, func(a *platform.Activity) { a.OutOfOffice = true }), "out_of_office"},
		"another system's":               {nil, record{}, is("engaged"), with(queued, func(a *platform.Activity) { a.Foreign = true }), "other_source"},
		"chose another presence":         {nil, record{Chose: "cxone", ChoseAt: noon}, is("engaged"), queued, "manual_override"},
		"definition deleted":             {missing, record{}, is("engaged"), queued, "definition_missing"},
		"too many writes":                {nil, many, is("engaged"), queued, "loop_guard"},
		"protected when it lasts":        {rulesOf(t, func(c *SyncConfig) { c.ProtectAfter = c.Reconcile }), record{}, is("engaged"), queued, "the agent is engaged on the source, in 4m0s"},
	} {
		tc.check(t, name)
	}
}

// TestDecideOffline: an agent who is offline on the target is not raised, unless the sync set the agent offline for a lost source.
func TestDecideOffline(t *testing.T) {
	offline := record{Ours: "offline", Previous: "on_queue", Queued: true, Sent: noon.Add(-time.Minute), Modified: noon.Add(-time.Minute)}
	lost, lostAway := offline, offline
	lost.Lost = true
	lostAway.Ours, lostAway.Lost = "away", true
	for name, tc := range map[string]decision{
		"offline":                             {rulesOf(t, func(c *SyncConfig) { c.Rules[5] = Rule{State: "ready", Presence: "busy"} }), record{Ours: "meal"}, is("ready"), has("offline", "offline"), "the agent is not On Queue"},
		"offline by a rule, on a contact":     {nil, offline, is("engaged"), has("offline", "offline"), "not_logged_in"},
		"offline by a rule, on a break":       {nil, offline, is("unavailable"), has("offline", "offline"), "not_logged_in"},
		"offline by a rule, free again":       {nil, offline, is("ready"), has("offline", "offline"), "not_logged_in"},
		"the source is back":                  {nil, lost, is("ready"), has("offline", "offline"), "release on_queue single"},
		"the source is back, and no rule":     {rulesOf(t, func(c *SyncConfig) { c.Rules = c.Rules[:1] }), lost, is("ready"), has("offline", "offline"), "release on_queue single"},
		"the source is back, agent left":      {nil, lost, is("offline"), has("offline", "offline"), "the rule for offline leaves"},
		"the source is back, agent left away": {rulesOf(t, func(c *SyncConfig) { c.Rules[6] = Rule{State: "offline", Presence: "offline"} }), lostAway, is("offline"), has("away", "unavailable"), string(actionOffline) + " offline"},
		"the source is back, on a contact":    {nil, lost, is("engaged"), has("offline", "offline"), "protect cxone"},
	} {
		tc.check(t, name)
	}
}

// TestSee tells apart what changed a presence after the sync wrote it.
func TestSee(t *testing.T) {
	sent := noon.Add(-time.Minute)
	ours := record{Ours: "cxone", Previous: "on_queue", Queued: true, Sent: sent, Modified: sent, Base: sent.Add(-time.Hour), waiting: true}
	at := func(definition string, after time.Duration) platform.Activity {
		return platform.Activity{Definition: definition, System: systemOf(definition), State: platform.AgentUnavailable, Modified: sent.Add(after)}
	}
	for name, tc := range map[string]struct {
		record record
		target platform.Activity
		want   string // Ours, then Chose
	}{
		"our echo":                  {ours, at("cxone", 0), "cxone "},
		"the same chosen again":     {ours, at("cxone", time.Minute), "cxone "},
		"login":                     {func() record { r := ours; r.offline = true; return r }(), at("available", 30*time.Second), " "},
		"idle":                      {ours, at("idle", 30*time.Second), "cxone "},
		"what was before the queue": {ours, at("available", time.Second), "available "},
		"logoff":                    {ours, at("offline", 30*time.Second), " "},
		"a person":                  {ours, at("meal", 30*time.Second), " cxone"},
		"a person, soon after the echo": {func() record {
			r := ours
			r.Sent, r.Modified, r.waiting = noon.Add(-5*time.Second), noon.Add(-5*time.Second), false
			return r
		}(), at("on_queue", 57*time.Second), " cxone"},
		"the echo of a write may come":    {func() record { r := ours; r.Sent, r.Modified = noon.Add(-5*time.Second), time.Time{}; return r }(), at("on_queue", 57*time.Second), "cxone "},
		"a person, back on queue":         {ours, at("on_queue", 30*time.Second), " cxone"},
		"the write was lost":              {ours, platform.Activity{Definition: "on_queue", System: "on_queue", Modified: sent.Add(-time.Hour)}, " "},
		"not known":                       {ours, platform.Activity{}, "cxone "},
		"offline by us, logged off since": {record{Ours: "offline", Sent: sent, Modified: sent}, at("offline", 30*time.Second), " "},
		"lost, the agent left since":      {record{Ours: "offline", Lost: true, Sent: sent, Modified: sent}, at("offline", 0), " "},
		"given back":                      {func() record { r := ours; r.Giving = "on_queue"; return r }(), at("on_queue", 0), " "},
		"not given back":                  {func() record { r := ours; r.Giving = "on_queue"; return r }(), at("cxone", 0), "cxone "},
	} {
		source := is("engaged")
		if strings.Contains(name, "agent left") {
			source.State = platform.AgentOffline
		}
		got := tc.record.see(source, tc.target, rulesOf(t, nil), noon, noon)
		if text := got.Ours + " " + got.Chose; text != tc.want {
			t.Errorf("%s: ours and chosen are %q, want %q", name, text, tc.want)
		}
	}
	// A choice stands until the rules ask for something else, or for a time.
	chose := record{Chose: "cxone", ChoseAt: noon}
	if got := chose.see(is("not_responding"), at("meal", 0), rulesOf(t, nil), noon, noon.Add(time.Hour)); got.Chose != "" {
		t.Errorf("after another state the choice still stands: %+v", got)
	}
	short := rulesOf(t, func(c *SyncConfig) { c.ManualOverride = Override(15 * time.Minute) })
	for after, want := range map[time.Duration]string{14 * time.Minute: "cxone", 15 * time.Minute: ""} {
		for _, state := range []platform.AgentState{"engaged", "not_responding", "ready", "offline"} {
			if got := chose.see(is(state), at("meal", 0), short, noon, noon.Add(after)); got.Chose != want {
				t.Errorf("after %v, %s, the choice is %q, want %q", after, state, got.Chose, want)
			}
		}
	}
}

func TestResolve(t *testing.T) {
	c := syncConfig()
	c.Rules = append(c.Rules[:1:1], Rule{State: "ready", Presence: "Old"}, Rule{State: "offline", Presence: "No such"}, Rule{State: "unavailable", Presence: "on queue"})
	c.SourceLost.Presence = "Busy"
	twins := append(slices.Clone(definitions), platform.PresenceDefinition{ID: "busy2", Name: "busy", System: "busy"})
	_, err := resolveRules(c, twins)
	want := "rules[1].presence: the presence definition \"Old\" is deactivated\nrules[2].presence: there is no presence definition \"No such\"\n" +
		"source_lost.presence: 2 presence definitions are called \"Busy\", expected the id of one\nrules: \"on queue\" is On Queue, which only a release may give"
	if err == nil || err.Error() != want {
		t.Errorf("resolveRules = %v, want\n%s", err, want)
	}
}

func BenchmarkDecide(b *testing.B) {
	rules := rulesOf(b, nil)
	source, target := is("engaged"), has("on_queue", "ready")
	b.ReportAllocs()
	for b.Loop() {
		record := record{}.see(source, target, rules, noon, noon)
		if decide(record, source, target, rules, noon).Change == nil {
			b.Fatal("no change")
		}
	}
}
