package rest

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// once is a request that is not retried.
func once(ctx context.Context, c *Client) error {
	return c.Do(ctx, Request{Operation: "things", Method: http.MethodPost, URL: apiURL}, nil)
}

// TestBreakerOfOperation: an operation that fails is left alone, and no other.
func TestBreakerOfOperation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: statuses(503, 503, -1, 500, 404, 500, -1, 502, 500, 500, 200)}
		c := p.client(t, Options{})
		for range 9 { // four failures, an answer, four failures
			_ = once(t.Context(), c)
		}
		wantValue(t, c, 0, "ccaas_api_breaker_open")
		wantReason(t, once(t.Context(), c), platform.ReasonServerError) // the fifth
		wantValue(t, c, 1, "ccaas_api_breaker_open")
		err := asError(t, once(t.Context(), c))
		wantReason(t, err, platform.ReasonBreakerOpen)
		if !err.Logged() {
			t.Error("a request that the breaker held back has a cause of its own for the log")
		}
		wantCount(t, p, 10, 1)
		wantReason(t, path(t.Context(), c, "others"), "")
		wantReason(t, c.Do(t.Context(), Request{Operation: "things", URL: "https://other.test"}, nil), "")

		pass(t, breakerOpen+time.Millisecond)
		wantValue(t, c, 1, "ccaas_api_breaker_open") // nothing has succeeded yet
		wantReason(t, once(t.Context(), c), "")
		wantValue(t, c, 0, "ccaas_api_breaker_open")
		wantCount(t, p, 13, 1)
	})
}

// TestBreakerOfHost: a host that cannot be reached is left alone by all but the probe, which closes the breaker.
func TestBreakerOfHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: statuses(0, 0, 0, 0, 500, 0, 0, 0, 0, 0, 0, 500)}
		c := p.client(t, Options{})
		probe := func() error {
			return c.Do(t.Context(), Request{Operation: "probe", Method: http.MethodPost, URL: apiURL, Trial: true}, nil)
		}
		for range 9 { // the fifth time it can be reached
			_ = once(t.Context(), c)
		}
		wantValue(t, c, 0, "ccaas_api_breaker_open")
		wantReason(t, probe(), platform.ReasonNetwork) // the fifth in a row
		wantReason(t, once(t.Context(), c), platform.ReasonBreakerOpen)
		wantReason(t, path(t.Context(), c, "others"), platform.ReasonBreakerOpen)
		wantReason(t, probe(), platform.ReasonNetwork)
		wantReason(t, once(t.Context(), c), platform.ReasonBreakerOpen)
		wantReason(t, probe(), platform.ReasonServerError) // it can be reached
		wantValue(t, c, 0, "ccaas_api_breaker_open")
		wantReason(t, once(t.Context(), c), platform.ReasonServerError)
	})
}

// TestOneFailingOperation is a list whose metrics call fails for each of 500 objects: the API counts as well as before.
func TestOneFailingOperation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: func(_ int, r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/metrics" {
				return reply(503, "{}"), nil
			}
			return reply(200, "{}"), nil
		}}
		c := p.client(t, Options{})
		failed := 0
		for range 500 {
			if path(t.Context(), c, "metrics") != nil {
				failed++
			}
			wantReason(t, path(t.Context(), c, "others"), "")
		}
		if failed != 500 {
			t.Errorf("%d failures, want 500", failed)
		}
		wantReason(t, c.Do(t.Context(), Request{Operation: "probe", URL: apiURL, Trial: true}, nil), "")
	})
}

func TestBreakerReopens(t *testing.T) {
	for status, want := range map[int]platform.Reason{0: platform.ReasonNetwork, 500: platform.ReasonServerError} {
		synctest.Test(t, func(t *testing.T) {
			p := &vendor{answer: statuses(status)}
			c := p.client(t, Options{})
			for range 5 {
				_ = once(t.Context(), c)
			}
			pass(t, breakerOpen+time.Millisecond)
			wantReason(t, once(t.Context(), c), want)
			wantReason(t, once(t.Context(), c), platform.ReasonBreakerOpen)
			wantCount(t, p, 6, 1)
		})
	}
}

// TestBreakerLog: an outage of an hour is one line when it begins and one when it ends, however many trials fail.
func TestBreakerLog(t *testing.T) {
	for _, status := range []int{0, 503} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			p := &vendor{answer: statuses(status)}
			c := p.client(t, Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			ask := func() {
				_ = path(t.Context(), c, "things")
				_ = c.Do(t.Context(), Request{Operation: "probe", URL: apiURL, Trial: true}, nil)
			}
			for range 240 {
				ask()
				pass(t, 15*time.Second)
			}
			p.answer = ok
			ask()
			ask()
			var got []string
			for line := range strings.Lines(log.String()) {
				_, line, _ = strings.Cut(strings.TrimSpace(line), "level=")
				got = append(got, line)
			}
			operation := " operation=things"
			if status == 0 {
				operation = ""
			}
			want := []string{
				`WARN msg="circuit breaker opened" host=api.example.test` + operation,
				`INFO msg="circuit breaker closed" host=api.example.test` + operation,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%d: log (-want +got):\n%s", status, diff)
			}
		})
	}
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
			c.budget = newBudget(settings.RateLimit{RequestsPerMinute: 1, Burst: 1}, c.metrics.throttled)
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

// TestBreakersOverSockets: a server that cuts connections speaks against the operation, one that is gone against the host.
func TestBreakersOverSockets(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	c, cutting := serve(t, Options{}, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for url, want := range map[string]platform.Reason{cutting: platform.ReasonNetwork, gone.URL: platform.ReasonBreakerOpen} {
		send := func(operation string) error {
			return c.Do(t.Context(), Request{Operation: operation, Method: http.MethodPost, URL: url, Anonymous: true}, nil)
		}
		for range breakerFailures {
			wantReason(t, send("things"), platform.ReasonNetwork)
		}
		wantReason(t, send("things"), platform.ReasonBreakerOpen)
		wantReason(t, send("others"), want)
	}
}
