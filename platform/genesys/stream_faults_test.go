// What goes wrong with streams, and that values are right again afterwards.

package genesys

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// running reports whether a goroutine is in a function.
func running(function string) bool {
	stacks := make([]byte, 4<<20)
	return strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), function)
}

func TestStreamFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault       func(*testing.T, *streamed)
		reason      string
		newChannels int
		announced   bool // no failure
	}{
		"dropped":   {func(_ *testing.T, s *streamed) { s.world.DropSockets("emea") }, "closed", 0, false},
		"closed":    {func(_ *testing.T, s *streamed) { s.world.CloseSockets("emea", false) }, "closed", 0, false},
		"announced": {func(_ *testing.T, s *streamed) { s.world.CloseSockets("emea", true) }, "socket_closing", 0, true},
		"silent": {func(t *testing.T, s *streamed) {
			s.world.StopHeartbeats("emea", true)
			eventually(t, "the silence is noticed", func() bool { return !s.covered("queues") })
			s.world.StopHeartbeats("emea", false)
		}, "heartbeat_lost", 0, false},
		"oversized": {func(_ *testing.T, s *streamed) {
			s.world.Push("emea", []byte(`{"topicName":"`+strings.Repeat("x", 1<<20)+`"}`))
		}, "oversized_message", 0, false},
		"expired":      {func(_ *testing.T, s *streamed) { s.world.ExpireChannel("emea") }, "channel_gone", 1, false},
		"revoked":      {func(_ *testing.T, s *streamed) { s.world.RevokeTokens("emea") }, "token_revoked", 2, true}, // the first call finds out that its token is gone
		"unsubscribed": {func(_ *testing.T, s *streamed) { s.world.EndSubscriptions("emea") }, "no_longer_subscribed", 1, true},
		"evicted":      {evict, "channel_gone", 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := simulated(t, simulator.Options{Queues: 20, Heartbeat: 200 * time.Millisecond, ClosingNotice: 5 * time.Second})
			s := startStream(t, w, func(_ *Config, p *notify.Pace) {
				p.Look, p.Ping, p.Silent = 100*time.Millisecond, 2*time.Second, time.Minute
				if name == "silent" { // else a busy machine might be taken for silence
					p.Silent = 3 * time.Second
				}
			})
			s.healthy(t)
			made := s.world.Calls("emea")["POST "+channels]
			c.fault(t, s)
			before := made + s.evicting
			eventually(t, fmt.Sprintf("%s is noticed", c.reason), func() bool {
				return s.value(t, "ccaas_stream_reconnects_total "+c.reason) == 1
			})
			s.healthy(t)
			if n := s.world.Calls("emea")["POST "+channels] - before; n != c.newChannels || made != 1 {
				t.Errorf("%d new channels, want %d", n, c.newChannels)
			}
			if failed := strings.Contains(s.log.String(), "feed failed"); failed == c.announced {
				t.Errorf("counted as a failure: %t, want %t\n%s", failed, !c.announced, s.log)
			}
			events := s.value(t, "ccaas_stream_events_total queue_observations")
			eventually(t, "events come again", func() bool { return s.value(t, "ccaas_stream_events_total queue_observations") > events })
		})
	}
}

// evict makes 20 more channels, all of them connected: the one unused longest goes. The stream may have used its own after the
// first of these, which then goes before it.
func evict(t *testing.T, s *streamed) {
	gone := func() bool { return s.value(t, "ccaas_stream_reconnects_total channel_gone") > 0 }
	for s.evicting < 2*channelsPerClient && (s.evicting < channelsPerClient || !soon(gone)) {
		s.evicting++
		var made struct{ ConnectURI string }
		err := s.client.rest.Do(t.Context(), rest.Request{Operation: "evict", Method: http.MethodPost, URL: s.world.URL("emea") + channels}, rest.JSON(&made))
		if err != nil {
			t.Fatal(err)
		}
		conn, _, err := websocket.Dial(t.Context(), made.ConnectURI, nil)
		if err != nil {
			t.Fatal(err)
		}
		conn.CloseRead(t.Context())
		t.Cleanup(func() { _ = conn.CloseNow() })
	}
}

// soon waits a few seconds for a condition, and reports whether it holds.
func soon(holds func() bool) bool {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for range 50 {
		if holds() {
			return true
		}
		<-tick.C
	}
	return false
}

// A subscription that is refused is tried again on the same channel.
func TestRefusedSubscription(t *testing.T) {
	t.Parallel()
	w := simulated(t, simulator.Options{Queues: 5})
	permit := w.Inject("emea", simulator.Fault{Method: http.MethodPut, Path: channels, Status: http.StatusForbidden, Body: `{"status":403,"code":"missing.permissions"}`})
	s := startStream(t, w, nil)
	eventually(t, "it is refused twice", func() bool { return w.Calls("emea")["PUT "+channels+"/{id}/subscriptions"] >= 2 })
	permit()
	s.healthy(t)
	if n := w.Calls("emea")["POST "+channels]; n != 1 {
		t.Errorf("%d channels after refused subscriptions, want one", n)
	}
}

