package presence

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"pgregory.net/rapid"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// TestStormProperty: whatever is sent, answered late or refused, no minute has more changes than the limit, counted when they were
// answered, and the brake lets go when nothing is sent.
func TestStormProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := storm{most: rapid.IntRange(1, 5).Draw(r, "limit")}
		now := noon
		var made []time.Time
		flying := 0
		for range rapid.IntRange(1, 100).Draw(r, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(r, "seconds")) * time.Second)
			switch kind := rapid.SampledFrom([]string{"send", "send", "answer", "refusal"}).Draw(r, "kind"); {
			case kind == "send" && s.allow(now):
				flying++
			case kind == "answer" && flying > 0:
				s.end(now)
				made = append(made, now)
				flying--
			case kind == "refusal" && flying > 0:
				s.undo()
				flying--
			}
		}
		for i := range made {
			if j := i + s.most; j < len(made) && made[j].Sub(made[i]) < time.Minute {
				r.Errorf("%d changes within %v, want %d at most in a minute", s.most+1, made[j].Sub(made[i]), s.most)
			}
		}
		for range flying {
			s.undo()
		}
		if !s.allow(now.Add(time.Minute)) {
			r.Error("a minute later nothing may be sent")
		}
	})
}

// most returns the largest number of writes within a minute.
func most(writes []write) (n int) {
	for i, first := range writes {
		later := slices.IndexFunc(writes[i:], func(w write) bool { return w.at.Sub(first.at) >= time.Minute })
		if later < 0 {
			later = len(writes) - i
		}
		n = max(n, later)
	}
	return n
}

// TestChangesPerMinute: no minute has more changes than the configuration allows, also across a takeover, all are made in the end, and
// each agent who had to wait counts once.
func TestChangesPerMinute(t *testing.T) {
	for _, limit := range []int{10, 60} {
		synctest.Test(t, func(t *testing.T) {
			n := 2*limit + 5
			w := newWorld(n)
			c := syncConfig()
			c.MaxChanges = limit
			all := processes(t, w, 2, c, func(*syncer) {})
			time.Sleep(time.Minute)
			w.everyone(n, platform.AgentEngaged)
			time.Sleep(30 * time.Second)
			if got := w.shown()["cxone"]; got != limit {
				t.Errorf("limit %d: %d protected within half a minute, want as many as the limit", limit, got)
			}
			w.takeover()
			time.Sleep(3 * time.Minute)
			if diff := cmp.Diff(map[string]int{"cxone": n}, w.shown()); diff != "" {
				t.Errorf("limit %d: protected in the end (-want +got):\n%s", limit, diff)
			}
			if got := most(w.written()); got > limit {
				t.Errorf("limit %d: %d changes within a minute", limit, got)
			}
			for i, p := range all {
				// 1 for each agent who waits, in a process that is the writer
				if got := testutil.ToFloat64(p.metrics.refused.WithLabelValues(string(RateLimit))); got > float64(n-limit) {
					t.Errorf("limit %d, process %d: %v refused, want %d at most: one for each agent", limit, i, got, n-limit)
				}
			}
		})
	}
}

// TestRefusalsOfSending: an agent whose change is decided and cannot be sent counts once, however often it is decided anew, and again
// when a later change cannot be sent.
func TestRefusalsOfSending(t *testing.T) {
	for name, tc := range map[string]struct {
		limit  int
		down   error
		reason Refusal
		want   float64
	}{
		"too many changes": {1, nil, RateLimit, 2}, // the first of three is sent
		"budget":           {600, failure(platform.ReasonBudget), Budget, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(3)
				c := syncConfig()
				c.MaxChanges = tc.limit
				p := syncing(t, w, c, nil)
				time.Sleep(time.Minute)
				down := func(err error) {
					w.mu.Lock()
					defer w.mu.Unlock()
					w.down = err
				}
				for round := range 2 {
					down(tc.down)
					w.everyone(3, platform.AgentEngaged)
					time.Sleep(50 * time.Second)
					got := testutil.ToFloat64(p.metrics.refused.WithLabelValues(string(tc.reason)))
					if want := float64(round+1) * tc.want; got != want {
						t.Errorf("round %d: refused = %v, want %v", round, got, want)
					}
					down(nil)
					time.Sleep(3 * time.Minute)
					if diff := cmp.Diff(map[string]int{"cxone": 3}, w.shown()); diff != "" {
						t.Errorf("round %d (-want +got):\n%s", round, diff)
					}
					for i := range 3 { // as if they had logged in again
						w.does(i, platform.AgentReady)
						w.choose(i, "offline")
					}
					time.Sleep(6 * time.Minute)
					for i := range 3 {
						w.choose(i, "on_queue")
					}
					time.Sleep(time.Minute)
				}
			})
		})
	}
}

// TestUndoneChangesAreFree: changes that the platform refuses use up nothing of the limit.
func TestUndoneChangesAreFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(5)
		c := syncConfig()
		c.MaxChanges = 4
		w.refuse = func(user, _ string) error {
			if user == "user-0" {
				return refusal(platform.RefusedPerson)
			}
			return nil
		}
		p := syncing(t, w, c, nil)
		time.Sleep(time.Minute)
		w.everyone(5, platform.AgentEngaged)
		time.Sleep(20 * time.Second)
		if diff := cmp.Diff(map[string]int{"cxone": 4, "on_queue": 1}, w.shown()); diff != "" {
			t.Errorf("presences (-want +got):\n%s", diff)
		}
		p.sync.mu.Lock()
		defer p.sync.mu.Unlock()
		if p.sync.storm.sent != 0 {
			t.Errorf("%d changes are under way, want none", p.sync.storm.sent)
		}
	})
}
