package presence

import (
	"fmt"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// action is what a change does to an agent.
type action string

// The actions.
const (
	actionProtect action = "protect" // takes the agent off queue, or changes what the sync wrote
	actionRelease action = "release" // gives back what was before
	actionOffline action = "offline" // the agent left the source, or the source is lost
)

// actions lists every action.
var actions = [...]action{actionProtect, actionRelease, actionOffline}

// Refusal is why an agent is left alone whose presence the rules would change.
type Refusal string

// The refusals.
const (
	LoopGuard           Refusal = "loop_guard"
	RateLimit           Refusal = "rate_limit"
	ManualOverride      Refusal = "manual_override"
	NotLoggedIn         Refusal = "not_logged_in"
	OutOfOffice         Refusal = "out_of_office"
	OtherSource         Refusal = "other_source"
	SuspectSource       Refusal = "suspect_source"
	NotLeader           Refusal = "not_leader"
	DefinitionMissing   Refusal = "definition_missing"
	Budget              Refusal = "budget"
	OnQueueNotPermitted Refusal = "on_queue_not_permitted"
)

// Refusals lists every Refusal.
var Refusals = [...]Refusal{
	LoopGuard, RateLimit, ManualOverride, NotLoggedIn, OutOfOffice, OtherSource, SuspectSource, NotLeader, DefinitionMissing, Budget,
	OnQueueNotPermitted,
}

// presenceChange is a presence to write.
type presenceChange struct {
	Action     action
	Definition string // id
	OnQueue    bool   // a single write: no batch may put agents on queue
	Lost       bool   // because the source is lost
}

// verdict is what the rules ask for, and what stands against it.
type verdict struct {
	Change  *presenceChange // nil when nothing is to be written now
	Refusal Refusal         // why not, where the rules ask for a change; "" otherwise
	Why     string          // in words
}

func refuse(r Refusal, why string) verdict { return verdict{Refusal: r, Why: why} }

func nothing(format string, args ...any) verdict { return verdict{Why: fmt.Sprintf(format, args...)} }

// decide returns what to write for an agent, given what is remembered of it after record.see. It asks nothing and changes nothing.
//
// Only agents who are On Queue on the target are offered calls there, so that only they are protected, and only what the sync wrote
// itself is changed or given back.
func decide(r record, source, target platform.Activity, rules *ruleSet, now time.Time) verdict {
	rule := rules.of(source)
	switch {
	case source.State == platform.AgentUnknown || source.State == "":
		return nothing("the state on the source is not known")
	case target.Definition == "":
		return nothing("the presence on the target is not known")
	case r.Lost && r.holds(target) && (rule == nil || rule.Presence == ""): // the source is back
		rule = &resolved{Rule: Rule{State: source.State, Release: ReleasePrevious}}
	case rule == nil:
		return nothing("no rule is for the state %s", source.State)
	case rule.Leave:
		return nothing("the rule for %s leaves the agent alone", source.State)
	}
	change, why := rules.change(r, rule, target)
	if change == nil {
		return nothing("%s", why)
	}
	if r.waiting && (r.Giving != "" || r.Ours == change.Definition) {
		return nothing("%s: it is written, and the target has not been read since", why)
	}
	if refused := against(r, rule, target); refused.Refusal != "" {
		return refused
	}
	if rules.missing[change.Definition] {
		return refuse(DefinitionMissing, "the presence definition to give back is missing or deactivated")
	}
	if change.Action == actionProtect && target.State == platform.AgentEngaged && rules.interacting == WaitForInteraction {
		return nothing("%s, when the contact on the target has ended", why)
	}
	wait := rules.protect
	if change.Action == actionRelease {
		wait = rules.release
	}
	if left := wait - now.Sub(r.since); left > 0 {
		return nothing("%s, in %v if the state lasts", why, left.Round(time.Second))
	}
	if change.Action == actionRelease && len(r.Writes) >= guardWrites-1 {
		return nothing("%s, when fewer than %d writes are within %v: the next contact would need one more", why, guardWrites-1, guardTime)
	}
	if len(r.Writes) >= guardWrites {
		return refuse(LoopGuard, fmt.Sprintf("%d writes within %v: another system writes too", len(r.Writes), guardTime))
	}
	return verdict{Change: change, Why: why}
}

// holds reports whether the target shows what the sync wrote.
func (r record) holds(target platform.Activity) bool {
	return r.Ours != "" && target.Definition == r.Ours
}

// against returns what forbids a change.
//
// An agent who is offline may have left, also one whom a rule set offline, and is not raised. The exception is an agent whom the sync
// set offline because the source was lost: that says nothing about the agent, and is taken back while the target still shows it.
func against(r record, rule *resolved, target platform.Activity) verdict {
	switch {
	case target.System == systemOffline && (!r.Lost || !r.holds(target)):
		return refuse(NotLoggedIn, "the agent is offline on the target: only the agent logs in")
	case target.OutOfOffice:
		return refuse(OutOfOffice, "the agent is out of office")
	case target.Foreign:
		return refuse(OtherSource, "another system owns the presence of the agent")
	case r.Chose != "":
		return refuse(ManualOverride, "the agent, or a supervisor, chose another presence since the sync wrote")
	case rule.gone:
		return refuse(DefinitionMissing, fmt.Sprintf("the presence definition %q is missing or deactivated", rule.Presence))
	}
	return verdict{}
}

// change returns what a rule asks for, and why; nil when the target is as it should be.
func (r *ruleSet) change(record record, rule *resolved, target platform.Activity) (change *presenceChange, why string) {
	ours := record.holds(target)
	if rule.Release != "" {
		if !ours {
			return nil, "the agent is free on the source, and the sync holds nothing of the agent"
		}
		return r.giveBack(record, rule.Release, target), "the agent is free again on the source"
	}
	onQueue := target.System == systemOnQueue
	switch {
	case target.Definition == rule.definition:
		return nil, "the presence is what the rule asks for"
	case !onQueue && !ours:
		return nil, "the agent is not On Queue, and is offered no call"
	}
	action, why := actionProtect, fmt.Sprintf("the agent is %s on the source", rule.State)
	if rule.State == platform.AgentOffline {
		action = actionOffline
	}
	return &presenceChange{Action: action, Definition: rule.definition}, why
}

// giveBack returns what releases an agent: what the agent wished for later, or what was before.
func (r *ruleSet) giveBack(record record, release Release, target platform.Activity) *presenceChange {
	definition := record.Previous
	switch {
	case target.Wish != "":
		definition = target.Wish
	case release == ReleaseAvailable, definition == "":
		definition = r.available
	case release == ReleaseOnQueue && record.Queued && r.onQueue != "":
		definition = r.onQueue
	}
	onQueue := r.systems[definition] == systemOnQueue
	if onQueue && (!record.Queued || r.offQueueOnly) { // only to whom the sync took off queue
		definition, onQueue = r.available, false
	}
	return &presenceChange{Action: actionRelease, Definition: definition, OnQueue: onQueue}
}

// giveUp returns the change that an agent gets once when the source is lost, nil for one who is left alone. Source is what was
// known last.
func (r *ruleSet) giveUp(record record, source, target platform.Activity) *presenceChange {
	loggedIn := source.State != platform.AgentOffline && source.State != platform.AgentUnknown && source.State != ""
	if !loggedIn || target.Definition == "" || target.System == systemOffline || target.OutOfOffice || target.Foreign || r.lost.gone ||
		target.Definition == r.lost.definition || record.Chose != "" {
		return nil
	}
	return &presenceChange{Action: actionOffline, Definition: r.lost.definition, Lost: true}
}

// wants names what the rules ask of an agent in a state of the source: the same name as long as they ask for the same.
func (r *ruleSet) wants(source platform.Activity) string {
	rule := r.of(source)
	switch {
	case rule == nil || rule.Leave:
		return "nothing"
	case rule.Release != "":
		return string(rule.Release)
	}
	return rule.definition
}
