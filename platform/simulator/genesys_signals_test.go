package simulator

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	eventsPath     = "/api/v2/usage/events/aggregates/query"
	rateLimitsPath = "/api/v2/analytics/ratelimits/aggregates/query"
)

// eventsIn are the events of an interval by definition.
func eventsIn(t *testing.T, c caller, from, to time.Time) map[string]float64 {
	t.Helper()
	r := c.do("POST", eventsPath, fmt.Sprintf(`{"interval":"%s/%s"}`, iso(from), iso(to)))
	if r.status != http.StatusOK {
		t.Fatalf("events = %d %s", r.status, r.body)
	}
	counts := map[string]float64{}
	for _, one := range items(t, r.json(t), "eventDefinitionAggregates") {
		counts[one["eventDefinition"].(map[string]any)["id"].(string)] = one["eventCount"].(float64)
	}
	return counts
}

// Intervals add up, so that a client that counts each once counts every event once.
func TestEventsAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{})
		c := loggedOn(t, w, emea)
		now := time.Now()
		whole, pieces, n := eventsIn(t, c, now.Add(-6*time.Hour), now), map[string]float64{}, 0.0
		for at := now.Add(-6 * time.Hour); at.Before(now); at = at.Add(7*time.Minute + 30*time.Second) {
			for id, count := range eventsIn(t, c, at, at.Add(7*time.Minute+30*time.Second)) {
				pieces[id] += count
				n += count
			}
		}
		if diff := cmp.Diff(whole, pieces); diff != "" || n < 100 || n > 1000 {
			t.Errorf("%v events in 6 hours; of the whole and of its pieces (-whole +pieces):\n%s", n, diff)
		}
		known := map[string]bool{}
		for _, d := range items(t, c.ok("/api/v2/usage/events/definitions"), "entities") {
			known[d["id"].(string)] = d["name"] != ""
		}
		for id := range whole {
			if !known[id] {
				t.Errorf("definition %s is not listed", id)
			}
		}
		noViolations(t, w)
	})
}

// Requests that the documents do not allow, and intervals that cannot be counted.
func TestSignalsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{})
		c := loggedOn(t, w, emea)
		now := time.Now()
		interval := func(from, to time.Duration) string {
			return `"interval":"` + iso(now.Add(from)) + "/" + iso(now.Add(to)) + `"`
		}
		for name, tt := range map[string]struct {
			path, body string
			status     int
			code       string
			violates   bool
		}{
			"no interval":           {eventsPath, `{}`, 400, "invalid.value", true},
			"unknown key":           {eventsPath, `{"groupBy":[],` + interval(-time.Hour, 0) + `}`, 400, "bad.request", true},
			"not ended":             {eventsPath, `{` + interval(-time.Hour, time.Second) + `}`, 400, "invalid.value", true},
			"too old":               {eventsPath, `{` + interval(-200*time.Hour, 0) + `}`, 400, "usage.events.too.old", false},
			"no metrics":            {rateLimitsPath, `{` + interval(-time.Hour, 0) + `}`, 400, "invalid.value", true},
			"unknown metric":        {rateLimitsPath, `{"metrics":["nError"],` + interval(-time.Hour, 0) + `}`, 400, "invalid.value", true},
			"unknown dimension":     {rateLimitsPath, `{"groupBy":["queueId"],"metrics":["oRateLimitRecorded"],` + interval(-time.Hour, 0) + `}`, 400, "invalid.value", true},
			"unknown key of limits": {rateLimitsPath, `{"dimensions":[],"metrics":["oRateLimitRecorded"],` + interval(-time.Hour, 0) + `}`, 400, "bad.request", true},
		} {
			before := len(w.Violations())
			r := c.do("POST", tt.path, tt.body)
			if v := r.json(t); r.status != tt.status || v["code"] != tt.code || (len(w.Violations()) > before) != tt.violates {
				t.Errorf("%s = %d %s with violations %q, want %d %s, violated: %t", name, r.status, r.body, w.Violations()[before:], tt.status, tt.code, tt.violates)
			}
		}
	})
}

func TestQuotaNear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{})
		c := loggedOn(t, w, emea)
		near := func() (groups []any) {
			now := time.Now()
			r := c.do("POST", rateLimitsPath, fmt.Sprintf(`{"interval":"%s/%s","groupBy":["namespace","limitName"],"metrics":["oRateLimitRecorded"]}`,
				iso(now.Add(-15*time.Minute)), iso(now)))
			for _, row := range items(t, r.json(t), "results") {
				groups = append(groups, row["group"])
			}
			return groups
		}
		if got := near(); got != nil {
			t.Errorf("near in calm: %v, want none", got)
		}
		if err := w.SetScenario(quotaNear); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		if diff := cmp.Diff([]any{map[string]any{"namespace": "platform.api", "limitName": nearLimit}}, near()); diff != "" {
			t.Errorf("near (-want +got):\n%s", diff)
		}
		noViolations(t, w)
	})
}

// A client that lacks a permission gets a 403 that names it; that of americas lacks two.
func TestPermissions(t *testing.T) {
	w := made(t, Options{})
	id, _ := w.Credentials(emea)
	c := loggedOn(t, w, emea)
	if v := c.ok("/api/v2/oauth/clients/" + id); v["dateToDelete"] == nil || v["id"] != id {
		t.Errorf("client = %v, want its own, with the date of its end", v)
	}
	if r := c.get("/api/v2/oauth/clients/" + w.uuid("other")); r.status != http.StatusNotFound || r.json(t)["code"] != "client.not.found" {
		t.Errorf("another client = %d %s", r.status, r.body)
	}
	w.Deny(emea, oauthClientPermission)
	for _, refused := range []read{c.get("/api/v2/oauth/clients/" + id), loggedOn(t, w, americas).get("/api/v2/usage/events/definitions")} {
		if v := refused.json(t); refused.status != http.StatusForbidden || v["code"] != "missing.any.permissions" {
			t.Errorf("without permission = %d %s", refused.status, refused.body)
		}
	}
	w.Permit(emea, oauthClientPermission)
	c.ok("/api/v2/oauth/clients/" + id)
	theirs, _ := w.Credentials(americas)
	their := loggedOn(t, w, americas)
	if v := their.ok("/api/v2/oauth/clients/" + theirs); v["dateToDelete"] != nil {
		t.Errorf("client of americas = %v, want no end", v)
	}
	if err := w.SetScenario(clientExpiring); err != nil {
		t.Fatal(err)
	}
	if v := their.ok("/api/v2/oauth/clients/" + theirs); v["dateToDelete"] == nil {
		t.Errorf("client of americas = %v, want one that expires", v)
	}
	noViolations(t, w)
}
