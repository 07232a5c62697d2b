// From simulated worlds through the exporter and a real Prometheus to ALERTS.

package alerts_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

const (
	worldMotion  = 12              // 5 minutes are 25 seconds
	worldsWithin = 6 * time.Minute // the slowest alert, on the silence of 30 minutes, takes less than 3
)

// seconds are the thresholds in seconds that fast motion shortens, too: they stand beside durations of the platform.
var seconds = map[string]float64{", 300)": 300, "- time() < 60": 60}

// TestWorldsToAlerts plays all scenes at once: each alert fires for the account of its scene, and not for its innocent
// neighbour.
func TestWorldsToAlerts(t *testing.T) {
	if testing.Short() {
		return // minutes, and programs
	}
	t.Parallel()
	watch := startWatch(t)
	var missing []string
	eventually(t, worldsWithin, "every alert of the table fires", func() bool {
		fired := watch.fired(t)
		left := missing[:0]
		for alert, of := range scenesOf {
			if !fired[watch.key(alert, of.fires)] {
				left = append(left, alert)
			}
		}
		if len(left) != len(missing) {
			t.Logf("to come: %q", left)
		}
		missing = left
		return len(missing) == 0
	})
	fired := watch.fired(t)
	for alert, of := range scenesOf {
		if fired[watch.key(alert, of.innocent)] {
			t.Errorf("%s fires for %s", alert, of.innocent)
		}
	}
	t.Logf("fired: %q", slices.Sorted(maps.Keys(fired)))
}

// watch is a Prometheus that scrapes two exporters: one serves the scene gone, the other all other scenes.
type watch struct {
	prometheus string
	exporters  [2]string // addresses
}

// key is an alert with its account or, where it has none, with the address of the exporter that serves the scene.
func (w *watch) key(alert, account string) string {
	if alert == "CcaasExporterDown" {
		account = w.exporters[exporterOf(account)]
	}
	return alert + " " + account
}

func exporterOf(account string) int {
	if account == "gone" {
		return 1
	}
	return 0
}

// fired are the keys of the alerts that have fired until now.
func (w *watch) fired(t *testing.T) map[string]bool {
	t.Helper()
	query := url.Values{"query": {
		`count by (alertname, account, instance) (max_over_time(ALERTS{alertname=~"Ccaas.+", alertstate="firing"}[1h]))`,
	}}
	body, ok := get(t.Context(), w.prometheus+"/api/v1/query?"+query.Encode())
	var answer struct {
		Data struct {
			Result []struct{ Metric map[string]string }
		}
	}
	if err := json.Unmarshal(body, &answer); !ok || err != nil {
		t.Fatalf("Prometheus does not answer: %v", err)
	}
	fired := map[string]bool{}
	for _, r := range answer.Data.Result {
		fired[r.Metric["alertname"]+" "+r.Metric["account"]+r.Metric["instance"]] = true
	}
	return fired
}

// startWatch starts the worlds, the exporters and Prometheus, and lets the scenes begin that wait for a first reading.
func startWatch(t *testing.T) *watch {
	t.Helper()
	folder, binary := t.TempDir(), buildExporter(t)
	hooks, err := simulator.NewWebhookKeys(folder)
	if err != nil {
		t.Fatal(err)
	}
	worlds, configs := map[string]*simulator.World{}, [2]*configuration{{}, {}}
	for _, s := range scenes {
		worlds[s.account] = s.start(t)
		configs[exporterOf(s.account)].add(s, worlds[s.account], hooks.PublicKeyFile)
	}
	w, receiver := &watch{}, freePort(t) // after the worlds, which have taken hundreds
	var stop [2]func()
	for i, c := range configs {
		file := writeFile(t, folder, fmt.Sprintf("exporter-%d.yml", i), c.yaml(receiver))
		w.exporters[i], stop[i] = start(t, binary, "--config.file="+file)
	}
	w.prometheus = "http://" + startPrometheus(t, folder, w.exporters[:])
	s := &stack{}
	for _, base := range []string{"http://" + w.exporters[0], "http://" + w.exporters[1], w.prometheus} {
		s.ready(t, base)
	}

	ctx, cancel := context.WithCancel(t.Context())
	var acting sync.WaitGroup
	t.Cleanup(func() { cancel(); acting.Wait() })
	for _, s := range scenes {
		acting.Go(func() {
			wait(ctx, 4*minute) // until the account has been read
			if s.later != nil {
				s.later(ctx, t, worlds[s.account])
			}
			if s.account == "gone" {
				stop[1]()
			}
		})
		if s.hook != "" {
			acting.Go(func() { s.push(ctx, worlds[s.account], hooks, receiver) })
		}
	}
	return w
}

// startPrometheus starts one with the rules in fast motion and returns its address.
func startPrometheus(t *testing.T, folder string, targets []string) (address string) {
	t.Helper()
	for _, file := range glob(t, "*.rules.yml") {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fast := scale(t, content, worldMotion)
		for text, threshold := range seconds {
			shorter := strings.ReplaceAll(text, fmt.Sprint(threshold), fmt.Sprint(threshold/worldMotion))
			fast = bytes.ReplaceAll(fast, []byte(text), []byte(shorter))
		}
		writeFile(t, folder, file, fast)
	}
	config := writeFile(t, folder, "prometheus.yml", fmt.Appendf(nil, `
global: {scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 2s}
rule_files: ["*.rules.yml"]
scrape_configs:
  - {job_name: ccaas_exporter, static_configs: [{targets: [%q, %q]}]}
`, targets[0], targets[1]))
	address, _ = start(t, tool(t, "prometheus"), "--config.file="+config, "--storage.tsdb.path="+filepath.Join(folder, "prom"),
		fmt.Sprintf("--query.lookback-delta=%ds", 300/worldMotion))
	return address
}

// start starts the world of a scene.
func (s *world) start(t *testing.T) *simulator.World {
	t.Helper()
	o := s.options
	o.Scenario, o.Agents, o.Edges, o.TrunkBases, o.Queues = s.scenario, 100, 2, 3, 4
	if o.Scenario == "" {
		o.Scenario = "calm"
	}
	if o.TrunkInstances == 0 {
		o.TrunkInstances = 12
	}
	w, err := simulator.NewWorld(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() }) // nothing is left to lose
	for _, f := range s.faults {
		w.Inject(s.site, f)
	}
	return w
}

// push sends the calls of a scene to its hook; the hook "silent" has a few only.
func (s *world) push(ctx context.Context, w *simulator.World, keys *simulator.WebhookKeys, receiver string) {
	if s.hook == "silent" {
		var cancel func()
		ctx, cancel = context.WithTimeout(ctx, 6*minute)
		defer cancel()
	}
	address := "http://" + receiver + "/webhook/" + s.hook
	w.PushWebhooks(ctx, simulator.Subscription{
		URL: address, DataType: simulator.VoiceQualityMetrics, Every: 300 * time.Millisecond, Client: &http.Client{},
		Signature: &simulator.Signature{Key: keys.Signer, ConsumerID: s.hook, KeyVersion: "1", URL: address},
	})
	<-ctx.Done()
}
