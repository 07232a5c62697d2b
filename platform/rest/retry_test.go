package rest

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

func TestRetry(t *testing.T) {
	for _, test := range []struct {
		name     string
		request  Request
		statuses []int
		want     platform.Reason
		sent     int
	}{
		{"network error, then well", Request{}, []int{0, 200}, "", 2},
		{"three network errors", Request{}, []int{0}, platform.ReasonNetwork, 3},
		{"502, 503, well", Request{Method: http.MethodHead}, []int{502, 503, 200}, "", 3},
		{"504 for ever", Request{}, []int{504}, platform.ReasonServerError, 3},
		{"500", Request{}, []int{500}, platform.ReasonServerError, 1},
		{"501", Request{}, []int{501}, platform.ReasonServerError, 1},
		{"query", Request{Method: http.MethodPost, IsQuery: true, Body: map[string]int{"a": 1}}, []int{503, 200}, "", 2},
		{"no query", Request{Method: http.MethodPost}, []int{503, 200}, platform.ReasonServerError, 1},
		{"no query, network error", Request{Method: http.MethodPut}, []int{0, 200}, platform.ReasonNetwork, 1},
		{"anonymous", Request{Anonymous: true}, []int{0, 200}, "", 2},
		{"400", Request{}, []int{400}, platform.ReasonBadResponse, 1},
		{"403", Request{}, []int{403}, platform.ReasonForbidden, 1},
		{"404", Request{}, []int{404}, platform.ReasonNotFound, 1},
		{"408", Request{}, []int{408}, platform.ReasonBadResponse, 1},
		{"429", Request{}, []int{429}, platform.ReasonRateLimited, 1},
		{"503, then 429", Request{}, []int{503, 429}, platform.ReasonRateLimited, 2},
		{"503, then 401, then well", Request{}, []int{503, 401, 200}, "", 3},
		{"401, 503, 401", Request{}, []int{401, 503, 401, 200}, platform.ReasonAuth, 3},
		{"anonymous 401", Request{Anonymous: true}, []int{401, 200}, platform.ReasonAuth, 1},
		{"not modified", Request{}, []int{304}, "", 1},
		{"no content", Request{}, []int{204}, "", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &vendor{answer: statuses(test.statuses...)}
				c := p.client(t, Options{})
				test.request.Operation, test.request.URL = "things", apiURL
				wantReason(t, c.Do(t.Context(), test.request, nil), test.want)
				if sent, _ := p.count(); sent != test.sent {
					t.Errorf("%d requests, want %d", sent, test.sent)
				}
				wantValue(t, c, float64(test.sent), "ccaas_api_request_duration_seconds", "operation", "things")
				if test.sent > 1 {
					wantValue(t, c, float64(test.sent-1), "ccaas_api_retries_total", "operation", "things")
				}
				if test.want != "" {
					wantValue(t, c, 1, "ccaas_api_request_failures_total", "operation", "things", "reason", string(test.want))
				}
			})
		})
	}
}

func TestRetryWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: statuses(503)}
		c := p.client(t, Options{})
		wantReason(t, get(t.Context(), c), platform.ReasonServerError)
		for i, between := range [][2]time.Duration{{125, 375}, {375, 1125}} {
			if wait := p.sent[i+1].Sub(p.sent[i]) / time.Millisecond; wait < between[0] || wait > between[1] {
				t.Errorf("wait %d is %d ms, want %d to %d", i+1, wait, between[0], between[1])
			}
		}
	})
}

func TestRetryWaitsAsAsked(t *testing.T) {
	for header, want := range map[string]int{"20": 2, "31": 1} {
		synctest.Test(t, func(t *testing.T) {
			p := &vendor{answer: func(n int, _ *http.Request) (*http.Response, error) {
				return reply([]int{503, 200}[n-1], "{}", "Retry-After", header), nil
			}}
			c := p.client(t, Options{})
			started := time.Now()
			_ = get(t.Context(), c)
			sent, _ := p.count()
			if got := time.Since(started); sent != want || got != time.Duration(want-1)*20*time.Second {
				t.Errorf("Retry-After %s: %d requests in %v, want %d", header, sent, got, want)
			}
		})
	}
}

func TestRetryEndsBeforeDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: statuses(503)}
		c := p.client(t, Options{})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		started := time.Now()
		wantReason(t, get(ctx, c), platform.ReasonServerError)
		if got := time.Since(started); got != 0 {
			t.Errorf("waited %v for a retry that does not fit", got)
		}
		wantCount(t, p, 1, 1)
	})
}

func TestRetryWithoutBudgetKeepsFirstError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: statuses(503)}
		c := p.client(t, Options{RateLimit: settings.RateLimit{RequestsPerMinute: 1, Burst: 1}})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		wantReason(t, get(ctx, c), platform.ReasonServerError)
		wantReason(t, get(ctx, c), platform.ReasonBudget)
		wantCount(t, p, 1, 1)
	})
}

// hang answers when the request is given up, as a transport does.
func hang(_ int, r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestTimeouts(t *testing.T) {
	for _, test := range []struct {
		name     string
		deadline time.Duration
		want     time.Duration
		sent     int
	}{
		{"caller's deadline first", 5 * time.Second, 5 * time.Second, 1},
		{"no time left for a retry", 10 * time.Second, 10 * time.Second, 1},
		{"time for one retry", 15 * time.Second, 15 * time.Second, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &vendor{answer: hang}
				c := p.client(t, Options{})
				ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
				defer cancel()
				started := time.Now()
				wantReason(t, get(ctx, c), platform.ReasonTimeout)
				if got := time.Since(started); got != test.want {
					t.Errorf("took %v, want %v", got, test.want)
				}
				wantCount(t, p, test.sent, 1)
			})
		})
	}
}
