package app

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// testConfig watches the simulated organization emea and tenant us with intervals so short that every scrape asks.
const testConfig = `
genesys:
  - name: emea
    region: eu-central-1
    api_url: %[1]s
    login_url: %[1]s
    client_id: %[2]q
    client_secret_file: %[3]q
    rate_limit: {requests_per_minute: 10, burst: 290}
    feeds: {events: off, quota: off, health: 1ms, edges: 1ms, trunks: 1ms, presence: 1ms, calls: 1ms, definitions: 1ms}
    http: {timeout: 5s, max_body_bytes: 1048576}
cxone:
  - name: us
    issuer: %[4]s
    token_url: %[4]s/authentication/v1/token/access-key
    access_key_id: %[5]q
    access_key_secret_file: %[6]q
    rate_limit: {requests_per_minute: 10000, burst: 1000}
    feeds: {health: 1ms, agents: 1ms, calls: 1ms, capacity: 1ms}
    http: {timeout: 5s, max_body_bytes: 1048576}
`

// under is the exporter watching a simulated world, with the files that hold its secrets.
type under struct {
	*program
	world         *simulator.World
	emeaSecret    string
	usSecret      string
	configuration string
}

func startUnder(t *testing.T, o simulator.Options) under {
	t.Helper()
	return startUnderWith(t, o, func(*simulator.World) string { return "" })
}

// startUnderWith is startUnder with more configuration, made for the world.
func startUnderWith(t *testing.T, o simulator.Options, more func(*simulator.World) string) under {
	t.Helper()
	o.Agents, o.Queues, o.Edges, o.TrunkInstances = cmp.Or(o.Agents, 100), cmp.Or(o.Queues, 5), cmp.Or(o.Edges, 2), cmp.Or(o.TrunkInstances, 12)
	u := under{world: startWorld(t, o)}
	emeaID, emeaSecret := u.world.Credentials("emea")
	usID, usSecret := u.world.Credentials("us")
	u.emeaSecret, u.usSecret = writeFile(t, "emea", emeaSecret+"\n"), writeFile(t, "us", usSecret+"\n")
	u.configuration = writeFile(t, "config.yml", fmt.Sprintf(testConfig,
		u.world.URL("emea"), emeaID, u.emeaSecret, u.world.URL("us"), usID, u.usSecret)+more(u.world))
	u.program = startProgram(t, "--config.file="+u.configuration)
	return u
}

// until scrapes until the condition holds. It pauses for four times as long as a scrape takes, so that what it waits for has the
// processor.
func (p *program) until(t *testing.T, what string, holds func(samples) bool) samples {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		began := time.Now()
		s := p.scrape(t)
		if holds(s) {
			return s
		}
		select {
		case <-time.After(min(max(20*time.Millisecond, 4*time.Since(began)), 200*time.Millisecond)): // some scrapes wait themselves
		case <-deadline:
			t.Fatalf("not within 2 minutes: %s\nlog:\n%s", what, p.log)
		}
	}
}

func feedUp(s samples, account, feed string) bool {
	return s[fmt.Sprintf(`ccaas_feed_up{account=%q,feed=%q,platform=%q,region_code=%q}`, account, feed, platformOf[account], regionOf[account])] == "1"
}

var (
	platformOf = map[string]string{"emea": "genesys", "us": "cxone"}
	regionOf   = map[string]string{"emea": "eu-central-1", "us": "na1"}
)

// failures returns the reasons for which a feed has failed.
func failures(s samples, account, feed string) (reasons []string) {
	for series, value := range s {
		if strings.HasPrefix(series, "ccaas_feed_failures_total{") && value != "0" &&
			strings.Contains(series, fmt.Sprintf("account=%q,feed=%q,", account, feed)) {
			_, reason, _ := strings.Cut(series, `reason="`)
			reasons = append(reasons, strings.TrimSuffix(strings.SplitN(reason, `"`, 2)[0], `"`))
		}
	}
	return reasons
}

// reconfigure replaces a text in the configuration file and applies it.
func (u under) reconfigure(t *testing.T, old, replacement string) {
	t.Helper()
	content, err := os.ReadFile(u.configuration)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(u.configuration, bytes.ReplaceAll(content, []byte(old), []byte(replacement)), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, body := u.do(t, http.MethodPost, "/-/reload"); status != http.StatusOK {
		t.Fatalf("reload = %d %s", status, body)
	}
}
