package app

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// TestAccountsShareConnections reads 40 organizations of one host that speaks HTTP/2: 32 have a connection of their own, and 8 share
// those, however many calls each makes at once. A reload that makes all of them anew takes the connections over.
func TestAccountsShareConnections(t *testing.T) {
	t.Parallel()
	world := startWorld(t, simulator.Options{Agents: 100})
	simulated, err := url.Parse(world.URL("emea"))
	if err != nil {
		t.Fatal(err)
	}
	var connections, old atomic.Int64
	front := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor < 2 {
			old.Add(1)
		}
		httputil.NewSingleHostReverseProxy(simulated).ServeHTTP(w, r)
	}))
	front.EnableHTTP2 = true
	front.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	front.StartTLS()
	t.Cleanup(front.Close)
	c := fleet(t, demoAccounts(t, demoConfig(world), 0), 0, 40, false)
	c.accounts = c.accounts[:40] // the organizations
	configure(c, func(g *genesys.Config) {
		g.APIURL, g.LoginURL, g.HTTP.TLSConfig.InsecureSkipVerify = front.URL, front.URL, true
	})
	app := newApp(t.Context(), func() (*Config, error) { return c, nil }, slog.New(slog.DiscardHandler))
	t.Cleanup(app.close)
	handler := app.handler(flags{telemetryPath: "/metrics"}, nil)
	for _, timeout := range []time.Duration{20 * time.Second, 21 * time.Second} {
		again := *c
		again.accounts = slices.Clone(c.accounts)
		c = &again
		configure(c, func(g *genesys.Config) { g.HTTP.Timeout = model.Duration(timeout) })
		if err := app.reload(); err != nil {
			t.Fatal(err)
		}
		up := 0
		for series, value := range parseSamples(scrape(t, handler)) {
			if strings.HasPrefix(series, "ccaas_feed_runs_total{") && value != "1" {
				t.Errorf("%s = %s, want the first run of an account that was made just now", series, value)
			}
			if strings.HasPrefix(series, "ccaas_feed_up{") && value == "1" {
				up++
			}
		}
		if up < 40*5 {
			t.Errorf("%d feeds of 40 organizations are up", up)
		}
		if n := connections.Load(); n != 32 || old.Load() != 0 {
			t.Errorf("40 organizations make %d connections, and %d requests without HTTP/2, want 32 and 0", n, old.Load())
		}
	}
}
