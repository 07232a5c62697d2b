package rest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// secureServer serves HTTP/2, or only HTTP/1.1, and counts connections.
func secureServer(t testing.TB, http2 bool, handler http.HandlerFunc) (url string, connections *atomic.Int64) {
	t.Helper()
	connections = &atomic.Int64{}
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = http2
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, connections
}

// getTogether sends n requests at once.
func getTogether(t testing.TB, transport http.RoundTripper, n int, url string) {
	t.Helper()
	client := &http.Client{Transport: transport}
	var asking sync.WaitGroup
	for range n {
		asking.Go(func() {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
			if err != nil {
				t.Error(err)
				return
			}
			response, err := client.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			finish(response.Body)
		})
	}
	asking.Wait()
}

func insecure(t testing.TB) http.RoundTripper {
	t.Helper()
	transport, err := HTTPConfig{TLSConfig: promconfig.TLSConfig{InsecureSkipVerify: true}}.Transport()
	if err != nil {
		t.Fatal(err)
	}
	return transport
}

// TestFirstAlone: ten requests at once share the connection of the first, where the protocol lets them, and are answered at once
// where it does not; and again when the connections are gone.
func TestFirstAlone(t *testing.T) {
	for http2, want := range map[bool]int64{true: 1, false: 10} {
		var together sync.WaitGroup // no request is answered before all are there
		url, connections := secureServer(t, http2, func(w http.ResponseWriter, _ *http.Request) {
			together.Done()
			together.Wait()
			_, _ = io.WriteString(w, "{}")
		})
		transport := insecure(t).(*firstAlone)
		for range 2 {
			connections.Store(0)
			together.Add(10)
			getTogether(t, transport, 10, url)
			if n := connections.Load(); n != want {
				t.Errorf("HTTP/2 %v: ten requests made %d connections, want %d", http2, n, want)
			}
			transport.CloseIdleConnections()
		}
		if len(transport.hosts) != 0 {
			t.Errorf("%d hosts are remembered after the last request", len(transport.hosts))
		}
	}
}

// TestFirstFails: when the first request to a host fails the others go on, and the next goes alone again. None waits longer than
// its context.
func TestFirstFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dials atomic.Int64
		pool := &firstAlone{hosts: map[string]*underWay{}, Transport: &http.Transport{
			DialContext: func(context.Context, string, string) (net.Conn, error) {
				dials.Add(1)
				time.Sleep(time.Second)
				return nil, errors.New("down")
			},
		}}
		get := func(patience time.Duration) error {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			_, err := pool.RoundTrip(httptest.NewRequestWithContext(ctx, http.MethodGet, "http://api.example.test/", nil))
			return err
		}
		for range 2 {
			dials.Store(0)
			var asking sync.WaitGroup
			for range 3 {
				asking.Go(func() { _ = get(time.Minute) })
			}
			time.Sleep(time.Second / 2)
			if n := dials.Load(); n != 1 {
				t.Errorf("%d requests are under way while the first has no connection, want 1", n)
			}
			if err := get(time.Second / 4); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a request of little patience ends with %v", err)
			}
			asking.Wait()
			if n := dials.Load(); n != 3 {
				t.Errorf("three requests dialled %d times", n)
			}
		}
	})
}

// BenchmarkFirstCalls makes ten calls at once to a host that was not called before, over TLS and HTTP/2, as an account does when
// the program starts: through the pool, and through its bare Transport.
func BenchmarkFirstCalls(b *testing.B) {
	url, connections := secureServer(b, true, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") })
	for name, transport := range map[string]func(*firstAlone) http.RoundTripper{
		"pool": func(p *firstAlone) http.RoundTripper { return p },
		"bare": func(p *firstAlone) http.RoundTripper { return p.Transport },
	} {
		b.Run(name, func(b *testing.B) {
			connections.Store(0)
			for b.Loop() {
				p := insecure(b).(*firstAlone)
				getTogether(b, transport(p), 10, url)
				p.CloseIdleConnections()
			}
			b.ReportMetric(float64(connections.Load())/float64(b.N), "connections/op")
		})
	}
}
