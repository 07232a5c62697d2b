// How the WebSocket travels, and what must not be seen of it.

package genesys

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	promconfig "github.com/prometheus/common/config"

	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

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
	s := startStream(t, w, func(c *Config, _ *notify.Pace) {
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
		if r.Request.URL.Path != channels {
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
	s := startStream(t, w, func(c *Config, _ *notify.Pace) {
		ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
		c.APIURL, c.LoginURL, c.HTTP.TLSConfig.CA = server.URL, server.URL, string(ca)
	})
	s.healthy(t)
	s.Close() // before the server
}
