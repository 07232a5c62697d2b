package feed

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

var defaultLimits = PlaneLimits{Degraded: 1, Critical: 0}

// open makes an account of some feeds whose log goes to the buffer.
func open(t *testing.T, log *bytes.Buffer, feeds ...Feed) *Account {
	t.Helper()
	for i := range feeds {
		if feeds[i].Timeout == 0 {
			feeds[i].Timeout = 30 * time.Second
		}
		if feeds[i].MinInterval == 0 {
			feeds[i].MinInterval = 15 * time.Second
		}
	}
	a := NewAccount(t.Context(), Source{
		Platform: "genesys", Name: "emea", Feeds: feeds,
		Info: func() Info { return Info{RegionCode: "eu-central-1"} },
	}, defaultLimits, slog.New(slog.NewTextHandler(log, nil)))
	t.Cleanup(a.Close)
	return a
}

func apiIs(s platform.Status) *platform.Snapshot {
	return &platform.Snapshot{Components: []platform.Component{{Name: "api", Plane: platform.ControlPlane, Source: platform.SourceProbe, Condition: platform.Condition{
		Status: s, Evidence: platform.Evidence{CorrelationID: "c-1", Payload: []byte(`{"status":"x","token":"canary"}`)},
	}}}}
}

func TestRefreshSharesRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		a := open(t, new(bytes.Buffer), Feed{Name: "health", Poll: func(context.Context) (*platform.Snapshot, error) {
			runs++
			time.Sleep(time.Second)
			return apiIs(platform.Operational), nil
		}})
		for range 60 { // a minute of ten scrapers a second
			var scrapes sync.WaitGroup
			for range 10 {
				scrapes.Go(func() { a.Refresh(t.Context()) })
			}
			time.Sleep(time.Second)
			scrapes.Wait()
		}
		if runs < 4 || runs > 5 {
			t.Errorf("runs in a minute at 15s = %d, want 4 or 5", runs)
		}
	})
}

func TestIntervalEqualToScrapeInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		a := open(t, new(bytes.Buffer), Feed{Name: "health", Poll: func(context.Context) (*platform.Snapshot, error) { runs++; return &platform.Snapshot{}, nil }})
		for range 100 {
			a.Refresh(t.Context())
			time.Sleep(15 * time.Second)
		}
		if runs != 100 {
			t.Errorf("runs = %d, want 100: a scrape at the minimum interval always finds the feed due", runs)
		}
	})
}

func TestSlowFeedCostsOnlyItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := open(t, new(bytes.Buffer),
			Feed{Name: "health", Poll: func(context.Context) (*platform.Snapshot, error) { return apiIs(platform.Operational), nil }},
			Feed{Name: "trunks", Class: platform.ClassTrunks, Poll: func(ctx context.Context) (*platform.Snapshot, error) {
				select {
				case <-time.After(20 * time.Second):
				case <-ctx.Done():
					return nil, ctx.Err()
				}
				return &platform.Snapshot{Trunks: []platform.Trunk{{Name: "carrier"}}}, nil
			}})
		scrape := func() (AccountState, time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			start := time.Now()
			a.Refresh(ctx)
			return a.State(), time.Since(start)
		}
		v, took := scrape()
		if took != 10*time.Second || len(v.Snapshots) != 1 {
			t.Errorf("first scrape took %v with %d snapshots, want 10s with 1", took, len(v.Snapshots))
		}
		time.Sleep(5 * time.Second)
		v, _ = scrape() // joins the run under way
		if len(v.Snapshots) != 2 || v.Feeds[1].Runs != 1 {
			t.Errorf("second scrape has %d snapshots after %d runs, want 2 after 1", len(v.Snapshots), v.Feeds[1].Runs)
		}
	})
}

func TestStaleData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failing error
		a := open(t, new(bytes.Buffer), Feed{Name: "health", Poll: func(context.Context) (*platform.Snapshot, error) {
			if failing != nil {
				return nil, failing
			}
			p := apiIs(platform.Operational)
			p.Components = append(p.Components, platform.Component{Name: "page", Plane: platform.ControlPlane, Source: platform.SourceStatusPage})
			p.Trunks = []platform.Trunk{{Name: "carrier"}}
			return p, nil
		}})
		a.Refresh(t.Context())
		failing = errors.New("gone")
		time.Sleep(5 * time.Minute)
		a.Refresh(t.Context())
		if p := a.State().Snapshots; len(p) != 1 || len(p[0].Trunks) != 1 {
			t.Errorf("after 5m of failures the snapshots are %v, want the last", p)
		}
		time.Sleep(time.Second)
		v := a.State()
		want := []*platform.Snapshot{{Components: []platform.Component{{Name: "api", Plane: platform.ControlPlane, Source: platform.SourceProbe, Condition: platform.Condition{Since: time.Now(), Known: platform.Operational}}}}}
		ignoreSince := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Since" }, cmp.Ignore())
		if diff := cmp.Diff(want, v.Snapshots, ignoreSince); diff != "" {
			t.Errorf("after max_age (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]PlaneStatus{{Plane: platform.ControlPlane, Since: time.Now()}, {Plane: platform.DataPlane}}, v.Planes); diff != "" {
			t.Errorf("planes after max_age (-want +got):\n%s", diff)
		}
		if again := a.State().Snapshots[0]; again != v.Snapshots[0] {
			t.Error("an expired snapshot must stay the same pointer: renderings are kept by it")
		}
	})
}

func TestPanicIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		a := open(t, &log, Feed{Name: "health", Poll: func(context.Context) (*platform.Snapshot, error) { panic("broken decoder") }})
		a.Refresh(t.Context())
		if s := a.State().Feeds[0]; s.Failures[platform.ReasonBadResponse] != 1 {
			t.Errorf("failures = %v, want one bad_response", s.Failures)
		}
	})
}

func TestCloseEndsRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := open(t, new(bytes.Buffer), Feed{Name: "health", Poll: func(ctx context.Context) (*platform.Snapshot, error) { <-ctx.Done(); return nil, ctx.Err() }})
		scraped := make(chan struct{})
		go func() { a.Refresh(t.Context()); close(scraped) }()
		synctest.Wait()
		a.Close()
		<-scraped
		if s := a.State().Feeds[0]; s.Runs != 0 || len(s.Failures) != 0 {
			t.Errorf("state = %+v, want nothing counted for a run that was cut off by us", s)
		}
	})
}

// TestScrapesOutliveAccount is a reload while scrapes are in hand: they still refresh the account that it closes.
func TestScrapesOutliveAccount(t *testing.T) {
	for range 100 {
		var runs atomic.Int64
		a := open(t, new(bytes.Buffer), Feed{Name: "health", MinInterval: 1, Poll: func(context.Context) (*platform.Snapshot, error) { runs.Add(1); return &platform.Snapshot{}, nil }})
		var scrapes sync.WaitGroup
		for range 4 {
			scrapes.Go(func() { a.Refresh(t.Context()) })
		}
		a.Close()
		before := runs.Load()
		scrapes.Wait()
		a.Refresh(t.Context())
		if after := runs.Load(); after != before {
			t.Fatalf("runs after Close = %d, want none", after-before)
		}
	}
}

func TestUnchanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := true
		a := open(t, new(bytes.Buffer), Feed{Name: "page", Poll: func(context.Context) (*platform.Snapshot, error) {
			if !first {
				return nil, Unchanged
			}
			first = false
			return &platform.Snapshot{Trunks: []platform.Trunk{{Name: "carrier"}}}, nil
		}})
		a.Refresh(t.Context())
		before := a.State().Snapshots[0]
		time.Sleep(6 * time.Minute)
		a.Refresh(t.Context())
		if snapshots := a.State().Snapshots; len(snapshots) != 1 || snapshots[0] != before {
			t.Errorf("snapshots = %v, want the first, confirmed", snapshots)
		}
	})
}

func TestStreamIsRestarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var starts, lasts atomic.Int64
		a := open(t, new(bytes.Buffer),
			Feed{Name: "queues", Poll: func(context.Context) (*platform.Snapshot, error) { return nil, errors.New("not offered") }},
			Feed{Name: "stream", Serve: func(ctx context.Context, s Stream) error {
				starts.Add(1)
				s.Connected(true)
				s.Offer("queues", func() *platform.Snapshot { return &platform.Snapshot{Queues: []platform.Queue{{Name: "sales"}}} })
				select {
				case <-time.After(time.Duration(lasts.Load())):
				case <-ctx.Done():
				}
				return errors.New("cut off")
			}})
		time.Sleep(10 * time.Minute)
		if n := starts.Load(); n < 12 || n > 30 {
			t.Errorf("%d starts in 10 minutes of a stream that is cut off at once, want the wait to grow to a minute", n)
		}
		if v := a.State(); v.Feeds[1].Up || v.Feeds[1].Failures[platform.ReasonBadResponse] == 0 || len(v.Snapshots) != 1 {
			t.Errorf("feeds = %+v with %d snapshots, want the stream down, counted, and what it brought exported", v.Feeds, len(v.Snapshots))
		}
		lasts.Store(int64(2 * time.Minute))
		time.Sleep(2 * time.Minute)
		if v := a.State(); !v.Feeds[1].Up {
			t.Error("a stream that serves is not up")
		}
		before := starts.Load()
		time.Sleep(10 * time.Minute)
		if n := starts.Load() - before; n < 4 || n > 5 {
			t.Errorf("%d starts in 10 minutes of a stream that serves for 2, want 4 or 5: the wait starts anew", n)
		}
	})
}

func TestPollStretches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs, every := 0, 5*time.Minute
		a := open(t, new(bytes.Buffer), Feed{
			Name: "queues", Stretch: func() time.Duration { return every },
			Poll: func(context.Context) (*platform.Snapshot, error) {
				runs++
				return &platform.Snapshot{Queues: []platform.Queue{{}}}, nil
			},
		})
		scrape := func(n int) {
			for range n {
				a.Refresh(t.Context())
				if len(a.State().Snapshots) != 1 {
					t.Error("a stretched poll leaves a gap")
				}
				time.Sleep(15 * time.Second)
			}
		}
		scrape(20) // 5 minutes
		if runs > 2 {
			t.Errorf("runs in 5 minutes of a stretched poll = %d, want 1 or 2", runs)
		}
		every, runs = 0, 0
		scrape(4)
		if runs != 4 {
			t.Errorf("runs in a minute after the stream broke = %d, want 4", runs)
		}
	})
}
