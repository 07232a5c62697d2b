package app

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/ccaas-exporter/ccaas_exporter/collector"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

var update = flag.Bool("update", false, "write golden files and generated pages anew")

// subjects are the sections of docs/metrics.md, each with the words that its families' names begin with.
var subjects = []struct {
	title string
	words []string
}{
	{"Accounts and their health", []string{"account", "region", "cohort", "platform", "component", "control", "status", "operational"}},
	{"Trunks", []string{"trunk"}},
	{"Edges", []string{"edge", "edges"}},
	{"Calls", []string{"calls"}},
	{"Agents", []string{"agents"}},
	{"Presence on two platforms", []string{"presence"}},
	{"Queues", []string{"queue"}},
	{"SIP probes", []string{"sip"}},
	{"Streams", []string{"stream"}},
	{"Webhooks", []string{"webhook", "voice", "script"}},
	{"Feeds", []string{"feed", "schema", "unknown", "series"}},
	{"API clients", []string{"api", "token", "secret", "credential", "organization", "clock"}},
	{"The exporter itself", []string{"exporter"}},
}

// metricsPage is docs/metrics.md, made of the declarations of all families.
func metricsPage(t *testing.T) string {
	t.Helper()
	all := slices.SortedFunc(slices.Values(families()), func(x, y *metric.Family) int { return strings.Compare(x.Name, y.Name) })
	var b strings.Builder
	b.WriteString("# Metrics\n\nWritten by `make golden` from the declarations in the code.\n\n" +
		"Every family carries the labels `platform`, `account` and `region_code`, except those marked °. Labels hold no person, no phone\n" +
		"number, no contact and no conversation. A series is absent where nothing is known: a gap is the truth.\n")
	written := 0
	for _, subject := range subjects {
		fmt.Fprintf(&b, "\n## %s\n\n| Family | Type | Labels | Meaning |\n|---|---|---|---|\n", subject.title)
		for _, f := range all {
			word, _, _ := strings.Cut(strings.TrimPrefix(f.Name, "ccaas_"), "_")
			if !slices.Contains(subject.words, word) {
				continue
			}
			name := "`" + f.Name + "`"
			if f.Global {
				name += " °"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, f.Type, strings.Join(f.Labels, ", "), strings.ReplaceAll(f.Help, "|", "\\|"))
			written++
		}
	}
	if written != len(all) {
		t.Errorf("docs/metrics.md lists %d of %d families: give the others a subject", written, len(all))
	}
	b.WriteString("\n## On `/probe`\n\n| Family | Type | Labels | Meaning |\n|---|---|---|---|\n")
	for _, f := range collector.ProbePageFamilies() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Name, f.Type, strings.Join(f.Labels, ", "), f.Help)
	}
	return b.String()
}

func TestDocsListEveryMetric(t *testing.T) {
	const file = "../docs/metrics.md"
	got := metricsPage(t)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/metrics.md is old, run make golden (-want +got):\n%s", diff)
	}
}

// alertsTable lists every alert with its runbook, file by file. What depends on a label is named by the label.
func alertsTable(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("../alerts/*.rules.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("rules = %v, %v", files, err)
	}
	label := regexp.MustCompile(`\{\{ \$labels\.(\w+) \}\}`)
	var b strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var rules struct {
			Groups []struct {
				Rules []struct {
					Alert               string
					Labels, Annotations map[string]string
				}
			}
		}
		if err := yaml.Unmarshal(content, &rules); err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		fmt.Fprintf(&b, "\n### [%s](../alerts/%[1]s)\n\n| Alert and runbook | Severity | Says |\n|---|---|---|\n", name)
		for _, group := range rules.Groups {
			for _, rule := range group.Rules {
				if rule.Alert == "" {
					continue
				}
				says := strings.TrimPrefix(rule.Annotations["summary"], "{{ $labels.platform }} {{ $labels.account }}: ")
				says = strings.TrimPrefix(says, "{{ $labels.pair }}: ")
				fmt.Fprintf(&b, "| [%s](../alerts/runbooks/%[1]s.md) | %s | %s |\n",
					rule.Alert, rule.Labels["severity"], label.ReplaceAllStringFunc(says, func(found string) string {
						return strings.ToUpper(label.FindStringSubmatch(found)[1])
					}))
			}
		}
	}
	return b.String()
}

// TestDocsListEveryAlert holds the end of docs/alerts.md against the rules.
func TestDocsListEveryAlert(t *testing.T) {
	const file, mark = "../docs/alerts.md", "<!-- written by make golden from the rules -->\n"
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	prose, table, found := strings.Cut(string(page), mark)
	if !found {
		t.Fatalf("%s lacks %q", file, mark)
	}
	got := alertsTable(t)
	if *update {
		table = got
		if err := os.WriteFile(file, []byte(prose+mark+got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(table, got); diff != "" {
		t.Errorf("docs/alerts.md is old, run make golden (-want +got):\n%s", diff)
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
			s.count("ccaas_operational_events_total") == 10 && s.count("ccaas_organization_limit") == 8 && s.count("ccaas_credential_expiry_timestamp_seconds") == 1 &&
			s.count("ccaas_voice_mos_count") == 3 && s.count("ccaas_script_api_duration_seconds_count") == 8
	})
	_, body = p.get(t, "/metrics")
	var lines []string
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		kept := strings.HasPrefix(line, "ccaas_") && !strings.Contains(line, "_bucket{") && !strings.Contains(line, "build_info") &&
			!strings.Contains(line, "_oldest_waiting_") && !strings.HasPrefix(line, "ccaas_queue_wait_seconds") && // come with who waits
			!strings.HasPrefix(line, "ccaas_queue_service_level") && // and with who called in the last half hour
			!strings.HasPrefix(line, "ccaas_voice_disconnects_total{") // come with the calls that end so
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
