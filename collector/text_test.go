package collector

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"pgregory.net/rapid"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// What scrapers ask for: Prometheus 2 and 3, with and without native histograms, curl, browsers, and what nothing offers.
var (
	accepts = []string{
		"", "*/*", "text/plain", "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "text/html", "application/json",
		"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
		"application/openmetrics-text", "application/openmetrics-text;version=2.0.0", "text/plain;version=1.0.0;escaping=underscores",
		"application/openmetrics-text;version=1.0.0;escaping=values",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,text/plain;version=0.0.4;q=0.5",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=compact-text",
	}
	encodings = []string{"", "gzip", "identity", "gzip;q=0", "deflate, gzip, br, zstd", "*", "br"}
)

// answerTo is everything that a scraper reads of an answer, unzipped.
func answerTo(t interface{ Fatal(...any) }, h http.Handler, accept, encoding string) (answer struct {
	Status int
	Header http.Header
	Body   string
},
) {
	r, w := httptest.NewRequest(http.MethodGet, "/metrics", nil), httptest.NewRecorder()
	for name, value := range map[string]string{"Accept": accept, "Accept-Encoding": encoding} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	h.ServeHTTP(w, r)
	body := io.Reader(w.Body)
	if w.Header().Get("Content-Encoding") == "gzip" {
		zipped, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		body = zipped
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	answer.Status, answer.Header, answer.Body = w.Code, w.Header(), string(text)
	return answer
}

// handlers are the one under test, and promhttp's of the same accounts, which remembers nothing.
func handlers(log promhttp.Logger, all ...Account) (got, want http.Handler) {
	exporter := NewExporter()
	exporter.SetReload(true, noon)
	self := prometheus.NewRegistry()
	self.MustRegister(exporter, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "zz_last", Help: "after all\n\\others"}, func() float64 { return 1 }))
	handler, c := &Handler{Self: self}, New(all, Options{})
	got = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.Serve(w, r, func() *Collector { return c }, log) })
	want = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		promhttp.HandlerFor(Join(self, New(all, Options{})), promhttp.HandlerOpts{
			EnableOpenMetrics: true, ErrorHandling: promhttp.ContinueOnError, ErrorLog: log,
		}).ServeHTTP(w, r)
	})
	return got, want
}

// Whatever is asked for, before and after whatever changes, a scraper reads what promhttp would have written.
func TestServe(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		first, second := genesysState(), cxoneState()
		set := &metric.Set{}
		counts := set.Counters(&metric.Family{Name: "ccaas_test_total", Type: metric.Counter, Labels: by("what"), Help: "Test."})
		waits := set.Histograms(&metric.Family{Name: "ccaas_test_seconds", Type: metric.Histogram, Help: "Test.", Buckets: []float64{1, 5}})
		first.Metrics = set
		a, b := &changing{state: first}, &changing{state: second}
		got, want := handlers(logTo{t.Output()}, a, b)
		for range rapid.IntRange(1, 5).Draw(r, "steps") {
			switch rapid.IntRange(0, 5).Draw(r, "change") {
			case 0:
				a.publish(1, *manyQueues(rapid.IntRange(0, 4).Draw(r, "queues")))
			case 1:
				b.publish(0, platform.Snapshot{Trunks: trunks(rapid.IntRange(0, 3).Draw(r, "trunks")).Trunks})
			case 2:
				counts.WithLabelValues(rapid.SampledFrom([]string{"a", "b", "\"\n\\"}).Draw(r, "label")).Inc()
			case 3:
				waits.Observe(rapid.Float64Range(0, 9).Draw(r, "seconds"))
			case 4:
				waits.ObserveWithExemplar(rapid.Float64Range(0, 9).Draw(r, "seconds"), "correlation_id", "x")
			}
			accept, encoding := rapid.SampledFrom(accepts).Draw(r, "accept"), rapid.SampledFrom(encodings).Draw(r, "encoding")
			if diff := cmp.Diff(answerTo(r, want, accept, encoding), answerTo(r, got, accept, encoding)); diff != "" {
				r.Errorf("answer to %q, %q differs from promhttp's (-want +got):\n%s", accept, encoding, diff)
			}
		}
	})
}

// Scrapers that ask for different formats at once get each their own.
func TestServeAtOnce(t *testing.T) {
	a := &changing{state: genesysState()}
	handler, _ := handlers(logTo{t.Output()}, a)
	var scraping sync.WaitGroup
	for _, accept := range []string{"text/plain", "application/openmetrics-text;version=1.0.0", "application/openmetrics-text;version=0.0.1"} {
		for _, encoding := range []string{"", "gzip"} {
			scraping.Go(func() {
				for range 20 {
					answer := answerTo(t, handler, accept, encoding)
					end, counter := strings.HasSuffix(answer.Body, "# EOF\n"), strings.Contains(answer.Body, "# TYPE ccaas_feed_runs counter")
					if open := strings.HasPrefix(accept, "application/"); end != open || counter != open {
						t.Errorf("asked for %s: ends with an EOF %t, names of counters without _total %t", accept, end, counter)
					}
					a.publish(1, *genesysTrunks())
				}
			})
		}
	}
	scraping.Wait()
}

