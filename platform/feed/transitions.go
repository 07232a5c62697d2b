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
		for i := range p.Probes {
			o := &p.Probes[i]
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

// diff carries over since when each status holds, takes the evidence out, and returns what changed against the snapshot
// before. At first sight only what is not well is a change.
func diff(before, p *platform.Snapshot, now time.Time) (changes []transition) {
	old := map[object]platform.Condition{}
	if before != nil {
		for o, c := range conditions(before) {
			old[o] = *c
		}
	}
	for o, c := range conditions(p) {
		evidence := c.Evidence
		c.Evidence = platform.Evidence{}
		c.Since = now
		was, known := old[o]
		delete(old, o)
		switch {
		case known && was.Status == c.Status:
			c.Since = was.Since
		case known:
			changes = append(changes, transition{o, was.Status.String(), c.Status, now, false, evidence})
		case c.Status == platform.Degraded || c.Status == platform.Critical:
			changes = append(changes, transition{o, "none", c.Status, now, false, evidence})
		}
	}
	for o, was := range old {
		changes = append(changes, transition{object: o, from: was.Status.String(), since: now, gone: true})
	}
	return changes
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
