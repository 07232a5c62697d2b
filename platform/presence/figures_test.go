package presence

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/time/rate"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// paced is a client with the budget of a writer as it is configured by default: 240 requests a minute, of which single writes leave a
// reserve to batches.
type paced struct {
	client
	budget *rate.Limiter
}

func newPaced(w *world) *paced {
	limit := DefaultSyncConfig().RateLimit
	return &paced{client{w, "a"}, rate.NewLimiter(rate.Limit(limit.RequestsPerMinute/60), limit.Burst)}
}

// take waits for the budget to hold a request and a reserve.
func (c *paced) take(ctx context.Context, reserve float64) error {
	until, _ := ctx.Deadline()
	for {
		now := time.Now()
		missing := 1 + reserve - c.budget.TokensAt(now)
		if missing <= 0 && c.budget.AllowN(now, 1) {
			return nil
		}
		wait := max(time.Millisecond, time.Duration(missing/float64(c.budget.Limit())*float64(time.Second)))
		if now.Add(wait).After(until) {
			return failure(platform.ReasonBudget)
		}
		<-time.After(wait)
	}
}

func (c *paced) WriteMany(ctx context.Context, changes []platform.PresenceChange) ([]platform.PresenceWritten, error) {
	if err := c.take(ctx, 0); err != nil {
		return nil, err
	}
	return c.client.WriteMany(ctx, changes)
}

func (c *paced) WriteOne(ctx context.Context, change platform.PresenceChange) (platform.PresenceWritten, error) {
	if err := c.take(ctx, float64(platform.ClassDetail)*float64(c.budget.Burst())/10); err != nil {
		return platform.PresenceWritten{}, err
	}
	return c.client.WriteOne(ctx, change)
}

// figures are what a run of many agents costs.
type figures struct {
	changes  int // of the source
	requests map[bool]int
	writes   []write
	delays   map[action][]time.Duration // from the change on the source to the write
}

func (f figures) share() float64 {
	return float64(f.requests[true]+f.requests[false]) / float64(f.changes)
}

// median and most return delays in seconds; 0 where there is none.
func (f figures) median(a action) float64 {
	if n := len(f.delays[a]); n > 0 {
		return f.delays[a][n/2].Seconds()
	}
	return 0
}

func (f figures) most(a action) float64 {
	if n := len(f.delays[a]); n > 0 {
		return f.delays[a][n-1].Seconds()
	}
	return 0
}

// large runs a sync of n agents, whose target is read each minute, while they do something.
func large(t *testing.T, n int, does func(w *world)) (f figures) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(n)
		syncing(t, w, syncConfig(), func(s *syncer) {
			s.writer = newPaced(w)
			s.target.(*reader).interval = time.Minute
		})
		<-time.After(time.Minute)
		does(w)
		w.mu.Lock()
		defer w.mu.Unlock()
		f = figures{requests: maps.Clone(w.requests), writes: slices.Clone(w.writes), delays: map[action][]time.Duration{}}
		for _, one := range f.writes {
			action := actionProtect
			if one.definition == "on_queue" || one.definition == "available" {
				action = actionRelease
			}
			f.delays[action] = append(f.delays[action], one.at.Sub(one.changed))
		}
		for _, delays := range f.delays {
			slices.Sort(delays)
		}
	})
	return f
}

// trace lets n agents change twice a minute for a time. How long a state lasts is as likely as with calls: many are short, few are long.
func trace(n int, lasts time.Duration) (does func(w *world), changes int) {
	type step struct {
		at    time.Duration
		agent int
		state platform.AgentState
	}
	random := rand.New(rand.NewPCG(1, 2))
	var steps []step
	cycle := []platform.AgentState{platform.AgentEngaged, platform.AgentAfterContactWork, platform.AgentReady}
	for agent := range n {
		at := time.Duration(random.Float64() * float64(time.Minute))
		for i := random.IntN(3); at < lasts; i++ {
			steps = append(steps, step{at, agent, cycle[i%3]})
			at += time.Second + time.Duration(random.ExpFloat64()*float64(29*time.Second))
		}
	}
	slices.SortFunc(steps, func(a, b step) int { return int(a.at - b.at) })
	return func(w *world) {
		began := time.Now()
		for _, s := range steps {
			if wait := time.Until(began.Add(s.at)); wait > 0 {
				<-time.After(wait)
			}
			w.does(s.agent, s.state)
		}
	}, len(steps)
}

