package platform

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// sink is both what a poll and what a stream tells.
type sink struct{ *feed }

// Publish implements Sink.
func (s sink) Publish(snapshot Snapshot) {
	f, a, now := s.feed, s.account, time.Now()
	if f.qualify {
		_, name, _ := strings.Cut(f.Name, "/")
		for i := range snapshot.Components {
			snapshot.Components[i].Name = name + "/" + snapshot.Components[i].Name
		}
	}
	snapshot.disambiguate()

	a.mu.Lock()
	changes := snapshot.inherit(f.snapshot, now)
	f.snapshot, f.expired, f.at = &snapshot, nil, now
	f.state.Violations += uint64(max(snapshot.Violations, 0))
	for field, n := range snapshot.Unknowns {
		a.unknowns[field] += uint64(max(n, 0))
	}
	a.mu.Unlock()

	var shown Evidence
	for _, c := range changes {
		a.logTransition(c)
		if shown.Payload == nil {
			shown = c.evidence
		}
	}
	a.settle(shown)
}

// Keep implements Sink.
func (s sink) Keep() {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	s.at, s.expired = time.Now(), nil
}

// Serving implements Stream: a stream is up from when it is connected.
func (s sink) Serving(up bool) {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	if up {
		s.succeeded()
	}
	s.state.Up = up
}

// To implements Stream.
func (s sink) To(name string) Sink {
	for _, f := range s.account.feeds {
		if f.Name == name {
			return sink{f}
		}
	}
	return nil
}

// disambiguate makes names unique, so that two objects of one name never break a scrape: the second in the order of
// ids gets the first 8 characters of its id.
func (p *Snapshot) disambiguate() {
	unique(p.Components, func(c *Component) (string, string, *string) {
		return string(c.Plane) + "/" + c.Source, c.ID, &c.Name
	})
	unique(p.Trunks, func(t *Trunk) (string, string, *string) { return "", t.ID, &t.Name })
	unique(p.Edges, func(e *Edge) (string, string, *string) { return "", e.ID, &e.Name })
	unique(p.Queues, func(q *Queue) (string, string, *string) { return "", q.ID, &q.Name })
	unique(p.Presences, func(c *PresenceCount) (string, string, *string) { return c.Presence, c.ID, &c.Definition })
}

func unique[T any](objects []T, labels func(*T) (group, id string, name *string)) {
	slices.SortStableFunc(objects, func(x, y T) int {
		_, xid, _ := labels(&x)
		_, yid, _ := labels(&y)
		return cmp.Compare(xid, yid)
	})
	taken := map[string]bool{}
	for i := range objects {
		group, id, name := labels(&objects[i])
		if taken[group+"\x00"+*name] {
			*name += " (" + id[:min(8, len(id))] + ")"
		}
		for taken[group+"\x00"+*name] { // ids that begin alike
			*name += " (" + id + ")"
		}
		taken[group+"\x00"+*name] = true
	}
}

// transition is a status that changed.
type transition struct {
	object
	from     string
	to       Status
	since    time.Time // when the new status was first seen
	gone     bool      // the object is no longer listed
	evidence Evidence
}

// inherit carries over since when each status holds, takes the evidence out, and returns what changed against the snapshot
// before. At first sight only what is not well is a change.
func (p *Snapshot) inherit(before *Snapshot, now time.Time) (changes []transition) {
	old := map[object]Condition{}
	if before != nil {
		for o, c := range before.conditions() {
			old[o] = *c
		}
	}
	for o, c := range p.conditions() {
		evidence := c.Evidence
		c.Evidence = Evidence{}
		c.Since = now
		was, known := old[o]
		delete(old, o)
		switch {
		case known && was.Status == c.Status:
			c.Since = was.Since
		case known:
			changes = append(changes, transition{o, was.Status.String(), c.Status, now, false, evidence})
		case c.Status == Degraded || c.Status == Critical:
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
	case t.to == Degraded, t.to == Critical:
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
