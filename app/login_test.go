package app

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

func healthUp(s samples) bool { return feedUp(s, "emea", "health") && feedUp(s, "us", "health") }

// authIs reports whether the login of emea has a status.
func authIs(t *testing.T, s samples, status string) bool {
	t.Helper()
	return s.find(t, "ccaas_component_status", `account="emea"`, `component="auth"`, fmt.Sprintf("status=%q", status)) == "1"
}

func TestRevokedTokensCostOneLogin(t *testing.T) {
	t.Parallel()
	u := startUnder(t, simulator.Options{})
	u.until(t, "both platforms are up", healthUp)
	u.world.ResetCalls()
	u.world.RevokeTokens("emea")
	s := u.scrape(t)
	if !healthUp(s) || !authIs(t, s, "operational") {
		t.Errorf("health is not up after one forced renewal\n%s", u.log)
	}
	if n := u.world.Calls("emea")["POST /oauth/token"]; n != 1 {
		t.Errorf("logins = %d, want one, shared by all feeds", n)
	}
}

func TestRefusedForEver(t *testing.T) {
	t.Parallel()
	u := startUnder(t, simulator.Options{})
	u.until(t, "both platforms are up", healthUp)
	remove := u.world.Inject("emea", simulator.Fault{Path: "/api/v2/", Status: 401})
	s := u.scrape(t)
	if got := failures(s, "emea", "presence"); len(got) != 1 || got[0] != "auth" {
		t.Errorf("reasons = %v, want auth", got)
	}
	if !authIs(t, s, "critical") {
		t.Error("component auth is not critical")
	}
	remove()
	u.until(t, "both platforms are up again", healthUp)
}

func TestTokenHostRateLimited(t *testing.T) {
	t.Parallel()
	u := startUnder(t, simulator.Options{})
	u.until(t, "both platforms are up", healthUp)
	u.world.Inject("emea", simulator.Fault{Path: "/oauth/token", Status: 400, Body: `{"error":"invalid_request","description":"rate limit exceeded"}`})
	u.world.RevokeTokens("emea")
	s := u.scrape(t)
	if got := failures(s, "emea", "presence"); len(got) != 1 || got[0] != "rate_limited" {
		t.Errorf("reasons = %v, want rate_limited\n%s", got, u.log)
	}
}

func TestSecretRotatedOnDisk(t *testing.T) {
	t.Parallel()
	u := startUnder(t, simulator.Options{})
	u.until(t, "both platforms are up", healthUp)
	u.world.RotateSecret("emea", "rotated-secret")
	if err := os.WriteFile(u.emeaSecret, []byte("rotated-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rotated := time.Unix(1_700_000_000, 0)
	if err := os.Chtimes(u.emeaSecret, rotated, rotated); err != nil {
		t.Fatal(err)
	}
	u.world.RevokeTokens("emea")
	s := u.scrape(t)
	if !healthUp(s) {
		t.Errorf("the rotated secret is not used\n%s", u.log)
	}
	const modified = "ccaas_secret_file_modified_timestamp_seconds"
	if got := s.find(t, modified, `account="emea"`, `key="client_secret_file"`); got != "1.7e+09" {
		t.Errorf("%s of emea = %s, want 1.7e+09", modified, got)
	}
	if n := s.count(modified, `account="us"`, `key="access_key_secret_file"`); n != 1 || s.count(modified) != 2 {
		t.Errorf("%d series of us and %d in all, want 1 and 2", n, s.count(modified))
	}
	for series := range s {
		if strings.Contains(series, u.emeaSecret) || strings.Contains(series, u.usSecret) {
			t.Errorf("a series shows where a secret is: %s", series)
		}
	}
}

func TestShortTokenLifetime(t *testing.T) {
	t.Parallel()
	u := startUnder(t, simulator.Options{TokenLifetime: 300 * time.Second})
	for range 5 {
		u.scrape(t)
	}
	if n := u.world.Calls("emea")["POST /oauth/token"]; n != 1 {
		t.Errorf("logins = %d, want 1: a fixed buffer of 300 s would log in for every call", n)
	}
}

func TestClockTwoHoursOff(t *testing.T) {
	t.Parallel()
	u := startUnder(t, simulator.Options{})
	u.world.Inject("emea", simulator.Fault{ClockOffset: 2 * time.Hour})
	u.world.Inject("us", simulator.Fault{ClockOffset: -2 * time.Hour})
	u.until(t, "both platforms are up", healthUp)
	s := u.scrape(t)
	for account, want := range map[string]string{"emea": "7", "us": "-7"} {
		if got := s.find(t, "ccaas_clock_skew_seconds", fmt.Sprintf("account=%q", account)); !strings.HasPrefix(got, want) {
			t.Errorf("clock skew of %s = %s, want about %s200", account, got, want)
		}
	}
	if n := u.world.Calls("emea")["POST /oauth/token"]; n != 1 {
		t.Errorf("logins = %d, want 1", n)
	}
}

// TestWarningsNameTheirAccount lets logins fail and breakers open: who reads the log must know whose.
func TestWarningsNameTheirAccount(t *testing.T) {
	t.Parallel()
	for message, faults := range map[string]map[string]simulator.Fault{
		"login failed": {
			"emea": {Path: "/oauth/token", Status: 401, Body: "{}"},
			"us":   {Path: "/authentication/v1/token/access-key", Status: 401, Body: "{}"},
		},
		"circuit breaker opened": {"emea": {Path: "/api/v2/", Status: 500, Body: "{}"}, "us": {Path: "/incontactapi/", Status: 500, Body: "{}"}},
	} {
		t.Run(message, func(t *testing.T) {
			t.Parallel()
			u := startUnder(t, simulator.Options{})
			u.until(t, "both platforms are up", healthUp)
			for account, fault := range faults {
				u.world.Inject(account, fault)
				if message == "login failed" {
					u.world.RevokeTokens(account)
				}
			}
			for _, account := range []string{"platform=genesys account=emea", "platform=cxone account=us"} {
				want := fmt.Sprintf("msg=%q %s", message, account)
				u.until(t, want, func(samples) bool { return strings.Contains(u.log.String(), want) })
			}
			for line := range strings.Lines(u.log.String()) {
				if strings.HasPrefix(line, "level=warn") && !strings.Contains(line, " account=") {
					t.Errorf("whose is it? %s", line)
				}
			}
		})
	}
}
