// Checks of every alert: its parts, its runbook and its unit tests, which `make alerts` runs with promtool.

package alerts_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const runbooks = "https://github.com/ccaas-exporter/ccaas_exporter/blob/main/alerts/runbooks/"

// alert is an alerting rule with its place.
type alert struct {
	file        string
	line        int
	name        string
	labels      map[string]string
	annotations map[string]string
}

func readAlerts(t *testing.T) (alerts []alert) {
	t.Helper()
	for _, file := range glob(t, "*.rules.yml") {
		var content struct {
			Groups []struct {
				Rules []struct {
					Alert               yaml.Node
					Labels, Annotations map[string]string
				}
			}
		}
		readYAML(t, file, &content)
		for _, group := range content.Groups {
			for _, rule := range group.Rules {
				if !rule.Alert.IsZero() {
					alerts = append(alerts, alert{file, rule.Alert.Line, rule.Alert.Value, rule.Labels, rule.Annotations})
				}
			}
		}
	}
	return alerts
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(content, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// unitTest is a case of a file for promtool.
type unitTest struct {
	Name          string
	AlertRuleTest []struct {
		Alertname string
		ExpAlerts []any `yaml:"exp_alerts"`
	} `yaml:"alert_rule_test"`
}

func readUnitTests(t *testing.T, file string) []unitTest {
	t.Helper()
	var content struct{ Tests []unitTest }
	readYAML(t, file, &content)
	return content.Tests
}

// unitTests counts, for each alert, the moments at which a unit test sees it fire and at which it sees it silent.
func unitTests(t *testing.T) (fires, silent map[string]int) {
	t.Helper()
	fires, silent = map[string]int{}, map[string]int{}
	for _, file := range glob(t, "tests/*.yml") {
		for _, test := range readUnitTests(t, file) {
			for _, moment := range test.AlertRuleTest {
				if len(moment.ExpAlerts) > 0 {
					fires[moment.Alertname]++
				} else {
					silent[moment.Alertname]++
				}
			}
		}
	}
	return fires, silent
}

// sections are what a runbook consists of.
var sections = []string{"## What it means", "## First checks", "## Queries", "## Likely causes", "## Who to call"}

func TestAlertsAreComplete(t *testing.T) {
	fires, silent := unitTests(t)
	alerts := readAlerts(t)
	var names []string
	for _, a := range alerts {
		report := func(format string, args ...any) {
			t.Helper()
			t.Errorf("%s:%d: %s "+format, append([]any{a.file, a.line, a.name}, args...)...)
		}
		if slices.Contains(names, a.name) {
			report("is there twice")
		}
		names = append(names, a.name)
		if severity := a.labels["severity"]; !slices.Contains([]string{"critical", "warning", "info"}, severity) {
			report("has severity %q", severity)
		}
		for _, key := range []string{"summary", "description"} {
			if a.annotations[key] == "" {
				report("has no %s", key)
			}
		}
		if want := runbooks + a.name + ".md"; a.annotations["runbook_url"] != want {
			report("has runbook_url %q, want %q", a.annotations["runbook_url"], want)
		}
		runbook, err := os.ReadFile(filepath.Join("runbooks", a.name+".md"))
		if err != nil {
			report("has no runbook: %v", err)
		}
		for _, section := range append([]string{"# " + a.name + "\n"}, sections...) {
			if err == nil && !strings.Contains(string(runbook), section) {
				report("has a runbook without %q", section)
			}
		}
		if fires[a.name] == 0 || silent[a.name] == 0 {
			report("is seen firing %d times and silent %d times by unit tests", fires[a.name], silent[a.name])
		}
	}
	for name := range fires {
		if !slices.Contains(names, name) {
			t.Errorf("tests: %s is tested and is no alert", name)
		}
	}
	for _, file := range glob(t, "tests/*.yml") {
		if alert, _, _ := strings.Cut(filepath.Base(file), "."); !slices.Contains(names, alert) {
			t.Errorf("%s: no such alert", file)
		}
	}
	for _, file := range glob(t, "runbooks/*.md") {
		if !slices.Contains(names, strings.TrimSuffix(filepath.Base(file), ".md")) {
			t.Errorf("%s: no such alert", file)
		}
	}
}
