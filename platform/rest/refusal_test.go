package rest

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// path is a request of an operation named after the path.
func path(ctx context.Context, c *Client, name string) error {
	return c.Do(ctx, Request{Operation: name, URL: "https://api.example.test/" + name}, nil)
}

// refusing answers 401 to the named operations, and to tokens that are revoked.
func refusing(operations string, revoked *string) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, r *http.Request) (*http.Response, error) {
		if strings.Contains(operations, r.URL.Path[1:]) || r.Header.Get("Authorization") == "Bearer "+*revoked {
			return reply(401, "{}"), nil
		}
		return reply(200, "{}"), nil
	}
}

// TestOneCallRefused runs a call that the API always refuses, first and between others, through two renewals.
func TestOneCallRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: refusing("document", new(string)), login: lasting(3600)}
		c := p.client(t, Options{})
		wantReason(t, path(t.Context(), c, "document"), platform.ReasonAuth) // nothing is known yet: one forced login
		_, logins := p.count()
		if logins != 2 {
			t.Errorf("%d logins after the first refusal, want 2", logins)
		}
		wantReason(t, path(t.Context(), c, "things"), "")
		for range 240 { // two hours
			pass(t, 30*time.Second)
			wantReason(t, path(t.Context(), c, "document"), platform.ReasonAuth)
			wantReason(t, c.Auth().Err, "") // not even before another call is accepted with a new token
			wantReason(t, path(t.Context(), c, "things"), "")
			if !c.Auth().Held {
				t.Fatal("a good token was given up")
			}
		}
		synctest.Wait()
		if _, logins := p.count(); logins != 4 {
			t.Errorf("%d logins in two hours, want 4: two and one for each renewal", logins)
		}
	})
}

// TestRevokedAgain: a token that calls were accepted with is given up, and given up again not sooner than after the wait.
func TestRevokedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var revoked string
		p := &vendor{answer: refusing("-", &revoked)}
		c := p.client(t, Options{})
		ask := func(name string, want platform.Reason) {
			t.Helper()
			wantReason(t, path(t.Context(), c, name), want)
		}
		ask("a", "")
		ask("b", "")
		revoked = "token-1"
		ask("a", "")
		ask("c", "") // not known before
		revoked = "token-2"
		ask("a", platform.ReasonAuth)
		wantReason(t, c.Auth().Err, "") // one refusal alone may be the call's own
		ask("c", platform.ReasonAuth)
		wantReason(t, c.Auth().Err, platform.ReasonAuth)
		pass(t, loginHoldOff)
		ask("c", "")
		wantReason(t, c.Auth().Err, "")
		if _, logins := p.count(); logins != 3 {
			t.Errorf("%d logins, want 3", logins)
		}
	})
}

// TestEverythingRefused is a platform that gives out tokens and refuses every call, as with a list of allowed addresses.
func TestEverythingRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &vendor{answer: refusing("things others", new(string))}
		var log bytes.Buffer
		c := p.client(t, Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		for range 120 {
			err := asError(t, path(t.Context(), c, "things"))
			if err.Status != 401 || !err.Logged() {
				t.Fatalf("error = %+v, want a logged 401", *err)
			}
			wantReason(t, path(t.Context(), c, "others"), platform.ReasonAuth)
			pass(t, 30*time.Second)
		}
		state := c.Auth()
		refused := asError(t, state.Err)
		if !state.Held || refused.Login || refused.Operation != "things" || refused.Request != "GET /things" || refused.Status != 401 {
			t.Errorf("Auth() = %+v with %+v, want the login held and the call that was refused", state, *refused)
		}
		// One at first, then forced ones after 0 s, 10 s … and every 5 minutes.
		if _, logins := p.count(); logins < 14 || logins > 17 {
			t.Errorf("%d logins in an hour, want about 15", logins)
		}
		if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), `request="GET /things"`) {
			t.Errorf("log = %s, want one line that names the call", &log)
		}
		p.answer = ok
		wantReason(t, path(t.Context(), c, "others"), "")
		wantReason(t, c.Auth().Err, "")
	})
}

// TestRefusedSecret: a secret that the platform refuses is tried at growing intervals, another cause every 10 s.
func TestRefusedSecret(t *testing.T) {
	for _, test := range []struct {
		err  *Error
		want []time.Duration
	}{
		{&Error{Status: 401}, []time.Duration{10, 20, 40, 80, 160, 300, 300}},
		{&Error{Status: 503}, []time.Duration{10, 10, 10, 10, 10, 10, 10}},
		{&Error{reason: platform.ReasonAuth}, []time.Duration{10, 10, 10, 10, 10, 10, 10}}, // a file of ours
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &vendor{answer: ok, login: func(int) (*oauth2.Token, error) { return nil, test.err }}
			var log bytes.Buffer
			c := p.client(t, Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			for range 1000 {
				if err := asError(t, get(t.Context(), c)); !err.Login || !err.Logged() {
					t.Fatalf("error = %+v, want a failed login, logged", *err)
				}
				pass(t, time.Second)
			}
			var got []time.Duration
			for i := range test.want {
				got = append(got, p.logins[i+1].Sub(p.logins[i])/time.Second)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%v: seconds between logins (-want +got):\n%s", test.err, diff)
			}
			if n := strings.Count(log.String(), "\n"); n != 1 {
				t.Errorf("%d lines for one failing login, want 1:\n%s", n, &log)
			}
		})
	}
}