// Messages that cannot be read are counted and cost nothing else.
func TestStreamGarbage(t *testing.T) {
	t.Parallel()
	s := startStream(t, simulated(t, simulator.Options{Queues: 20}), nil)
	s.healthy(t)
	id := s.client.queues.watched[0].id
	for _, garbage := range []string{
		`{`, `null`, `<html>`, "\xff\x00", `{"topicName":"` + observationsTopic.Name(id) + `","eventBody":7}`,
		`{"topicName":"` + observationsTopic.Name(id) + `","eventBody":{"group":{"mediaType":"voice"},"data":[{"interval":"x/x"}]}}`,
		`{"topicName":"` + conversationsTopic.Name(id) + `","eventBody":{"participants":{}}}`,
	} {
		s.world.Push("emea", []byte(garbage))
	}
	violations := func() (n uint64) {
		for _, feed := range s.State().Feeds {
			n += feed.Violations
		}
		return n
	}
	eventually(t, "violations are counted", func() bool { return violations() == 7 })
	if !s.covered(allStreamed...) || s.value(t, "ccaas_stream_connected") != 1 {
		t.Error("garbage ended the stream")
	}
}

// A socket that breaks every few seconds costs a few calls each time and nothing else.
func TestStreamFlapping(t *testing.T) {
	t.Parallel()
	w := simulated(t, simulator.Options{Queues: 20})
	if err := w.SetScenario("stream-flapping"); err != nil {
		t.Fatal(err)
	}
	s := startStream(t, w, nil)
	eventually(t, "it broke three times", func() bool { return s.value(t, "ccaas_stream_reconnects_total closed") >= 3 })
	if n := w.Calls("emea")["POST "+channels]; n != 1 {
		t.Errorf("%d channels, want one", n)
	}
	if err := w.SetScenario("calm"); err != nil {
		t.Fatal(err)
	}
	s.healthy(t)
}

// Events that come faster than they can be taken in are dropped and counted, and a poll makes up for them.
func TestDroppedEvents(t *testing.T) {
	t.Parallel()
	s := startStream(t, simulated(t, simulator.Options{Queues: 20}), nil)
	s.healthy(t)
	s.client.queues.Lock() // the consumer of events waits here
	for range notify.MaxQueued + 100 {
		s.world.Push("emea", []byte(`{"topicName":"`+observationsTopic.Name(s.client.queues.watched[0].id)+`","eventBody":{"group":{}}}`))
	}
	eventually(t, "events are dropped", func() bool { return s.value(t, "ccaas_stream_dropped_events_total") > 0 })
	if s.covered("trunks") {
		t.Error("the stream stands in for polls though events were dropped")
	}
	s.world.ResetCalls()
	s.client.queues.Unlock()
	s.healthy(t)
	if n := polls(s.world); n < 5 {
		t.Errorf("%d calls to make up for dropped events, want 5", n)
	}
}

// 20,000 events a second for ten seconds: memory stays flat, nothing of them is kept, and the numbers are right afterwards.
func TestEventStorm(t *testing.T) {
	s := startStream(t, simulated(t, simulator.Options{Queues: 300}), func(c *Config, _ *notify.Pace) { c.Stream.Conversations = false })
	s.healthy(t)
	s.refresh(t)
	before := heap()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	sent, most := make(chan int), uint64(0)
	go func() { sent <- s.world.Storm(ctx, "emea", 20_000) }()
	look := time.NewTicker(time.Second)
	defer look.Stop()
	total := 0
	for total == 0 {
		select {
		case <-look.C:
			most = max(most, heap())
		case total = <-sent:
		}
	}
	came := 0.0
	eventually(t, "all but a few events have come", func() bool {
		came = s.value(t, "ccaas_stream_events_total queue_observations") + s.value(t, "ccaas_stream_dropped_events_total")
		return came >= float64(total)*0.9
	})
	s.healthy(t)
	after := heap()
	t.Logf("%d sent, %v came, of them %v dropped; heap %d MiB before, at most %d MiB, %d MiB afterwards", total, came,
		s.value(t, "ccaas_stream_dropped_events_total"), before>>20, most>>20, after>>20)
	if most > before+96<<20 || after > before+24<<20 {
		t.Errorf("heap grew from %d to %d MiB, and is %d MiB afterwards", before>>20, most>>20, after>>20)
	}
}

// heap is the memory in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
