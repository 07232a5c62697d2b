package presence

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// TestDefinitionToGiveBackMissing: no definition is written that is gone.
func TestDefinitionToGiveBackMissing(t *testing.T) {
	var left []platform.PresenceDefinition
	for _, d := range definitions {
		if d.ID != "meal" {
			left = append(left, d)
		}
	}
	rules, target := rulesOf(t, nil).refresh(left), has("cxone", "unavailable")
	if d := decide(record{Ours: "cxone", Previous: "meal"}, is("ready"), target, rules, noon); d.Refusal != DefinitionMissing {
		t.Errorf("decide = %+v, want %s", d, DefinitionMissing)
	}
}

// TestLoginAfterRestart: a record that was kept outside the process still knows that the agent comes from offline.
func TestLoginAfterRestart(t *testing.T) {
	text, err := json.Marshal(record{Ours: "offline", Previous: "on_queue", Queued: true, Lost: true, Sent: noon.Add(-time.Hour), Modified: noon.Add(-time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if got := r.see(is("engaged"), has("available", "unavailable"), rulesOf(t, nil), noon, noon); got.Ours != "" || got.Chose != "" {
		t.Errorf("after a login the record is %+v, want one without a choice", got)
	}
}

// TestLostWriteAndLostSource: after a write that was lost, the record knows of the one before whether that was for a lost source.
func TestLostWriteAndLostSource(t *testing.T) {
	rules := rulesOf(t, nil)
	for name, tc := range map[string]struct {
		lost bool           // the write before
		next presenceChange // lost on its way
		want Refusal
	}{
		"offline for a lost source, then a contact": {true, presenceChange{Action: actionProtect, Definition: "cxone"}, ""},
		"offline by a rule, then a lost source":     {false, presenceChange{Action: actionOffline, Definition: "away", Lost: true}, NotLoggedIn},
	} {
		target := has("offline", "offline")
		r := record{Ours: "offline", Action: actionOffline, Previous: "on_queue", Queued: true, Lost: tc.lost, Sent: noon.Add(-time.Hour), Modified: target.Modified}
		r = r.wrote(tc.next, target, noon.Add(-30*time.Second)).see(is("engaged"), target, rules, noon, noon)
		if d := decide(r, is("engaged"), target, rules, noon); d.Refusal != tc.want || r.Ours != "offline" || r.Lost != tc.lost {
			t.Errorf("%s: %+v of %+v, want refusal %q", name, d, r, tc.want)
		}
	}
}

// TestChoiceBeforeLostWrite: what a person chose well before a write that was lost is the person's.
func TestChoiceBeforeLostWrite(t *testing.T) {
	sent := noon.Add(-time.Minute)
	r := record{Ours: "cxone", Previous: "on_queue", Queued: true, Sent: sent, Base: sent.Add(-time.Hour)}
	target := has("meal", "unavailable")
	target.Modified = sent.Add(-30 * time.Second)
	if got := r.see(is("engaged"), target, rulesOf(t, nil), noon, noon); got.Ours != "" {
		t.Errorf("the sync holds %q, want nothing", got.Ours)
	}
}
