package app

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// hooked is a running exporter whose configuration gets webhooks.
type hooked struct {
	under
	hooks *demoWebhooks
	plain string // its configuration without them
}

func startHooked(t *testing.T) hooked {
	t.Helper()
	h := hooked{under: startUnder(t, simulator.Options{})}
	var err error
	if h.hooks, err = newDemoWebhooks(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.hooks.close)
	content, err := os.ReadFile(h.configuration)
	if err != nil {
		t.Fatal(err)
	}
	h.plain = string(content)
	return h
}

// reload applies the configuration with these webhooks and returns what /-/reload says.
func (h hooked) reload(t *testing.T, webhooks string) (status int, body string) {
	t.Helper()
	if err := os.WriteFile(h.configuration, []byte(h.plain+webhooks), 0o600); err != nil {
		t.Fatal(err)
	}
	return h.do(t, http.MethodPost, "/-/reload")
}

func (h hooked) applied(t *testing.T, webhooks string) {
	t.Helper()
	if status, body := h.reload(t, webhooks); status != http.StatusOK {
		t.Fatalf("reload = %d %s", status, body)
	}
}

var webhooksOn = regexp.MustCompile(`msg="Listening on" listener=webhooks address=(\S+)`)

// address is where the webhooks' listener was last opened, as the log has it.
func (h hooked) address(t *testing.T, openings int) string {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		if all := webhooksOn.FindAllStringSubmatch(h.log.String(), -1); len(all) >= openings {
			if len(all) > openings {
				t.Errorf("the listener was opened %d times, want %d", len(all), openings)
			}
			return all[len(all)-1][1]
		}
		select {
		case <-deadline:
			t.Fatalf("the webhooks' listener was not opened %d times:\n%s", openings, h.log)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// post sends a script message with the certificate, or without one, and returns the status.
func (h hooked) post(t *testing.T, address string, certificate bool) int {
	t.Helper()
	client := h.hooks.keys.Client(certificate)
	defer client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+address+"/webhook/script", strings.NewReader(`{"metadata":"[]"}`))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Error(err)
	}
	return answer.StatusCode
}

// TestWebhooks lets the simulated tenant push over TLS, signed and with a certificate.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	h := startHooked(t)
	h.applied(t, h.hooks.config())
	address := h.address(t, 1)
	h.hooks.push(t.Context(), h.world, address)
	labels := `platform="cxone",region_code="na1"}`
	s := h.until(t, "events of both kinds are counted", func(s samples) bool {
		return s.find(t, "ccaas_webhook_events_total", `hook="voice"`) > "1" && s.find(t, "ccaas_webhook_events_total", `hook="script"`) > "1" &&
			s.count("ccaas_voice_mos_count") > 0 && s.count("ccaas_script_api_requests_total", `code_class="2xx"`) > 0
	})
	for _, hook := range []string{"voice", "script"} {
		for series, value := range s {
			if strings.HasPrefix(series, "ccaas_webhook_failures_total{") && strings.Contains(series, fmt.Sprintf("hook=%q", hook)) && value != "0" {
				t.Errorf("%s = %s, want 0", series, value)
			}
		}
		if s[`ccaas_webhook_broken_events_total{account="us",hook="`+hook+`",kind="`+map[string]string{"voice": "voice_quality", "script": "script_api"}[hook]+`",`+labels] != "0" {
			t.Errorf("%s: broken events, or no such series", hook)
		}
	}
	if got := h.post(t, address, false); got != http.StatusNotFound {
		t.Errorf("without a certificate = %d, want 404", got)
	}
	if _, page := h.get(t, "/metrics?account=emea"); strings.Contains(page, "ccaas_webhook_events_total{") {
		t.Error("?account=emea shows the webhooks of us")
	}
	if _, page := h.get(t, "/metrics?account=us"); !strings.Contains(page, "ccaas_webhook_events_total{") {
		t.Error("?account=us does not show its webhooks")
	}
	if status, _ := h.do(t, http.MethodPost, "/webhook/voice"); status != http.StatusNotFound {
		t.Errorf("POST /webhook/voice on the metrics' listener = %d, want 404", status)
	}
}

