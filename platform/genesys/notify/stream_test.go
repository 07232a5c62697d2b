package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// service is a notification service that sends one event over each socket.
type service struct {
	mu    sync.Mutex
	calls []string
	url   string
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if !strings.HasPrefix(r.URL.Path, "/socket") {
		s.mu.Lock()
		s.calls = append(s.calls, r.Method+" "+strings.TrimPrefix(r.URL.Path, pathChannels))
		s.mu.Unlock()
	}
	switch {
	case r.Method == http.MethodPost:
		fmt.Fprintf(w, `{"id":"one","connectUri":%q,"expires":%q}`, strings.Replace(s.url, "http:", "ws:", 1)+"/socket/one", time.Now().Add(24*time.Hour).Format(time.RFC3339))
	case r.Method == http.MethodPut:
		fmt.Fprint(w, `{"entities":[{"id":"v2.b.2","state":"Rejected"}]}`)
	case strings.HasPrefix(r.URL.Path, "/socket"):
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		_ = conn.Write(r.Context(), websocket.MessageText, []byte(`{"topicName":"v2.a.1","eventBody":{"n":1},"metadata":{"CorrelationId":"c0ffee"}}`))
		for err == nil {
			_, _, err = conn.Read(r.Context())
		}
	}
}

// subscriber notes the calls that it gets.
type subscriber struct {
	topics     []string
	subscribed map[string]bool
	handle     func(Event)
	reconciled chan time.Time
}

func (s *subscriber) Topics() []string             { return s.topics }
func (s *subscriber) Subscribed(t map[string]bool) { s.subscribed = t }
func (s *subscriber) Handle(e Event)               { s.handle(e) }
func (s *subscriber) Reconcile(_ context.Context, since time.Time) {
	select {
	case s.reconciled <- since:
	default:
	}
}

// newTestStream is a stream of a service.
func newTestStream(t *testing.T) (*Stream, *service) {
	t.Helper()
	s := &service{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	client, err := rest.New(rest.Options{Authorizer: login})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return New(Options{
		Client: client, API: server.URL, Transport: http.DefaultTransport, Timeout: 10 * time.Second, MaxChannels: 1,
		Topics: []Topic{{"a", "v2.a.", ""}, {"b", "v2.b.", ""}}, Changed: NewSignal(), Pace: UsualPace, Log: slog.New(slog.DiscardHandler),
	}), s
}

// What a subscriber sees of a run, and what the run calls.
func TestServe(t *testing.T) {
	t.Parallel()
	stream, service := newTestStream(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	got := make(chan Event, 1)
	to := &subscriber{topics: []string{"v2.a.1", "v2.b.2"}, reconciled: make(chan time.Time, 1), handle: func(e Event) { got <- e }}
	ended, connected := make(chan error), make(chan bool, 2)
	go func() { ended <- stream.Serve(ctx, to, func(up bool) { connected <- up }) }()
	e := <-got
	e.Seen = time.Time{}
	if diff := cmp.Diff(Event{Kind: "a", ID: "1", Body: json.RawMessage(`{"n":1}`), CorrelationID: "c0ffee"}, e); diff != "" {
		t.Errorf("event differs (-want +got):\n%s", diff)
	}
	if since, reliable := <-to.reconciled, stream.ReliableSince(); !since.Equal(reliable) {
		t.Errorf("reconciled since %v, want since %v", since, reliable)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Serve = %v, want nil", err)
	}
	if up, down := <-connected, <-connected; !up || down || !stream.ReliableSince().IsZero() {
		t.Errorf("connected %t, then %t, reliable since %v, want true, false, never", up, down, stream.ReliableSince())
	}
	if diff := cmp.Diff(map[string]bool{"v2.a.1": true}, to.subscribed); diff != "" {
		t.Errorf("topics differ (-want +got):\n%s", diff)
	}
	stream.Close()
	if diff := cmp.Diff([]string{"POST ", "PUT /one/subscriptions", "DELETE /one/subscriptions"}, service.calls); diff != "" {
		t.Errorf("calls differ (-want +got):\n%s", diff)
	}
}

// A subscriber that panics ends the run, not the process, and nothing is left behind.
func TestPanic(t *testing.T) {
	t.Parallel()
	stream, _ := newTestStream(t)
	defer stream.Close()
	to := &subscriber{topics: []string{"v2.a.1"}, handle: func(Event) { panic("no such number") }}
	err := stream.Serve(t.Context(), to, func(bool) {})
	if panicked, ok := errors.AsType[*guard.PanicError](err); !ok || panicked.Value != "no such number" {
		t.Errorf("Serve = %v, want the panic", err)
	}
}

// A channel that cannot be connected to is released after a few attempts, and another is made.
func TestUnreachableChannel(t *testing.T) {
	t.Parallel()
	stream, service := newTestStream(t)
	defer stream.Close()
	service.url = "http://127.0.0.1:1"
	to := &subscriber{topics: []string{"v2.a.1"}}
	for range manyRefusals + 1 {
		if err := stream.Serve(t.Context(), to, func(bool) {}); err == nil {
			t.Error("Serve = nil, want an error")
		}
	}
	made, released := 0, slices.Contains(service.calls, "DELETE /one/subscriptions")
	for _, call := range service.calls {
		if call == "POST " {
			made++
		}
	}
	if made != 2 || !released {
		t.Errorf("%d channels, released: %t, want 2, true: %q", made, released, service.calls)
	}
}

// What waits to be handled is bounded in number and in bytes; what comes beyond is dropped.
func TestBacklog(t *testing.T) {
	for name, size := range map[string]int{"messages": 1, "bytes": maxMessage} {
		s := New(Options{})
		n := 0
		for ; len(s.dropped) == 0 && n < 2*MaxQueued; n++ {
			s.enqueue(arrival{make([]byte, size), time.Now()})
		}
		if want := min(MaxQueued, maxQueuedBytes/size) + 1; n != want {
			t.Errorf("%s: the first dropped is number %d, want %d", name, n, want)
		}
		if s.inbox.bytes != (n-1)*size || s.reliableSince.Load() == 0 {
			t.Errorf("%s: %d bytes wait, reliable since %d", name, s.inbox.bytes, s.reliableSince.Load())
		}
		for range n - 2 {
			s.inbox.take()
		}
		if _, ok := s.inbox.take(); !ok || s.inbox.bytes != 0 {
			t.Errorf("%s: the last is there: %t, then %d bytes wait, want true, 0", name, ok, s.inbox.bytes)
		}
		if _, ok := s.inbox.take(); ok {
			t.Errorf("%s: a message more than was put", name)
		}
	}
}

// Whatever is sent is read as one event or as the end of the stream.
func FuzzMessages(f *testing.F) {
	f.Add([]byte(`{"topicName":"v2.system.token_revoked.x","eventBody":{}}`))
	f.Add([]byte(`{"topicName":"v2.telephony.providers.edges.trunks.i.metrics","eventBody":null,"metadata":7}`))
	f.Fuzz(func(t *testing.T, message []byte) {
		e := trunkForms.event(message, time.Time{})
		if e.Kind == KindOther && e.ID != "" || e.Malformed && e.Kind != KindOther {
			t.Errorf("event = %+v, want one that is about an object of a known kind or about nothing", e)
		}
		if reason, ends := announced(message); ends != (reason != "") {
			t.Errorf("announced = %q, %t", reason, ends)
		}
	})
}
