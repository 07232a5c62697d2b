// The whole chain over real sockets: the exporter's demo, Prometheus with these rules, Alertmanager with the routes and
// inhibition of the example. All but the exporter runs in fast motion.

package alerts_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

const (
	fastMotion = 20 // 5 minutes are 15 seconds
	patience   = 4 * time.Minute
)

// stack is the running chain.
type stack struct {
	exporter, prometheus, alertmanager string // base URLs
	inbox                              *inbox
}

// TestOutageIsOneMessage lets a trunk fail and recover: one notification about it, one about its end, and none about what
// follows from it.
func TestOutageIsOneMessage(t *testing.T) {
	if testing.Short() {
		return // minutes, and four programs
	}
	t.Parallel()
	s := startStack(t)

	first := s.inbox.next(t, patience)
	if first.Status != "firing" || first.names() != "CcaasTrunkDown" {
		t.Fatalf("first notification is %s, want CcaasTrunkDown firing", first)
	}
	if account := first.Alerts[0].Labels["account"]; account != "emea" {
		t.Errorf("account = %q, want emea", account)
	}
	t.Logf("%s", first)

	// The consequences must be there and be silenced, or else their silence proves nothing.
	eventually(t, patience, "CcaasDataPlaneDegraded and CcaasTrunkDegraded are silenced", func() bool {
		silenced := s.alertsThatAre(t, "suppressed")
		return slices.Contains(silenced, "CcaasDataPlaneDegraded") && slices.Contains(silenced, "CcaasTrunkDegraded")
	})
	if active := s.alertsThatAre(t, "active"); !slices.Equal(active, []string{"CcaasTrunkDown"}) {
		t.Errorf("alerts not silenced are %q, want CcaasTrunkDown alone", active)
	}

	s.play(t, "calm")
	last := s.inbox.next(t, patience)
	if last.Status != "resolved" || last.names() != "CcaasTrunkDown" {
		t.Fatalf("second notification is %s, want CcaasTrunkDown resolved", last)
	}
	eventually(t, patience, "no alert is left", func() bool { return len(s.alertsThatAre(t, "")) == 0 })
	if more := s.inbox.rest(); len(more) > 0 {
		t.Errorf("%d more notifications: %s", len(more), more)
	}
}

// startStack starts the three programs, each after what it needs.
func startStack(t *testing.T) *stack {
	t.Helper()
	s := startAlertmanager(t)
	exporter, _ := start(t, buildExporter(t), "--demo", "--demo.scenario=trunk-outage")
	s.exporter = "http://" + exporter
	s.ready(t, s.exporter)
	folder := t.TempDir()
	for _, file := range glob(t, "*.rules.yml") {
		if file == "queues.rules.yml" {
			continue // contacts of the demo wait in real time: in fast motion every quiet queue looks stalled
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, folder, file, lowerLimits(t, scale(t, content, fastMotion)))
	}
	config := writeFile(t, folder, "prometheus.yml", fmt.Appendf(nil, `
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: ["*.rules.yml"]
alerting: {alertmanagers: [{static_configs: [{targets: [%q]}]}]}
scrape_configs:
  - {job_name: ccaas_exporter, static_configs: [{targets: [%q]}]}
`, strings.TrimPrefix(s.alertmanager, "http://"), exporter))
	prometheus, _ := start(t, tool(t, "prometheus"), "--config.file="+config, "--storage.tsdb.path="+filepath.Join(folder, "prom"),
		fmt.Sprintf("--query.lookback-delta=%ds", 300/fastMotion))
	s.prometheus = "http://" + prometheus
	s.ready(t, s.prometheus)
	return s
}

// intervalLimit finds up to which interval of a feed, in seconds, a rule wants two reads in its window.
var intervalLimit = regexp.MustCompile(`(ccaas_feed_minimum_interval_seconds\{[^}]*\}\[\w+\]\) > )(\d+)`)

// lowerLimits divides those limits as scale divides the windows. The demo reads at its own pace, every 300 s what a stream
// covers, so that no window in fast motion holds two reads.
func lowerLimits(t *testing.T, rules []byte) []byte {
	t.Helper()
	return intervalLimit.ReplaceAllFunc(rules, func(match []byte) []byte {
		part := intervalLimit.FindSubmatch(match)
		limit, err := strconv.ParseFloat(string(part[2]), 64)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Appendf(nil, "%s%v", part[1], limit/fastMotion)
	})
}

// folder holds the exporter for all tests of the package.
var folder = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "ccaas_exporter") })

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := folder(); err == nil {
		_ = os.RemoveAll(path)
	}
	os.Exit(code)
}

// built builds the program of this module once: linking takes seconds of processor time.
var built = sync.OnceValues(func() (path string, err error) {
	if path, err = folder(); err != nil {
		return "", err
	}
	path = filepath.Join(path, "ccaas_exporter")
	if out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", path, "..").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func buildExporter(t *testing.T) (path string) {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// fastRoutes is the example in fast motion, with every receiver replaced by the inbox.
func fastRoutes(t *testing.T, inbox string) []byte {
	t.Helper()
	content, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]any
	if err := yaml.Unmarshal(scale(t, content, fastMotion), &config); err != nil {
		t.Fatal(err)
	}
	receivers, ok := config["receivers"].([]any)
	if !ok {
		t.Fatalf("%s: no receivers", example)
	}
	for i, r := range receivers {
		name := r.(map[string]any)["name"]
		receivers[i] = map[string]any{
			"name":            name,
			"webhook_configs": []any{map[string]any{"url": fmt.Sprintf("%s/%s", inbox, name), "send_resolved": true}},
		}
	}
	delete(config, "global") // secrets of Slack
	fast, err := yaml.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	return fast
}

// play changes the scenario of the demo.
func (s *stack) play(t *testing.T, scenario string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		s.exporter+"/demo/scenario?"+url.Values{"name": {scenario}}.Encode(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("POST /demo/scenario: %s", response.Status)
	}
}

// held is an alert as Alertmanager lists it.
type held struct {
	Labels map[string]string
	Status struct{ State string } // active, suppressed or unprocessed
}

func (s *stack) list(t *testing.T) (alerts []held) {
	t.Helper()
	body, ok := get(t.Context(), s.alertmanager+"/api/v2/alerts")
	if err := json.Unmarshal(body, &alerts); !ok || err != nil {
		t.Fatalf("Alertmanager does not list its alerts: %v", err)
	}
	return alerts
}

// alertsThatAre returns the sorted names of the alerts in a state, "" for any.
func (s *stack) alertsThatAre(t *testing.T, state string) []string {
	t.Helper()
	var names []string
	for _, a := range s.list(t) {
		if state == "" || a.Status.State == state {
			names = append(names, a.Labels["alertname"])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s *stack) ready(t *testing.T, base string) {
	t.Helper()
	eventually(t, patience, base+" is ready", func() bool {
		_, ok := get(t.Context(), base+"/-/ready")
		return ok
	})
}

// eventually asks four times a second until the answer is yes.
func eventually(t *testing.T, within time.Duration, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	ticker := time.NewTicker(time.Second / 4)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-ctx.Done():
			t.Fatalf("not within %v: %s", within, what)
		case <-ticker.C:
		}
	}
}
