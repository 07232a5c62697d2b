package collector

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// constants is the measure: the same series, each made as a constant metric and nothing else.
type constants []constant

type constant struct {
	desc   *prometheus.Desc
	value  float64
	labels []string
}

func (c constants) Describe(ch chan<- *prometheus.Desc) {
	described := map[*prometheus.Desc]bool{}
	for _, x := range c {
		if !described[x.desc] {
			described[x.desc] = true
			ch <- x.desc
		}
	}
}

func (c constants) Collect(ch chan<- prometheus.Metric) {
	for _, x := range c {
		ch <- prometheus.MustNewConstMetric(x.desc, prometheus.GaugeValue, x.value, x.labels...)
	}
}

// sameAs makes constants of what a collector exports.
func sameAs(b *testing.B, g prometheus.Gatherer) (list constants) {
	b.Helper()
	families, err := g.Gather()
	if err != nil {
		b.Fatal(err)
	}
	for _, mf := range families {
		var desc *prometheus.Desc
		for _, m := range mf.GetMetric() {
			var names, values []string
			for _, pair := range m.GetLabel() {
				names, values = append(names, pair.GetName()), append(values, pair.GetValue())
			}
			if desc == nil {
				desc = prometheus.NewDesc(mf.GetName(), mf.GetHelp(), names, nil)
			}
			value := m.GetGauge().GetValue() + m.GetCounter().GetValue()
			list = append(list, constant{desc, value, values})
		}
	}
	return list
}

// fleet is four accounts with about 5,000 series in all.
func fleet() (all []*changing) {
	for i := range 4 {
		v := genesysView()
		v.Account = fmt.Sprint("account-", i)
		v.Feeds = nil
		for j := range 8 {
			v.Feeds = append(v.Feeds, feedState(fmt.Sprint("feed-", j), nil))
		}
		big := platform.Part{}
		for j := range 40 {
			t, e := genesysTrunks().Trunks[0], genesysEdges().Edges[0]
			t.Name, e.Name = fmt.Sprint("trunk-", j), fmt.Sprint("edge-", j)
			big.Trunks, big.Edges = append(big.Trunks, t), append(big.Edges, e)
		}
		v.Parts[1] = &big
		v.Metrics = prometheus.NewGauge(prometheus.GaugeOpts{Name: "ccaas_api_breaker_open"})
		all = append(all, &changing{view: v})
	}
	return all
}

// BenchmarkScrape compares the page with that of bare constants: with nothing due, and with every part new. Both are
// measured in turns, so that a busy machine slows down both.
func BenchmarkScrape(b *testing.B) {
	for _, due := range []bool{false, true} {
		b.Run(fmt.Sprintf("due=%t", due), func(b *testing.B) {
			all := fleet()
			var list []Account
			for _, a := range all {
				list = append(list, a)
			}
			c := New(list, Options{})
			base := sameAs(b, c)
			var times [2]time.Duration
			var bytes [2]uint64
			bare := prometheus.NewRegistry()
			bare.MustRegister(base)
			pages := [2]http.Handler{handler(c), handler(bare)}
			for b.Loop() {
				for _, a := range all {
					if due {
						a.publish(1, *a.view.Parts[1])
					}
				}
				for i := range pages {
					t, n := measure(pages[i])
					times[i] += t
					bytes[i] += n
				}
			}
			b.ReportMetric(float64(len(base)), "series")
			b.ReportMetric(float64(times[0])/float64(times[1]), "time/bare")
			b.ReportMetric(float64(bytes[0])/float64(bytes[1]), "bytes/bare")
		})
	}
}

func handler(g prometheus.Gatherer) http.Handler {
	return promhttp.HandlerFor(g, promhttp.HandlerOpts{DisableCompression: true})
}

// nowhere is a response that is thrown away: its buffer shall not blur the comparison.
type nowhere struct{ http.ResponseWriter }

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }

func measure(h http.Handler) (time.Duration, uint64) {
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	writer := nowhere{httptest.NewRecorder()}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	h.ServeHTTP(writer, request)
	spent := time.Since(start)
	runtime.ReadMemStats(&after)
	return spent, after.TotalAlloc - before.TotalAlloc
}

// BenchmarkQueues scrapes an account of 1,500 queues: with nothing new, with another part published since the scrape
// before, and with all queues published since.
func BenchmarkQueues(b *testing.B) {
	for feed, name := range []string{"trunks", "queues", "nothing"} {
		b.Run("new="+name, func(b *testing.B) {
			v := bare(trunks(10), manyQueues(1500))
			a := &changing{view: v}
			c := New([]Account{a}, Options{})
			b.ReportAllocs()
			series := 0
			for b.Loop() {
				if feed < len(v.Parts) {
					a.publish(feed, *v.Parts[feed])
				}
				series = 0
				families, err := c.Gather()
				if err != nil {
					b.Fatal(err)
				}
				for _, mf := range families {
					series += len(mf.Metric)
				}
			}
			b.ReportMetric(float64(series), "series")
		})
	}
}

func manyQueues(n int) *platform.Part {
	p := &platform.Part{}
	for i := range n {
		q := platform.Queue{ID: fmt.Sprint(i), Name: fmt.Sprint("queue ", i)}
		for _, c := range []platform.Channel{platform.ChannelVoice, platform.ChannelEmail, platform.ChannelMessage} {
			q.Channels = append(q.Channels, platform.QueueChannel{
				Channel: c, Waiting: new(1.0), Active: new(2.0), Alerting: new(0.0), OldestWaiting: noon,
			})
		}
		for _, s := range []platform.AgentState{platform.AgentReady, platform.AgentEngaged, platform.AgentNotResponding, platform.AgentUnavailable, platform.AgentOffline} {
			q.Agents = append(q.Agents, platform.AgentCount{State: s, Count: i})
		}
		p.Queues = append(p.Queues, q)
	}
	return p
}
