package app

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// TestQueries: a query that does not say clearly what is asked for gets nothing, and no name.
func TestQueries(t *testing.T) {
	t.Parallel()
	u := startUnder(t, simulator.Options{})
	many := strings.Repeat("&account=us", 60_000)
	for _, tc := range []struct {
		path string
		want int
	}{
		{"/metrics?account=us", 200},
		{"/metrics?account=us&account=emea", 200},
		{"/metrics?", 200},
		{"/metrics?account=%zz", 400},
		{"/metrics?account=us;x=1", 400},
		{"/metrics?account=us&%zz", 400},
		{"/metrics?Account=us", 400},
		{"/metrics?account=", 400},
		{"/metrics?account", 400},
		{"/metrics?account=us&account=", 400},
		{"/metrics?collect=queues", 400},
		{"/metrics?account=us" + many, 400},
		{"/metrics?account=US", 404},
		{"/metrics?account=us%00", 404},
		{"/probe?module=sip_options&target=x", 404},
		{"/probe?module=sip_options&target=%zz", 400},
		{"/probe?module=sip_options&target=x&target=x", 400},
		{"/probe?module=sip_options&module=sip_options&target=x", 400},
		{"/probe?module=sip_options&target=", 400},
		{"/probe?module=sip_options&target=x&debug=true", 400},
		{"/probe?module=sip_options;target=x", 400},
	} {
		status, body := u.get(t, tc.path)
		if status != tc.want {
			t.Errorf("GET %.60s = %d %.100s, want %d", tc.path, status, body, tc.want)
		}
		if status != 200 && (strings.Contains(body, "emea") || strings.Contains(body, "us\n")) {
			t.Errorf("GET %.60s lists names: %s", tc.path, body)
		}
	}
}

func TestOtherOrigins(t *testing.T) {
	t.Parallel()
	p := startProgram(t, "--demo", "--demo.scenario=calm", "--web.external-url=https://monitor.example.org/ccaas", "--web.route-prefix=/")
	for _, tc := range []struct {
		header []string
		want   int
	}{
		{nil, 200},
		{[]string{"Sec-Fetch-Site", "same-origin"}, 200},
		{[]string{"Origin", p.url}, 200},
		{[]string{"Origin", "https://monitor.example.org", "Sec-Fetch-Site", "cross-site"}, 200},
		{[]string{"Origin", "https://evil.example.org"}, 403},
		{[]string{"Sec-Fetch-Site", "cross-site"}, 403},
		{[]string{"Sec-Fetch-Site", "same-site"}, 403},
	} {
		for _, path := range []string{"/-/reload", "/demo/scenario?name=calm"} {
			if status, body := p.do(t, http.MethodPost, path, tc.header...); status != tc.want {
				t.Errorf("POST %s with %q = %d %s, want %d", path, tc.header, status, body, tc.want)
			}
		}
	}
}

