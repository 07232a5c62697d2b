package app

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

var update = flag.Bool("update", false, "write golden files and generated snapshots anew")

// metricsTable is the README's list of families, made of their descriptors.
func metricsTable() string {
	var b strings.Builder
	b.WriteString("| Family | Type | Labels | Meaning |\n|---|---|---|---|\n")
	for _, f := range families() {
		labels := strings.Join(f.Labels, ", ")
		if f.Global {
			labels = strings.TrimSuffix("° "+labels, " ")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Name, f.Type, labels, strings.ReplaceAll(f.Help, "|", "\\|"))
	}
	return b.String()
}

func TestReadmeListsEveryMetric(t *testing.T) {
	const begin, end = "<!-- metrics: written by make golden -->\n", "<!-- /metrics -->\n"
	content, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(content), begin)
	table, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("README.md lacks %q or %q", begin, end)
	}
	if *update {
		if err := os.WriteFile("../README.md", []byte(head+begin+metricsTable()+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(metricsTable(), table); diff != "" {
		t.Errorf("the table of metrics in README.md is old, run make golden (-want +got):\n%s", diff)
	}
}

func TestReadmeNamesEveryScenarioAndAlert(t *testing.T) {
	content, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, scenario := range simulator.Scenarios() {
		if !strings.Contains(string(content), "`"+scenario+"`") {
			t.Errorf("README.md does not name scenario %s", scenario)
		}
	}
}

var (
	number  = regexp.MustCompile(` \S+( # .*)?$`)
	address = regexp.MustCompile(`127\.0\.0\.1:\d+`)
)

// TestDemoPage holds the names and labels of the whole demo against a golden file: a series that appears, vanishes or is
// renamed shows in a review.
func TestDemoPage(t *testing.T) {
	t.Parallel()
	p := startProgram(t, "--demo", "--demo.scenario=calm")
	var body string
	p.until(t, "the demo is complete", func(s samples) bool {
		return s.count("ccaas_trunk_status") > 0 && s.count("ccaas_agents", `platform="cxone"`) > 0 && s.count("ccaas_status_page_incidents") > 0 &&
			s.count("ccaas_sip_success") == 6 && s.count("ccaas_stream_last_event_timestamp_seconds") == 1 &&
			s.count("ccaas_voice_mos_count") == 3 && s.count("ccaas_script_api_duration_seconds_count") == 8
	})
	_, body = p.get(t, "/metrics")
	var lines []string
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		kept := strings.HasPrefix(line, "ccaas_") && !strings.Contains(line, "_bucket{") && !strings.Contains(line, "build_info") &&
			!strings.Contains(line, "_oldest_waiting_") && !strings.HasPrefix(line, "ccaas_queue_wait_seconds") && // come with who waits
			!strings.HasPrefix(line, "ccaas_queue_service_level") // and with who called in the last half hour
		if kept || strings.HasPrefix(line, "# TYPE ccaas_") {
			if kept {
				line = number.ReplaceAllString(line, "")
			}
			lines = append(lines, address.ReplaceAllString(line, "127.0.0.1:PORT"))
		}
	}
	got := strings.Join(slices.Compact(lines), "\n") + "\n"
	const file = "testdata/demo.prom"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the demo's series changed, run make golden if that is right (-want +got):\n%s", diff)
	}
}
