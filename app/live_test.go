package app

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// checkWorld runs the live check against a world, with more of the configuration file if there is any, and returns its
// report and what it printed as text.
func checkWorld(t *testing.T, config string, args ...string) (report liveReport, text string) {
	t.Helper()
	file := writeFile(t, "config.yml", config)
	args = append([]string{"--config.file=" + file, "--check.live"}, args...)
	var out, stderr bytes.Buffer
	err := Run(t.Context(), append(args, "--check.format=json"), &out, &stderr)
	if jsonErr := json.Unmarshal(out.Bytes(), &report); jsonErr != nil {
		t.Fatalf("Run = %v, and the report is no JSON: %v\n%s", err, jsonErr, &out)
	}
	if works := err == nil; works != report.Works {
		t.Errorf("Run = %v, want an error just when the report (works: %t) says so", err, report.Works)
	}
	if stderr.Len() > 0 {
		t.Errorf("standard error, which is no terminal, holds %q, want nothing", &stderr)
	}
	var b strings.Builder
	if err := report.writeText(&b); err != nil {
		t.Fatal(err)
	}
	return report, b.String()
}

// rows returns the results of an account's feeds.
func (r *liveReport) rows(account string) map[string]string {
	rows := map[string]string{}
	for _, row := range r.Rows {
		if row.Account == account {
			rows[row.Feed] = strings.TrimSuffix(row.Result+": "+row.Reason, ": ")
		}
	}
	return rows
}

// texts returns the findings of a code.
func (r *liveReport) texts(code string) (texts []string) {
	for _, f := range r.Findings {
		if f.Code == code {
			texts = append(texts, f.Account+" "+strings.Join(f.Feeds, ",")+": "+f.Text)
		}
	}
	slices.Sort(texts)
	return texts
}

// liveWorld is a world whose heartbeats do not keep a test waiting.
func liveWorld(t *testing.T) *simulator.World {
	t.Helper()
	return startWorld(t, simulator.Options{Agents: 50, Queues: 5, Heartbeat: 50 * time.Millisecond})
}