// TestTrace holds the limits of a busy floor: few requests for its changes, and each protection as soon as it is seen.
func TestTrace(t *testing.T) {
	does, changes := trace(1000, 10*time.Minute)
	f := large(t, 1000, does)
	f.changes = changes
	if got := f.share(); got > .05 {
		t.Errorf("%.4f requests for a change of the source, want .05 at most", got)
	}
	if got, most := f.median(actionProtect), (time.Duration(DefaultSyncConfig().Poll) + BatchEvery).Seconds(); got >= most {
		t.Errorf("median of the delay of protection = %.1f s, want less than %v s", got, most)
	}
}

// TestManyBack: a large team that is free again is back on queue as fast as the budget allows.
func TestManyBack(t *testing.T) {
	const n = 300
	f := large(t, n, func(w *world) {
		w.everyone(n, platform.AgentEngaged)
		<-time.After(5 * time.Minute)
		w.everyone(n, platform.AgentReady)
		<-time.After(5 * time.Minute)
		if diff := cmp.Diff(map[string]int{"on_queue": n}, w.shown()); diff != "" {
			t.Errorf("presences (-want +got):\n%s", diff)
		}
	})
	if got := f.most(actionRelease); got > 100 {
		t.Errorf("the last of %d is back after %.0f s, want 100 at most", n, got)
	}
}

// bubble runs a test on simulated time within a benchmark.
func bubble(b *testing.B, run func(t *testing.T)) {
	b.Helper()
	every := func(string, string) (bool, error) { return true, nil }
	if !testing.RunTests(every, []testing.InternalTest{{Name: b.Name(), F: run}}) {
		b.FailNow()
	}
}

// BenchmarkTrace reports what 1,000 agents cost who change twice a minute for 10 minutes.
func BenchmarkTrace(b *testing.B) {
	does, changes := trace(1000, 10*time.Minute)
	for b.Loop() {
		var f figures
		bubble(b, func(t *testing.T) { f = large(t, 1000, does) })
		f.changes = changes
		for unit, value := range map[string]float64{
			"changes": float64(changes), "requests": float64(f.requests[true] + f.requests[false]), "%requests/change": 100 * f.share(),
			"user-writes": float64(len(f.writes)), "s-protect-median": f.median(actionProtect), "s-protect-max": f.most(actionProtect),
			"s-release-median": f.median(actionRelease), "s-release-max": f.most(actionRelease),
		} {
			b.ReportMetric(value, unit)
		}
	}
}

// BenchmarkBackOnQueue reports how long 1,000 agents take to be back On Queue who are free at once, and the requests.
func BenchmarkBackOnQueue(b *testing.B) {
	const n = 1000
	for b.Loop() {
		var f figures
		before := 0
		bubble(b, func(t *testing.T) {
			f = large(t, n, func(w *world) {
				w.everyone(n, platform.AgentEngaged)
				<-time.After(5 * time.Minute)
				before = len(w.written())
				w.everyone(n, platform.AgentReady)
				<-time.After(10 * time.Minute)
			})
		})
		b.ReportMetric(float64(len(f.writes)-before), "requests") // each is for one agent
		b.ReportMetric(f.most(actionRelease), "s-until-last")
		b.ReportMetric(f.median(actionRelease), "s-median")
	}
}

// BenchmarkReconcile reports what a start costs with 10,000 agents of whom some have to be protected: the simulated time until all are,
// and the requests, with those that read both sides.
func BenchmarkReconcile(b *testing.B) {
	const n, pageOfUsers = 10_000, 500
	for _, wrong := range []int{100, 500} {
		b.Run(fmt.Sprintf("%d of 10000", wrong), func(b *testing.B) {
			for b.Loop() {
				var took time.Duration
				var requests int
				bubble(b, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := newWorld(n)
						w.everyone(wrong, platform.AgentEngaged)
						began := time.Now()
						syncing(t, w, syncConfig(), func(s *syncer) {
							s.writer = newPaced(w)
							s.target.(*reader).interval = time.Minute
						})
						<-time.After(2 * time.Minute)
						all := w.written()
						if len(all) != wrong {
							t.Errorf("%d writes, want %d", len(all), wrong)
							return
						}
						took, requests = all[len(all)-1].at.Sub(began), w.requests[true]+w.requests[false]
					})
				})
				b.ReportMetric(took.Seconds(), "s-until-last")
				b.ReportMetric(float64(requests), "write-requests")
				b.ReportMetric(float64(n/pageOfUsers+1), "read-requests")
			}
		})
	}
}
