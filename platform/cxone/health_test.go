package cxone

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

func TestAPIStatus(t *testing.T) {
	failed := func(status int) error { return &rest.Error{Operation: opServerTime, Status: status} }
	const slow = 800 * time.Millisecond
	for _, test := range []struct {
		name    string
		latency time.Duration
		err     error
		want    platform.Status
		known   bool
	}{
		{"fast", slow, nil, platform.Operational, true},
		{"slow", slow + 1, nil, platform.Degraded, true},
		{"500", 0, failed(500), platform.Critical, true},
		{"503", 0, failed(503), platform.Critical, true},
		{"401", 0, failed(401), platform.Unknown, true},
		{"403", 0, failed(403), platform.Unknown, true},
		{"404", 0, failed(404), platform.Unknown, true},
		{"400", 0, failed(400), platform.Unknown, true},
		{"429", 0, failed(429), platform.Unknown, false},
		{"login failed", 0, &rest.Error{Operation: opServerTime, Status: 503, Login: true}, platform.Unknown, true},
		{"login limited", 0, &rest.Error{Operation: opServerTime, Status: 429, Login: true}, platform.Unknown, false},
		{"discovery failed", 0, &rest.Error{Operation: opDiscovery, Status: 503}, platform.Unknown, true},
		{"waited for discovery", 0, context.DeadlineExceeded, platform.Unknown, true},
		{"bad answer", 0, errors.New("answer begins with [, expected an object"), platform.Unknown, true},
	} {
		if got, known := apiStatus(test.latency, slow, test.err); got != test.want || known != test.known {
			t.Errorf("%s: apiStatus = %v, %v, want %v, %v", test.name, got, known, test.want, test.known)
		}
	}
}

func TestAuthStatus(t *testing.T) {
	failed := func(status int) error { return &rest.Error{Status: status, Login: true} }
	for _, test := range []struct {
		name  string
		state rest.AuthState
		want  platform.Status
	}{
		{"held", rest.AuthState{Held: true}, platform.Operational},
		{"never tried", rest.AuthState{}, platform.Unknown},
		{"refused", rest.AuthState{Err: failed(401)}, platform.Critical},
		{"renewal refused", rest.AuthState{Held: true, Err: failed(401)}, platform.Critical},
		{"limited, token good", rest.AuthState{Held: true, Err: failed(429)}, platform.Degraded},
		{"limited, no token", rest.AuthState{Err: failed(429)}, platform.Unknown},
		{"down, token good", rest.AuthState{Held: true, Err: failed(503)}, platform.Operational},
		{"down, no token", rest.AuthState{Err: failed(503)}, platform.Critical},
		{"unreachable, no token", rest.AuthState{Err: context.DeadlineExceeded}, platform.Critical},
		{"nonsense, no token", rest.AuthState{Err: errors.New("login answer holds no access_token")}, platform.Unknown},
	} {
		if got := authStatus(test.state); got != test.want {
			t.Errorf("%s: authStatus = %v, want %v", test.name, got, test.want)
		}
	}
}

// statuses are the components of a part by name.
func statuses(p platform.Part) map[string]string {
	got := map[string]string{}
	for _, c := range p.Components {
		got[c.Name] = c.Status.String()
		if c.Plane != platform.ControlPlane {
			got[c.Name] += " in plane " + string(c.Plane)
		}
	}
	return got
}

// TestHealthOverTime: what the API answers, and what the feed makes of it, one run after the other.
func TestHealthOverTime(t *testing.T) {
	var status int
	var body string
	host := tenant(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != pathServerTime || r.URL.RawQuery != "" || r.Header.Get("Accept") != "application/json" {
			t.Errorf("asked %s with %v", r.URL, r.Header)
		}
		w.Header().Set("CorrelationId", "id-1")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
	recorded := string(sample(t, "server-time"))
	for _, test := range []struct {
		name       string
		status     int
		body       string
		reason     platform.Reason // "": success
		api        string
		violations int
	}{
		{"good", 200, recorded, "", "operational", 0},
		{"no time", 200, `{"ServerTime":"today"}`, "", "operational", 1},
		{"no fields", 200, `{}`, "", "operational", 1},
		{"no body", 204, ``, "", "operational", 1},
		{"no JSON", 200, `<html>`, platform.ReasonBadResponse, "unknown", 0},
		{"server error", 500, `{"error":"x"}`, platform.ReasonServerError, "critical", 0},
		{"forbidden", 403, `{}`, platform.ReasonForbidden, "unknown", 0},
		{"not found", 404, `{}`, platform.ReasonNotFound, "unknown", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, body = test.status, test.body
			notes := &notebook{}
			err := feed(t, source(t, account(host)), "health").Run(t.Context(), notes)
			if (err == nil) != (test.reason == "") || err != nil && platform.ReasonOf(err) != test.reason {
				t.Errorf("run = %v, want reason %q", err, test.reason)
			}
			part := notes.last(t)
			want := map[string]string{"api": test.api, "auth": "operational"} // the area is configured: no discovery
			if diff := cmp.Diff(want, statuses(part)); diff != "" {
				t.Errorf("components (-want +got):\n%s", diff)
			}
			if part.Violations != test.violations || (part.Latency != nil) != (err == nil) {
				t.Errorf("violations = %d, latency = %v", part.Violations, part.Latency)
			}
			evidence := part.Components[0].Evidence
			if !strings.HasPrefix(string(evidence.Payload), "GET /server-time ") || evidence.CorrelationID != "id-1" {
				t.Errorf("evidence = %q, %q", evidence.Payload, evidence.CorrelationID)
			}
		})
	}
}

// TestRateLimitKeepsStatus: a 429 leaves the API as it was last judged.
func TestRateLimitKeepsStatus(t *testing.T) {
	limited := false
	host := tenant(t, func(w http.ResponseWriter, _ *http.Request) {
		if limited {
			w.WriteHeader(http.StatusTooManyRequests)
		}
		_, _ = w.Write(sample(t, "server-time"))
	})
	health := feed(t, source(t, account(host)), "health")
	notes := &notebook{}
	if err := health.Run(t.Context(), notes); err != nil {
		t.Fatal(err)
	}
	limited = true
	for range 2 { // the second is kept back by the pause
		if err := health.Run(t.Context(), notes); platform.ReasonOf(err) != platform.ReasonRateLimited {
			t.Errorf("run = %v, want reason rate_limited", err)
		}
		if got := statuses(notes.last(t))["api"]; got != "operational" || notes.last(t).Latency != nil {
			t.Errorf("api = %s, latency = %v, want the status before and no latency", got, notes.last(t).Latency)
		}
	}
}

// TestStoppedRun publishes nothing: that we stop says nothing about the platform.
func TestStoppedRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	host := tenant(t, func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		_, _ = w.Write(sample(t, "server-time"))
	})
	notes := &notebook{}
	_ = feed(t, source(t, account(host)), "health").Run(ctx, notes)
	if len(notes.parts) > 0 {
		t.Errorf("published %+v", notes.parts)
	}
}
