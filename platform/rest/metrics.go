package rest

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// The families of every client.
var (
	requestDurationFamily = &metric.Family{
		Name: "ccaas_api_request_duration_seconds", Type: metric.Histogram, Labels: []string{"operation"},
		Help: "Time from sending a request until its response was read, by operation. " +
			"Includes failed requests and retries; excludes waiting for the budget.",
		Buckets: []float64{.05, .1, .2, .4, .8, 1.5, 3, 5, 10},
	}
	requestFailuresFamily = &metric.Family{
		Name: "ccaas_api_request_failures_total", Type: metric.Counter, Labels: []string{"operation", "reason"},
		Help: "Calls that failed after all retries, by operation and reason. " +
			"Includes calls never sent because of pacing, a rate-limit pause or an open circuit breaker.",
	}
	retriesFamily = &metric.Family{
		Name: "ccaas_api_retries_total", Type: metric.Counter, Labels: []string{"operation"},
		Help: "Requests sent again after a failure, by operation.",
	}
	rateLimitAllowedFamily = &metric.Family{
		Name: "ccaas_api_rate_limit_allowed", Type: metric.Gauge,
		Help: "Requests that the platform allows in its current window, from its last response. Absent unless the platform reports it.",
	}
	rateLimitRemainingFamily = &metric.Family{
		Name: "ccaas_api_rate_limit_remaining", Type: metric.Gauge,
		Help: "Requests left in the platform's current window, from its last response. Absent unless the platform reports it.",
	}
	pausedUntilFamily = &metric.Family{
		Name: "ccaas_api_rate_limit_paused_until_timestamp_seconds", Type: metric.Gauge,
		Help: "Unix time at which the pause of the account ends that the platform asked for. 0 while the account does not pause.",
	}
	throttledFamily = &metric.Family{
		Name: "ccaas_api_throttled_seconds_total", Type: metric.Counter,
		Help: "Time that calls waited for the account's own request budget, summed over all calls.",
	}
	rateLimitedFamily = &metric.Family{
		Name: "ccaas_api_rate_limited_total", Type: metric.Counter,
		Help: "Responses to authorised requests that say that the rate limit is exceeded: status 429, or what the platform sends in its place.",
	}
	breakerOpenFamily = &metric.Family{
		Name: "ccaas_api_breaker_open", Type: metric.Gauge,
		Help: "1 while requests to a host, or of one operation, are held back after repeated failures, until one succeeds; else 0.",
	}
	tokenExpiryFamily = &metric.Family{
		Name: "ccaas_token_expiry_timestamp_seconds", Type: metric.Gauge,
		Help: "Unix time at which the last access token received expires. Absent before the first token.",
	}
	tokenRefreshesFamily = &metric.Family{
		Name: "ccaas_token_refreshes_total", Type: metric.Counter,
		Help: "Logins attempted, successful or not.",
	}
	tokenRefreshFailuresFamily = &metric.Family{
		Name: "ccaas_token_refresh_failures_total", Type: metric.Counter, Labels: []string{"reason"},
		Help: "Logins that failed, by reason.",
	}
	clockSkewFamily = &metric.Family{
		Name: "ccaas_clock_skew_seconds", Type: metric.Gauge,
		Help: "Platform's clock minus the exporter's, from the last response that showed it; exact to about a second. Absent until known.",
	}
)

// Families returns the families of every client.
func Families() (families []*metric.Family) {
	for _, instrument := range newMetrics(nil, nil).set.Instruments() {
		families = append(families, instrument.Family)
	}
	return families
}

// metrics are the instruments of a client.
type metrics struct {
	set             metric.Set
	duration        *metric.Histograms
	failures        *prometheus.CounterVec
	retries         *prometheus.CounterVec
	throttled       prometheus.Counter
	rateLimited     prometheus.Counter
	allowed         *prometheus.GaugeVec // without labels: a vector, because the series is absent until it is known
	remaining       *prometheus.GaugeVec
	tokenExpiry     *prometheus.GaugeVec
	clockSkew       *prometheus.GaugeVec
	refreshes       prometheus.Counter
	refreshFailures *prometheus.CounterVec
	secretFiles     *prometheus.GaugeVec
}

// loginReasons are the reasons that a login can fail with.
var loginReasons = [...]platform.Reason{
	platform.ReasonAuth, platform.ReasonNotFound, platform.ReasonRateLimited, platform.ReasonTimeout,
	platform.ReasonNetwork, platform.ReasonServerError, platform.ReasonBadResponse,
}

// newMetrics makes the instruments of a client. The series of its operations start at 0.
func newMetrics(operations []string, c *Client) *metrics {
	m := &metrics{}
	m.duration = m.set.Histograms(requestDurationFamily)
	m.failures = m.set.CountersFromZero(requestFailuresFamily, func(yield func([]string) bool) {
		labels := make([]string, 2)
		for _, operation := range operations {
			for _, reason := range platform.Reasons {
				labels[0], labels[1] = operation, string(reason)
				if !yield(labels) {
					return
				}
			}
		}
	})
	m.retries = m.set.CountersFromZero(retriesFamily, slices.Chunk(operations, 1))
	m.throttled = m.set.Counter(throttledFamily)
	m.rateLimited = m.set.Counter(rateLimitedFamily)
	m.allowed = m.set.Gauges(rateLimitAllowedFamily)
	m.remaining = m.set.Gauges(rateLimitRemainingFamily)
	m.set.GaugeFunc(pausedUntilFamily, func() float64 { return c.budget.pauseEnd() })
	m.set.GaugeFunc(breakerOpenFamily, func() float64 { return c.breakers.open() })
	m.tokenExpiry = m.set.Gauges(tokenExpiryFamily)
	m.refreshes = m.set.Counter(tokenRefreshesFamily)
	m.refreshFailures = m.set.Counters(tokenRefreshFailuresFamily)
	m.clockSkew = m.set.Gauges(clockSkewFamily)
	m.secretFiles = m.set.Gauges(secretFileFamily)
	for _, operation := range operations {
		m.duration.Begin(operation)
	}
	for _, reason := range loginReasons {
		m.refreshFailures.WithLabelValues(string(reason))
	}
	return m
}

// observe records the duration of a request. The correlation id becomes its exemplar.
func (m *metrics) observe(operation string, d time.Duration, correlationID string) {
	if correlationID == "" {
		m.duration.Observe(d.Seconds(), operation)
		return
	}
	m.duration.ObserveWithExemplar(d.Seconds(), "correlation_id", correlationID, operation)
}
