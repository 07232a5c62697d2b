package rest

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

func ok(int, *http.Request) (*http.Response, error) { return reply(200, "{}"), nil }

func TestBudgetPaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: ok}
		c := p.client(t, Options{RateLimit: settings.RateLimit{RequestsPerMinute: 60, Burst: 2}})
		started := time.Now()
		for range 5 {
			wantReason(t, get(t.Context(), c), "")
		}
		if got := time.Since(started); got != 3*time.Second {
			t.Errorf("2 at once and 3 at one a second took %v, want 3s", got)
		}
		wantValue(t, c, 3, "ccaas_api_throttled_seconds_total")
	})
}

func TestBudgetLeavesReserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: ok}
		c := p.client(t, Options{RateLimit: settings.RateLimit{RequestsPerMinute: 60, Burst: 10}})
		now, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		for _, step := range []struct {
			priority platform.Class
			want     int // requests until the reserve is met
		}{{4, 6}, {4, 0}, {3, 1}, {1, 2}, {0, 1}, {0, 0}} {
			got := 0
			var err error
			for ; err == nil && got <= step.want; got++ {
				err = c.Do(now, Request{URL: apiURL, Priority: step.priority}, nil)
			}
			wantReason(t, err, platform.ReasonBudget)
			if got-1 != step.want {
				t.Errorf("priority %d sent %d, want %d", step.priority, got-1, step.want)
			}
		}
		// A low priority waits until its reserve is there again, then goes.
		started := time.Now()
		wantReason(t, c.Do(t.Context(), Request{URL: apiURL, Priority: 4}, nil), "")
		if got := time.Since(started); got != 5*time.Second {
			t.Errorf("waited %v, want 5s", got)
		}
		wantReason(t, c.Do(now, Request{URL: apiURL, Anonymous: true}, nil), platform.ReasonTimeout) // now is long over
		wantReason(t, c.Do(t.Context(), Request{URL: apiURL, Anonymous: true}, nil), "")             // takes nothing
		wantReason(t, c.Do(t.Context(), Request{URL: apiURL}, nil), "")
	})
}

func TestBudgetOfOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: ok}
		c := p.client(t, Options{RateLimit: settings.RateLimit{RequestsPerMinute: 60, Burst: 1}})
		wantReason(t, c.Do(t.Context(), Request{URL: apiURL, Priority: 4}, nil), "")
		wantReason(t, c.Do(t.Context(), Request{URL: apiURL, Priority: 4}, nil), "")
		wantCount(t, p, 2, 1)
	})
}

func TestBudgetWaitEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: ok}
		c := p.client(t, Options{RateLimit: settings.RateLimit{RequestsPerMinute: 1, Burst: 1}})
		wantReason(t, get(t.Context(), c), "")
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(2*time.Second, cancel)
		wantReason(t, get(ctx, c), platform.ReasonTimeout)
		wantValue(t, c, 2, "ccaas_api_throttled_seconds_total")
		wantCount(t, p, 1, 1)
	})
}

func TestPause(t *testing.T) {
	for _, test := range []struct {
		name, header string
		want         time.Duration
	}{
		{"seconds", "42", 42 * time.Second},
		{"date", "Sat, 01 Jan 2000 00:01:00 GMT", time.Minute}, // a bubble's clock starts at 2000-01-01
		{"absent", "", 15 * time.Second},
		{"nonsense", "soon", 15 * time.Second},
		{"too long", "86400", 5 * time.Minute},
		{"beyond numbers", "99999999999999999999999", 5 * time.Minute},
		{"zero", "0", time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &vendor{answer: func(n int, _ *http.Request) (*http.Response, error) {
					if n > 1 {
						return reply(200, "{}"), nil
					}
					return reply(429, `{"error":"too.many.requests"}`, "Retry-After", test.header), nil
				}}
				c := p.client(t, Options{})
				wantReason(t, get(t.Context(), c), platform.ReasonRateLimited)
				wantValue(t, c, metric.Unix(time.Now().Add(test.want)), "ccaas_api_rate_limit_paused_until_timestamp_seconds")

				pass(t, test.want-time.Millisecond)
				before := time.Now()
				err := get(t.Context(), c)
				wantReason(t, err, platform.ReasonRateLimited)
				if e := asError(t, err); e.RetryAfter != time.Millisecond || !time.Now().Equal(before) {
					t.Errorf("RetryAfter = %v after %v, want 1ms at once", e.RetryAfter, time.Since(before))
				}
				wantReason(t, c.Do(t.Context(), Request{URL: apiURL, Anonymous: true}, nil), "")

				pass(t, time.Millisecond)
				wantReason(t, get(t.Context(), c), "")
				wantValue(t, c, 0, "ccaas_api_rate_limit_paused_until_timestamp_seconds")
				wantValue(t, c, 1, "ccaas_api_rate_limited_total")
				wantCount(t, p, 3, 1)
			})
		})
	}
}

