package feed

import (
	"iter"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// object names a thing that has a condition, for comparison and for the transition log.
type object struct {
	kind   string // component, edge, trunk, probe
	id     string
	name   string
	plane  platform.Plane
	source string
}

// conditions visits everything in the snapshot that has a status.
func conditions(p *platform.Snapshot) iter.Seq2[object, *platform.Condition] {
	return func(yield func(object, *platform.Condition) bool) {
		for i := range p.Components {
			c := &p.Components[i]
			if !yield(object{"component", c.ID, c.Name, c.Plane, c.Source}, &c.Condition) {
				return
			}
		}
		for i := range p.Trunks {
			t := &p.Trunks[i]
			if !yield(object{"trunk", t.ID, t.Name, platform.DataPlane, ""}, &t.Condition) {
				return
			}
		}
		for i := range p.SIPProbes {
			o := &p.SIPProbes[i]
			if !yield(object{"probe", "", o.Target, platform.DataPlane, ""}, &o.Condition) {
				return
			}
		}
		for i := range p.Edges {
			e := &p.Edges[i]
			if !yield(object{"edge", e.ID, e.Name, platform.DataPlane, ""}, &e.Condition) {
				return
			}
		}
	}
}

// transition is a status that changed.
type transition struct {
	object
	from     string
	to       platform.Status
	since    time.Time // when the new status was first seen
	gone     bool      // the object is no longer listed
	evidence platform.Evidence
}

// diff carries over since when each status holds, takes the evidence out, and returns what changed between the snapshot
// before and now. At first sight only what is not well is a change, unless it was known in a snapshot that expired.
func diff(before, now, expired *platform.Snapshot, at time.Time) (changes []transition) {
	old, gone := conditionsOf(before), conditionsOf(expired)
	for o, c := range conditions(now) {
		evidence := c.Evidence
		c.Evidence, c.Since = platform.Evidence{}, at
		was, known := old[o]
		last, returns := gone[o]
		if known {
			last = was
		}
		countChange(c, last)
		delete(old, o)
		switch {
		case known && was.Status == c.Status:
			c.Since = was.Since
		case known:
			changes = append(changes, transition{o, was.Status.String(), c.Status, at, false, evidence})
		case returns, c.Status == platform.Degraded, c.Status == platform.Critical:
			changes = append(changes, transition{o, "none", c.Status, at, false, evidence})
		}
	}
	for o, was := range old {
		changes = append(changes, transition{object: o, from: was.Status.String(), since: at, gone: true})
	}
	return changes
}

// countChange counts the change of a status against the condition before. Between two known statuses the status may have been
// unknown: that is no change of its own.
func countChange(c *platform.Condition, before platform.Condition) {
	c.Known, c.Changes = before.Known, before.Changes
	if c.Status == platform.Unknown {
		return
	}
	if c.Known != platform.Unknown && c.Known != c.Status {
		c.Changes++
	}
	c.Known = c.Status
}

func conditionsOf(s *platform.Snapshot) map[object]platform.Condition {
	all := map[object]platform.Condition{}
	if s != nil {
		for o, c := range conditions(s) {
			all[o] = *c
		}
	}
	return all
}

// logTransition writes the line of the audit trail.
func (a *Account) logTransition(t transition) {
	log, to := a.log.Info, t.to.String()
	switch {
	case t.gone:
		to = "none"
	case t.to == platform.Degraded, t.to == platform.Critical:
		log = a.log.Warn
	}
	a.keep(Transition{t.since, t.kind, t.name, t.plane, t.source, t.from, to})
	args := []any{
		"region_code", a.source.Info().RegionCode, "kind", t.kind, "object", t.name, "plane", string(t.plane),
		"from", t.from, "to", to, "since", t.since.UTC().Format(time.RFC3339),
	}
	if t.source != "" {
		args = append(args, "source", t.source)
	}
	if t.evidence.CorrelationID != "" {
		args = append(args, "correlation_id", Redact(t.evidence.CorrelationID))
	}
	if len(t.evidence.Payload) > 0 {
		args = append(args, "payload", Redact(string(t.evidence.Payload)))
	}
	log("status changed", args...)
}

// logPlaneChanges logs every plane whose status changed, with the evidence.
func (a *Account) logPlaneChanges(evidence platform.Evidence) {
	now := time.Now()
	var changes []transition
	a.mu.Lock()
	for _, p := range a.planeStatuses() {
		before, known := a.planes[p.Plane]
		if !known && p.Status == platform.Unknown {
			continue // nothing is known of it yet
		}
		if !known || before.Status != p.Status {
			p.Since = now
			a.planes[p.Plane] = p
		}
		t := transition{
			object: object{kind: "platform", plane: p.Plane, name: string(p.Plane)},
			from:   before.Status.String(), to: p.Status, since: now, evidence: evidence,
		}
		if !known {
			t.from = "none"
		}
		if known && before.Status != p.Status || !known && p.Status > platform.Operational {
			changes = append(changes, t)
		}
	}
	a.mu.Unlock()
	for _, t := range changes {
		a.logTransition(t)
	}
}
