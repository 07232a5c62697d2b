package presence

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// seldom lets the target be read each so often only.
func seldom(interval time.Duration) func(*syncer) {
	return func(s *syncer) { s.target.(*reader).interval = interval }
}

// TestContactAfterRelease: an agent who has just got the queue back is protected from the next contact, before the target is read again.
func TestContactAfterRelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1)
		syncing(t, w, syncConfig(), seldom(time.Minute))
		time.Sleep(time.Minute + 2*time.Second) // the target was read a moment ago
		w.does(0, platform.AgentEngaged)
		time.Sleep(10 * time.Second)
		w.does(0, platform.AgentReady)
		time.Sleep(15 * time.Second)
		if got := w.shows(0); got != "on_queue" {
			t.Fatalf("free again: %s, want on_queue", got)
		}
		w.does(0, platform.AgentEngaged)
		time.Sleep(7 * time.Second)
		if got := w.shows(0); got != "cxone" {
			t.Errorf("on the next contact: %s, want cxone", got)
		}
	})
}

// TestAgentAtWork: one contact after the other is no loop. The agent is protected from each, and often back on queue between them.
func TestAgentAtWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1)
		p := syncing(t, w, syncConfig(), seldom(time.Minute))
		time.Sleep(time.Minute)
		back := 0
		for contact := range 40 {
			w.does(0, platform.AgentEngaged)
			time.Sleep(7 * time.Second)
			if got := w.shows(0); got != "cxone" {
				t.Errorf("on contact %d: %s, want cxone", contact, got)
			}
			time.Sleep(23 * time.Second)
			w.does(0, platform.AgentAfterContactWork)
			time.Sleep(15 * time.Second)
			w.does(0, platform.AgentReady)
			time.Sleep(20 * time.Second)
			back += oneIf(w.shows(0) == "on_queue")
		}
		if back < 20 {
			t.Errorf("back on queue after %d of 40 contacts, want half of them at least", back)
		}
		if got := testutil.ToFloat64(p.metrics.refused.WithLabelValues(string(LoopGuard))); got != 0 {
			t.Errorf("%v refusals for a loop, want none", got)
		}
	})
}

// TestPause: while the platform asks for a pause, and while our own budget is used up, little is tried; what waits is sent after it.
func TestPause(t *testing.T) {
	for _, reason := range []platform.Reason{platform.ReasonRateLimited, platform.ReasonBreakerOpen, platform.ReasonBudget} {
		t.Run(string(reason), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(3)
				syncing(t, w, syncConfig(), nil)
				time.Sleep(time.Minute)
				down := func(err error) {
					w.mu.Lock()
					defer w.mu.Unlock()
					w.down, w.requests = err, map[bool]int{}
				}
				for _, now := range []struct {
					state  platform.AgentState
					single bool
					before string
					after  string
				}{{platform.AgentEngaged, false, "on_queue", "cxone"}, {platform.AgentReady, true, "cxone", "on_queue"}} {
					down(failure(reason))
					w.everyone(3, now.state)
					time.Sleep(time.Minute)
					w.mu.Lock()
					n := w.requests[!now.single]
					w.mu.Unlock()
					if shown := w.shown(); n == 0 || n > 180 || shown[now.before] != 3 {
						t.Errorf("%s: %d requests and %v, want some and 3 with %s", now.state, n, shown, now.before)
					}
					down(nil)
					time.Sleep(12 * time.Second)
					if shown := w.shown(); shown[now.after] != 3 {
						t.Errorf("%s: %v, want 3 with %s", now.state, shown, now.after)
					}
				}
			})
		})
	}
}

// TestReconcile: with the next reconciliation an agent is tried again to whom an earlier write was not done, and the target is read
// that would not be read for long.
func TestReconcile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(2)
		w.choose(1, "available")
		p := syncing(t, w, syncConfig(), seldom(time.Hour))
		time.Sleep(time.Minute)
		w.mu.Lock()
		w.refuse = func(string, string) error { return refusal(platform.RefusedBusy) }
		w.mu.Unlock()
		w.does(0, platform.AgentEngaged)
		time.Sleep(20 * time.Second)
		w.mu.Lock()
		w.refuse = nil
		w.mu.Unlock()
		if got := testutil.ToFloat64(p.metrics.changes.WithLabelValues("protect", "failed")); got != 1 {
			t.Fatalf("%v failed, want 1", got)
		}
		w.does(1, platform.AgentEngaged)
		w.choose(1, "on_queue") // which only a read shows
		time.Sleep(5 * time.Minute)
		if shown := w.shown(); shown["cxone"] != 2 {
			t.Errorf("after a reconciliation: %v, want 2 with cxone", shown)
		}
	})
}
