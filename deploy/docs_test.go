// The examples of docs/deploy.md, docs/presence.md and docs/scale.md, given to what would read them.

package deploy_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// examples returns the YAML blocks of a page that have a word in them.
func examples(t *testing.T, page, word string) (found []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range yamlBlock.FindAllStringSubmatch(string(text), -1) {
		if strings.Contains(block[1], word) {
			found = append(found, block[1])
		}
	}
	if len(found) == 0 {
		t.Fatalf("%s has no example with %s", page, word)
	}
	return found
}

// TestScaleExamples has promtool read each of Prometheus's configurations, with the rules beside it and the secrets there.
func TestScaleExamples(t *testing.T) {
	folder := t.TempDir()
	rules, err := filepath.Abs("../alerts")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(rules, filepath.Join(folder, "alerts")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "prometheus.yml")
	for _, example := range examples(t, "../docs/scale.md", ":") {
		config := strings.ReplaceAll(example, "/run/secrets/mimir", path)
		if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), tool(t, "promtool"), "check", "config", path).CombinedOutput(); err != nil {
			t.Errorf("promtool: %v\n%s\n%s", err, out, example)
		}
	}
}

// TestChartExample renders the chart with the values of the page.
func TestChartExample(t *testing.T) {
	for _, values := range examples(t, "../docs/deploy.md", "existingSecret") {
		want := rendered(t, production)
		got := rendered(t, values)
		for name := range want {
			if got[name] == nil {
				t.Errorf("the example makes no %s", name)
			}
		}
	}
}

// TestPresenceExamples renders the chart with both forms of a sync, and reads both for Docker Compose: in memory there is one exporter,
// which ends before the next begins, and with Redis there are two.
func TestPresenceExamples(t *testing.T) {
	const page = "../docs/presence.md"
	var got []string
	for _, values := range examples(t, page, "existingSecret") {
		d := rendered(t, values)[deployment]
		got = append(got, fmt.Sprint(d.at("spec.replicas"), " ", d.at("spec.strategy.type")))
	}
	for _, text := range examples(t, page, "services:") {
		var c compose
		if err := yaml.Unmarshal([]byte(text), &c); err != nil {
			t.Fatal(err)
		}
		exporters := 0
		for name, s := range c.Services {
			if name != "redis" {
				exporters++
			}
			if !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.Security, []string{"no-new-privileges:true"}) {
				t.Errorf("%s: capabilities dropped %q, security options %q", name, s.CapDrop, s.Security)
			}
			for _, port := range s.Ports {
				if !strings.HasPrefix(port, "127.0.0.1:") {
					t.Errorf("%s publishes %s beyond loopback", name, port)
				}
			}
		}
		got = append(got, fmt.Sprint(exporters, " of ", len(c.Services)))
	}
	if want := []string{"1 Recreate", "2 RollingUpdate", "1 of 1", "2 of 3"}; !slices.Equal(got, want) {
		t.Errorf("the examples are %q, want %q", got, want)
	}
}
