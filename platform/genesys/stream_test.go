// What the stream brings, and what it does to polls.

package genesys

import (
	"strings"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// polls counts the calls that the stream makes unnecessary.
func polls(w *simulator.World) (n int) {
	calls := w.Calls("emea")
	for _, path := range []string{"GET " + pathEdges, "GET " + pathEdgesMetrics, "GET " + pathTrunks, "GET " + pathTrunksMetrics, "POST " + pathObservations} {
		n += calls[path]
	}
	return n
}

// While the stream serves polls rest; when it breaks they run again at once; when it is back one poll reconciles.
func TestStreamStandsIn(t *testing.T) {
	t.Parallel()
	s := startStream(t, simulated(t, simulator.Options{}), nil)
	s.healthy(t)
	s.world.ResetCalls()
	for range 5 {
		s.refresh(t)
	}
	if n := polls(s.world); n != 0 {
		t.Errorf("%d calls of polls while the stream serves, want none: %v", n, s.world.Calls("emea"))
	}
	s.world.DropSockets("emea")
	eventually(t, "the stream is known to be broken", func() bool { return !s.covered("queues") })
	s.world.ResetCalls()
	s.refresh(t)
	if n := polls(s.world); n < 5 {
		t.Errorf("%d calls of polls while the stream is broken, want 5: %v", n, s.world.Calls("emea"))
	}
	s.healthy(t)
	if n := s.value(t, "ccaas_stream_reconnects_total closed"); n != 1 {
		t.Errorf("%v reconnects after a dropped socket, want 1", n)
	}
	if n := s.world.Calls("emea")["POST "+channels]; n != 0 {
		t.Errorf("%d more channels after a dropped socket, want the old one", n)
	}
	up := false
	for _, feed := range s.State().Feeds {
		up = up || feed.Name == "stream" && feed.Up
	}
	if !up || s.value(t, "ccaas_stream_connected") != 1 || s.value(t, "ccaas_stream_topics") != float64(s.world.Topics("emea")) {
		t.Errorf("up %t, connected %v, %v topics, want true, 1, %d", up, s.value(t, "ccaas_stream_connected"), s.value(t, "ccaas_stream_topics"), s.world.Topics("emea"))
	}
}

// differing counts the queues that two accounts see differently, in the numbers that events carry.
func differing(a, b feed.AccountState) (n int) {
	other := queuesOf(b)
	for name, q := range queuesOf(a) {
		o, met := other[name]
		same := met && len(o.Channels) == len(q.Channels)
		for i := 0; same && i < len(q.Channels); i++ {
			x, y := q.Channels[i], o.Channels[i]
			same = *x.Waiting == *y.Waiting && *x.Active == *y.Active && *x.Alerting == *y.Alerting && x.OldestWaiting.Sub(y.OldestWaiting).Abs() < 3*time.Second
		}
		if !same {
			n++
		}
	}
	return n + max(0, len(other)-len(queuesOf(a)))
}

// Events alone keep queues as right as polls do, but for what changes just now.
func TestStreamTellsQueues(t *testing.T) {
	t.Parallel()
	w := simulated(t, simulator.Options{Queues: 40})
	s := startStream(t, w, nil)
	s.healthy(t)
	s.refresh(t)
	poller := startStream(t, w, func(c *Config, _ *notify.Pace) {
		c.Stream.Queues, c.Stream.Conversations = false, false
		c.Feeds = FeedIntervals{Health: settings.Interval(time.Hour), Queues: 1, Edges: settings.Interval(time.Hour)}
	})
	events := "ccaas_stream_events_total queue_observations"
	before := s.value(t, events)
	eventually(t, "events have come", func() bool { return s.value(t, events) > before+20 })
	s.world.ResetCalls()
	var polled time.Time
	eventually(t, "events and polls agree", func() bool {
		if time.Since(polled) < time.Second { // a poller that asks all the time is soon limited
			return false
		}
		polled = time.Now()
		return differing(s.State(), poller.refresh(t)) <= 2
	})
	if s.value(t, "ccaas_stream_last_event_timestamp_seconds") < float64(time.Now().Add(-time.Minute).Unix()) {
		t.Error("the last event was long ago")
	}
	counted := 0.0
	eventually(t, "waits are counted", func() bool {
		counted = 0
		for name, n := range s.metrics(t) {
			if strings.HasPrefix(name, "ccaas_queue_wait_seconds ") {
				counted += n
			}
		}
		return counted > 0
	})
}

// A trunk that goes down is seen without a poll.
func TestStreamTellsTrunks(t *testing.T) {
	t.Parallel()
	s := startStream(t, simulated(t, simulator.Options{}), nil)
	s.healthy(t)
	s.refresh(t)
	eventually(t, "the platform watches trunks", func() bool { return s.value(t, "ccaas_stream_events_total trunk_metrics") > 0 })
	down := func() (n int) {
		for _, snapshot := range s.State().Snapshots {
			for _, trunk := range snapshot.Trunks {
				if trunk.Status != platform.Operational {
					n++
				}
			}
		}
		return n
	}
	if n := down(); n != 0 {
		t.Fatalf("%d trunks are not well, want none", n)
	}
	s.world.ResetCalls()
	if err := s.world.SetScenario("trunk-outage"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a trunk is not well", func() bool { return down() > 0 })
	if n := polls(s.world); n != 0 {
		t.Errorf("%d calls, want none: events carry them", n)
	}
	eventually(t, "the change is logged", func() bool { return strings.Contains(s.log.String(), "status changed") })
}

// Topics that are rejected are polled as before, and reported once.
func TestRejectedTopics(t *testing.T) {
	t.Parallel()
	w := simulated(t, simulator.Options{})
	w.RejectTopics("emea", "v2.telephony.*")
	s := startStream(t, w, nil)
	eventually(t, "the stream stands in for queues", func() bool { return s.covered("queues") })
	if s.covered("edges") || s.covered("trunks") {
		t.Error("the stream stands in for polls whose topics were rejected")
	}
	s.world.DropSockets("emea")
	eventually(t, "it is back", func() bool {
		return s.covered("queues") && s.value(t, "ccaas_stream_reconnects_total closed") == 1
	})
	if n := strings.Count(s.log.String(), "stream lacks topics"); n != 1 || !strings.Contains(s.log.String(), "telephony:plugin:all") {
		t.Errorf("reported %d times, want once, with the missing permission:\n%s", n, s.log)
	}
}

// What does not fit on the channels is polled and reported; more channels carry it.
func TestManyQueues(t *testing.T) {
	t.Parallel()
	w := simulated(t, simulator.Options{Queues: 1500})
	for channels, covered := range map[int]bool{1: false, 2: true} {
		s := startStream(t, w, func(c *Config, _ *notify.Pace) {
			c.Stream.MaxChannels, c.Stream.Conversations = channels, false
		})
		eventually(t, "the stream stands in for trunks", func() bool { return s.covered("edges", "trunks") })
		if covered {
			s.healthy(t)
		} else if s.covered("queues") {
			t.Error("the stream stands in for queues that do not fit")
		}
		s.refresh(t)
		if n := len(queuesOf(s.State())); n != 1500 {
			t.Errorf("%d queues with %d channels, want 1500", n, channels)
		}
		if got := !strings.Contains(s.log.String(), "beyond stream.max_channels"); got != covered {
			t.Errorf("with %d channels nothing is reported: %t, want %t", channels, got, covered)
		}
		if n := w.Sockets("emea"); n != channels {
			t.Errorf("%d sockets, want %d", n, channels)
		}
		s.Close()
	}
}

// Subscriptions are renewed with each new token, and the stream goes on.
func TestStreamRenewal(t *testing.T) {
	t.Parallel()
	s := startStream(t, simulated(t, simulator.Options{Queues: 5, TokenLifetime: 2 * time.Second}), nil)
	s.healthy(t)
	renewals := func() int { return s.world.Calls("emea")["PUT "+channels+"/{id}/subscriptions"] }
	eventually(t, "subscriptions are renewed", func() bool { return renewals() >= 3 })
	if s.value(t, "ccaas_stream_connected") != 1 || s.world.Calls("emea")["POST "+channels] != 1 {
		t.Error("the stream did not go on over the same channel")
	}
}

// Contacts alone are watched too, without the numbers of their queues.
func TestStreamOfContacts(t *testing.T) {
	t.Parallel()
	s := startStream(t, simulated(t, simulator.Options{Queues: 20}), func(c *Config, _ *notify.Pace) {
		c.Stream.Queues, c.Stream.Trunks, c.Stream.Edges = false, false, false
		c.Feeds = FeedIntervals{Health: settings.Interval(time.Hour), Queues: settings.Interval(time.Hour)}
	})
	eventually(t, "all contacts are watched", func() bool { return s.world.Topics("emea") == 20 })
}

// At shutdown the channel is given up, and nothing is left behind.
func TestStreamEnds(t *testing.T) {
	s := startStream(t, simulated(t, simulator.Options{}), nil)
	s.healthy(t)
	if !running("notify.(*Stream)") {
		t.Error("no goroutine serves the stream")
	}
	s.Close()
	if n := s.world.Calls("emea")["DELETE "+channels+"/{id}/subscriptions"]; n != 1 {
		t.Errorf("%d channels given up, want 1: %v", n, s.world.Calls("emea"))
	}
	eventually(t, "no socket is left", func() bool { return s.world.Sockets("emea") == 0 })
	eventually(t, "no goroutine is left", func() bool { return !running("notify.(*Stream)") })
}
