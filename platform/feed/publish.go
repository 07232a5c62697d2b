package feed

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// sink is both what a poll and what a stream tells.
type sink struct{ *feed }

// Publish implements Sink.
func (s sink) Publish(snapshot platform.Snapshot) {
	f, a, now := s.feed, s.account, time.Now()
	if f.qualify {
		_, name, _ := strings.Cut(f.Name, "/")
		for i := range snapshot.Components {
			snapshot.Components[i].Name = name + "/" + snapshot.Components[i].Name
		}
	}
	disambiguate(&snapshot)

	a.mu.Lock()
	changes := diff(f.snapshot, &snapshot, now)
	f.snapshot, f.expired, f.at = &snapshot, nil, now
	f.state.Violations += uint64(max(snapshot.Violations, 0))
	for field, n := range snapshot.Unknowns {
		a.unknowns[field] += uint64(max(n, 0))
	}
	a.mu.Unlock()

	var shown platform.Evidence
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
func disambiguate(p *platform.Snapshot) {
	unique(p.Components, func(c *platform.Component) (string, string, *string) {
		return string(c.Plane) + "/" + c.Source, c.ID, &c.Name
	})
	unique(p.Trunks, func(t *platform.Trunk) (string, string, *string) { return "", t.ID, &t.Name })
	unique(p.Edges, func(e *platform.Edge) (string, string, *string) { return "", e.ID, &e.Name })
	unique(p.Queues, func(q *platform.Queue) (string, string, *string) { return "", q.ID, &q.Name })
	unique(p.Presences, func(c *platform.PresenceCount) (string, string, *string) { return c.Presence, c.ID, &c.Definition })
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
