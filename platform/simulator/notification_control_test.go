package simulator

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// subscribed returns a connection that is subscribed to the observations of n queues.
func subscribed(t *testing.T, w *World, name string, n int) *websocket.Conn {
	t.Helper()
	c := loggedOn(t, w, name)
	id, address := opened(t, c)
	var topics []string
	for _, q := range w.Queues(name)[:n] {
		topics = append(topics, queueTopic(q))
	}
	if r := put(t, c, id, "", topics...); r.status != http.StatusOK {
		t.Fatalf("PUT = %d %s", r.status, r.body)
	}
	return dialed(t, address)
}

func TestEndsOfSockets(t *testing.T) {
	for name, tt := range map[string]struct {
		act  func(w *World)
		send string // a topic reported before
		end  websocket.StatusCode
	}{
		"dropped":   {func(w *World) { w.DropSockets(emea) }, "", -1},
		"closed":    {func(w *World) { w.CloseSockets(emea, false) }, "", goingAway},
		"announced": {func(w *World) { w.CloseSockets(emea, true) }, "v2.system.socket_closing", goingAway},
		"expired":   {func(w *World) { w.ExpireChannel(emea) }, "", normal},
	} {
		t.Run(name, func(t *testing.T) {
			w := started(t, Options{ClosingNotice: 50 * time.Millisecond})
			conn := subscribed(t, w, emea, 1)
			tt.act(w)
			if tt.send != "" {
				next(t, conn, tt.send)
			}
			if code := endOf(t, conn); code != tt.end {
				t.Errorf("the connection ended with %v, want %v", code, tt.end)
			}
			noViolations(t, w)
		})
	}
}

func TestEndsOfSubscriptions(t *testing.T) {
	for topic, act := range map[string]func(w *World) error{
		"v2.system.no_longer_subscribed.": func(w *World) error { w.EndSubscriptions(emea); return nil },
		"v2.system.token_revoked.":        func(w *World) error { w.RevokeTokens(emea); return nil },
	} {
		w := started(t, Options{})
		conn := subscribed(t, w, emea, 4)
		next(t, conn, "v2.analytics")
		if err := act(w); err != nil {
			t.Fatal(err)
		}
		body := next(t, conn, topic)["eventBody"].(map[string]any)
		if !strings.HasPrefix(topic, "v2.system."+body["systemTopicType"].(string)) || w.Sockets(emea) != 1 || w.Topics(emea) != 0 {
			t.Errorf("%v, %d sockets, %d topics", body, w.Sockets(emea), w.Topics(emea))
		}
	}
}

func TestAuthBrokenRevokesSubscriptions(t *testing.T) {
	w := started(t, Options{})
	conn, other := subscribed(t, w, americas, 1), subscribed(t, w, emea, 1)
	if err := w.SetScenario(authBroken); err != nil {
		t.Fatal(err)
	}
	next(t, conn, "v2.system.token_revoked.")
	next(t, other, "v2.analytics")
	if w.Topics(americas) != 0 || w.Topics(emea) != 1 {
		t.Errorf("%d and %d topics are left", w.Topics(americas), w.Topics(emea))
	}
}

// TestSilence stops the heartbeats, pushes through the silence, and lets them go on.
func TestSilence(t *testing.T) {
	w := started(t, Options{Heartbeat: 10 * time.Millisecond})
	conn := subscribed(t, w, emea, 1)
	next(t, conn, "channel.metadata")
	w.StopHeartbeats(emea, true)
	marks := [][]byte{[]byte(`{"half":`), bytes.Repeat([]byte("x"), 1<<24), []byte("mark")}
	for _, mark := range marks {
		if n := w.Push(emea, mark); n != 1 {
			t.Fatalf("pushed to %d sockets", n)
		}
	}
	read := func() []byte {
		_, message, err := conn.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return message
	}
	for !bytes.Equal(read(), marks[0]) {
	}
	for _, mark := range marks[1:] {
		if got := read(); !bytes.Equal(got, mark) {
			t.Errorf("read %d bytes, want %d", len(got), len(mark))
		}
	}
	quiet, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	go func() { <-quiet.Done(); w.StopHeartbeats(emea, false) }()
	_, message, err := conn.Read(t.Context())
	if err != nil || quiet.Err() == nil {
		t.Errorf("%s came before the silence ended: %v", message, err)
	}
	next(t, conn, "channel.metadata")
}

func TestStreamFlapping(t *testing.T) {
	w := started(t, Options{Scenario: streamFlapping})
	spared := subscribed(t, w, americas, 4)
	conn := subscribed(t, w, emea, 4)
	if code := endOf(t, conn); code != -1 {
		t.Errorf("the connection ended with %v", code)
	}
	next(t, spared, "v2.analytics")
}

// TestStorm sends two thousand events a second for a second; BenchmarkStorm measures the possible rate.
func TestStorm(t *testing.T) {
	w := started(t, Options{})
	conn := subscribed(t, w, emea, 60)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	total := make(chan int, 1)
	go func() { total <- w.Storm(ctx, emea, 2000) }()
	seen := map[string]bool{}
	n := 0
	for ctx.Err() == nil {
		event := next(t, conn, "v2.analytics.queues.")
		seen[event["topicName"].(string)] = true
		n++
	}
	sent := <-total
	if sent < 1000 || sent > 2100 || n < sent/2 || len(seen) != 60 {
		t.Errorf("%d events sent, %d read, of %d queues", sent, n, len(seen))
	}
	noViolations(t, w)
}

// TestConcurrentStream changes scenarios, tokens and channels while events flow; the race detector is the judge, and that
// it ends.
func TestConcurrentStream(t *testing.T) {
	w := started(t, Options{Agents: 100, Heartbeat: time.Millisecond})
	conn := subscribed(t, w, americas, 60)
	c := loggedOn(t, w, americas)
	ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
	defer cancel()
	var busy sync.WaitGroup
	defer busy.Wait()
	busy.Go(func() { w.Storm(ctx, americas, 500) })
	busy.Go(func() {
		for {
			if _, _, err := conn.Read(ctx); err != nil {
				return
			}
		}
	})
	busy.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			if err := w.SetScenario(Scenarios()[i%len(Scenarios())]); err != nil {
				t.Error(err)
			}
			w.RejectTopics(americas, "v2.routing.*")
			w.StopHeartbeats(americas, i%2 == 0)
		}
	})
	busy.Go(func() {
		for ctx.Err() == nil {
			w.sites[americas].ServeHTTP(httptest.NewRecorder(), &http.Request{
				Method: http.MethodPost, URL: &url.URL{Path: channels}, Header: c.header, Body: http.NoBody,
			})
		}
	})
	<-ctx.Done()
}

// BenchmarkStorm makes the events of a storm.
func BenchmarkStorm(b *testing.B) {
	w, err := NewWorld(Options{Scenario: calm})
	if err != nil {
		b.Fatal(err)
	}
	o := w.orgs[0]
	p := o.part(queueTopic(w.Queues(emea)[0]))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		b.SetBytes(int64(len(o.storming(p, i, time.Now()))))
	}
}
