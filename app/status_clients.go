package app

import (
	"cmp"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// clientStatus is how an account's API client and stream are. What the client does not measure is absent.
type clientStatus struct {
	accountName
	Budget        float64   `json:"budget_per_minute,omitempty"`
	Limit         float64   `json:"vendor_limit_per_minute,omitempty"`
	Remaining     *float64  `json:"rate_limit_remaining,omitempty"` // calls left in the platform's window
	RateLimited   *float64  `json:"rate_limited_total,omitempty"`   // answers of status 429
	PausedUntil   time.Time `json:"paused_until,omitzero"`
	BreakerOpen   bool      `json:"breaker_open"`
	TokenExpiry   time.Time `json:"token_expiry,omitzero"`
	LoginFailures *float64  `json:"login_failures_total,omitempty"`
	ClockSkew     *float64  `json:"clock_skew_seconds,omitempty"`
	Connected     *bool     `json:"stream_connected,omitempty"`
	Topics        *float64  `json:"stream_topics,omitempty"`
	LastEvent     time.Time `json:"stream_last_event,omitzero"`
}

// webhookStatus is what a hook has received.
type webhookStatus struct {
	accountName
	Hook      string    `json:"hook"`
	Events    float64   `json:"events_total"`
	Refused   float64   `json:"refused_total"`
	LastEvent time.Time `json:"last_event,omitzero"`
}

// The families that the status and the live check read from instruments.
const (
	remainingFamily     = "ccaas_api_rate_limit_remaining"
	rateLimitedFamily   = "ccaas_api_rate_limited_total"
	pausedFamily        = "ccaas_api_rate_limit_paused_until_timestamp_seconds"
	breakerFamily       = "ccaas_api_breaker_open"
	tokenFamily         = "ccaas_token_expiry_timestamp_seconds" //nolint:gosec // no token
	loginFailuresFamily = "ccaas_token_refresh_failures_total"
	skewFamily          = "ccaas_clock_skew_seconds"
	connectedFamily     = "ccaas_stream_connected"
	topicsFamily        = "ccaas_stream_topics"
	eventsFamily        = "ccaas_stream_events_total"
	lastEventFamily     = "ccaas_stream_last_event_timestamp_seconds"
	hookEventsFamily    = "ccaas_webhook_events_total"
	hookFailuresFamily  = "ccaas_webhook_failures_total"
	hookLastEventFamily = "ccaas_webhook_last_event_timestamp_seconds"
)

// statusFamilies are those of the status.
func statusFamilies() []string {
	return append(pairFamilies(),
		remainingFamily, rateLimitedFamily, pausedFamily, breakerFamily, tokenFamily, loginFailuresFamily, skewFamily,
		connectedFamily, topicsFamily, lastEventFamily, hookEventsFamily, hookFailuresFamily, hookLastEventFamily,
	)
}

// readClient reads the instruments of an account's client.
func readClient(name accountName, budget feed.Budget, set *metric.Set) clientStatus {
	values := readInstruments(set, "", statusFamilies()...)
	number := func(family string) *float64 {
		if v, known := values[family]; known {
			return new(v[""])
		}
		return nil
	}
	c := clientStatus{
		accountName: name, Budget: budget.PerMinute, Limit: budget.Limit,
		Remaining: number(remainingFamily), RateLimited: number(rateLimitedFamily), LoginFailures: number(loginFailuresFamily),
		ClockSkew: number(skewFamily), Topics: number(topicsFamily), BreakerOpen: values[breakerFamily][""] == 1,
		PausedUntil: unixTime(values[pausedFamily][""]), TokenExpiry: unixTime(values[tokenFamily][""]),
		LastEvent: unixTime(values[lastEventFamily][""]),
	}
	if connected := number(connectedFamily); connected != nil {
		c.Connected = new(*connected == 1)
	}
	return c
}

// held reports whether calls of the client are held back, or its stream is not connected.
func (c *clientStatus) held(now time.Time) bool {
	return c.BreakerOpen || c.Paused(now) || c.Connected != nil && !*c.Connected
}

// IsConnected reports whether the stream is connected.
func (c *clientStatus) IsConnected() bool { return c.Connected != nil && *c.Connected }

// Paused reports whether the account pauses because the platform asked it to.
func (c *clientStatus) Paused(now time.Time) bool { return c.PausedUntil.After(now) }

// readWebhooks reads the instruments of an account's hooks, in the order of their names.
func readWebhooks(name accountName, set *metric.Set) (hooks []webhookStatus) {
	values := readInstruments(set, "hook", statusFamilies()...)
	for hook, events := range values[hookEventsFamily] {
		hooks = append(hooks, webhookStatus{
			name, hook, events, values[hookFailuresFamily][hook], unixTime(values[hookLastEventFamily][hook]),
		})
	}
	slices.SortFunc(hooks, func(x, y webhookStatus) int { return cmp.Compare(x.Hook, y.Hook) })
	return hooks
}

// unixTime is the time of a timestamp in seconds; 0 is the zero time.
func unixTime(seconds float64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(seconds * 1000)).UTC()
}
