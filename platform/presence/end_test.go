package presence

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// slow is a client whose batches are in hand until they are released.
type slow struct {
	client
	entered, release chan struct{}
	err              error // of the first batch
}

func (c *slow) WriteMany(ctx context.Context, changes []platform.PresenceChange) ([]platform.PresenceWritten, error) {
	c.entered <- struct{}{}
	select {
	case <-c.release:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := c.err; err != nil {
		c.err = nil
		return nil, err
	}
	return c.client.WriteMany(ctx, changes)
}

// TestEndWithinBatch: a write that is in hand when the sync ends is finished and noted, and nothing is sent after it.
func TestEndWithinBatch(t *testing.T) {
	for name, tc := range map[string]struct {
		err   error
		want  map[string]int
		noted int // records of writes that are confirmed
	}{
		"written":                {nil, map[string]int{"cxone": 50, "on_queue": 70}, 50},
		"refused, to be halved":  {refusal(platform.RefusedBatch), map[string]int{"on_queue": 120}, 0},
		"refused, to come again": {refusal(platform.RefusedBusy), map[string]int{"on_queue": 120}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			for range 5 { // a loop that ended by chance would end sometimes
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(120)
					shared := &sharedState{records: map[string][]byte{}}
					writer := &slow{client{w, "a"}, make(chan struct{}, 10), make(chan struct{}), tc.err}
					c := DefaultConfig()
					c.Name, c.Sync = "us-emea", new(syncConfig())
					p, err := New(Options{
						Config: c, Source: &reader{w: w, source: true}, Target: &reader{w: w}, Writer: writer, Logger: slog.New(slog.DiscardHandler),
					})
					if err != nil {
						t.Fatal(err)
					}
					p.sync.keeper = &sharedMemory{sharedState: shared, me: 1}
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					var running sync.WaitGroup
					running.Go(func() { _ = p.sync.serve(ctx, stream{}) })
					time.Sleep(time.Minute + 30*time.Millisecond) // between two ticks of the sync
					w.everyone(120, platform.AgentEngaged)
					<-writer.entered
					time.Sleep(2 * time.Second) // the next second's batch is due
					cancel()
					time.Sleep(time.Second)
					close(writer.release)
					running.Wait()
					if diff := cmp.Diff(tc.want, w.shown()); diff != "" {
						t.Errorf("presences (-want +got):\n%s", diff)
					}
					if n := len(writer.entered); n != 0 {
						t.Errorf("%d requests after the end, want none", n)
					}
					noted := 0
					for _, text := range shared.records {
						var r record
						if err := json.Unmarshal(text, &r); err != nil {
							t.Fatal(err)
						}
						noted += oneIf(!r.Modified.IsZero())
					}
					if noted != tc.noted {
						t.Errorf("%d writes are noted, want %d", noted, tc.noted)
					}
				})
			}
		})
	}
}

// mute is a client that shows nothing of what it writes singly.
type mute struct{ client }

func (c mute) WriteOne(ctx context.Context, change platform.PresenceChange) (platform.PresenceWritten, error) {
	_, err := c.client.WriteOne(ctx, change)
	return platform.PresenceWritten{}, err
}

// TestAnswerThatShowsNothing: a single write whose answer does not show it is unconfirmed, and the next read of the target decides.
func TestAnswerThatShowsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1)
		p := syncing(t, w, syncConfig(), func(s *syncer) { s.writer = mute{client{w, "a"}} })
		time.Sleep(time.Minute)
		w.does(0, platform.AgentEngaged)
		time.Sleep(time.Minute)
		w.does(0, platform.AgentReady)
		time.Sleep(time.Minute)
		got := map[string]float64{
			"written":     testutil.ToFloat64(p.metrics.changes.WithLabelValues("release", "written")),
			"unconfirmed": testutil.ToFloat64(p.metrics.changes.WithLabelValues("release", "unconfirmed")),
			"requests":    float64(w.requests[false]),
		}
		if diff := cmp.Diff(map[string]float64{"written": 0, "unconfirmed": 1, "requests": 1}, got); diff != "" {
			t.Errorf("releases (-want +got):\n%s", diff)
		}
		if got := w.shows(0); got != "on_queue" {
			t.Errorf("the agent has %s, want on_queue", got)
		}
	})
}

// unread is an account whose persons are not read.
type unread struct{ reader }

func (*unread) Persons() feed.Persons { return feed.Persons{} }

// TestPersonsNotRead: a pair with such an account compares and writes nothing, and does not crash.
func TestPersonsNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1)
		w.does(0, platform.AgentEngaged)
		p := syncing(t, w, syncConfig(), func(s *syncer) { s.source = &unread{} })
		time.Sleep(10 * time.Minute)
		if _, err := p.poll(t.Context()); err != nil {
			t.Errorf("poll = %v, want none", err)
		}
		if n := testutil.CollectAndCount(p.metrics.agents); n != 0 || len(w.written()) != 0 {
			t.Errorf("%d numbers and %d writes, want none", n, len(w.written()))
		}
	})
}
