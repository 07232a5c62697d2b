package genesys

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/health"

	promconfig "github.com/prometheus/common/config"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// How the WebSocket travels, and what must not be seen of it.

// The socket goes through the account's proxy, as calls do.
func TestStreamProxy(t *testing.T) {
	t.Parallel()
	w := simulated(t, simulator.Options{Queues: 5})
	var sockets atomic.Int64
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		if r.In.Header.Get("Upgrade") != "" {
			sockets.Add(1)
		}
	}}
	server := httptest.NewServer(proxy)
	defer server.Close()
	s := startStream(t, w, func(c *Config, _ *pace) {
		// Hosts of this machine are never asked through a proxy that the environment names, but through this one.
		address, err := url.Parse(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		c.HTTP.ProxyURL = promconfig.URL{URL: address}
	})
	s.healthy(t)
	if n := sockets.Load(); n != 1 {
		t.Errorf("%d sockets through the proxy, want one", n)
	}
	s.Close() // before the proxy
}

// front is the simulator behind TLS.
func front(t *testing.T, w *simulator.World) *httptest.Server {
	t.Helper()
	target, err := url.Parse(w.URL("emea"))
	if err != nil {
		t.Fatal(err)
	}
	var server *httptest.Server
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(r *http.Response) error {
		if r.Request.URL.Path != pathChannels {
			return nil
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		body = bytes.ReplaceAll(body, []byte("ws://"+target.Host), []byte("wss://"+strings.TrimPrefix(server.URL, "https://")))
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header.Set("Content-Length", fmt.Sprint(len(body)))
		return nil
	}
	server = httptest.NewTLSServer(proxy)
	t.Cleanup(server.Close)
	return server
}

// The TLS settings of the account hold for the socket too.
func TestStreamTLS(t *testing.T) {
	t.Parallel()
	w := simulated(t, simulator.Options{Queues: 5})
	server := front(t, w)
	s := startStream(t, w, func(c *Config, _ *pace) {
		ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
		c.APIURL, c.LoginURL, c.HTTP.TLSConfig.CA = server.URL, server.URL, string(ca)
	})
	s.healthy(t)
	s.Close() // before the server
}

// An address that is not encrypted is refused where the API is.
func TestStreamNeedsTLS(t *testing.T) {
	t.Parallel()
	for uri, ok := range map[string]bool{
		"wss://streaming.example.test/channels/streaming-0-x": true,
		"ws://streaming.example.test/channels/streaming-0-x":  false,
		"https://example.test/":                               false, "wss:": false, "://%": false, "": false,
	} {
		api := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if r.URL.Path == pathToken {
				fmt.Fprint(w, `{"access_token":"canary","token_type":"bearer","expires_in":86399}`)
				return
			}
			fmt.Fprintf(w, `{"id":"streaming-0-x","connectUri":%q,"expires":"2026-03-21T12:00:00Z"}`, uri)
		}))
		defer api.Close()
		config := DefaultConfig()
		config.Name, config.Region, config.ClientID, config.ClientSecret = "emea", "eu-central-1", "id", "canary"
		config.APIURL, config.LoginURL = api.URL, api.URL
		config.HTTP.TLSConfig.InsecureSkipVerify = true
		config.Stream.Enabled = true
		_, c, err := build(config, health.Surroundings{})
		if err != nil {
			t.Fatal(err)
		}
		made, err := c.stream.open(t.Context())
		c.close()
		if (err == nil) != ok || err != nil && strings.Contains(err.Error(), "streaming") {
			t.Errorf("a channel at %q: %v, %v, want it: %t", uri, made, err, ok)
		}
	}
}

// What cannot be reached is told without its address, which is a secret.
func TestStreamAddressIsSecret(t *testing.T) {
	t.Parallel()
	s := startStream(t, simulated(t, simulator.Options{Queues: 5}), nil).client.stream
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

// A queue of which nothing is told for long is not published any more, while others are.
func TestForgottenQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueues(&client{}, nil)
		q.maxAge = 5 * time.Minute
		q.watch([]queueName{{"a", "A"}, {"b", "B"}})
		tell := func(id string) { q.byID[id].takePoll(map[numberKey]reading{}, time.Now(), time.Now(), time.Now()) }
		tell("a")
		tell("b")
		time.Sleep(4 * time.Minute)
		tell("b")
		time.Sleep(2 * time.Minute)
		a := feed.NewAccount(t.Context(), feed.Source{
			Platform: "genesys", Name: "emea", Info: func() feed.Info { return feed.Info{} },
			Feeds: []feed.Feed{{Name: "queues", MinInterval: time.Minute, Timeout: time.Minute, Poll: func(context.Context) (*platform.Snapshot, error) {
				q.Lock()
				defer q.Unlock()
				return q.build(platform.Snapshot{}), nil
			}}},
		}, feed.PlaneLimits{Degraded: 1}, slog.New(slog.DiscardHandler))
		defer a.Close()
		a.Refresh(t.Context())
		if got := a.State().Snapshots[0].Queues; len(got) != 1 || got[0].Name != "B" {
			t.Errorf("queues = %+v, want B alone", got)
		}
		q.dirty = true
		if q.flushable() {
			t.Error("events are published though no poll has ever succeeded")
		}
		q.complete(time.Now())
		if !q.flushable() {
			t.Error("events are not published though a poll has succeeded")
		}
	})
}
