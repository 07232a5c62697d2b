package presence

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// everyone sets the state of all agents of the source.
func (w *world) everyone(n int, state platform.AgentState) {
	for i := range n {
		w.does(i, state)
	}
}

// shown counts the presences of the target.
func (w *world) shown() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	counts := map[string]int{}
	for _, u := range w.users {
		counts[u.Definition]++
	}
	return counts
}

// TestBatches: many changes go out in few requests, at most one a second; the queue is given back one by one.
func TestBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 120
		w := newWorld(n)
		syncing(t, w, syncConfig(), nil)
		time.Sleep(time.Minute)
		w.everyone(n, platform.AgentEngaged)
		time.Sleep(9 * time.Second)
		if diff := cmp.Diff(map[string]int{"cxone": n}, w.shown()); diff != "" {
			t.Errorf("protected (-want +got):\n%s", diff)
		}
		w.everyone(n, platform.AgentReady)
		time.Sleep(2 * time.Minute)
		if diff := cmp.Diff(map[string]int{"on_queue": n}, w.shown()); diff != "" {
			t.Errorf("released (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[bool]int{true: 3, false: n}, w.requests); diff != "" {
			t.Errorf("requests, by bulk (-want +got):\n%s", diff)
		}
	})
}

// TestRefusedWrites: a batch is halved until the one whom the platform refuses stands alone, and that one costs no other.
func TestRefusedWrites(t *testing.T) {
	for name, tc := range map[string]struct {
		refuse  error
		want    map[string]int
		refused string
	}{
		"a division":    {refusal(platform.RefusedPerson), map[string]int{"cxone": 39, "on_queue": 1}, "failed"},
		"gone":          {refusal(platform.RefusedGone), map[string]int{"cxone": 39, "on_queue": 1}, "failed"},
		"busy for ever": {refusal(platform.RefusedBusy), map[string]int{"cxone": 39, "on_queue": 1}, "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(40)
				w.refuse = func(user, _ string) error {
					if user == "user-7" {
						return tc.refuse
					}
					return nil
				}
				p := syncing(t, w, syncConfig(), nil)
				time.Sleep(time.Minute)
				w.everyone(40, platform.AgentEngaged)
				time.Sleep(2 * time.Minute)
				if diff := cmp.Diff(tc.want, w.shown()); diff != "" {
					t.Errorf("presences (-want +got):\n%s", diff)
				}
				if got := testutil.ToFloat64(p.metrics.changes.WithLabelValues("protect", tc.refused)); got < 1 {
					t.Errorf("changes %s = %v, want one at least", tc.refused, got)
				}
				if n := w.requests[true]; n > 40 {
					t.Errorf("%d requests, want few", n)
				}
			})
		})
	}
}

// TestForbidden: what the platform refuses to the client at all stops every write, until the definitions are read again.
func TestForbidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(3)
		w.down = refusal(platform.RefusedAll)
		p := syncing(t, w, syncConfig(), nil)
		time.Sleep(time.Minute)
		w.everyone(3, platform.AgentEngaged)
		time.Sleep(30 * time.Minute)
		if n := w.requests[true]; n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
		if p.sync.stopped == "" {
			t.Error("the sync goes on, want it stopped")
		}
		w.mu.Lock()
		w.down = nil
		w.mu.Unlock()
		time.Sleep(31 * time.Minute)
		if diff := cmp.Diff(map[string]int{"cxone": 3}, w.shown()); diff != "" {
			t.Errorf("permitted again (-want +got):\n%s", diff)
		}
	})
}

