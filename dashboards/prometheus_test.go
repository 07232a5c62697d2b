package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// slow are rules that no panel reads and that judge what the demo reads anew every half minute: in windows of seconds
// every queue would stand still.
const slow = "queues.rules.yml"

// configure writes a configuration that scrapes every second, with the rules of the repository sixty times as fast:
// their windows of minutes are windows of seconds.
func configure(t *testing.T, folder, exporter string) (path string) {
	t.Helper()
	rules, err := filepath.Glob("../alerts/*.rules.yml")
	if err != nil || len(rules) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	for _, rule := range rules {
		text, err := os.ReadFile(rule)
		if err != nil {
			t.Fatal(err)
		}
		name, content := filepath.Base(rule), string(text)
		if name != slow {
			content = faster(content)
		}
		write(t, filepath.Join(folder, name), content)
	}
	path = filepath.Join(folder, "prometheus.yml")
	write(t, path, fmt.Sprintf(`
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: ["*.rules.yml"]
scrape_configs:
  - job_name: ccaas_exporter
    static_configs: [{targets: [%q]}]
`, strings.TrimPrefix(exporter, "http://")))
	return path
}

var durations = regexp.MustCompile(`\b([0-9]+)([smhd])\b`)

// faster divides the durations in rules by sixty. Names such as mean5m and texts such as "5 minutes" hold none.
func faster(rules string) string {
	return durations.ReplaceAllStringFunc(rules, func(text string) string {
		m := durations.FindStringSubmatch(text)
		n, _ := strconv.Atoi(m[1])
		unit := map[string]int{"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}[m[2]]
		return strconv.Itoa(n*unit/60) + "ms"
	})
}

func TestFaster(t *testing.T) {
	got := faster("keep_firing_for: 10m\nexpr: ccaas:x:mean5m[30m:15s] offset 1h # 5 minutes")
	if want := "keep_firing_for: 10000ms\nexpr: ccaas:x:mean5m[30000ms:250ms] offset 60000ms # 5 minutes"; got != want {
		t.Errorf("faster = %s, want %s", got, want)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
