package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// MaxAttempts is how often a query is sent, the first time included.
const MaxAttempts = 3

// longestRetry is how long a host may ask to be left alone: one that asks for more is not asked again.
const longestRetry = 30 * time.Second

// withRetries sends the request until it succeeds, until another attempt makes no sense, or until the caller's time is
// up. A request that changes something is sent once.
func (c *call) withRetries(ctx context.Context) *Error {
	attempts := 1
	if c.Method == http.MethodGet || c.Method == http.MethodHead || c.IsQuery {
		attempts = MaxAttempts
	}
	waits := backoff.ExponentialBackOff{
		InitialInterval: 250 * time.Millisecond, RandomizationFactor: 0.5, Multiplier: 3, MaxInterval: 5 * time.Second,
	}
	var last *Error
	for attempt := 1; ; attempt++ {
		err := c.attempt(ctx)
		if err != nil && err.local && last != nil { // what kept the retry back is not what went wrong
			return last
		}
		if err == nil || attempt >= attempts || !err.retriable() {
			return err
		}
		last = err
		wait := max(waits.NextBackOff(), err.RetryAfter)
		if wait > longestRetry || !fits(ctx, wait) || sleep(ctx, wait) != nil {
			return last
		}
		c.client.metrics.retries.WithLabelValues(c.Operation).Inc()
	}
}

// attempt sends the request once, and once more when the API refuses how it is authorised and that can be renewed.
func (c *call) attempt(ctx context.Context) *Error {
	for {
		req, err := c.request(ctx)
		if err != nil {
			return err
		}
		if c.Anonymous {
			if refused := c.client.pauses.refusal(c.endpoint()); refused != nil {
				return refused
			}
			return c.send(ctx, req)
		}
		if err := c.client.authorise(ctx, req, c.Priority); err != nil {
			return err
		}
		failed := c.send(ctx, req)
		if again := c.client.auth.Answered(c.Operation, req, failed); !again || c.reauthorised {
			return failed
		}
		c.reauthorised = true
		c.client.metrics.retries.WithLabelValues(c.Operation).Inc()
	}
}
