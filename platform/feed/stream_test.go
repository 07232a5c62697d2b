package feed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// TestStreamPolls lets a stream poll while a scrape does: the run is shared, counted, and due again only after its interval.
func TestStreamPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		a := open(t, new(bytes.Buffer),
			Feed{Name: "queues", Poll: func(context.Context) (*platform.Snapshot, error) {
				runs++
				time.Sleep(time.Second)
				return &platform.Snapshot{}, nil
			}},
			Feed{Name: "stream", Serve: func(ctx context.Context, s Stream) error {
				if err := s.Poll(ctx, "queues"); err != nil {
					return err
				}
				if err := s.Poll(ctx, "nothing of that name"); err != nil {
					return err
				}
				<-ctx.Done()
				return ctx.Err()
			}})
		synctest.Wait()
		a.Refresh(t.Context()) // joins the stream's
		a.Refresh(t.Context()) // not due
		if got := a.State().Feeds[0].Runs; runs != 1 || got != 1 {
			t.Errorf("runs = %d, counted %d, want 1 of both", runs, got)
		}
		failing := errors.New("gone")
		a.runners[0].Poll = func(context.Context) (*platform.Snapshot, error) { return nil, failing }
		if err := a.Poll(t.Context(), "queues"); !errors.Is(err, failing) {
			t.Errorf("Poll = %v, want %v", err, failing)
		}
	})
}

// TestOffersAreRenderedOncePerScrape counts renderings, and makes sure that a poll does not hide what events changed while
// it was under way.
func TestOffersAreRenderedOncePerScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stream Stream
		waiting, rendered := 1.0, 0
		render := func() *platform.Snapshot {
			rendered++
			return &platform.Snapshot{Queues: []platform.Queue{{Name: "sales", Channels: []platform.QueueChannel{{Waiting: new(waiting)}}}}}
		}
		a := open(t, new(bytes.Buffer),
			Feed{Name: "queues", Poll: func(context.Context) (*platform.Snapshot, error) {
				snapshot := render()
				time.Sleep(time.Second)
				return snapshot, nil
			}},
			Feed{Name: "stream", Serve: func(ctx context.Context, s Stream) error {
				stream = s
				<-ctx.Done()
				return ctx.Err()
			}})
		synctest.Wait()
		exported := func() float64 { return *a.State().Snapshots[0].Queues[0].Channels[0].Waiting }
		refreshed := make(chan struct{})
		go func() { a.Refresh(t.Context()); close(refreshed) }()
		time.Sleep(time.Second / 2)
		synctest.Wait()
		waiting = 2 // while the poll that has read 1 is under way
		stream.Offer("queues", render)
		if got := exported(); got != 2 {
			t.Errorf("waiting = %v before the poll has ended, want 2", got)
		}
		<-refreshed
		if got := exported(); got != 2 {
			t.Errorf("waiting = %v after the poll, want 2: the poll is older than the event", got)
		}
		rendered = 0
		for range 1000 {
			waiting++
			stream.Offer("queues", render)
		}
		if got := exported(); got != 1002 || rendered != 1 {
			t.Errorf("waiting = %v after %d renderings of 1000 events, want 1002 after 1", got, rendered)
		}
		if exported(); rendered != 1 {
			t.Errorf("%d renderings after a scrape without events, want 1", rendered)
		}
	})
}

// TestRestartWaits measures the waits of a stream that is cut off again and again: they grow from 1 s to 60 s, unless it was
// connected for a minute. How long it tried to connect does not count.
func TestRestartWaits(t *testing.T) {
	for _, run := range []struct {
		name             string
		trying, serving  time.Duration
		longest, atLeast time.Duration // that the longest wait may take, and has to
	}{
		{name: "cut off at once", longest: time.Minute, atLeast: 30 * time.Second},
		{name: "does not connect in a minute", trying: 2 * time.Minute, longest: time.Minute, atLeast: 30 * time.Second},
		{name: "serves for a moment", trying: 2 * time.Minute, serving: time.Second, longest: time.Minute, atLeast: 30 * time.Second},
		{name: "serves for a minute", serving: time.Minute, longest: 2 * time.Second},
	} {
		t.Run(run.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var starts, ends []time.Time
				a := open(t, new(bytes.Buffer), Feed{Name: "stream", Serve: func(_ context.Context, s Stream) error {
					starts = append(starts, time.Now())
					time.Sleep(run.trying)
					if run.serving > 0 {
						s.Connected(true)
						time.Sleep(run.serving)
						s.Connected(false)
					}
					ends = append(ends, time.Now())
					return errors.New("cut off")
				}})
				time.Sleep(24 * time.Hour)
				a.Close()
				shortest, longest := time.Hour, time.Duration(0)
				for i := 1; i < len(starts); i++ {
					wait := starts[i].Sub(ends[i-1])
					shortest, longest = min(shortest, wait), max(longest, wait)
				}
				if shortest < time.Second || longest > run.longest || longest < run.atLeast {
					t.Errorf("waits from %v to %v, want from 1s to at most %v and at least %v", shortest, longest, run.longest, run.atLeast)
				}
			})
		})
	}
}

