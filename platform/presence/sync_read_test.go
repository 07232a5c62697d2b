package presence

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// TestTakeover: a process that becomes the writer reads the target at once, whatever its own interval, and protects as soon as it has.
func TestTakeover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(4)
		all := processes(t, w, 2, syncConfig(), seldom(time.Hour))
		time.Sleep(time.Minute)
		full := func() (fulls [2]int) {
			for i, p := range all {
				fulls[i] = fullReads(p.sync.source) + fullReads(p.sync.target)
			}
			return fulls
		}
		before := full()
		w.takeover()
		time.Sleep(10 * time.Second) // the writer may send no more, and the other not yet
		w.everyone(4, platform.AgentEngaged)
		time.Sleep(20 * time.Second)
		if diff := cmp.Diff(map[string]int{"cxone": 4}, w.shown()); diff != "" {
			t.Errorf("half a minute after the writer hung (-want +got):\n%s", diff)
		}
		after := full()
		if a, b := after[0]-before[0], after[1]-before[1]; max(a, b) != 1 || min(a, b) != 0 {
			t.Errorf("full reads of both processes: %v, then %v, want one more by one of them", before, after)
		}
	})
}

// TestBeginOnRunningAccounts: a sync that begins on accounts that were read before, as after a reload, protects as soon as both sides
// have been read in full since.
func TestBeginOnRunningAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(2)
		p := pairOf(t, w, syncConfig(), seldom(time.Hour))
		for _, side := range []Reader{p.source, p.target} {
			if err := side.Poll(t.Context(), "agents"); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		w.everyone(2, platform.AgentEngaged)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = p.sync.serve(ctx, stream{}) })
		defer func() { cancel(); running.Wait() }()
		time.Sleep(7 * time.Second)
		if diff := cmp.Diff(map[string]int{"cxone": 2}, w.shown()); diff != "" {
			t.Errorf("7 s after the sync began (-want +got):\n%s", diff)
		}
	})
}

// TestFirstReadCounts: the reads with which a sync begins are those that it needs, also where the right to write takes its time.
func TestFirstReadCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1)
		p := syncing(t, w, syncConfig(), func(s *syncer) {
			seldom(time.Hour)(s)
			s.keeper = &hesitant{keeper: &ownMemory{}}
		})
		w.does(0, platform.AgentEngaged)
		time.Sleep(8 * time.Second)
		got := fmt.Sprintf("%s %d %d", w.shows(0), fullReads(p.sync.source), fullReads(p.sync.target))
		if want := "cxone 1 1"; got != want {
			t.Errorf("presence and full reads = %s, want %s", got, want)
		}
	})
}

// hesitant is a keeper that takes its time at first.
type hesitant struct {
	keeper
	claimed bool
}

func (h *hesitant) claim(ctx context.Context) (lease, map[string][]byte, error) {
	if !h.claimed {
		<-time.After(time.Second)
	}
	h.claimed = true
	return h.keeper.claim(ctx)
}

// TestReconcileReadsInFull: within reconcile each side has been read in full, however seldom it is by itself, so that a change that no
// read of changes shows is missed no longer.
func TestReconcileReadsInFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1)
		c := syncConfig()
		c.Reconcile = 2 * c.Reconcile / 5 // 2 m, less than fullEvery
		p := syncing(t, w, c, seldom(time.Hour))
		time.Sleep(30 * time.Second)
		w.mu.Lock()
		w.hides = func(string) bool { return true }
		w.mu.Unlock()
		w.does(0, platform.AgentEngaged)
		time.Sleep(time.Minute)
		if got := w.shows(0); got != "on_queue" {
			t.Fatalf("before a full read: %s, want on_queue", got)
		}
		time.Sleep(time.Minute)
		if got := w.shows(0); got != "cxone" {
			t.Errorf("after reconcile: %s, want cxone", got)
		}
		time.Sleep(28 * time.Minute)
		got := fmt.Sprint(fullReads(p.sync.source), fullReads(p.sync.target))
		if want := "16 16"; got != want { // each 1 m 55 s, and at the start
			t.Errorf("full reads in half an hour = %s, want %s", got, want)
		}
	})
}

// TestFullReadRetries: a full read of the target that fails is tried again soon at first, and each minute while it goes on failing.
func TestFullReadRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1)
		var asked counting
		syncing(t, w, syncConfig(), func(s *syncer) {
			s.target.(*reader).interval = time.Hour
			asked.Reader, s.target = s.target, &asked
		})
		time.Sleep(time.Minute)
		w.mu.Lock()
		w.targetErr = failure(platform.ReasonServerError)
		w.mu.Unlock()
		asked.polls.Store(0)
		time.Sleep(4*time.Minute + 4*time.Minute) // the first is due within 5 minutes of the last read
		if n := asked.polls.Load(); n != 7 {
			t.Errorf("%d tries within 4 minutes, want 7: after 0, 5, 10, 20 and 40 s, and each minute", n)
		}
		w.mu.Lock()
		w.targetErr = nil
		w.mu.Unlock()
		time.Sleep(time.Minute)
		if n := asked.polls.Load(); n != 8 {
			t.Errorf("%d tries, want one more that succeeds", n)
		}
	})
}

// counting counts the polls that are asked for at once.
type counting struct {
	Reader
	polls atomic.Int64
}

func (c *counting) Poll(ctx context.Context, name string) error {
	c.polls.Add(1)
	return c.Reader.Poll(ctx, name)
}

// fullReads returns how often a side was read in full.
func fullReads(side Reader) int {
	r := side.(*reader)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fulls
}
