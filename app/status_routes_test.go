package app

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

func TestStatusBeforeConfiguration(t *testing.T) {
	a := newApp(t.Context(), nil, slog.New(slog.DiscardHandler))
	t.Cleanup(a.close)
	h := a.handler(flags{telemetryPath: "/metrics"}, nil)
	for path, want := range map[string]string{"/": "No configuration is applied yet", "/api/status": `"configured":false`} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("GET %s = %d %.300s, want 200 and %s", path, w.Code, w.Body, want)
		}
	}
}

// TestStatusAsksNobody checks that the page and the JSON never make a call, are read only, and forbid scripts.
func TestStatusAsksNobody(t *testing.T) {
	t.Parallel()
	u := startUnder(t, simulator.Options{})
	if _, page := u.get(t, "/"); !strings.Contains(page, "2 of 2 accounts were not asked yet") {
		t.Error("before the first scrape the page does not say that nothing is known")
	}
	for path, want := range map[string]int{
		"/api/status": 200, "/?account=us&account=emea": 200, "/?account=apac": 404, "/api/status?account=us&account=apac": 404,
		"/?acount=us": 400, "/api/status?account=": 400,
	} {
		if status, body := u.get(t, path); status != want {
			t.Errorf("GET %s = %d %.100s, want %d", path, status, body, want)
		}
	}
	if _, body := u.get(t, "/api/status?account=us"); strings.Contains(body, "emea") || !strings.Contains(body, `"account":"us"`) {
		t.Errorf("GET /api/status?account=us = %s, want us alone", body)
	}
	for _, account := range []string{"emea", "us"} {
		if calls := u.world.Calls(account); len(calls) != 0 {
			t.Errorf("calls of %s without a scrape = %v, want none", account, calls)
		}
	}
	for _, path := range []string{"/", "/api/status"} {
		if status, _ := u.do(t, http.MethodPost, path); status != http.StatusMethodNotAllowed {
			t.Errorf("POST %s = %d, want 405", path, status)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, u.url+path, nil)
		r.RequestURI = ""
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if policy := answer.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none';") {
			t.Errorf("policy of %s = %q", path, policy)
		}
	}
}

// calm reports whether no plane is degraded, as one is at first where a busy machine makes an API slow.
func calm(s samples) bool {
	for series, value := range s {
		if strings.HasPrefix(series, "ccaas_platform_status{") && strings.Contains(series, `status="degraded"`) && value != "0" {
			return false
		}
	}
	return true
}

// TestStatusOfDemo shows what the page says of a scenario, and that the JSON says the same.
func TestStatusOfDemo(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		scenario string
		reached  func(samples) bool
		page     []string
		lacks    string
		check    func(*statusAnswer) bool
	}{
		{
			"calm", func(s samples) bool {
				return calm(s) && s.count("ccaas_trunk_status") > 0 && s.count("ccaas_agents", `platform="cxone"`) > 0
			},
			[]string{"All 3 accounts are operational", "No component, trunk or edge is reported", `class="now">calm`, "stream</small>"},
			`class="level failing"`,
			func(s *statusAnswer) bool { return len(s.Unwell) == 0 && len(s.Accounts) == 3 && len(s.Clients) == 4 },
		},
		{
			"trunk-outage", func(s samples) bool {
				return s.find(t, "ccaas_sip_success", `target="emea-carrier-1"`) == "0" && s.count("ccaas_trunk_status") > 0
			},
			[]string{"emea is degraded, americas and us are operational", "<bdi>Carrier North SIP</bdi> <small>trunk</small>", "emea-carrier-1"},
			"",
			func(s *statusAnswer) bool {
				return len(s.Unwell) > 1 && s.Unwell[0].Status == "critical" && len(s.Changes) > 1
			},
		},
		{
			"auth-broken", func(s samples) bool {
				return s.find(t, "ccaas_feed_failures_total", `account="us"`, `feed="health"`, `reason="auth"`) == "1" &&
					s.find(t, "ccaas_platform_status", `account="americas"`, `plane="control"`, `status="critical"`) == "1" && s.count("ccaas_trunk_status") > 0
			},
			[]string{"americas and us are critical, emea is operational", "auth: the platform refuses the credentials or the token ("},
			"",
			func(s *statusAnswer) bool {
				return s.Accounts[0].Control.Status == "critical" && s.Feeds[0].State == feedFailing
			},
		},
	} {
		t.Run(tc.scenario, func(t *testing.T) {
			t.Parallel()
			p := startProgram(t, "--demo", "--demo.scenario="+tc.scenario)
			p.until(t, tc.scenario+" shows", tc.reached)
			status, page := p.get(t, "/")
			for _, text := range tc.page {
				if status != http.StatusOK || !strings.Contains(page, text) {
					t.Errorf("GET / = %d without %q:\n%s", status, text, page)
				}
			}
			browse(t, p.url+"/", tc.page[0])
			if tc.lacks != "" && strings.Contains(page, tc.lacks) {
				t.Errorf("the page has %q:\n%s", tc.lacks, page)
			}
			_, body := p.get(t, "/api/status")
			var answer statusAnswer
			if err := json.Unmarshal([]byte(body), &answer); err != nil || !tc.check(&answer) || answer.Demo.Scenario != tc.scenario {
				t.Errorf("GET /api/status: %v\n%s", err, body)
			}
		})
	}
}

// statusAnswer is what a script reads of /api/status.
type statusAnswer struct {
	Demo     struct{ Scenario string }
	Accounts []struct {
		Control struct{ Status string } `json:"control_plane"`
	}
	Unwell  []struct{ Status string }
	Changes []struct{ To string }
	Clients []struct{ Account string }
	Feeds   []struct{ State string }
}

// TestScenarioForm checks that a button of the page leads back to it, and that a script gets a text.
func TestScenarioForm(t *testing.T) {
	world := startWorld(t, simulator.Options{})
	for accept, want := range map[string]string{"text/html,*/*": "303 ../", "*/*": "200 "} {
		r := httptest.NewRequest(http.MethodPost, "/demo/scenario", strings.NewReader("name=tour"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		switchScenario(world)(w, r)
		if got := fmt.Sprint(w.Code, " ", w.Header().Get("Location")); got != want {
			t.Errorf("answer to a form that accepts %s = %s, want %s", accept, got, want)
		}
	}
}
