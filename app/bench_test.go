// What a scrape of the whole program costs in time and in calls. The bar is written at each benchmark; none of them
// fails because a machine is slow.

package app

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/cxone"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// demoAccounts is a configuration of the demo without its stream, probes and pair. With every, all its feeds have this minimum interval.
func demoAccounts(tb testing.TB, config string, every time.Duration) *Config {
	tb.Helper()
	c, err := parseConfig([]byte(config), platforms())
	if err != nil {
		tb.Fatal(err)
	}
	c.SIPTargets, c.Presence = nil, nil // what is measured here are polls of APIs by scrapes
	configure(c, func(g *genesys.Config) { g.Stream.Enabled = false })
	if i := settings.Interval(every); i != 0 {
		configure(c, func(g *genesys.Config) {
			g.Feeds = genesys.FeedIntervals{Health: i, Edges: i, Trunks: i, Presence: i, Calls: i, Definitions: i}
		})
		configure(c, func(x *cxone.Config) { x.Feeds = cxone.FeedIntervals{Health: i, Agents: i, Calls: i, Capacity: i} })
		for n := range c.Health.StatusPages {
			c.Health.StatusPages[n].Every = i
		}
		for n := range c.Health.Documents {
			c.Health.Documents[n].Every = i
		}
	}
	return c
}

// startHandler applies a configuration and returns what serves it, until stop or until the test ends.
func startHandler(tb testing.TB, c *Config) (h http.Handler, stop func()) {
	tb.Helper()
	app := newApp(tb.Context(), func() (*Config, error) { return c, nil }, slog.New(slog.DiscardHandler))
	tb.Cleanup(app.close)
	if err := app.reload(); err != nil {
		tb.Fatal(err)
	}
	return app.handler(flags{telemetryPath: "/metrics", timeoutOffset: time.Second / 2}, nil), app.close
}

// median does not mind what else a machine does for a moment.
func median[T ~int64 | ~float64](values []T) T {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// scrape asks a handler for the whole page. It may be called from any goroutine.
func scrape(tb testing.TB, h http.Handler) (page string) {
	tb.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(tb.Context(), http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		tb.Errorf("GET /metrics = %d:\n%s", w.Code, w.Body)
	}
	return w.Body.String()
}

// allRan makes sure that every feed has run so many times, the last time with success.
func allRan(tb testing.TB, page, times string) {
	tb.Helper()
	feeds := 0
	for series, value := range parseSamples(page) {
		up := strings.HasPrefix(series, "ccaas_feed_up{")
		if up {
			feeds++
		}
		if up && value != "1" || strings.HasPrefix(series, "ccaas_feed_runs_total{") && value != times {
			tb.Errorf("%s = %s after scrape %s", series, value, times)
		}
	}
	if feeds == 0 {
		tb.Error("no feed is on the page")
	}
}

// scrapeTogether scrapes n times at once and waits for all.
func scrapeTogether(tb testing.TB, h http.Handler, n int) {
	tb.Helper()
	var scraping sync.WaitGroup
	for range n {
		scraping.Go(func() { scrape(tb, h) })
	}
	scraping.Wait()
}

// allCalls are the calls to every site, and their number.
func allCalls(world *simulator.World) (calls map[string]map[string]int, n int) {
	calls = map[string]map[string]int{}
	for _, site := range []string{"emea", "americas", "us", "status"} {
		calls[site] = world.Calls(site)
		for _, count := range calls[site] {
			n += count
		}
	}
	return calls, n
}

// BenchmarkTenScrapers lets one scraper and ten scrapers watch a world each, once a second for a minute, at the default
// intervals. Bar: the ten cause exactly the calls of the one, a ratio of 1.00.
func BenchmarkTenScrapers(b *testing.B) {
	type side struct {
		scrapers int
		world    *simulator.World
		handler  http.Handler
	}
	var calls [2]int
	for b.Loop() {
		sides := [2]side{{scrapers: 1}, {scrapers: 10}}
		for i := range sides {
			s := &sides[i]
			s.world = startWorld(b, simulator.Options{})
			s.handler, _ = startHandler(b, demoAccounts(b, demoConfig(s.world), 0))
		}
		var scraping sync.WaitGroup
		for tick, n := time.NewTicker(time.Second), 0; n < 60; n++ {
			for _, s := range sides {
				scraping.Go(func() { scrapeTogether(b, s.handler, s.scrapers) })
			}
			<-tick.C
		}
		scraping.Wait()
		one, n := allCalls(sides[0].world)
		ten, m := allCalls(sides[1].world)
		calls[0], calls[1] = calls[0]+n, calls[1]+m
		if diff := cmp.Diff(one, ten); diff != "" {
			b.Log("calls of one (-) and of ten (+):", diff)
		}
	}
	b.ReportMetric(float64(calls[1])/float64(calls[0]), "calls_of_ten/calls_of_one")
	b.ReportMetric(float64(calls[0])/float64(b.N), "calls_of_one/op")
}