// TestExpiryIsAChange lets a snapshot expire and come back: both are in the audit trail, and last_change only moves forward.
func TestExpiryIsAChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, back := range []string{"read", "unchanged"} {
			var log bytes.Buffer
			var failing error
			read := 0
			a := open(t, &log, Feed{Name: "health", Poll: func(context.Context) (*platform.Snapshot, error) {
				if failing != nil {
					return nil, failing
				}
				if read++; read > 1 && back == "unchanged" {
					return nil, Unchanged
				}
				s := apiIs(platform.Operational)
				s.Trunks = []platform.Trunk{{Name: "carrier", Condition: platform.Condition{Status: platform.Operational}}}
				return s, nil
			}})
			var since []time.Time
			look := func() {
				a.Refresh(t.Context())
				since = append(since, a.State().Snapshots[0].Components[0].Since)
				time.Sleep(6 * time.Minute)
			}
			look()
			failing = errors.New("gone")
			look()
			failing = nil
			look()
			if !since[0].Before(since[1]) || !since[1].Before(since[2]) {
				t.Errorf("%s: last changes = %v, want them to move forward", back, since)
			}
			var got []string
			for line := range strings.Lines(log.String()) {
				for _, change := range []string{
					"object=api plane=control from=operational to=unknown", "object=api plane=control from=unknown to=operational",
					"object=carrier plane=data from=operational to=none", "object=carrier plane=data from=none to=operational",
				} {
					if strings.Contains(line, change) {
						got = append(got, change)
					}
				}
			}
			if len(got) != 4 {
				t.Errorf("%s: audit trail holds %q, want all four changes:\n%s", back, got, &log)
			}
			a.Close()
		}
	})
}

// TestAsOf counts age from the oldest content of a snapshot, however late it was published.
func TestAsOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		a := open(t, new(bytes.Buffer), Feed{Name: "queues", MinInterval: 15 * time.Second, Poll: func(context.Context) (*platform.Snapshot, error) {
			return &platform.Snapshot{Queues: []platform.Queue{{Name: "sales"}}, AsOf: start}, nil
		}})
		time.Sleep(4 * time.Minute)
		a.Refresh(t.Context())
		var got []int
		for range 2 {
			got = append(got, len(a.State().Snapshots[0].Queues))
			time.Sleep(time.Minute + time.Second)
		}
		if diff := cmp.Diff([]int{1, 0}, got); diff != "" {
			t.Errorf("queues exported at 4 and 5 minutes (-want +got):\n%s", diff)
		}
	})
}

// loggedError is a failure whose cause has a line of its own.
type loggedError struct{ error }

func (loggedError) Logged() bool { return true }

// TestOneCauseOneLine: feeds that fail because of something that is logged already say nothing, failed or recovered.
func TestOneCauseOneLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		failing := fmt.Errorf("trunks: %w", loggedError{errors.New("login failed")})
		a := open(t, &log, Feed{Name: "trunks", Poll: func(context.Context) (*platform.Snapshot, error) { return &platform.Snapshot{}, failing }})
		a.Refresh(t.Context())
		time.Sleep(time.Minute)
		failing = nil
		a.Refresh(t.Context())
		if log.Len() > 0 {
			t.Errorf("log = %s, want nothing", &log)
		}
		failing = errors.New("a failure of its own")
		time.Sleep(time.Minute)
		a.Refresh(t.Context())
		failing = fmt.Errorf("trunks: %w", loggedError{context.DeadlineExceeded})
		time.Sleep(time.Minute)
		a.Refresh(t.Context())
		failing = nil
		time.Sleep(time.Minute)
		a.Refresh(t.Context())
		if n := strings.Count(log.String(), "feed recovered"); n != 1 {
			t.Errorf("%d lines say that the feed recovered, want 1 for the failure that was logged:\n%s", n, &log)
		}
	})
}