// TestOnQueueForbidden: agents get Available instead, which is counted once for each.
func TestOnQueueForbidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(2)
		w.refuse = func(_, definition string) error {
			if definition == "on_queue" {
				return refusal(platform.RefusedOnQueue)
			}
			return nil
		}
		p := syncing(t, w, syncConfig(), nil)
		time.Sleep(time.Minute)
		w.everyone(2, platform.AgentEngaged)
		time.Sleep(time.Minute)
		w.everyone(2, platform.AgentReady)
		time.Sleep(time.Minute)
		if diff := cmp.Diff(map[string]int{"available": 2}, w.shown()); diff != "" {
			t.Errorf("presences (-want +got):\n%s", diff)
		}
		if got := testutil.ToFloat64(p.metrics.refused.WithLabelValues(string(OnQueueNotPermitted))); got != 2 {
			t.Errorf("refused = %v, want 2", got)
		}
	})
}

// TestDryRun predicts the real run: the same changes at the same times, and nothing is written.
func TestDryRun(t *testing.T) {
	run := func(dry bool, interval time.Duration) (counts map[string]float64, requests int) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(5)
			c := syncConfig()
			c.DryRun = dry
			p := syncing(t, w, c, func(s *syncer) { s.target.(*reader).interval = interval })
			for step := range 40 {
				time.Sleep(time.Duration(7+step%13) * time.Second)
				w.does(step%5, states[(step*7)%len(states)])
			}
			time.Sleep(time.Minute)
			counts, requests = map[string]float64{}, w.requests[true]+w.requests[false]
			for _, action := range actions {
				for _, result := range []result{resultWritten, resultDryRun} {
					counts[string(action)] += testutil.ToFloat64(p.metrics.changes.WithLabelValues(string(action), string(result)))
				}
			}
		})
		return counts, requests
	}
	for _, interval := range []time.Duration{0, time.Minute} {
		want, _ := run(false, interval)
		got, requests := run(true, interval)
		if diff := cmp.Diff(want, got); diff != "" || want["protect"] == 0 || want["release"] == 0 {
			t.Errorf("changes with the target read each %v (-real +dry):\n%s", interval, diff)
		}
		if requests != 0 {
			t.Errorf("a dry run sends %d requests, want none", requests)
		}
	}
}

// TestSourceLost: who was logged in gets the presence for a lost source once, no more than the share, and what was before when the
// source is back.
func TestSourceLost(t *testing.T) {
	for _, tc := range []struct {
		err   error
		share float64
		want  map[string]int
	}{
		{failure(platform.ReasonServerError), 1, map[string]int{"offline": 7, "on_queue": 2, "meal": 1}},
		{failure(platform.ReasonServerError), .5, map[string]int{"offline": 3, "on_queue": 6, "meal": 1}},
		{failure(platform.ReasonRateLimited), 1, map[string]int{"on_queue": 9, "meal": 1}},
	} {
		t.Run(fmt.Sprint(tc.err, tc.share), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(10)
				w.does(0, platform.AgentOffline)
				w.does(1, platform.AgentUnknown)
				w.choose(2, "meal")
				w.users["user-2"].OutOfOffice = true
				c := syncConfig()
				c.SourceLost.MaxShare = tc.share
				p := syncing(t, w, c, nil)
				time.Sleep(time.Minute)
				w.mu.Lock()
				w.sourceErr = tc.err
				w.mu.Unlock()
				time.Sleep(10 * time.Minute)
				if diff := cmp.Diff(tc.want, w.shown()); diff != "" {
					t.Errorf("lost (-want +got):\n%s", diff)
				}
				lost := testutil.ToFloat64(p.metrics.sourceLost)
				if want := float64(oneIf(tc.want["offline"] > 0)); lost != want {
					t.Errorf("source_lost = %v, want %v", lost, want)
				}
				if n := w.requests[true]; n > 1 {
					t.Errorf("%d requests, want one at most", n)
				}
				w.mu.Lock()
				w.sourceErr = nil
				w.mu.Unlock()
				time.Sleep(time.Minute)
				if diff := cmp.Diff(map[string]int{"on_queue": 9, "meal": 1}, w.shown()); diff != "" {
					t.Errorf("back (-want +got):\n%s", diff)
				}
			})
		})
	}
}