func TestPauseIsNotShortened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(settings.RateLimit{}, nil)
		b.pause(time.Minute)
		want := b.pausedUntil
		b.pause(time.Second)
		if got, refused := b.paused(); refused == nil || !got.Equal(want) {
			t.Errorf("paused until %v (%v), want %v", got, refused, want)
		}
	})
}

// TestAnonymous429 pauses the operation at its host, and neither the account nor anything else.
func TestAnonymous429(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: func(n int, _ *http.Request) (*http.Response, error) {
			return reply([]int{429, 200, 200, 200, 200}[n-1], "{}", "Retry-After", "20"), nil
		}}
		c := p.client(t, Options{})
		page := Request{Operation: "page", URL: apiURL, Anonymous: true}
		other, elsewhere := page, page
		other.Operation, elsewhere.URL = "document", "https://other.test/things"
		wantReason(t, c.Do(t.Context(), page, nil), platform.ReasonRateLimited)
		pass(t, 20*time.Second-time.Millisecond)
		err := c.Do(t.Context(), page, nil)
		wantReason(t, err, platform.ReasonRateLimited)
		if e := asError(t, err); e.RetryAfter != time.Millisecond || e.Status != 0 {
			t.Errorf("error = %+v, want one that was not sent, 1ms before the pause ends", *e)
		}
		wantCount(t, p, 1, 0)
		for _, r := range []Request{other, elsewhere, {Operation: "page", URL: apiURL}} {
			wantReason(t, c.Do(t.Context(), r, nil), "")
		}
		pass(t, time.Millisecond)
		wantReason(t, c.Do(t.Context(), page, nil), "")
		wantValue(t, c, 0, "ccaas_api_rate_limited_total")
		wantCount(t, p, 5, 1)
	})
}

func TestHeadersSlowDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		headers := []string{"X-Remaining", "10", "X-Allowed", "300", "X-Reset", "20s"}
		p := &vendor{answer: func(n int, _ *http.Request) (*http.Response, error) {
			if n > 1 {
				return reply(200, "{}"), nil
			}
			return reply(200, "{}", headers...), nil
		}}
		c := p.client(t, Options{RateLimit: settings.RateLimit{RequestsPerMinute: 240, Burst: 30}})
		if _, ok := value(t, c, "ccaas_api_rate_limit_remaining"); ok {
			t.Error("remaining is present before any header was seen")
		}
		wantReason(t, get(t.Context(), c), "")
		wantValue(t, c, 10, "ccaas_api_rate_limit_remaining")
		wantValue(t, c, 300, "ccaas_api_rate_limit_allowed")

		started := time.Now()
		for range 5 { // 10 left for 20 s: one every 2 s
			wantReason(t, get(t.Context(), c), "")
		}
		if got := time.Since(started); got != 10*time.Second {
			t.Errorf("5 requests in a scarce window took %v, want 10s", got)
		}
		pass(t, 10*time.Second)
		started = time.Now()
		for range 10 { // 5 saved up in the slow window, then 4 a second
			wantReason(t, get(t.Context(), c), "")
		}
		if got := time.Since(started); got > 2*time.Second {
			t.Errorf("10 requests after the window took %v, want at most 2s", got)
		}
	})
}

func TestSlowWindowEndsDuringWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: ok}
		c := p.client(t, Options{RateLimit: settings.RateLimit{RequestsPerMinute: 60, Burst: 30}})
		c.budget.adapt(Window{Allowed: 300, Remaining: 1, Reset: time.Minute})
		wantReason(t, get(t.Context(), c), "") // one a minute
		c.budget.adapt(Window{Allowed: 300, Remaining: 1, Reset: 10 * time.Second})
		started := time.Now()
		wantReason(t, c.Do(t.Context(), Request{URL: apiURL, Priority: 1}, nil), "") // needs 4: one in the window
		if got := time.Since(started).Round(10 * time.Millisecond); got != 13*time.Second {
			t.Errorf("took %v, want 13s: 10s of the window and 3s at the usual rate", got)
		}
	})
}

func TestNothingRemaining(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: func(int, *http.Request) (*http.Response, error) {
			return reply(200, "{}", "X-Remaining", "-1", "X-Allowed", "300", "X-Reset", "7s"), nil
		}}
		c := p.client(t, Options{})
		wantReason(t, get(t.Context(), c), "")
		wantReason(t, get(t.Context(), c), platform.ReasonRateLimited)
		pass(t, 7*time.Second)
		wantReason(t, get(t.Context(), c), "")
		wantValue(t, c, 0, "ccaas_api_rate_limit_remaining")
		wantValue(t, c, 0, "ccaas_api_rate_limited_total") // no 429 came
	})
}

func TestNoLoginDuringPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: ok, login: lasting(300)}
		c := p.client(t, Options{})
		wantReason(t, get(t.Context(), c), "")
		c.budget.pause(6 * time.Minute)
		pass(t, 5*time.Minute) // the token has expired
		wantReason(t, get(t.Context(), c), platform.ReasonRateLimited)
		wantCount(t, p, 1, 1)
		pass(t, time.Minute)
		wantReason(t, get(t.Context(), c), "")
		wantCount(t, p, 2, 2)
	})
}
