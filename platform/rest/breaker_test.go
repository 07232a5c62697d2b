package rest

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// once is a request that is not retried.
func once(ctx context.Context, c *Client) error {
	return c.Do(ctx, Request{Operation: "things", Method: http.MethodPost, URL: apiURL}, nil)
}

func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: statuses(0, 0, 0, 0, 404, 0, 500, 0, 502, 0, 500, 200)}
		c := p.client(t, Options{})
		for range 9 { // four failures, an answer, four failures
			_ = once(t.Context(), c)
		}
		wantValue(t, c, 0, "ccaas_api_breaker_open")
		wantReason(t, once(t.Context(), c), platform.ReasonNetwork) // the fifth
		wantValue(t, c, 1, "ccaas_api_breaker_open")
		wantReason(t, once(t.Context(), c), platform.ReasonBreakerOpen)
		wantCount(t, p, 10, 1)
		wantReason(t, c.Do(t.Context(), Request{URL: "https://other.test"}, nil), platform.ReasonServerError) // a host of its own

		pass(t, breakerOpen+time.Millisecond)
		wantValue(t, c, 1, "ccaas_api_breaker_open") // nothing has succeeded yet
		wantReason(t, once(t.Context(), c), "")
		wantValue(t, c, 0, "ccaas_api_breaker_open")
		wantCount(t, p, 12, 1)
	})
}

func TestBreakerReopens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: statuses(0)}
		c := p.client(t, Options{})
		for range 5 {
			_ = once(t.Context(), c)
		}
		pass(t, breakerOpen+time.Millisecond)
		wantReason(t, once(t.Context(), c), platform.ReasonNetwork)
		wantReason(t, once(t.Context(), c), platform.ReasonBreakerOpen)
		wantCount(t, p, 6, 1)
	})
}

func TestBreakerJudgesWholeCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: statuses(503, 503, 200, 503, 503, 200)}
		c := p.client(t, Options{})
		wantReason(t, get(t.Context(), c), "")
		wantReason(t, get(t.Context(), c), "")
		wantValue(t, c, 0, "ccaas_api_breaker_open")
	})
}

func TestBreakerDoesNotCount(t *testing.T) {
	cancelled := func(p *vendor, c *Client, t *testing.T) error {
		p.answer = func(_ int, r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, context.Cause(r.Context())
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errors.New("shutdown")) })
		return once(ctx, c)
	}
	answer := func(status int) func(*vendor, *Client, *testing.T) error {
		return func(p *vendor, c *Client, t *testing.T) error {
			p.answer = statuses(status)
			return once(t.Context(), c)
		}
	}
	for _, test := range []struct {
		name string
		do   func(*vendor, *Client, *testing.T) error
		want platform.Reason
	}{
		{"forbidden", answer(403), platform.ReasonForbidden},
		{"not found", answer(404), platform.ReasonNotFound},
		{"bad request", answer(400), platform.ReasonBadResponse},
		{"429 and its pause", answer(429), platform.ReasonRateLimited},
		{"the caller gives up", cancelled, platform.ReasonTimeout},
		{"a body that is no JSON", func(p *vendor, c *Client, t *testing.T) error {
			p.answer = func(int, *http.Request) (*http.Response, error) { return reply(200, "<html>"), nil }
			return c.Do(t.Context(), Request{URL: apiURL}, JSON(new(int)))
		}, platform.ReasonBadResponse},
		{"budget", func(_ *vendor, c *Client, t *testing.T) error {
			c.budget = newBudget(RateLimit{RequestsPerMinute: 1, Burst: 1}, c.metrics.throttled)
			c.budget.limiter.Allow()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			return once(ctx, c)
		}, platform.ReasonBudget},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &vendor{}
				c := p.client(t, Options{})
				for range 2 * breakerFailures {
					wantReason(t, test.do(p, c, t), test.want)
				}
				wantValue(t, c, 0, "ccaas_api_breaker_open")
			})
		})
	}
}

func TestBreakerIgnoresWhatWasNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: statuses(0)}
		c := p.client(t, Options{})
		for range breakerFailures - 1 {
			_ = once(t.Context(), c)
		}
		c.budget.pause(time.Second)
		wantReason(t, once(t.Context(), c), platform.ReasonRateLimited) // neither failure nor success
		wantValue(t, c, 0, "ccaas_api_breaker_open")
		pass(t, time.Second)
		wantReason(t, once(t.Context(), c), platform.ReasonNetwork)
		wantValue(t, c, 1, "ccaas_api_breaker_open")
	})
}
