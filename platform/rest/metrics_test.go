package rest

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

func TestMetricsLint(t *testing.T) {
	c := (&vendor{answer: ok}).client(t, Options{Operations: []string{"things"}})
	wantReason(t, get(t.Context(), c), "")
	problems, err := testutil.CollectAndLint(c.Metrics())
	if err != nil || len(problems) > 0 {
		t.Errorf("lint: %v, %v", problems, err)
	}
}

func TestDurationIsClassicAndNative(t *testing.T) {
	c := (&vendor{answer: ok}).client(t, Options{})
	wantReason(t, get(t.Context(), c), "")
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c.Metrics())
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "ccaas_api_request_duration_seconds" {
			continue
		}
		h := family.GetMetric()[0].GetHistogram()
		bounds := h.GetBucket()
		if h.GetSchema() != 3 || bounds[0].GetUpperBound() != 0.05 || bounds[len(bounds)-1].GetUpperBound() != 10 {
			t.Errorf("histogram = %v, want schema 3 (a factor of 1.1) and buckets from 0.05 to 10", h)
		}
		return
	}
	t.Error("no histogram")
}

// absent are the families without a series before anything was asked.
const absent = `ccaas_api_rate_limit_allowed ccaas_api_rate_limit_remaining ccaas_clock_skew_seconds ccaas_secret_file_modified_timestamp_seconds ccaas_token_expiry_timestamp_seconds`

func TestMetricsFromTheStart(t *testing.T) {
	c := (&vendor{answer: ok}).client(t, Options{Operations: []string{"things", "others"}})
	for name, want := range map[string]int{
		"ccaas_api_request_duration_seconds":                  2,
		"ccaas_api_request_failures_total":                    2 * len(platform.Reasons),
		"ccaas_api_retries_total":                             2,
		"ccaas_api_throttled_seconds_total":                   1,
		"ccaas_api_rate_limited_total":                        1,
		"ccaas_api_rate_limit_paused_until_timestamp_seconds": 1,
		"ccaas_api_breaker_open":                              1,
		"ccaas_token_refreshes_total":                         1,
		"ccaas_token_refresh_failures_total":                  len(loginReasons),
	} {
		if got := testutil.CollectAndCount(c.Metrics(), name); got != want {
			t.Errorf("%d series of %s, want %d", got, name, want)
		}
		if want == 1 {
			wantValue(t, c, 0, name)
		}
	}
	if got := testutil.CollectAndCount(c.Metrics(), strings.Fields(absent)...); got != 0 {
		t.Errorf("%d series of what is not known yet, want 0", got)
	}
}

func TestExemplar(t *testing.T) {
	for id, want := range map[string]bool{"b5a4-1": true, strings.Repeat("x", 101): false, "\xff": false} {
		p := &vendor{answer: func(int, *http.Request) (*http.Response, error) {
			return reply(200, "{}", "X-Correlation-Id", id), nil
		}}
		c := p.client(t, Options{})
		var got string
		err := c.Do(t.Context(), Request{Operation: "things", URL: apiURL}, func(r Response) error {
			got = r.CorrelationID
			return nil
		})
		wantReason(t, err, "")
		if (got == id) != want {
			t.Errorf("CorrelationID = %q for %q", got, id)
		}
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(c.Metrics())
		w := &recorder{header: http.Header{}}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", "application/openmetrics-text")
		promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}).ServeHTTP(w, request)
		if exported := strings.Contains(w.String(), `# {correlation_id="`+id+`"}`); exported != want {
			t.Errorf("exemplar of %q exported: %v, want %v", id, exported, want)
		}
	}
}

// recorder keeps what a handler writes.
type recorder struct {
	strings.Builder
	header http.Header
}

func (r *recorder) Header() http.Header { return r.header }
func (r *recorder) WriteHeader(int)     {}

func TestClockSkew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: func(int, *http.Request) (*http.Response, error) {
			<-time.After(2 * time.Second)
			return reply(200, "{}", "Date", time.Now().UTC().Add(time.Minute).Format(http.TimeFormat)), nil
		}}
		c := p.client(t, Options{})
		wantReason(t, c.Do(t.Context(), Request{URL: apiURL, Anonymous: true}, nil), "")
		if _, ok := value(t, c, "ccaas_clock_skew_seconds"); ok {
			t.Error("another host's clock counts")
		}
		wantReason(t, get(t.Context(), c), "")
		wantValue(t, c, 61.5, "ccaas_clock_skew_seconds") // half of the latency and half a second for the Date
		err := c.Do(t.Context(), Request{URL: apiURL}, func(r Response) error {
			c.ClockSkew(r.Received.Add(9*time.Second), r)
			return nil
		})
		wantReason(t, err, "")
		wantValue(t, c, 10, "ccaas_clock_skew_seconds")
		wantReason(t, get(t.Context(), c), "")
		wantValue(t, c, 10, "ccaas_clock_skew_seconds")
	})
}

func TestFamilies(t *testing.T) {
	names := map[string]bool{}
	for _, family := range Families() {
		if names[family.Name] || family.Help == "" || family.Global {
			t.Errorf("family %+v is declared twice, has no help, or is global", *family)
		}
		names[family.Name] = true
	}
	if len(names) != 14 {
		t.Errorf("%d families, want 14", len(names))
	}
}
