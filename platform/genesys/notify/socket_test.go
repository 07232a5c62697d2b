package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// login needs no platform.
var login = rest.Bearer(func(context.Context, *http.Client) (*oauth2.Token, error) {
	return &oauth2.Token{AccessToken: "canary", ExpiresIn: 86399}, nil
})

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
	for ending, want := range map[bool]endReason{true: "closed", false: "heartbeat_lost"} {
		server := httptest.NewServer(half(ending))
		defer server.Close()
		s := New(Options{
			Transport: http.DefaultTransport, Timeout: 10 * time.Second,
			Pace: Pace{Look: 20 * time.Millisecond, Ping: 100 * time.Millisecond, Silent: 500 * time.Millisecond},
		})
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
		if cut, ok := errors.AsType[*endError](err); !ok || cut.reason != want {
			t.Errorf("after half a message the stream ends with %v, want %s", err, want)
		}
		cancel()
		<-ended
	}
}

// An address that is not encrypted is refused where the API is.
func TestStreamNeedsTLS(t *testing.T) {
	t.Parallel()
	for uri, ok := range map[string]bool{
		"wss://streaming.example.test/channels/streaming-0-x": true,
		"ws://streaming.example.test/channels/streaming-0-x":  false,
		"https://example.test/":                               false, "wss:": false, "://%": false, "": false,
	} {
		api := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"id":"streaming-0-x","connectUri":%q,"expires":"2026-03-21T12:00:00Z"}`, uri)
		}))
		defer api.Close()
		client, err := rest.New(rest.Options{Transport: api.Client().Transport, Authorizer: login})
		if err != nil {
			t.Fatal(err)
		}
		made, err := New(Options{Client: client, API: api.URL}).open(t.Context())
		client.Close()
		if (err == nil) != ok || err != nil && strings.Contains(err.Error(), "streaming") {
			t.Errorf("a channel at %q: %v, %v, want it: %t", uri, made, err, ok)
		}
	}
}

// The error of a socket that cannot be reached leaves out its address, which is a secret.
func TestStreamAddressIsSecret(t *testing.T) {
	t.Parallel()
	s := New(Options{Transport: http.DefaultTransport, Timeout: 10 * time.Second})
	refuses := httptest.NewServer(http.NotFoundHandler())
	defer refuses.Close()
	for _, host := range []string{"127.0.0.1:1", strings.TrimPrefix(refuses.URL, "http://"), "bad host"} {
		const id = "streaming-0-secret"
		_, err := s.connect(t.Context(), &channel{id: id, uri: "ws://" + host + "/channels/" + id})
		if err == nil || strings.Contains(err.Error(), "streaming-0") || platform.ReasonOf(err) != platform.ReasonNetwork {
			t.Errorf("connect to %s = %v (%s), want a network error that does not show the channel", host, err, platform.ReasonOf(err))
		}
	}
	echo := (&channel{id: "streaming-0-secret", uri: "ws://h/channels/streaming-0-secret"}).hide(fmt.Errorf("no channel streaming-0-secret"))
	if got := echo.Error(); got != "no channel <channel>" {
		t.Errorf("hidden error = %q, want it without the channel", got)
	}
}
