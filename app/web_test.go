package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	u := startUnder(t, simulator.Options{})
	for _, tc := range []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/", 200, "<h1>ccaas_exporter</h1>"},
		{"GET", "/api/status", 200, `"configured":true`},
		{"GET", "/-/healthy", 200, "healthy\n"},
		{"GET", "/-/ready", 200, "ready\n"},
		{"GET", "/metrics", 200, "ccaas_exporter_build_info{"},
		{"GET", "/metrics?account=us", 200, `ccaas_account_info{account="us"`},
		{"GET", "/metrics?account=us&account=emea", 200, `ccaas_account_info{account="emea"`},
		{"GET", "/metrics?account=apac", 404, "unknown account\n"},
		{"GET", "/metrics?account=us&account=apac", 404, "unknown account\n"},
		{"GET", "/config", 200, "client_id:"},
		{"POST", "/-/reload", 200, "configuration loaded\n"},
		{"GET", "/-/reload", 405, "Method Not Allowed\n"},
		{"POST", "/metrics", 405, "Method Not Allowed\n"},
		{"GET", "/nothing", 404, "404 page not found\n"},
		{"POST", "/demo/scenario?name=calm", 404, "404 page not found\n"}, // only in the demo
	} {
		status, body := u.do(t, tc.method, tc.path)
		if status != tc.status || !strings.Contains(body, tc.want) {
			t.Errorf("%s %s = %d %.200s, want %d %s", tc.method, tc.path, status, body, tc.status, tc.want)
		}
	}
	if _, body := u.get(t, "/metrics?account=us"); strings.Contains(body, `account="emea"`) {
		t.Error("?account=us shows emea")
	}
}

func TestServiceDiscovery(t *testing.T) {
	t.Parallel()
	u := startUnder(t, simulator.Options{})
	_, body := u.get(t, "/sd")
	var got []map[string]any
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(u.url, "http://")
	group := func(platform, account string) map[string]any {
		return map[string]any{"targets": []any{host}, "labels": map[string]any{
			"__metrics_path__": "/metrics", "__param_account": account, "__meta_ccaas_platform": platform,
		}}
	}
	if diff := cmp.Diff([]map[string]any{group("genesys", "emea"), group("cxone", "us")}, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

func TestScrapeTimeout(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"": 9500 * time.Millisecond, "5": 4500 * time.Millisecond, "0.25": 250 * time.Millisecond,
		"-1": 9500 * time.Millisecond, "NaN": 9500 * time.Millisecond, "1e300": 9500 * time.Millisecond, "soon": 9500 * time.Millisecond,
	} {
		h := http.Header{"X-Prometheus-Scrape-Timeout-Seconds": {header}}
		if got := scrapeTimeout(h, 500*time.Millisecond); got != want {
			t.Errorf("time for a scrape with timeout %q = %v, want %v", header, got, want)
		}
	}
}

func TestReloadIsAllOrNothing(t *testing.T) {
	t.Parallel()
	u := startUnder(t, simulator.Options{})
	good, err := os.ReadFile(u.configuration)
	if err != nil {
		t.Fatal(err)
	}
	_, before := u.get(t, "/config")
	if err := os.WriteFile(u.configuration, []byte("genesys: [{labl: x}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, body := u.do(t, "POST", "/-/reload")
	if status != 500 || !strings.Contains(body, "genesys[0].labl: unknown key (line 1)") {
		t.Errorf("reload = %d %s, want 500 and the problem", status, body)
	}
	if _, after := u.get(t, "/config"); after != before {
		t.Error("a bad file changed the configuration")
	}
	if s := u.scrape(t); s["ccaas_exporter_config_last_reload_successful"] != "0" || !feedUp(s, "emea", "health") {
		t.Error("after a bad reload: the metric does not say so, or the accounts do not go on")
	}
	if err := os.WriteFile(u.configuration, good, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	u.until(t, "SIGHUP reloads", func(s samples) bool { return s["ccaas_exporter_config_last_reload_successful"] == "1" })
}

// exampleFile is the example with a web configuration that exists.
func exampleFile(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../config.example.yml")
	if err != nil {
		t.Fatal(err)
	}
	hooks, err := newDemoWebhooks()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hooks.close)
	return writeFile(t, "example.yml", strings.Replace(string(content), "webhooks.web.yml", hooks.webConfig(), 1))
}

func TestCheck(t *testing.T) {
	var out bytes.Buffer
	if err := Run(t.Context(), []string{"--config.check", "--config.file=" + exampleFile(t)}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"emea     health", "emea     total", "240     300", "120     not published"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("plan lacks %q:\n%s", want, &out)
		}
	}
	greedy := writeFile(t, "greedy.yml", "genesys: [{name: emea, region: eu-central-1, client_id: id, client_secret: x, feeds: {trunks: 100ms}}]")
	err := Run(t.Context(), []string{"--config.check", "--config.file=" + greedy}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "above the budget of 240") {
		t.Errorf("a plan that cannot fit = %v, want an error", err)
	}
}

// TestProcess runs the binary itself: exit codes, help and the end on SIGTERM.
func TestProcess(t *testing.T) {
	t.Parallel()
	program := binary(t)
	bad := writeFile(t, "bad.yml", "genesys: [{name: a}]\nx: 1\n")
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--version"}, 0, "ccaas_exporter, version"},
		{[]string{"--help"}, 0, "--demo.scenario"},
		{[]string{"--config.check", "--config.file=" + exampleFile(t)}, 0, "CALLS/MIN"},
		{[]string{"--config.check", "--config.file=" + bad}, 1, "x: unknown key (line 2)\ngenesys[0].region: missing"},
		{[]string{"--config.file=" + bad}, 1, "x: unknown key (line 2)"},
		{[]string{"--config.file=missing.yml"}, 1, "missing.yml: no such file"},
		{[]string{"--demo.scenario=storm", "--demo"}, 1, "--demo.scenario: unknown value \"storm\", expected one of calm, tour"},
	} {
		out, err := exec.CommandContext(t.Context(), program, tc.args...).CombinedOutput()
		code := 0
		if err != nil {
			code = err.(*exec.ExitError).ExitCode() //nolint:errorlint,forcetypeassert // anything else fails the test as well
		}
		if code != tc.code || !strings.Contains(string(out), tc.want) {
			t.Errorf("%s = %d %s, want %d %s", tc.args, code, out, tc.code, tc.want)
		}
	}

	log := &logLines{listening: make(chan string, 1)}
	demo := exec.CommandContext(t.Context(), program, "--demo", "--demo.scenario=calm", "--web.listen-address=127.0.0.1:0")
	demo.Stderr = log
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	<-log.listening
	if err := demo.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := demo.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v, want exit 0\n%s", err, log)
	}
}

