package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// startProbing runs the exporter with the simulated carriers of emea as targets, and a socket that never answers.
func startProbing(t *testing.T) (under, []simulator.Carrier) {
	t.Helper()
	mute, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mute.Close() })
	var carriers []simulator.Carrier
	u := startUnderWith(t, simulator.Options{}, func(w *simulator.World) string {
		carriers = w.Carriers("emea")
		return fmt.Sprintf(`sip_targets:
  - {name: north, account: emea, trunk: %q, uri: "sip:%s", every: 1s, spacing: 20ms, timeout: 300ms}
  - {name: south, uri: "sip:%s;transport=tcp", spacing: 20ms}
  - {name: mute, uri: "sip:%s", requests: 100, spacing: 100ms, timeout: 20s}
`, carriers[0].Trunk, carriers[0].Address, carriers[1].Address, mute.LocalAddr())
	})
	return u, carriers
}

func TestProbe(t *testing.T) {
	u, _ := startProbing(t)
	for _, tc := range []struct {
		query string
		code  int
		has   string
	}{
		{"module=sip_options&target=south", http.StatusOK, "\nprobe_success 1\n"},
		{"module=sip_options&target=south", http.StatusOK, `probe_sip_phase_duration_seconds{phase="connect"}`},
		{"module=sip_options&target=north", http.StatusOK, "\nprobe_sip_response_code 200\n"},
		{"module=sip_options&target=north", http.StatusOK, "\nprobe_sip_loss_ratio 0\n"},
		{"module=http_2xx&target=north", http.StatusBadRequest, "unknown module, expected sip_options"},
		{"target=north", http.StatusBadRequest, "unknown module"},
		{"module=sip_options&target=sip:127.0.0.1:5060", http.StatusNotFound, "unknown target"},
		{"module=sip_options", http.StatusNotFound, "unknown target"},
	} {
		code, body := u.get(t, "/probe?"+tc.query)
		if code != tc.code || !strings.Contains(body, tc.has) {
			t.Errorf("GET /probe?%s = %d %s, want %d with %q", tc.query, code, body, tc.code, tc.has)
		}
		if code != http.StatusOK && strings.Contains(body, "south") {
			t.Errorf("GET /probe?%s lists targets: %s", tc.query, body)
		}
		if strings.Contains(body, "go_goroutines") || strings.Contains(body, "ccaas_") {
			t.Errorf("GET /probe?%s shows more than the probe", tc.query)
		}
	}
	if v := u.world.Violations(); v != nil {
		t.Errorf("violations = %q, want none", v)
	}
}

// TestProbeDeadline: the answer is there before the scrape's timeout, with what is known by then.
func TestProbeDeadline(t *testing.T) {
	u, _ := startProbing(t)
	began := time.Now()
	code, body := u.get(t, "/probe?module=sip_options&target=mute", "X-Prometheus-Scrape-Timeout-Seconds", "1.5")
	if took := time.Since(began); took > 1500*time.Millisecond {
		t.Errorf("took %v, want less than the timeout of 1.5 s", took)
	}
	s := parseSamples(body)
	if code != http.StatusOK || s["probe_success"] != "0" || s["probe_sip_loss_ratio"] != "1" || s["probe_sip_response_code"] != "" {
		t.Errorf("GET /probe = %d %s, want no success, all lost, no code", code, body)
	}
}

// TestProbeFeed: a target of an account stands on the metrics page beside its trunk, follows an outage, and a reload
// that drops it ends it.
func TestProbeFeed(t *testing.T) {
	u, carriers := startProbing(t)
	label := []string{`account="emea"`, `target="north"`, fmt.Sprintf("trunk=%q", carriers[0].Trunk)}
	s := u.until(t, "north is probed", func(s samples) bool { return s.find(t, "ccaas_sip_success", label...) == "1" })
	for name, want := range map[string]string{"ccaas_sip_response_code": "200", "ccaas_sip_loss_ratio": "0"} {
		if got := s.find(t, name, label...); got != want {
			t.Errorf("%s = %q, want %s", name, got, want)
		}
	}
	if n := s.count("ccaas_sip_success"); n != 1 {
		t.Errorf("%d targets on the metrics page, want only that of the account", n)
	}
	if err := u.world.SetScenario("trunk-outage"); err != nil {
		t.Fatal(err)
	}
	s = u.until(t, "north is silent", func(s samples) bool { return s.find(t, "ccaas_sip_success", label...) == "0" })
	if got := s.find(t, "ccaas_sip_loss_ratio", label...); got != "1" {
		t.Errorf("loss = %s, want 1", got)
	}
	if got := s.find(t, "ccaas_feed_up", `feed="sip/north"`); got != "1" {
		t.Errorf("feed up = %s, want 1: a target that does not answer is no failure of its feed", got)
	}
	if !strings.Contains(u.log.String(), "0 of 5 OPTIONS answered, reached response") {
		t.Errorf("the log does not say what showed the outage:\n%s", u.log)
	}

	content, err := os.ReadFile(u.configuration)
	if err != nil {
		t.Fatal(err)
	}
	without, _, _ := strings.Cut(string(content), "sip_targets:")
	if err := os.WriteFile(u.configuration, []byte(without), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, body := u.do(t, http.MethodPost, "/-/reload"); code != http.StatusOK {
		t.Fatalf("reload = %d %s", code, body)
	}
	s = u.until(t, "the account is back", func(s samples) bool { return feedUp(s, "emea", "health") })
	if s.count("ccaas_sip_success") != 0 || s.count("ccaas_feed_up", `feed="sip/north"`) != 0 {
		t.Error("a target that was taken out is still on the metrics page")
	}
	if code, _ := u.get(t, "/probe?module=sip_options&target=north"); code != http.StatusNotFound {
		t.Errorf("probe of it = %d, want 404", code)
	}
}

// TestProbeShared: scrapes at once cost the target one burst.
func TestProbeShared(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	c, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buffer := make([]byte, 4096)
		for {
			n, _, err := c.ReadFrom(buffer)
			if err != nil {
				return
			}
			mu.Lock()
			seen = append(seen, string(buffer[:n]))
			mu.Unlock()
		}
	}()
	t.Cleanup(func() { _ = c.Close(); <-ended })
	u := startUnderWith(t, simulator.Options{}, func(*simulator.World) string {
		return fmt.Sprintf("sip_targets: [{name: mute, uri: \"sip:%s\", requests: 3, spacing: 200ms, timeout: 450ms}]\n", c.LocalAddr())
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var scrapes sync.WaitGroup
	for range 6 {
		scrapes.Go(func() {
			if code, body := u.get(t, "/probe?module=sip_options&target=mute"); code != http.StatusOK || ctx.Err() != nil {
				t.Errorf("GET /probe = %d %s", code, body)
			}
		})
	}
	scrapes.Wait()
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(seen)
	if n := len(slices.Compact(seen)); n != 3 {
		t.Errorf("the target got %d requests, want one burst of 3", n)
	}
}