// An account that cannot be rendered hides no other, and it is logged why it is missing.
func TestServeBroken(t *testing.T) {
	var log strings.Builder
	handler, _ := handlers(logTo{&log}, append(accounts(cxoneState()), broken{})...)
	answer := answerTo(t, handler, "", "")
	if answer.Status != http.StatusOK || !strings.Contains(answer.Body, "ccaas_account_info") || !strings.Contains(log.String(), "broken") {
		t.Errorf("answer = %d, logged %q, want the other account, and why one is missing", answer.Status, log.String())
	}
}

// What an account has of a family is left out whole when a metric of it cannot be written, and there is an error to log.
func TestUnwritable(t *testing.T) {
	f := &metric.Family{Name: "ccaas_test", Type: metric.Gauge, Help: "Test.", Global: true}
	failed := errors.New("cannot be written")
	for name, c := range map[string]chunk{
		"samples fail":  {Family: f, samples: func(*scratch) ([]sample, error) { return []sample{{value: 1}}, failed }},
		"metrics fail":  {Family: f, metrics: func(*scratch, write) ([]*dto.Metric, error) { return metricsOf(f, []sample{{value: 1}}), failed }},
		"samples panic": {Family: f, samples: func(*scratch) ([]sample, error) { panic("broken") }},
		"another type": {Family: f, metrics: func(*scratch, write) ([]*dto.Metric, error) {
			return []*dto.Metric{{Gauge: &dto.Gauge{Value: new(1.0)}}, {Counter: &dto.Counter{Value: new(2.0)}}}, nil
		}},
	} {
		var out bytes.Buffer
		good := chunk{Family: f, samples: func(*scratch) ([]sample, error) { return []sample{{value: 7}}, nil }}
		err := newSender().send(&out, expfmt.NewFormat(expfmt.TypeTextPlain), nil, page{f.Name: {c, good}})
		if want := "# HELP ccaas_test Test.\n# TYPE ccaas_test gauge\nccaas_test 7\n"; err == nil || out.String() != want {
			t.Errorf("%s: sent %q, %v, want %q and an error", name, out.String(), err, want)
		}
	}
}

// A counter that may count is 0 on the page before it does, and makes room for itself when it does. Two clients of an
// account may share a family.
func TestZeros(t *testing.T) {
	f := &metric.Family{Name: "ccaas_test_total", Type: metric.Counter, Labels: by("operation", "reason"), Help: "Test."}
	var set, other metric.Set
	counts := set.CountersFromZero(f, slices.Values([][]string{{"b", "x"}, {"a", "y"}, {"a", "x"}}))
	also := other.CountersFromZero(f, slices.Values([][]string{{"c", "x"}, {"a", "x"}}))
	state := cxoneState()
	state.Metrics = &set
	c := New(accounts(state), Options{Pushed: func(string) *metric.Set { return &other }})
	for _, step := range []struct {
		do   func()
		want map[string]string
	}{
		{func() {}, map[string]string{"a x": "0", "a y": "0", "b x": "0", "c x": "0"}},
		{func() { counts.WithLabelValues("a", "y").Inc() }, map[string]string{"a x": "0", "a y": "1", "b x": "0", "c x": "0"}},
		{func() { counts.WithLabelValues("d", "z").Add(2) }, map[string]string{"a x": "0", "a y": "1", "b x": "0", "c x": "0", "d z": "2"}},
		{func() { also.WithLabelValues("c", "x").Inc() }, map[string]string{"a x": "0", "a y": "1", "b x": "0", "c x": "1", "d z": "2"}},
	} {
		step.do()
		got := map[string]string{}
		for _, line := range lines(bodyOf(t, checked(c)), f.Name) {
			labels, value, _ := strings.Cut(strings.TrimPrefix(line, f.Name+`{account="us",operation="`), "} ")
			operation, rest, _ := strings.Cut(labels, `",platform="cxone",reason="`)
			reason, _, _ := strings.Cut(rest, `"`)
			got[operation+" "+reason] = value
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("counters differ (-want +got):\n%s", diff)
		}
	}
	if n := testutil.CollectAndCount(&set, f.Name); n != 4 {
		t.Errorf("a registry collects %d counters, want those that may count and the one that did, 4", n)
	}
}

// logTo writes what promhttp logs.
type logTo struct{ io.Writer }

func (l logTo) Println(v ...any) { fmt.Fprintln(l, v...) }