// TestDemoWritesNothing is the demo in a read-only file system: all of it but the webhooks, whose keys are in files.
func TestDemoWritesNothing(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	p := startProgram(t, "--demo", "--demo.scenario=calm")
	p.until(t, "all accounts are there", func(s samples) bool { return s.count("ccaas_account_info") == 4 }) // and the pair
	if want := "the demo goes without webhooks"; !strings.Contains(p.log.String(), want) {
		t.Errorf("log = %s, want %q in it", p.log, want)
	}
}

// TestWebConfig asks for all that a web configuration can: TLS, a certificate of the client's and a password.
func TestWebConfig(t *testing.T) {
	t.Parallel()
	hooks, err := newDemoWebhooks() // for its certificates
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hooks.close)
	const password, hash = "simulated", "$2a$04$TMnGSk5ZnhYII3XIluO2Ou9E8hc3CyfEgVWzcN4m5lQEvV9MB9itK"
	web := writeFile(t, "web.yml", fmt.Sprintf(`
tls_server_config: {cert_file: %q, key_file: %q, client_ca_file: %q, client_auth_type: RequireAndVerifyClientCert}
basic_auth_users: {reader: %q}
`, hooks.keys.ServerFile, hooks.keys.ServerKey, hooks.keys.CAFile, hash))
	p := startProgram(t, "--demo", "--demo.scenario=calm", "--web.config.file="+web)
	get := func(client *http.Client, scheme, password, path string) (status int, err error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Replace(p.url, "http", scheme, 1)+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("reader", password)
		answer, err := client.Do(r)
		if err != nil {
			return 0, err
		}
		return answer.StatusCode, answer.Body.Close()
	}
	known, unknown := hooks.keys.Client(true), hooks.keys.Client(false)
	for what, ask := range map[string]struct {
		client           *http.Client
		scheme, password string
		want             int // 0: no answer
	}{
		"all":            {known, "https", password, http.StatusOK},
		"wrong password": {known, "https", "guessed", http.StatusUnauthorized},
		"no certificate": {unknown, "https", password, 0},
		"no TLS":         {known, "http", password, http.StatusBadRequest},
	} {
		if status, err := get(ask.client, ask.scheme, ask.password, "/metrics"); status != ask.want {
			t.Errorf("%s = %d %v, want %d", what, status, err, ask.want)
		}
	}
	for _, path := range []string{"/", "/api/status"} {
		if status, err := get(known, "https", "guessed", path); status != http.StatusUnauthorized {
			t.Errorf("%s with a wrong password = %d %v, want 401", path, status, err)
		}
	}
	if err := p.stop(); err != nil { // when every connection has said what it has to say
		t.Error(err)
	}
	if n := strings.Count(p.log.String(), `msg="http: TLS handshake error`); n != 2 {
		t.Errorf("%d refused handshakes in the log, want 2:\n%s", n, p.log)
	}
}
