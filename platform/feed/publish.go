package feed

import (
	"cmp"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// publish completes a snapshot as a feed has read it, and replaces what the feed published before.
func (r *runner) publish(snapshot *platform.Snapshot) {
	r.completeComponents(snapshot)
	r.assign(snapshot)
	distinguish(snapshot)
	r.replace(snapshot)
}

// replace replaces what the feed published before by a complete snapshot, and logs what has changed against it.
func (r *runner) replace(snapshot *platform.Snapshot) {
	a, now := r.account, time.Now()
	a.mu.Lock()
	changes := diff(r.snapshot, snapshot, r.expired, now)
	r.snapshot, r.expired, r.asOf = snapshot, nil, now
	if !snapshot.AsOf.IsZero() {
		r.asOf = snapshot.AsOf
	}
	r.state.Violations += uint64(max(snapshot.Violations, 0))
	for field, n := range snapshot.Unknowns {
		a.unknowns[field] += uint64(max(n, 0))
	}
	a.mu.Unlock()
	a.logChanges(changes)
}

// logChanges logs changes of objects, and the changes of planes that follow.
func (a *Account) logChanges(changes []transition) {
	var shown platform.Evidence
	for _, c := range changes {
		a.logTransition(c)
		if shown.Payload == nil {
			shown = c.evidence
		}
	}
	a.logPlaneChanges(shown)
}

// confirm records that the platform reported no change. A snapshot that had expired is published anew.
func (r *runner) confirm() error {
	r.account.mu.Lock()
	expired, known := r.expired, r.snapshot != nil
	if expired == nil {
		r.asOf = time.Now()
	}
	r.account.mu.Unlock()
	switch {
	case !known:
		return errNothing
	case expired != nil:
		again := *expired // conditions are completed in what is published, so they must not be shared
		again.Components, again.Trunks = slices.Clone(again.Components), slices.Clone(again.Trunks)
		again.Edges, again.SIPProbes = slices.Clone(again.Edges), slices.Clone(again.SIPProbes)
		again.AsOf, again.Anomalies = time.Time{}, platform.Anomalies{}
		r.replace(&again)
	}
	return nil
}

// renderOffer publishes what events have changed since the last time.
func (r *runner) renderOffer() {
	r.rendering.Lock()
	defer r.rendering.Unlock()
	r.account.mu.Lock()
	render, pending := r.offer, r.pending
	r.pending = false
	r.account.mu.Unlock()
	if !pending {
		return
	}
	if snapshot := render(); snapshot != nil {
		r.publish(snapshot)
	}
}

// expire empties every snapshot that has become too old: the API and the login become unknown, everything else becomes a
// gap. An expiry is a change like another: it is logged, and what is read later is compared with it.
func (a *Account) expire(now time.Time) {
	var changes []transition
	a.mu.Lock()
	for _, r := range a.runners {
		if r.snapshot == nil || r.expired != nil || now.Sub(r.asOf) <= r.maxAge() {
			continue
		}
		rest := &platform.Snapshot{}
		for _, c := range r.snapshot.Components {
			if c.Source == platform.SourceProbe || c.Source == platform.SourceToken {
				c.Status, c.Evidence = platform.Unknown, platform.Evidence{}
				rest.Components = append(rest.Components, c)
			}
		}
		changes = append(changes, diff(r.snapshot, rest, nil, r.asOf.Add(r.maxAge()))...)
		r.snapshot, r.expired = rest, r.snapshot
	}
	a.mu.Unlock()
	if len(changes) > 0 {
		a.logChanges(changes)
	}
}

// distinguish makes names unique, so that two objects of one name never break a scrape: the second in the order of ids
// gets the first 8 characters of its id.
func distinguish(s *platform.Snapshot) {
	unique(s.Components, func(c *platform.Component) (string, string, *string) {
		return string(c.Plane) + "/" + c.Source, c.ID, &c.Name
	})
	unique(s.Trunks, func(t *platform.Trunk) (string, string, *string) { return "", t.ID, &t.Name })
	unique(s.Edges, func(e *platform.Edge) (string, string, *string) { return "", e.ID, &e.Name })
	unique(s.Queues, func(q *platform.Queue) (string, string, *string) { return "", q.ID, &q.Name })
	unique(s.Presences, func(c *platform.PresenceCount) (string, string, *string) { return c.Presence, c.ID, &c.Definition })
}

func unique[T any](objects []T, labels func(*T) (group, id string, name *string)) {
	slices.SortStableFunc(objects, func(x, y T) int {
		_, xid, _ := labels(&x)
		_, yid, _ := labels(&y)
		return cmp.Compare(xid, yid)
	})
	taken := map[string]UniqueNames{}
	for i := range objects {
		group, id, name := labels(&objects[i])
		if taken[group] == nil {
			taken[group] = UniqueNames{}
		}
		*name = taken[group].Add(*name, id)
	}
}

// UniqueNames are the names of objects that their names distinguish. Code that names them elsewhere does it in the order of their
// ids too, so that they are called the same.
type UniqueNames map[string]bool

// Add adds a name, and returns it with the beginning of the object's id, or all of it, where another object has the name.
func (u UniqueNames) Add(name, id string) string {
	if u[name] {
		name += " (" + id[:min(8, len(id))] + ")"
	}
	for u[name] { // ids that begin alike
		name += " (" + id + ")"
	}
	u[name] = true
	return name
}