func TestLiveCheckOfAllThatWorks(t *testing.T) {
	t.Parallel()
	world := liveWorld(t)
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // the check opens no port
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	report, text := checkWorld(t, demoConfig(world), "--web.listen-address="+taken.Addr().String())
	if !report.Works || report.problems() != 0 {
		t.Errorf("the check found problems where there are none:\n%s", text)
	}
	ok := func(feeds ...string) map[string]string {
		want := map[string]string{}
		for _, f := range feeds {
			want[f] = liveOK
		}
		return want
	}
	genesys := []string{"health", "edges", "trunks", "definitions", "presence", "queues", "calls", "service_level", "quota", "credential", "events", "status_page/genesys"}
	want := map[string]map[string]string{
		"emea": ok(append(slices.Clone(genesys), "users", "stream", "document/gateway", "document/details",
			"sip/emea-carrier-1", "sip/emea-carrier-2", "sip/emea-carrier-3")...),
		"americas": ok(append(slices.Clone(genesys), "sip/americas-carrier-1", "sip/americas-carrier-2", "sip/americas-carrier-3")...),
		"us":       ok("health", "agents", "queues", "calls", "capacity", "directory"),
	}
	got := map[string]map[string]string{}
	for account := range want {
		got[account] = report.rows(account)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if !strings.Contains(text, "12 trunks, 60 instances") || !strings.Contains(text, "everything works") {
		t.Errorf("the text does not say what was found:\n%s", text)
	}
	if topics := world.Topics("emea"); topics != 0 {
		t.Errorf("the check leaves %d topics subscribed to, want 0", topics)
	}
	if broken := world.Violations(); len(broken) > 0 {
		t.Errorf("requests that break the documented form: %q", broken)
	}
	for _, account := range []string{"emea", "americas", "us"} {
		for call := range world.Calls(account) {
			if method, path, _ := strings.Cut(call, " "); !readOnly(method, path) {
				t.Errorf("the check sends %s to %s, want nothing that writes", call, account)
			}
		}
	}
}

// readOnly reports whether a call reads, logs in, or is about our own notification channel.
func readOnly(method, path string) bool {
	switch {
	case method == http.MethodGet, method == http.MethodHead, strings.Contains(path, "/notifications/channels"):
		return true
	}
	return method == http.MethodPost && (strings.HasSuffix(path, "/query") || strings.HasSuffix(path, "/counts") || strings.Contains(path, "token"))
}

// liveCase is a world in which something is wrong, and what the check says about it.
type liveCase struct {
	name   string
	faults map[string]simulator.Fault // by site
	more   string                     // of the configuration file
	change func(w *simulator.World)
	code   string
	want   []string // findings of the code
}

const trunksPath = "/api/v2/telephony/providers/edges/trunks"

// liveFailures are worlds in which something does not work.
func liveFailures(silent string) []liveCase {
	forbidden := `{"status":403,"code":"missing.permissions","message":"Unable to perform the requested action. ` +
		`You are missing the following permission(s): telephony:plugin:all","contextId":"c"}`
	return []liveCase{
		{
			name: "wrong secret", change: func(w *simulator.World) { w.RotateSecret("americas", "another") }, code: "login_refused",
			want: []string{"americas health,edges,trunks,definitions,presence,queues,calls,service_level,quota,credential,events: the login host refuses the client: are its id and " +
				"secret right, is it enabled, and is the region right? --check.regions asks the login hosts of the other regions"},
		},
		{
			name: "missing permission", code: "forbidden",
			faults: map[string]simulator.Fault{"emea": {Path: trunksPath, Status: http.StatusForbidden, Body: forbidden}},
			want:   []string{"emea trunks: the client lacks the permission telephony:plugin:all: add it to the role of the client"},
		},
		{
			name: "missing permission without its name", code: "forbidden",
			faults: map[string]simulator.Fault{"emea": {Path: "/api/v2/presence/definitions", Status: http.StatusForbidden, Body: "{}"}},
			want: []string{"emea definitions: the client lacks a permission; the feed needs presence:presenceDefinition:view: add what is missing " +
				"to the role of the client"},
		},
		{
			name: "stream refused", change: func(w *simulator.World) { _ = w.SetScenario("stream-down") }, code: "server_error",
			want: []string{"emea stream: the platform reports a fault of its own: check again later, and look at its status page " +
				"(notifications_channels, status 503)"},
		},
		{
			name: "dead SIP target", code: "no_answer",
			more: "sip_targets:\n  - {name: dead, uri: \"sip:" + silent + "\", transport: udp, every: 5s, requests: 1, timeout: 100ms}\n",
			want: []string{" sip/dead: the target does not answer OPTIONS: look at its URI, transport and port, and at the firewall of the far end"},
		},
	}
}

// liveOddities are worlds in which something is worth knowing.
func liveOddities() []liveCase {
	return []liveCase{
		{
			name: "clock", change: func(w *simulator.World) { _ = w.SetScenario("clock-skew") }, code: "clock",
			want: []string{
				"americas : the platform's clock is 90 s ahead of the one of this machine: is NTP at work here?",
				"us : the platform's clock is 90 s behind the one of this machine: is NTP at work here?",
			},
		},
		{
			name: "no role in the division", code: "empty_list",
			faults: map[string]simulator.Fault{"emea": {Path: trunksPath, Exact: true, Body: `{"entities":[],"pageSize":100,"pageNumber":1,"total":0,"pageCount":0}`}},
			want: []string{"emea trunks: the list of trunks is empty, while others are not: perhaps there are none, perhaps the client has no role in " +
				"the division that holds the trunks"},
		},
		{
			name: "not offered", code: "not_offered",
			faults: map[string]simulator.Fault{"emea": {Path: "/api/v2/telephony/calls/metrics", Status: http.StatusNotFound}},
			want:   []string{"emea calls: this account is not offered calls_metrics (404): what it would bring stays absent"},
		},
		{
			name: "not permitted", code: "not_permitted",
			change: func(w *simulator.World) { w.Deny("emea", "oauth:client:view") },
			want: []string{
				"americas events: the client may not ask for usage_events_definitions (403), so that what it would bring stays absent: add usage:events:view " +
					"to the role of the client, or switch the feed off",
				"americas quota: the client may not ask for ratelimits_aggregates (403), so that what it would bring stays absent: add " +
					"analytics:rateLimitAggregate:view to the role of the client, or switch the feed off",
				"emea credential: the client may not ask for oauth_client (403), so that what it would bring stays absent: add oauth:client:view to the role of " +
					"the client, or switch the feed off",
			},
		},
		{
			name: "total", code: "total",
			faults: map[string]simulator.Fault{"emea": {Path: trunksPath, Exact: true, Rewrite: func(body []byte) []byte {
				return bytes.Replace(body, []byte(`"total":60`), []byte(`"total":71`), 1)
			}}},
			want: []string{"emea trunks: total of trunks says 71, but the list holds 60"},
		},
	}
}

func TestLiveCheckSaysWhatToDo(t *testing.T) {
	silent, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	for _, test := range slices.Concat(liveFailures(silent.LocalAddr().String()), liveOddities(), liveAnomalies()) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			world := liveWorld(t)
			config, _, _ := strings.Cut(demoConfig(world), "presence:") // persons and bursts take seconds
			for site, f := range test.faults {
				world.Inject(site, f)
			}
			if test.change != nil {
				test.change(world)
			}
			report, text := checkWorld(t, config+test.more)
			if diff := cmp.Diff(test.want, report.texts(test.code)); diff != "" {
				t.Errorf("findings of %s (-want +got):\n%s\n%s", test.code, diff, text)
			}
			for line := range strings.Lines(text) {
				if width := len([]rune(strings.TrimSuffix(line, "\n"))); width > 120 {
					t.Errorf("a line has %d columns, want 120 at most:\n%s", width, line)
				}
			}
		})
	}
}

func TestLiveCheckOfWebhooks(t *testing.T) {
	world := liveWorld(t)
	hooks, err := newDemoWebhooks()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hooks.close)
	config, _, _ := strings.Cut(demoConfig(world), "presence:")
	report, text := checkWorld(t, config+hooks.config())
	if !report.Works {
		t.Errorf("the check found problems where there are none:\n%s", text)
	}
	missing := strings.ReplaceAll(hooks.config(), hooks.keys.PublicKeyFile, "/nonexistent/voice.pem")
	report, text = checkWorld(t, config+missing)
	if got := report.rows("us")["webhook/voice"]; got != "failed: configuration" || !strings.Contains(text, "/nonexistent/voice.pem") {
		t.Errorf("the row of a hook without its key = %q, want a failure that names the file:\n%s", got, text)
	}
}

func TestLiveFlags(t *testing.T) {
	for _, test := range []struct{ arg, want string }{
		{"--check.regions", "--check.regions needs --check.live"},
		{"--check.bundle=x.tar.gz", "--check.bundle needs --check.live"},
		{"--check.format=xml", "--check.format: unknown value \"xml\", expected one of text, json"},
	} {
		err := Run(t.Context(), []string{test.arg}, io.Discard, io.Discard)
		if err == nil || err.Error() != test.want {
			t.Errorf("Run(%s) = %v, want %s", test.arg, err, test.want)
		}
	}
}
