package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// What goes wrong with streams, and that values are right again afterwards.

// running tells whether a goroutine is in a function.
func running(function string) bool {
	stacks := make([]byte, 4<<20)
	return strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), function)
}

func TestStreamFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault       func(*testing.T, *streamed)
		reason      cutReason
		newChannels int
		announced   bool // no failure
	}{
		"dropped":   {func(_ *testing.T, s *streamed) { s.world.DropSockets("emea") }, cutClosed, 0, false},
		"closed":    {func(_ *testing.T, s *streamed) { s.world.CloseSockets("emea", false) }, cutClosed, 0, false},
		"announced": {func(_ *testing.T, s *streamed) { s.world.CloseSockets("emea", true) }, cutClosing, 0, true},
		"silent": {func(t *testing.T, s *streamed) {
			s.world.StopHeartbeats("emea", true)
			eventually(t, "the silence is noticed", func() bool { return !s.covered("queues") })
			s.world.StopHeartbeats("emea", false)
		}, cutSilent, 0, false},
		"oversized": {func(_ *testing.T, s *streamed) {
			s.world.Push("emea", []byte(`{"topicName":"`+strings.Repeat("x", maxMessage)+`"}`))
		}, cutOversized, 0, false},
		"expired":      {func(_ *testing.T, s *streamed) { s.world.ExpireChannel("emea") }, cutChannel, 1, false},
		"revoked":      {func(_ *testing.T, s *streamed) { s.world.RevokeTokens("emea") }, cutRevoked, 2, true}, // the first call finds out that its token is gone
		"unsubscribed": {func(_ *testing.T, s *streamed) { s.world.EndSubscriptions("emea") }, cutUnsubscribed, 0, true},
		"evicted":      {evict, cutChannel, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := simulated(t, simulator.Options{Queues: 20, Heartbeat: 200 * time.Millisecond, ClosingNotice: 5 * time.Second})
			s := startStream(t, w, func(_ *Config, p *pace) {
				p.look, p.ping, p.silent = 100*time.Millisecond, 2*time.Second, 3*time.Second
			})
			s.healthy(t)
			made := len(s.client.stream.channels)
			before := s.world.Calls("emea")["POST "+pathChannels]
			c.fault(t, s)
			if name == "evicted" {
				before = s.world.Calls("emea")["POST "+pathChannels]
			}
			eventually(t, fmt.Sprintf("%s is noticed", c.reason), func() bool {
				return s.value(t, "ccaas_stream_reconnects_total "+string(c.reason)) == 1
			})
			s.healthy(t)
			if n := s.world.Calls("emea")["POST "+pathChannels] - before; n != c.newChannels || made != 1 {
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

// evict makes 20 more channels, 19 of them connected: the oldest goes.
func evict(t *testing.T, s *streamed) {
	for range channelsPerClient {
		c, err := s.client.stream.open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		k, err := s.client.stream.connect(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		k.conn.CloseRead(t.Context())
		t.Cleanup(func() { _ = k.conn.CloseNow() })
	}
}

// Messages that nobody can read are counted and cost nothing else.
func TestStreamGarbage(t *testing.T) {
	t.Parallel()
	s := startStream(t, simulated(t, simulator.Options{Queues: 20}), nil)
	s.healthy(t)
	id := s.client.queues.watched[0].id
	for _, garbage := range []string{
		`{`, `null`, `<html>`, "\xff\x00", `{"topicName":"` + topicName(kindObservations, id) + `","eventBody":7}`,
		`{"topicName":"` + topicName(kindObservations, id) + `","eventBody":{"group":{"mediaType":"voice"},"data":[{"interval":"x/x"}]}}`,
		`{"topicName":"` + topicName(kindConversations, id) + `","eventBody":{"participants":{}}}`,
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
	if n := w.Calls("emea")["POST "+pathChannels]; n != 1 {
		t.Errorf("%d channels, want one", n)
	}
	if err := w.SetScenario("calm"); err != nil {
		t.Fatal(err)
	}
	s.healthy(t)
}

// half sends the first half of a message and then nothing, or the end of the connection.
func half(ending bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		message, err := conn.Writer(r.Context(), websocket.MessageText)
		if err != nil {
			return
		}
		_, _ = message.Write([]byte(`{"topicName":"v2.ana` + strings.Repeat(" ", 10_000)))
		for !ending && err == nil { // what the client sends does not matter
			_, _, err = conn.Read(r.Context())
		}
	}
}

func TestHalfMessage(t *testing.T) {
	t.Parallel()
	for ending, want := range map[bool]cutReason{true: cutClosed, false: cutSilent} {
		server := httptest.NewServer(half(ending))
		defer server.Close()
		s := startStream(t, simulated(t, simulator.Options{Queues: 5}), func(_ *Config, p *pace) {
			p.look, p.ping, p.silent = 20*time.Millisecond, 100*time.Millisecond, 500*time.Millisecond
		}).client.stream
		c := &channel{id: "half", uri: server.URL}
		k, err := s.connect(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		ended := make(chan error, 2)
		go func() { ended <- s.read(ctx, k) }()
		go func() { ended <- s.watch(ctx, k) }()
		err = <-ended
		if cut, ok := errors.AsType[*cutError](err); !ok || cut.reason != want {
			t.Errorf("after half a message the stream ends with %v, want %s", err, want)
		}
		cancel()
		<-ended
	}
}

// Events that come faster than they can be taken in are dropped and counted, and a poll makes up for them.
func TestDroppedEvents(t *testing.T) {
	t.Parallel()
	s := startStream(t, simulated(t, simulator.Options{Queues: 20}), nil)
	s.healthy(t)
	s.client.queues.Lock() // whoever takes events in waits here
	for range maxQueued + 100 {
		s.world.Push("emea", []byte(`{"topicName":"`+topicName(kindObservations, s.client.queues.watched[0].id)+`","eventBody":{"group":{}}}`))
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
	if n := s.client.stream.queued.Load(); n < 0 || n > maxQueuedBytes {
		t.Errorf("%d bytes wait, want none or some", n)
	}
}

// 20,000 events a second for ten seconds: memory stays flat, and the numbers are right afterwards.
func TestEventStorm(t *testing.T) {
	s := startStream(t, simulated(t, simulator.Options{Queues: 300}), func(c *Config, _ *pace) { c.Stream.Conversations = false })
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
	eventually(t, "all is taken in", func() bool { return len(s.client.stream.inbox) == 0 })
	s.healthy(t)
	came := s.value(t, "ccaas_stream_events_total queue_observations") + s.value(t, "ccaas_stream_dropped_events_total")
	t.Logf("%d sent, %v came, of them %v dropped; heap %d MiB before, at most %d MiB", total, came,
		s.value(t, "ccaas_stream_dropped_events_total"), before>>20, most>>20)
	if came < float64(total)*0.9 {
		t.Errorf("%v of %d events came, want all but a few", came, total)
	}
	if most > before+96<<20 {
		t.Errorf("heap grew from %d to %d MiB", before>>20, most>>20)
	}
}

// heap is the memory in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
