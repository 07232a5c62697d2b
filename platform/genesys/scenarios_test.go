package genesys_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform/health"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// TestScenarios checks which status trunks and edges have in a scenario in which they are in trouble.
func TestScenarios(t *testing.T) {
	for scenario, want := range map[string]struct {
		trunks, edges []platform.Status // that some trunk and some edge must have
	}{
		"trunk-outage": {trunks: []platform.Status{platform.Critical, platform.Operational}, edges: []platform.Status{platform.Operational}},
		"edge-offline": {trunks: []platform.Status{platform.Degraded}, edges: []platform.Status{platform.Critical, platform.Operational}},
	} {
		t.Run(scenario, func(t *testing.T) {
			w := world(t, simulator.Options{})
			if err := w.SetScenario(scenario); err != nil {
				t.Fatal(err)
			}
			view, feeds := refreshed(t, account(t, w, w.URL("emea")))
			wantUp(t, feeds)
			trunks, edges := map[platform.Status]int{}, map[platform.Status]int{}
			for _, trunk := range merged(view).Trunks {
				trunks[trunk.Status]++
			}
			for _, edge := range merged(view).Edges {
				edges[edge.Status]++
			}
			for _, status := range want.trunks {
				if trunks[status] == 0 {
					t.Errorf("trunks by status = %v, want some %v", trunks, status)
				}
			}
			for _, status := range want.edges {
				if edges[status] == 0 {
					t.Errorf("edges by status = %v, want some %v", edges, status)
				}
			}
		})
	}
}

// A secret that is rotated in its file is used at the next login, without a restart.
func TestSecretRotation(t *testing.T) {
	t.Parallel()
	w := world(t, simulator.Options{})
	_, secret := w.Credentials("emea")
	file := filepath.Join(t.TempDir(), "secret")
	write := func(secret string) {
		if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(secret)
	a := accountFrom(t, w, w.URL("emea"), health.Surroundings{}, func(c *genesys.Config) {
		c.ClientSecret, c.ClientSecretFile = "", file
	})
	_, feeds := refreshed(t, a)
	wantUp(t, feeds)
	w.RotateSecret("emea", "canary-rotated")
	write("canary-rotated")
	w.RevokeTokens("emea")
	_, feeds = refreshed(t, a)
	wantUp(t, feeds)
}

// A request that the API refuses differs from a login that is refused.
func TestLoginRefused(t *testing.T) {
	w := world(t, simulator.Options{})
	w.Inject("emea", simulator.Fault{
		Method: http.MethodPost, Path: "/oauth/token", Status: http.StatusBadRequest, Body: `{"error":"invalid_client","description":"client not found"}`,
	})
	view, feeds := refreshed(t, account(t, w, w.URL("emea")))
	wantUp(t, feeds, "health", "edges", "trunks", "presence", "calls", "definitions", "queues", "service_level",
		"events", "quota", "credential")
	for name, feed := range feeds {
		if feed.Failures[platform.ReasonAuth] != 1 {
			t.Errorf("failures of %s = %v, want one for auth", name, feed.Failures)
		}
	}
	for _, c := range merged(view).Components {
		if want := map[string]platform.Status{"api": platform.Unknown, "auth": platform.Critical}[c.Name]; c.Status != want {
			t.Errorf("component %s is %v, want %v", c.Name, c.Status, want)
		}
	}
	if n := w.Calls("emea")["POST /oauth/token"]; n != 1 {
		t.Errorf("%d logins, want one for all feeds", n)
	}
}
