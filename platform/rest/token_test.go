package rest

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// lasting makes tokens of a lifetime in seconds.
func lasting(seconds int64) func(int) (*oauth2.Token, error) {
	return func(n int) (*oauth2.Token, error) {
		return &oauth2.Token{AccessToken: "token-" + strconv.Itoa(n), ExpiresIn: seconds}, nil
	}
}

func TestTokenRenewal(t *testing.T) {
	for _, test := range []struct {
		name  string
		login func(int) (*oauth2.Token, error)
		want  time.Duration // from login to renewal
	}{
		{"a day", lasting(86400), 86400*time.Second - 300*time.Second},
		{"an hour", lasting(3600), 3300 * time.Second},
		{"five minutes", lasting(300), 225 * time.Second},
		{"not said", lasting(0), 225 * time.Second},
		{"negative", lasting(-5), 225 * time.Second},
		{"as oauth2's clientcredentials says it", func(int) (*oauth2.Token, error) {
			return &oauth2.Token{AccessToken: "a", Expiry: time.Now().Add(time.Hour)}, nil
		}, 3300 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &vendor{answer: ok, login: test.login}
				c := p.client(t, Options{})
				wantReason(t, get(t.Context(), c), "")
				pass(t, test.want-time.Millisecond)
				wantReason(t, get(t.Context(), c), "")
				wantCount(t, p, 2, 1)
				pass(t, time.Millisecond)
				wantReason(t, get(t.Context(), c), "") // goes out with the old token while the new one is fetched
				synctest.Wait()
				wantReason(t, get(t.Context(), c), "")
				wantCount(t, p, 4, 2)
			})
		})
	}
}

func TestTokenIsSharedByAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: ok, login: func(n int) (*oauth2.Token, error) {
			<-time.After(3 * time.Second)
			return day(n)
		}}
		c := p.client(t, Options{})
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { wantReason(t, get(t.Context(), c), "") })
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wg.Go(func() {
			started := time.Now()
			wantReason(t, get(impatient, c), platform.ReasonTimeout)
			if got := time.Since(started); got != time.Second {
				t.Errorf("gave up after %v, want 1s", got)
			}
		})
		wg.Wait()
		wantCount(t, p, 20, 1)
	})
}

func TestFailedRenewalKeepsToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: ok, login: func(n int) (*oauth2.Token, error) {
			if n == 1 {
				return lasting(3600)(n)
			}
			return nil, &Error{Status: 503}
		}}
		c := p.client(t, Options{})
		wantReason(t, c.Authenticate(t.Context()), "")
		expiry := time.Now().Add(time.Hour)
		wantValue(t, c, metric.Unix(expiry), "ccaas_token_expiry_timestamp_seconds")
		pass(t, 56*time.Minute)
		wantReason(t, c.Authenticate(t.Context()), "")
		state := c.Auth()
		wantReason(t, state.Err, platform.ReasonServerError)
		if !state.Held || !state.Expiry.Equal(expiry) {
			t.Errorf("Auth() = %+v, want the token held until %v", state, expiry)
		}
		wantReason(t, get(t.Context(), c), "")
		wantCount(t, p, 1, 2)
		pass(t, 4*time.Minute) // expired
		wantReason(t, get(t.Context(), c), platform.ReasonServerError)
		if state = c.Auth(); state.Held || !state.Expiry.IsZero() {
			t.Errorf("Auth() = %+v, want no token", state)
		}
		wantValue(t, c, 2, "ccaas_token_refresh_failures_total", "reason", string(platform.ReasonServerError))
		wantValue(t, c, 3, "ccaas_token_refreshes_total")
		wantValue(t, c, 0, "ccaas_api_breaker_open")
	})
}

func TestHoldOffAfterFailedLogin(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want time.Duration
	}{
		{"refused", &Error{Status: 401}, 10 * time.Second},
		{"rate limited", &Error{Status: 429}, 15 * time.Second},
		{"rate limited for long", &Error{Status: 429, RetryAfter: time.Minute}, time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &vendor{answer: ok, login: func(n int) (*oauth2.Token, error) {
					if n == 1 {
						return nil, test.err
					}
					return day(n)
				}}
				c := p.client(t, Options{})
				want := reasonOf(test.err)
				wantReason(t, get(t.Context(), c), want)
				pass(t, test.want-time.Millisecond)
				err := get(t.Context(), c)
				wantReason(t, err, want)
				if e := asError(t, err); e.RetryAfter != time.Millisecond || !e.Login || e.Operation != "things" {
					t.Errorf("error = %+v, want a failed login, 1ms before the next", *e)
				}
				wantReason(t, c.Auth().Err, want)
				wantCount(t, p, 0, 1)
				pass(t, time.Millisecond)
				wantReason(t, get(t.Context(), c), "")
				wantReason(t, c.Auth().Err, "")
				wantCount(t, p, 1, 2)
			})
		})
	}
}

func TestLoginHasItsOwnTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Options{Authorizer: Bearer(func(ctx context.Context, _ *http.Client) (*oauth2.Token, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		wantReason(t, c.Authenticate(ctx), platform.ReasonTimeout)
		started := time.Now()
		wantReason(t, c.Authenticate(t.Context()), platform.ReasonTimeout) // the same login
		if got := time.Since(started); got != 9*time.Second {
			t.Errorf("login ended after another %v, want 9s", got)
		}
		pass(t, loginHoldOff)
		go c.Close() // ends the next login
		wantReason(t, c.Authenticate(t.Context()), platform.ReasonTimeout)
	})
}

func TestRevokedToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: func(_ int, r *http.Request) (*http.Response, error) {
			<-time.After(time.Second) // all are under way before the first 401 comes
			if r.Header.Get("Authorization") == "Bearer token-1" {
				return reply(401, `{"code":"bad.credentials"}`), nil
			}
			return reply(200, "{}"), nil
		}}
		c := p.client(t, Options{})
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() { wantReason(t, get(t.Context(), c), "") })
		}
		wg.Wait()
		wantCount(t, p, 10, 2)
		wantValue(t, c, 5, "ccaas_api_retries_total", "operation", "things")
		want := []string{"token-1", "token-1", "token-1", "token-1", "token-1", "token-2", "token-2", "token-2", "token-2", "token-2"}
		if diff := cmp.Diff(want, p.tokens); diff != "" {
			t.Errorf("tokens sent (-want +got):\n%s", diff)
		}
	})
}

func TestFreshTokenRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: statuses(401, 401, 401, 200, 401, 401, 401, 401, 200)}
		c := p.client(t, Options{})
		err := c.Do(t.Context(), Request{Operation: "things", Method: "POST", URL: apiURL}, nil) // not run, so not a retry
		wantReason(t, err, platform.ReasonAuth)
		wantCount(t, p, 2, 2)
		wantReason(t, c.Auth().Err, platform.ReasonAuth)
		wantReason(t, get(t.Context(), c), platform.ReasonAuth) // no third login so soon
		wantCount(t, p, 3, 2)
		wantReason(t, get(t.Context(), c), "")
		wantReason(t, c.Auth().Err, "")
		wantCount(t, p, 4, 2)

		pass(t, loginHoldOff)
		wantReason(t, get(t.Context(), c), platform.ReasonAuth)
		wantCount(t, p, 6, 3)
		pass(t, 2*loginHoldOff) // a platform that keeps refusing is asked for a token at growing intervals
		wantReason(t, get(t.Context(), c), platform.ReasonAuth)
		wantCount(t, p, 8, 4)
		wantReason(t, get(t.Context(), c), "")
		wantReason(t, c.Auth().Err, "")
	})
}

func TestNoCredentials(t *testing.T) {
	p := &vendor{answer: ok}
	c, err := New(Options{Transport: p})
	if err != nil {
		t.Fatal(err)
	}
	wantReason(t, get(t.Context(), c), platform.ReasonAuth)
	wantReason(t, c.Authenticate(t.Context()), platform.ReasonAuth)
	wantReason(t, c.Do(t.Context(), Request{URL: apiURL, Anonymous: true}, nil), "")
	wantCount(t, p, 1, 0)
}

func TestAccessToken(t *testing.T) {
	p := &vendor{answer: ok}
	c := p.client(t, Options{})
	if got, err := c.AccessToken(t.Context()); got != "token-1" || err != nil {
		t.Errorf("AccessToken() = %q, %v, want token-1", got, err)
	}
	c.Close()
	if got, err := c.AccessToken(t.Context()); got != "token-1" || err != nil {
		t.Errorf("after Close AccessToken() = %q, %v, want what is in hand", got, err)
	}
}

// TestLoginPanics: a login that panics is one that fails.
func TestLoginPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: ok, login: func(int) (*oauth2.Token, error) { panic("canary") }}
		wantReason(t, get(t.Context(), p.client(t, Options{})), platform.ReasonBadResponse)
	})
}
