package app

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// BenchmarkShards scrapes two thousand accounts of which no feed is due as one page, and as twenty pages of a hundred accounts
// that ?account= names. Bars: the twenty pages together take as long as the one (total/page is about 1), and each takes about a
// twentieth (slowest/mean stays small): none waits for the accounts of another.
func BenchmarkShards(b *testing.B) {
	const shards = 20
	c := fleet(b, demoAccounts(b, demoConfig(startWorld(b, simulator.Options{})), time.Hour), 0, 1000, false)
	h, _ := startHandler(b, c)
	targets := make([]string, 0, shards)
	names := make([]url.Values, shards)
	for i, a := range c.accounts {
		if names[i%shards] == nil {
			names[i%shards] = url.Values{}
		}
		names[i%shards].Add("account", a.Label())
	}
	for _, query := range names {
		targets = append(targets, "/metrics?"+query.Encode())
	}
	get := func(target string) time.Duration {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, target, nil)
		r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "120") // platforms of one process take long to answer so many
		recorder := httptest.NewRecorder()
		start := time.Now()
		h.ServeHTTP(nowhere{recorder}, r)
		if recorder.Code != http.StatusOK {
			b.Fatalf("GET %s = %d", target, recorder.Code)
		}
		return time.Since(start)
	}
	get("/metrics")
	get("/metrics")
	var page, total, slowest []time.Duration
	for b.Loop() {
		page = append(page, get("/metrics"))
		var sum, worst time.Duration
		for _, target := range targets {
			took := get(target)
			sum, worst = sum+took, max(worst, took)
		}
		total, slowest = append(total, sum), append(slowest, worst)
	}
	b.ReportMetric(median(total).Seconds()/median(page).Seconds(), "total/page")
	b.ReportMetric(median(slowest).Seconds()*shards/median(total).Seconds(), "slowest/mean")
}