// TestReloadSaysWhatChanged: a reload that changed nothing logs nothing.
func TestReloadSaysWhatChanged(t *testing.T) {
	t.Parallel()
	u := startUnder(t, simulator.Options{})
	loads := regexp.MustCompile(`msg="configuration loaded".*changed=(.*)\n`)
	for _, step := range []struct{ old, replacement string }{
		{"burst: 290", "burst: 290"},
		{"burst: 290", "burst: 289"},
		{"name: us", "name: usa"},
		{"genesys:", "series_limit: 10\nthresholds: {api_latency_degraded: 1s}\ngenesys:"},
		{"burst: 289", "burst: 289"},
	} {
		u.reconfigure(t, step.old, step.replacement)
	}
	var got []string
	for _, m := range loads.FindAllStringSubmatch(u.log.String(), -1) {
		got = append(got, m[1])
	}
	want := []string{
		`"cxone/us added, genesys/emea added, health, sip_limits, thresholds, series_limit"`,
		`"genesys/emea restarted"`,
		`"cxone/us removed, cxone/usa added"`,
		`"cxone/usa restarted, genesys/emea restarted, thresholds, series_limit"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes in the log (-want +got):\n%s", diff)
	}
}

func TestFlags(t *testing.T) {
	var telemetryPaths []string
	for _, r := range new(app).routes(flags{}, &simulator.World{}) {
		telemetryPaths = append(telemetryPaths, r.path)
	}
	telemetryPaths = append(telemetryPaths, "/", "", "metrics", "/{x", "/{x}", "/a b", "/a/../b", "/metrics/", "//m", "/m?x", "/m#x", "/%zz", "/é", "GET /m")
	var args [][]string
	for _, path := range telemetryPaths {
		args = append(args, []string{"--web.telemetry-path=" + path, "--web.telemetry-path: "})
	}
	args = append(args,
		[]string{"--web.timeout-offset=-1s", "--web.timeout-offset: -1s is negative"},
		[]string{"--web.external-url=ftp://h", "--web.external-url: "},
		[]string{"--web.external-url=https://u:canary@h", "--web.external-url: "},
		[]string{"--web.external-url=https://u:canary%zz@h", "--web.external-url: "},
		[]string{"--web.external-url=monitor.example.org", "--web.external-url: "},
		[]string{"--web.route-prefix=/{x}", "--web.route-prefix: "},
	)
	for _, a := range args {
		err := Run(t.Context(), []string{"--config.check", "--config.file=none.yml", a[0]}, io.Discard, io.Discard)
		if err == nil || !strings.HasPrefix(err.Error(), a[1]) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s = %v, want %s", a[0], err, a[1])
		}
	}
}

// TestPrefix asks for every route as it is seen from outside, and follows the links of the status page.
func TestPrefix(t *testing.T) {
	t.Parallel()
	world := startWorld(t, simulator.Options{})
	id, secret := world.Credentials("emea")
	file := writeFile(t, "config.yml", fmt.Sprintf(
		"genesys: [{name: emea, region: eu-central-1, api_url: %[1]s, login_url: %[1]s, client_id: %[2]q, client_secret: %[3]q}]", world.URL("emea"), id, secret))
	link := regexp.MustCompile(`<a href="([^":]*)"`)
	for _, tc := range []struct {
		args           []string
		prefix, sdPath string
	}{
		{nil, "", "/metrics"},
		{[]string{"--web.route-prefix=/a/b/"}, "/a/b", "/a/b/metrics"},
		{[]string{"--web.external-url=https://monitor.example.org/ccaas/"}, "/ccaas", "/ccaas/metrics"},
		{[]string{"--web.external-url=https://monitor.example.org/ccaas", "--web.route-prefix=/"}, "", "/ccaas/metrics"},
	} {
		p := startProgram(t, append(tc.args, "--config.file="+file)...)
		status, page := p.get(t, "/") // follows the redirect
		links := link.FindAllStringSubmatch(page, -1)
		if status != 200 || len(links) != 7 { // one for the account
			t.Errorf("%q: GET / = %d with links %q, want seven", tc.args, status, links)
		}
		for _, l := range links {
			if status, body := p.get(t, tc.prefix+"/"+l[1]); status != 200 {
				t.Errorf("%q: GET %s/%s = %d %.100s", tc.args, tc.prefix, l[1], status, body)
			}
		}
		if status, _ := p.get(t, "/x"+tc.prefix+"/metrics"); status != 404 {
			t.Errorf("%q: another prefix = %d, want 404", tc.args, status)
		}
		if _, body := p.get(t, tc.prefix+"/sd"); !strings.Contains(body, `"__metrics_path__":"`+tc.sdPath+`"`) {
			t.Errorf("%q: /sd = %s, want path %s", tc.args, body, tc.sdPath)
		}
	}
}

func TestDiscoveryScheme(t *testing.T) {
	config, err := parseConfig([]byte(minimal), platforms())
	if err != nil {
		t.Fatal(err)
	}
	a := newApp(t.Context(), func() (*Config, error) { return config, nil }, slog.New(slog.DiscardHandler))
	t.Cleanup(a.close)
	if err := a.reload(); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		external, forwarded string
		tls, want           bool
	}{
		{"", "", false, false},
		{"", "", true, true},
		{"", "https", false, false}, // every client can send the header
		{"http://monitor.example.org", "https", false, false},
		{"https://monitor.example.org", "", false, false}, // asked directly
		{"https://monitor.example.org", "https", false, true},
	} {
		handler := a.handler(flags{externalURL: tc.external, telemetryPath: "/metrics"}, nil)
		server := httptest.NewUnstartedServer(handler)
		if tc.tls {
			server.StartTLS()
		} else {
			server.Start()
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/sd", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Forwarded-Proto", tc.forwarded)
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		server.Close()
		if got := strings.Contains(string(body), `"__scheme__":"https"`); got != tc.want || err != nil {
			t.Errorf("external URL %q, forwarded %q, TLS %v: %s %v, want https %v", tc.external, tc.forwarded, tc.tls, body, err, tc.want)
		}
	}
}
