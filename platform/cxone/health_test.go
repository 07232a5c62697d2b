package cxone

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// statuses are the components of a snapshot by name.
func statuses(p platform.Snapshot) map[string]string {
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
		{"no body", 204, ``, platform.ReasonBadResponse, "unknown", 0},
		{"no JSON", 200, `<html>`, platform.ReasonBadResponse, "unknown", 0},
		{"server error", 500, `{"error":"x"}`, platform.ReasonServerError, "critical", 0},
		{"forbidden", 403, `{}`, platform.ReasonForbidden, "unknown", 0},
		{"not found", 404, `{}`, platform.ReasonNotFound, "unknown", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, body = test.status, test.body
			notes := &notebook{}
			err := record(t.Context(), feedNamed(t, source(t, account(host)), "health").Poll, notes)
			if (err == nil) != (test.reason == "") || err != nil && platform.ReasonOf(err) != test.reason {
				t.Errorf("run = %v, want reason %q", err, test.reason)
			}
			snapshot := notes.last(t)
			want := map[string]string{"api": test.api, "auth": "operational"} // the area is configured: no discovery
			if diff := cmp.Diff(want, statuses(snapshot)); diff != "" {
				t.Errorf("components (-want +got):\n%s", diff)
			}
			if snapshot.Violations != test.violations || (snapshot.Latency != nil) != (err == nil) {
				t.Errorf("violations = %d, latency = %v", snapshot.Violations, snapshot.Latency)
			}
			evidence := snapshot.Components[0].Evidence
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
	health := feedNamed(t, source(t, account(host)), "health")
	notes := &notebook{}
	if err := record(t.Context(), health.Poll, notes); err != nil {
		t.Fatal(err)
	}
	limited = true
	for range 2 { // the second is kept back by the pause
		if err := record(t.Context(), health.Poll, notes); platform.ReasonOf(err) != platform.ReasonRateLimited {
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
	_ = record(ctx, feedNamed(t, source(t, account(host)), "health").Poll, notes)
	if len(notes.snapshots) > 0 {
		t.Errorf("published %+v", notes.snapshots)
	}
}
