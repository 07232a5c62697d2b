// What a scrape costs that finds nothing due, beside the same page made of bare constant metrics.

package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/ccaas-exporter/ccaas_exporter/platform/cxone"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
	"github.com/ccaas-exporter/ccaas_exporter/platform/statuspage"
)

// fleet is a configuration of organizations and tenants with the numbers from begin to end: the same two simulated ones
// under many names.
func fleet(tb testing.TB, c *Config, begin, end int, queues bool) *Config {
	tb.Helper()
	var organizations, tenants []listed
	for i := begin; i < end; i++ {
		for _, a := range []listed{c.accounts[0], c.accounts[len(c.accounts)-1]} {
			switch config := a.account.(type) {
			case genesys.Config:
				if !queues {
					config.Feeds.Queues, config.Feeds.ServiceLevel = 0, 0 // their series would outweigh everything else
				}
				config.Name = fmt.Sprintf("genesys-%03d", i)
				a.account = config
				organizations = append(organizations, a)
			case cxone.Config:
				if !queues {
					config.Feeds.Queues = 0
				}
				config.Name = fmt.Sprintf("cxone-%03d", i)
				a.account = config
				tenants = append(tenants, a)
			}
		}
	}
	c.accounts, c.SIPTargets, c.Health = slices.Concat(organizations, tenants), nil, statuspage.DefaultConfig
	return c
}

// constants are a collector of bare metrics, which are made anew for each scrape, as a collector has to do that reads
// its values somewhere.
type constants struct {
	descs   []*prometheus.Desc
	metrics []func() prometheus.Metric
}

func (c *constants) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range c.descs {
		ch <- desc
	}
}

func (c *constants) Collect(ch chan<- prometheus.Metric) {
	for _, metric := range c.metrics {
		ch <- metric()
	}
}

// constantsOf makes a constant metric of the same kind of everything on a page.
func constantsOf(tb testing.TB, page string) *constants {
	tb.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(page))
	if err != nil {
		tb.Fatal(err)
	}
	c := &constants{}
	add := func(metric func() prometheus.Metric) { c.metrics = append(c.metrics, metric) }
	for _, mf := range families {
		var desc *prometheus.Desc
		for _, m := range mf.GetMetric() {
			var names, labels []string
			for _, pair := range m.GetLabel() {
				names, labels = append(names, pair.GetName()), append(labels, pair.GetValue())
			}
			if desc == nil {
				desc = prometheus.NewDesc(mf.GetName(), mf.GetHelp(), names, nil)
				c.descs = append(c.descs, desc)
			}
			simple := func(kind prometheus.ValueType, value float64) {
				add(func() prometheus.Metric { return prometheus.MustNewConstMetric(desc, kind, value, labels...) })
			}
			switch h, s := m.GetHistogram(), m.GetSummary(); {
			case h != nil:
				buckets := map[float64]uint64{}
				for _, b := range h.GetBucket() {
					buckets[b.GetUpperBound()] = b.GetCumulativeCount()
				}
				add(func() prometheus.Metric {
					return prometheus.MustNewConstHistogram(desc, h.GetSampleCount(), h.GetSampleSum(), buckets, labels...)
				})
			case s != nil:
				quantiles := map[float64]float64{}
				for _, q := range s.GetQuantile() {
					quantiles[q.GetQuantile()] = q.GetValue()
				}
				add(func() prometheus.Metric {
					return prometheus.MustNewConstSummary(desc, s.GetSampleCount(), s.GetSampleSum(), quantiles, labels...)
				})
			case m.GetCounter() != nil:
				simple(prometheus.CounterValue, m.GetCounter().GetValue())
			default:
				simple(prometheus.GaugeValue, m.GetGauge().GetValue())
			}
		}
	}
	return c
}

// nowhere throws a page away, so that a growing buffer does not blur the comparison.
type nowhere struct{ http.ResponseWriter }

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }

// cost is what one scrape takes: time, and bytes allocated.
func cost(h http.Handler) (time.Duration, uint64) {
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	writer := nowhere{httptest.NewRecorder()}
	var before, after runtime.MemStats
	runtime.GC() // or every collection could fall into the same one of two that take turns
	runtime.ReadMemStats(&before)
	start := time.Now()
	h.ServeHTTP(writer, request)
	spent := time.Since(start)
	runtime.ReadMemStats(&after)
	return spent, after.TotalAlloc - before.TotalAlloc
}

// BenchmarkNothingDue scrapes ten and two hundred accounts of which no feed is due, and in turns the same series as bare
// constant metrics, so that a busy machine slows down both. Bars: at most 0.45 times their time and 0.2 times their bytes.
func BenchmarkNothingDue(b *testing.B) {
	for _, accounts := range []int{10, 200} {
		b.Run(fmt.Sprintf("accounts=%d", accounts), func(b *testing.B) { benchmarkNothingDue(b, accounts) })
	}
}

func benchmarkNothingDue(b *testing.B, accounts int) {
	h, _ := startHandler(b, fleet(b, demoAccounts(b, demoConfig(startWorld(b, simulator.Options{})), time.Hour), 0, accounts/2, false))
	first := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/metrics", nil)
	first.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "120") // platforms of one process take long to answer so many
	h.ServeHTTP(httptest.NewRecorder(), first)
	page := scrape(b, h)
	allRan(b, page, "1")
	registry := prometheus.NewRegistry()
	registry.MustRegister(constantsOf(b, page))
	pages := [2]http.Handler{h, promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true})}
	if got, want := len(parseSamples(scrape(b, pages[1]))), len(parseSamples(page)); got != want {
		b.Fatalf("bare page has %d series, want %d", got, want)
	}
	var times [2][]time.Duration
	var bytes [2]uint64
	for b.Loop() {
		for i, p := range pages {
			t, n := cost(p)
			times[i] = append(times[i], t)
			bytes[i] += n
		}
	}
	allRan(b, scrape(b, h), "1")
	b.ReportMetric(float64(len(parseSamples(page))), "series")
	b.ReportMetric(median(times[0]).Seconds()/median(times[1]).Seconds(), "time/bare")
	b.ReportMetric(float64(bytes[0])/float64(bytes[1]), "bytes/bare")
}