// TestWebhooksReload changes hooks and listener while both are in use.
func TestWebhooksReload(t *testing.T) {
	t.Parallel()
	h := startHooked(t)
	h.applied(t, h.hooks.config())
	address := h.address(t, 1)
	check := func(what string, want int) {
		t.Helper()
		if got := h.post(t, address, true); got != want {
			t.Errorf("%s = %d, want %d", what, got, want)
		}
	}
	check("first", 200)

	h.applied(t, strings.Replace(h.hooks.config(), "cn:"+simulator.GatewaySubject, "cn:another sender", 1))
	h.address(t, 1) // not opened again
	check("with another subject", 404)

	fixed := strings.Replace(h.hooks.config(), "127.0.0.1:0", address, 1)
	other := filepath.Join(h.hooks.dir, "other.yml")
	content, err := os.ReadFile(h.hooks.webConfig())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(other, content, 0o600); err != nil {
		t.Fatal(err)
	}
	served, _, _ := strings.Cut(string(content), ", client_ca_file")
	open := writeFile(t, "open.yml", served+"}\n")
	for what, bad := range map[string]struct{ webhooks, want string }{
		"no web configuration":  {strings.Replace(fixed, "web.yml", "none.yml", 1), "webhooks.web_config_file: "},
		"the same, closed":      {"webhooks: {web_config_file: none.yml}\n", "webhooks.web_config_file: "},
		"no client certificate": {strings.Replace(fixed, h.hooks.webConfig(), open, 1), "mtls: " + open + " verifies no client certificate"},
		"no key":                {strings.Replace(fixed, "gateway.pub", "none.pub", 1), "webhook voice: signature key: "},
		"an address in use":     {strings.Replace(fixed, address, strings.TrimPrefix(h.url, "http://"), 1), "webhooks.listen_address: "},
		"an unknown account":    {strings.Replace(fixed, "account: us", "account: emea", 1), `webhooks.hooks[0].account: there is no cxone account "emea"`},
	} {
		if status, body := h.reload(t, bad.webhooks); status != 500 || !strings.Contains(body, bad.want) {
			t.Errorf("%s = %d %s, want 500 and %s", what, status, body, bad.want)
		}
		check("after "+what, 404)
	}

	// The listener moves off the port that it was given, and back onto it by name: then its web configuration changes.
	h.applied(t, "")
	if conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address); err == nil {
		t.Errorf("the listener is open after it was turned off: %v", conn.Close())
	}
	h.applied(t, fixed)
	h.address(t, 2)
	check("on again", 200)
	idle, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	h.applied(t, strings.Replace(fixed, "web.yml", "other.yml", 1))
	h.address(t, 3)
	check("with another web configuration on the same address", 200)
}

// TestWebhooksReloadWithMTLS adds a hook that wants a client certificate to a listener that asks for none.
func TestWebhooksReloadWithMTLS(t *testing.T) {
	t.Parallel()
	h := startHooked(t)
	content, err := os.ReadFile(h.hooks.webConfig())
	if err != nil {
		t.Fatal(err)
	}
	served, _, _ := strings.Cut(string(content), ", client_ca_file")
	both := strings.Replace(h.hooks.config(), h.hooks.webConfig(), writeFile(t, "open.yml", served+"}\n"), 1)
	signed, _, _ := strings.Cut(both, "    - name: script")
	h.applied(t, signed)
	h.address(t, 1)
	if status, body := h.reload(t, both); status != 500 || !strings.Contains(body, "verifies no client certificate") {
		t.Errorf("a new hook with mtls = %d %s, want 500 and why", status, body)
	}
}

// TestWebhooksNarrowed moves the listener to fewer addresses of its port, and back, while a connection is open.
func TestWebhooksNarrowed(t *testing.T) {
	t.Parallel()
	h := startHooked(t)
	wide := strings.Replace(h.hooks.config(), "127.0.0.1:0", "0.0.0.0:0", 1)
	h.applied(t, wide)
	_, port, err := net.SplitHostPort(h.address(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	at := func(host string) string {
		return strings.Replace(h.hooks.config(), "127.0.0.1:0", net.JoinHostPort(host, port), 1)
	}
	const inside, outside = "127.0.0.1", "127.0.0.2"
	reachable := func(host string) bool {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if err == nil {
			err = conn.Close()
		}
		return err == nil
	}
	if !reachable(outside) {
		if runtime.GOOS == "linux" {
			t.Fatalf("%s does not answer: on Linux every address of 127.0.0.0/8 is a loopback address", outside)
		}
		t.Skip("this system has one loopback address only")
	}
	check := func(when string, open bool) {
		t.Helper()
		if got := h.post(t, net.JoinHostPort(inside, port), true); got != http.StatusOK {
			t.Errorf("%s = %d, want 200", when, got)
		}
		if got := reachable(outside); got != open {
			t.Errorf("%s: %s is reachable: %v, want %v", when, outside, got, open)
		}
	}
	check("wide", true)
	if status, body := h.reload(t, strings.Replace(at(inside), "gateway.pub", "none.pub", 1)); status != 500 || !strings.Contains(body, "signature key") {
		t.Errorf("narrow without a key = %d %s, want 500 and the key", status, body)
	}
	h.address(t, 2) // opened again as it was
	check("after a failure", true)
	h.applied(t, at(inside))
	h.address(t, 3)
	check("narrow", false)
	h.applied(t, at("0.0.0.0"))
	h.address(t, 4)
	check("wide again", true)
	if strings.Contains(h.log.String(), "webhooks are not served") {
		t.Errorf("a listener that was replaced is said to have failed:\n%s", h.log)
	}
}

// TestStopWithSlowSender ends the program while a sender holds a request open, of which the rest never comes.
func TestStopWithSlowSender(t *testing.T) {
	t.Parallel()
	h := startHooked(t)
	h.applied(t, h.hooks.config())
	conn, err := tls.Dial("tcp", h.address(t, 1), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprint(conn, "POST /webhook/voice HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	if err := h.stop(); err != nil {
		t.Error(err)
	}
}
