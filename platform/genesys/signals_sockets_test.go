// Operational events, limits and the OAuth client over real sockets, with and without permission.

package genesys_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

const (
	events      = "/api/v2/usage/events/aggregates/query"
	eventKinds  = "/api/v2/usage/events/definitions"
	rateLimits  = "/api/v2/analytics/ratelimits/aggregates/query"
	limits      = "/api/v2/organizations/limits/namespaces/platform.api"
	oauthClient = "/api/v2/oauth/clients/"
)

// signals is an account with the three feeds and the health feed, and what it logs.
func signals(t *testing.T, w *simulator.World) (*feed.Account, *bytes.Buffer) {
	t.Helper()
	log := &bytes.Buffer{}
	a := accountWithLog(t, w, w.URL("emea"), health.Surroundings{}, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), func(c *genesys.Config) {
		defaults := c.Feeds
		c.Feeds = genesys.FeedIntervals{Health: defaults.Health, Events: defaults.Events, Quota: defaults.Quota, Credential: defaults.Credential}
	})
	return a, log
}

// signalsOf are what snapshots say about limits and the OAuth client.
func signalsOf(view feed.AccountState) (limits, near int, credential *platform.Credential, kinds int) {
	for _, s := range view.Snapshots {
		for _, l := range s.Limits {
			if l.Near {
				near++
			} else {
				limits++
			}
		}
		if s.Credential != nil {
			credential = s.Credential
		}
		kinds += s.EventKinds
	}
	return limits, near, credential, kinds
}

func TestSignals(t *testing.T) {
	w := world(t, simulator.Options{})
	a, log := signals(t, w)
	view, feeds := refreshed(t, a)
	wantUp(t, feeds)
	if limits, near, credential, kinds := signalsOf(view); limits != 4 || near != 0 || credential == nil || credential.Expires.IsZero() || kinds != 9 {
		t.Errorf("%d limits, %d near, credential %v, %d kinds of events, want 4, none, one with an end, 9", limits, near, credential, kinds)
	}
	if err := w.SetScenario("quota-near"); err != nil {
		t.Fatal(err)
	}
	view, _ = refreshed(t, a)
	if _, near, _, _ := signalsOf(view); near != 1 {
		t.Errorf("%d limits are near, want 1", near)
	}
	_, secret := w.Credentials("emea")
	a.Close()
	if strings.Contains(log.String(), secret) {
		t.Errorf("the log shows the secret that the platform sent:\n%s", log)
	}
}

// Without their permissions the feeds rest, and neither fail nor complain twice. Limits need none.
func TestSignalsWithoutPermission(t *testing.T) {
	w := world(t, simulator.Options{})
	for _, permission := range []string{"usage:events:view", "analytics:rateLimitAggregate:view", "oauth:client:view"} {
		w.Deny("emea", permission)
	}
	a, log := signals(t, w)
	for range 3 {
		view, feeds := refreshed(t, a)
		wantUp(t, feeds)
		for name, f := range feeds {
			if len(f.Failures) != 0 {
				t.Errorf("failures of %s = %v, want none", name, f.Failures)
			}
		}
		if limits, near, credential, kinds := signalsOf(view); limits != 4 || near != 0 || credential != nil || kinds != 0 {
			t.Errorf("%d limits, %d near, credential %v, %d kinds of events, want the limits and nothing else", limits, near, credential, kinds)
		}
	}
	a.Close()
	said := log.String()
	for permission, call := range map[string]string{
		"usage:events:view": "GET " + eventKinds, "analytics:rateLimitAggregate:view": "POST " + rateLimits, "oauth:client:view": "GET " + oauthClient + "{id}",
	} {
		if n := w.Calls("emea")[call]; n != 1 {
			t.Errorf("%s was called %d times, want once in an hour", call, n)
		}
		if n := strings.Count(said, "needs="+permission); n != 1 {
			t.Errorf("%s is named %d times in the log, want once:\n%s", permission, n, said)
		}
	}
	if strings.Contains(said, "feed failed") {
		t.Errorf("a feed is said to fail:\n%s", said)
	}
}

// Each call that fails for another reason fails its own feed; what the other call of the feed brought stays.
func TestSignalsFail(t *testing.T) {
	for path, down := range map[string]string{eventKinds: "events", events: "events", rateLimits: "quota", limits: "quota", oauthClient: "credential"} {
		for name, fault := range map[string]simulator.Fault{
			"status": {Path: path, Status: http.StatusInternalServerError}, "garbage": {Path: path, Status: http.StatusOK, Body: `{}`},
		} {
			if path == rateLimits && name == "garbage" {
				continue // which is how the platform may say that no limit is near
			}
			t.Run(path+" "+name, func(t *testing.T) {
				t.Parallel()
				w := world(t, simulator.Options{})
				w.Inject("emea", fault)
				a, _ := signals(t, w)
				view, feeds := refreshed(t, a)
				wantUp(t, feeds, down)
				if n, _, _, _ := signalsOf(view); n != 4 && path != limits {
					t.Errorf("%d limits, want 4", n)
				}
			})
		}
	}
}
