package presence

import (
	"context"
	"errors"
	"time"
)

// keeper keeps what a sync remembers, and reports whether this process is the one that writes. Its methods are called by one
// goroutine at a time.
type keeper interface {
	// claim asks to become the one writer, or to stay it. The lease is invalid when another process is. Records, by the id of
	// the target's agent, are what the writer before remembered; they are not nil only when this process has just become the
	// writer. An error leaves the lease before as it was: it ends by itself.
	claim(ctx context.Context) (granted lease, records map[string][]byte, err error)
	// save keeps records; a nil one is forgotten. An error means that nothing may be sent: errSuperseded when another process
	// has become the writer.
	save(ctx context.Context, records map[string][]byte) error
	// release gives the lease back.
	release(ctx context.Context)
	// close releases connections.
	close()
}

// claimEvery is the time between two claims.
const claimEvery = 5 * time.Second

// The operations of a keeper, as they are counted and logged when they fail.
const (
	opClaim = "claim"
	opSave  = "save"
)

var operations = [...]string{opClaim, opSave}

var errSuperseded = errors.New("another process has become the writer")

// lease is the right to write until a moment. It is checked by two clocks: the monotonic one does not run while a machine is
// suspended, and the wall clock may be set.
type lease struct {
	until time.Time // with a monotonic reading
	wall  time.Time // without
}

// leaseFor returns a lease that lasts from a moment for a time.
func leaseFor(from time.Time, d time.Duration) lease {
	until := from.Add(d)
	return lease{until, until.Round(0)}
}

// valid reports whether the lease holds at a moment that has both readings.
func (l lease) valid(now time.Time) bool { return now.Before(l.until) && now.Round(0).Before(l.wall) }

// ownMemory keeps nothing outside this process, which is the only one that writes.
type ownMemory struct{ claimed bool }

// forever is longer than any process runs.
const forever = 100 * 365 * 24 * time.Hour

func (m *ownMemory) claim(context.Context) (granted lease, records map[string][]byte, err error) {
	if !m.claimed {
		m.claimed, records = true, map[string][]byte{}
	}
	return leaseFor(time.Now(), forever), records, nil
}

func (*ownMemory) save(context.Context, map[string][]byte) error { return nil }

func (*ownMemory) release(context.Context) {}

func (*ownMemory) close() {}

// kept notes how an operation of the keeper went: each failure is counted, the first and the end of them are logged. The caller holds
// the lock.
func (s *syncer) kept(operation string, err error) {
	switch {
	case errors.Is(err, errSuperseded): // it works
	case err != nil:
		s.metrics.state.WithLabelValues(operation).Inc()
		if s.failures[operation]++; s.failures[operation] == 1 {
			s.log.Warn("redis failed: without it no presence is written", "operation", operation, "err", err)
		}
	case s.failures[operation] > 0:
		s.log.Info("redis recovered", "operation", operation, "failures", s.failures[operation])
		delete(s.failures, operation)
	}
}
