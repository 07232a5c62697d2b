package rest

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// This file is what a client tells about itself. The names are the README's; the labels of the account are added by
// whoever collects it.

// metrics is a client's prometheus.Collector.
type metrics struct {
	duration        *prometheus.HistogramVec
	failures        *prometheus.CounterVec
	retries         *prometheus.CounterVec
	throttled       prometheus.Counter
	rateLimited     prometheus.Counter
	allowed         *prometheus.GaugeVec // without labels, as everything that is absent until it is known
	remaining       *prometheus.GaugeVec
	tokenExpiry     *prometheus.GaugeVec
	clockSkew       *prometheus.GaugeVec
	refreshes       prometheus.Counter
	refreshFailures *prometheus.CounterVec

	all []prometheus.Collector
}

// loginReasons are the reasons that a login can fail with.
var loginReasons = [...]platform.Reason{
	platform.ReasonAuth, platform.ReasonNotFound, platform.ReasonRateLimited, platform.ReasonTimeout, platform.ReasonNetwork, platform.ReasonServerError, platform.ReasonBadResponse,
}

// newMetrics makes the metrics with the series of all operations at 0.
func newMetrics(operations []string, c *Client) *metrics {
	m := &metrics{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ccaas_api_request_duration_seconds",
			Help: "Time from sending a request until its answer was read, by operation. " +
				"Every request sent counts, failed ones and retries too; waiting for the budget does not.",
			Buckets:                         []float64{.05, .1, .2, .4, .8, 1.5, 3, 5, 10},
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  100,
			NativeHistogramMinResetDuration: time.Hour,
		}, []string{"operation"}),
		failures: counters("ccaas_api_request_failures_total",
			"Calls that failed for good, after all retries, by operation and reason. "+
				"Calls that our own pacing, a pause or the circuit breaker kept from being sent count too.", "operation", "reason"),
		retries: counters("ccaas_api_retries_total",
			"Requests sent again after a failure, by operation.", "operation"),
		throttled: counter("ccaas_api_throttled_seconds_total",
			"Time that calls waited for the account's own budget, summed over all calls."),
		rateLimited: counter("ccaas_api_rate_limited_total",
			"Answers of status 429 to authorised requests."),
		allowed: gauge("ccaas_api_rate_limit_allowed",
			"Requests that the platform allows in its current window, from its last answer. Absent when it never said."),
		remaining: gauge("ccaas_api_rate_limit_remaining",
			"Requests left in the platform's current window, from its last answer. Absent when it never said."),
		tokenExpiry: gauge("ccaas_token_expiry_timestamp_seconds",
			"When the last access token received expires, as Unix time. Absent before the first token."),
		clockSkew: gauge("ccaas_clock_skew_seconds",
			"Platform's clock minus ours, from the last answer that told it; exact to about a second. Absent until known."),
		refreshes: counter("ccaas_token_refreshes_total",
			"Logins tried, whether they succeeded or failed."),
		refreshFailures: counters("ccaas_token_refresh_failures_total",
			"Logins that failed, by reason.", "reason"),
	}
	for _, operation := range operations {
		m.duration.WithLabelValues(operation)
		m.retries.WithLabelValues(operation)
		for _, reason := range platform.Reasons {
			m.failures.WithLabelValues(operation, string(reason))
		}
	}
	for _, reason := range loginReasons {
		m.refreshFailures.WithLabelValues(string(reason))
	}
	m.all = []prometheus.Collector{
		m.duration, m.failures, m.retries, m.throttled, m.rateLimited, m.allowed, m.remaining,
		m.tokenExpiry, m.clockSkew, m.refreshes, m.refreshFailures,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ccaas_api_rate_limit_paused_until_timestamp_seconds",
			Help: "When the account's pause that the platform asked for ends, as Unix time; 0 when it does not pause.",
		}, func() float64 {
			if until, refused := c.budget.paused(); refused != nil {
				return unix(until)
			}
			return 0
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ccaas_api_breaker_open",
			Help: "1 from when a host is left alone after repeated failures until a request to it succeeds, else 0.",
		}, c.breakers.open),
	}
	return m
}

// Describe sends the descriptors of all families.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, collector := range m.all {
		collector.Describe(ch)
	}
}

// Collect sends all series.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	for _, collector := range m.all {
		collector.Collect(ch)
	}
}

// observe records the duration of a request, with the platform's own name for it as exemplar.
func (m *metrics) observe(operation string, d time.Duration, correlationID string) {
	observer := m.duration.WithLabelValues(operation)
	if exemplars, ok := observer.(prometheus.ExemplarObserver); ok && correlationID != "" {
		exemplars.ObserveWithExemplar(d.Seconds(), prometheus.Labels{"correlation_id": correlationID})
		return
	}
	observer.Observe(d.Seconds())
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func gauge(name, help string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, nil)
}

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
