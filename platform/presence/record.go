package presence

import (
	"cmp"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// settled is how long after a write the platform may still show something else: its echo comes late, and leaving the queue shows
// the presence before it for a moment.
const settled = 10 * time.Second

// atOnce is how soon after a write a change on the platform is part of it, and no person's.
const atOnce = 2 * time.Second

// The loop guard stops an agent to whom the sync wrote so often within a time: another system writes too.
const (
	guardWrites = 6
	guardTime   = 5 * time.Minute
)

// record is what a sync remembers of one agent. It is a value: see, wrote and confirm return what it becomes. Its JSON holds ids
// of definitions and times, and no person.
type record struct {
	// Ours is the definition that the sync wrote and that stands; "" when the agent's presence is not the sync's.
	Ours     string    `json:"ours,omitempty"`
	Action   action    `json:"action,omitempty"`  // that wrote it
	Sent     time.Time `json:"sent,omitzero"`     // by our clock
	Modified time.Time `json:"modified,omitzero"` // by the platform's clock; the zero time while the write is unconfirmed
	// Before is Ours before the last write, and BeforeLost is Lost before it: what stands again when that write was lost.
	Before     string `json:"before,omitempty"`
	BeforeLost bool   `json:"before_lost,omitempty"`
	// Base is when the presence that the sync replaced was last changed. While the platform still shows it, it shows no answer.
	Base time.Time `json:"base,omitzero"`
	// Previous is what the agent had before the first of the writes that stand, and Queued whether that was On Queue.
	Previous string `json:"previous,omitempty"`
	Queued   bool   `json:"queued,omitempty"`
	Lost     bool   `json:"lost,omitempty"` // written because the source was lost
	// Chose is what the rules asked for when a person chose another presence after a write, at ChoseAt. It ends when the rules
	// ask for something else, or after the time that the configuration gives it and not before.
	Chose   string      `json:"chose,omitempty"`
	ChoseAt time.Time   `json:"chose_at,omitzero"`
	Writes  []time.Time `json:"writes,omitempty"` // of the last 5 minutes

	// Giving is the definition that was sent to give back what was before; "" when none was.
	Giving string `json:"giving,omitempty"`

	waiting bool      // for the target to show what was sent
	shadow  string    // definition that was sent last, or that a dry run did not write
	shown   time.Time // when the platform changed the presence to it, as the answer shows; the zero time before the answer
	queued  time.Time // when the sync put the agent on queue, until it writes anything else
	wants   string    // what the rules asked for when last seen
	since   time.Time // since when
	offline bool      // the target was last seen offline
}

// empty reports whether there is nothing to remember across a restart.
func (r record) empty() bool { return r.Ours == "" && r.Chose == "" && len(r.Writes) == 0 }

// see returns the record after a look at both sides. Read is when the target was read.
func (r record) see(source, target platform.Activity, rules *ruleSet, read, now time.Time) record {
	wants := rules.wants(source)
	if wants != r.wants {
		r.wants, r.since = wants, now
		if began := source.Since; began.Before(now) && now.Sub(began) < time.Hour && !began.IsZero() {
			r.since = began
		}
	}
	if r.Chose != "" && rules.override.ended(r, wants, now) {
		r.Chose, r.ChoseAt = "", time.Time{}
	}
	for len(r.Writes) > 0 && now.Sub(r.Writes[0]) >= guardTime {
		r.Writes = r.Writes[1:]
	}
	if r.Ours != "" && read.After(r.Sent) {
		r = r.judge(target, wants, rules, read, now)
	}
	if r.left(source, target, rules) {
		r = r.forget()
	}
	r.offline = target.System == systemOffline
	return r
}

// judge finds what became of the presence that the sync wrote, in a target that was read after the write.
func (r record) judge(target platform.Activity, wants string, rules *ruleSet, read, now time.Time) record {
	late := !r.waiting || read.Sub(r.Sent) >= settled // what the target has shown once has no echo to come
	written := r.Modified
	if written.IsZero() {
		written = r.Sent
	}
	switch {
	case r.Giving != "" && target.Definition == r.Giving:
		return r.forget()
	case target.Definition == r.Ours && r.Giving != "" && !late: // the echo may come yet
	case target.Definition == r.Ours && rules.systems[r.Ours] == systemOffline && target.Modified.Sub(written) >= settled:
		return r.forget() // the agent has logged off since
	case target.Definition == r.Ours:
		r.Modified, r.Giving, r.waiting = later(r.Modified, target.Modified), "", false // our echo, or the same chosen again
	case target.Definition == "", target.System == systemIdle: // not known, or the platform's own
	case !late: // the echo may come yet
	case !target.Modified.After(r.Base) && target.Definition == r.Before: // what the sync wrote before: this write was lost
		r.Ours, r.Lost, r.waiting = r.Before, r.BeforeLost, false
	case target.System == systemOffline: // logged off
		return r.forget()
	case r.offline || rules.systems[r.Ours] == systemOffline: // logged in, or back after a lost connection: the platform chose the presence
		return r.forget()
	case !target.Modified.After(r.Base): // what was there before: the write was lost
		return r.forget()
	case r.Queued && target.System != systemOnQueue && target.Modified.Sub(written).Abs() < atOnce: // leaving the queue showed what was before it
		r.Ours, r.waiting = target.Definition, false
	default: // a person, here or as a supervisor
		r = r.forget()
		r.Chose, r.ChoseAt = wants, now
	}
	return r
}

// left reports whether the agent logged off the source while it was lost. Such an agent gets nothing back: to be On Queue with no
// person there makes calls ring unanswered, and an agent who works on the target alone needs one click. The record is forgotten, so
// that the next login to the source raises the agent no more than after any other logoff. A rule may still lower a presence that is
// not offline.
func (r record) left(source, target platform.Activity, rules *ruleSet) bool {
	if !r.Lost || !r.holds(target) || source.State != platform.AgentOffline {
		return false
	}
	rule := rules.of(source)
	return target.System == systemOffline || rule == nil || rule.Presence == ""
}

// forget returns the record of an agent whose presence is not the sync's.
func (r record) forget() record {
	r.Ours, r.Action, r.Previous, r.Queued, r.Lost, r.Giving, r.waiting = "", "", "", false, false, "", false
	r.Modified, r.Before, r.BeforeLost = time.Time{}, "", false
	return r
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// wrote returns the record after a change was sent, given what the target showed before. Until the target has been read again, it is
// not known what became of it.
func (r record) wrote(c presenceChange, target platform.Activity, now time.Time) record {
	r.Writes = append(append([]time.Time{}, r.Writes...), now)
	r.Sent, r.Base, r.waiting = now, target.Modified, true
	r.shadow, r.shown, r.queued = c.Definition, time.Time{}, time.Time{}
	if c.OnQueue {
		r.queued = now
	}
	if c.Action == actionRelease {
		r.Giving = c.Definition
		return r
	}
	if r.Ours == "" {
		r.Previous, r.Queued = target.Definition, target.System == systemOnQueue
	}
	r.Before, r.BeforeLost = r.Ours, r.Lost
	r.Ours, r.Action, r.Modified, r.Lost, r.Giving = c.Definition, c.Action, time.Time{}, c.Lost, ""
	return r
}

// confirm returns the record after the platform showed a change as written.
func (r record) confirm(definition string, modified time.Time) record {
	if definition == r.shadow {
		r.shown = cmp.Or(modified, r.Sent)
	}
	switch definition {
	case r.Giving:
		return r.forget()
	case r.Ours:
		r.Modified = later(r.Modified, modified)
	}
	return r
}

// showing returns the target as a sync would see it that had written what a dry run did not, until something else changes there.
func (r record) showing(target platform.Activity, rules *ruleSet) platform.Activity {
	if r.shadow == "" || !target.Modified.Equal(r.Base) || r.shadow == target.Definition {
		return target
	}
	return rules.with(target, r.shadow)
}

// sinceRead returns the target, which was read at a moment, with what the platform has shown as written since. Else an agent who is given
// back On Queue would be protected again only after the next read.
func (r record) sinceRead(target platform.Activity, rules *ruleSet, read time.Time) platform.Activity {
	if r.shown.IsZero() || read.After(r.Sent) || target.Definition == "" {
		return target
	}
	target = rules.with(target, r.shadow)
	target.Modified = later(target.Modified, r.shown)
	return target
}

// with returns a target with another definition, off queue or on it as that says; a contact in hand stays.
func (r *ruleSet) with(target platform.Activity, definition string) platform.Activity {
	target.Definition, target.System = definition, r.systems[definition]
	onQueue := target.System == systemOnQueue
	switch {
	case onQueue && target.State == platform.AgentUnavailable:
		target.State = platform.AgentReady
	case !onQueue && (target.State == platform.AgentReady || target.State == platform.AgentNotResponding):
		target.State = platform.AgentUnavailable
	}
	return target
}
