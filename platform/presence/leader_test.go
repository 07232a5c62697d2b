package presence

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// sharedMemory is a keeper of several processes, as Redis is one.
type sharedMemory struct {
	*sharedState
	me    int
	epoch int
}

type sharedState struct {
	mu      sync.Mutex
	holder  int
	until   time.Time
	epoch   int
	records map[string][]byte
	gone    bool
}

var errGone = errors.New("no answer")

func (m *sharedMemory) claim(context.Context) (lease, map[string][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if m.gone {
		return lease{}, nil, errGone
	}
	if m.holder != m.me && now.Before(m.until) {
		return lease{}, nil, nil
	}
	fresh := m.holder != m.me || !now.Before(m.until)
	m.holder, m.until = m.me, now.Add(lockTTL)
	if !fresh {
		return leaseFor(now, lockTTL-lockMargin), nil, nil
	}
	m.sharedState.epoch++
	m.epoch = m.sharedState.epoch
	return leaseFor(now, lockTTL-lockMargin), maps.Clone(m.records), nil
}

func (m *sharedMemory) save(ctx context.Context, records map[string][]byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case m.gone:
		return errGone
	case m.epoch != m.sharedState.epoch:
		return errSuperseded
	}
	for id, r := range records {
		if m.records[id] = r; r == nil {
			delete(m.records, id)
		}
	}
	return nil
}

func (m *sharedMemory) release(context.Context) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.holder == m.me {
		m.holder = 0
		m.until = time.Time{}
	}
}

func (m *sharedMemory) close() {}

// TestHandover: a sync that ends gives up the right to write, so that another process has it at its next claim.
func TestHandover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1)
		shared := &sharedState{records: map[string][]byte{}}
		first := pairOf(t, w, syncConfig(), func(s *syncer) { s.keeper = &sharedMemory{sharedState: shared, me: 1} })
		second := pairOf(t, w, syncConfig(), func(s *syncer) { s.keeper = &sharedMemory{sharedState: shared, me: 2} })
		ctx, end := context.WithTimeout(t.Context(), time.Minute)
		defer end()
		_ = first.sync.serve(ctx, stream{}) // with its end
		if got := testutil.ToFloat64(first.metrics.leader); got != 0 {
			t.Errorf("after its end the leader of the first is %v, want 0", got)
		}
		second.sync.claim(t.Context())
		if !second.sync.leads {
			t.Error("after the end of the first the second is not the writer")
		}
	})
}

// TestTwoProcesses: one writes at a time; the other takes over what the first remembered, and while the memory is gone neither
// writes.
func TestTwoProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(4)
		shared := &sharedState{records: map[string][]byte{}}
		var stuck sync.Mutex // held while the first process does not run
		syncing(t, w, syncConfig(), func(s *syncer) {
			s.keeper, s.writer = stopping{&sharedMemory{sharedState: shared, me: 1}, &stuck}, client{w, "first"}
		})
		time.Sleep(time.Second)
		syncing(t, w, syncConfig(), func(s *syncer) {
			s.keeper, s.writer = &sharedMemory{sharedState: shared, me: 2}, client{w, "second"}
		})
		time.Sleep(time.Minute)
		w.everyone(4, platform.AgentEngaged)
		time.Sleep(20 * time.Second)
		stuck.Lock() // the first hangs, as a suspended machine does
		time.Sleep(30 * time.Second)
		w.everyone(4, platform.AgentReady)
		time.Sleep(time.Minute)
		stuck.Unlock()
		if diff := cmp.Diff(map[string]int{"on_queue": 4}, w.shown()); diff != "" {
			t.Errorf("after the second took over (-want +got):\n%s", diff)
		}
		time.Sleep(time.Minute)
		shared.mu.Lock()
		shared.gone = true
		shared.mu.Unlock()
		time.Sleep(time.Minute)
		before := len(w.written())
		w.everyone(4, platform.AgentEngaged)
		time.Sleep(time.Minute)
		all := w.written()
		if len(all) != before {
			t.Errorf("%d writes without a memory, want none", len(all)-before)
		}
		second := false
		for _, one := range all {
			if second = second || one.by == "second"; second && one.by == "first" {
				t.Errorf("the first writes after the second: %+v", one)
			}
		}
		if !second {
			t.Error("the second never writes")
		}
	})
}

// stopping is a keeper that answers nothing while it is stopped.
type stopping struct {
	*sharedMemory
	stopped *sync.Mutex
}

func (s stopping) claim(ctx context.Context) (lease, map[string][]byte, error) {
	if !s.stopped.TryLock() {
		return lease{}, nil, errGone
	}
	defer s.stopped.Unlock()
	return s.sharedMemory.claim(ctx)
}
