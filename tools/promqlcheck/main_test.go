package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const families = `[
	{"name": "ccaas_trunk_status", "type": "gauge", "labels": ["account", "trunk", "status"]},
	{"name": "ccaas_api_request_duration_seconds", "type": "histogram", "labels": ["account", "operation"]},
	{"name": "ccaas_exporter_build_info", "type": "gauge", "labels": ["version"]}
]`

// TestQueries checks single queries, as a dashboard hands them over.
func TestQueries(t *testing.T) {
	tests := []struct {
		name, expr string
		want       []string // findings without their place
	}{
		{"right", `sum by (account) (ccaas_trunk_status{status="critical", instance=~".+"})`, nil},
		{"variable", `rate(ccaas_api_request_duration_seconds_count{account=~"$account"}[$__rate_interval])`, nil},
		{"native histogram", `histogram_quantile(0.9, sum by (operation) (rate(ccaas_api_request_duration_seconds[5m])))`, nil},
		{"of Prometheus", `up{job="ccaas_exporter"} == 0 and on (job) ALERTS{whatever="x"}`, nil},
		{"by pattern", `{__name__=~"ccaas_.+", nonsense="x"}`, nil},
		{"label_replace", `sum by (carrier) (label_replace(ccaas_trunk_status, "carrier", "$1", "trunk", "(.+)"))`, nil},
		{"group_left", `sum by (trunk, version) (ccaas_trunk_status * on (job) group_left (version) ccaas_exporter_build_info)`, nil},
		{"absent", `sum by (job) (absent(ccaas_exporter_build_info{job="x"}))`, nil},
		{"not PromQL", `sum by (account) (`, []string{"parse error: 1:19: parse error: unclosed left parenthesis"}},
		{"metric", `sum(ccaas_trunk_state)`, []string{"unknown metric ccaas_trunk_state"}},
		{"metric by name label", `{__name__="ccaas_trunk_state"}`, []string{"unknown metric ccaas_trunk_state"}},
		{"matcher", `ccaas_trunk_status{state="critical"}`, []string{"unknown label state on metric ccaas_trunk_status"}},
		{"by", `max by (proxy) (ccaas_trunk_status)`, []string{"unknown label proxy on metric ccaas_trunk_status"}},
		{"without", `max without (proxy) (ccaas_trunk_status)`, []string{"unknown label proxy on metric ccaas_trunk_status"}},
		{
			"aggregated away", `max by (instance) (max by (account) (ccaas_trunk_status))`,
			[]string{"unknown label instance on metric ccaas_trunk_status"},
		},
		{
			"on", `ccaas_trunk_status and on (operation) ccaas_api_request_duration_seconds_sum`,
			[]string{"unknown label operation on metric ccaas_trunk_status"},
		},
		{
			"group_left without source", `ccaas_trunk_status * on (account) group_left (version) ccaas_trunk_status`,
			[]string{"unknown label version on metric ccaas_trunk_status"},
		},
		{
			"le on a sum", `sum by (le) (ccaas_api_request_duration_seconds_sum)`,
			[]string{"unknown label le on metric ccaas_api_request_duration_seconds_sum"},
		},
		{
			"inside a subquery", `max_over_time(max by (account) (ccaas_nothing)[5m:15s])`,
			[]string{"unknown metric ccaas_nothing"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			known, err := readFamilies(strings.NewReader(families))
			if err != nil {
				t.Fatal(err)
			}
			findings := check(known, []query{{File: "board.json", Line: 7, Expr: test.expr}})
			want := make([]string, len(test.want))
			for i, w := range test.want {
				want[i] = "board.json:7: " + w
			}
			if got, want := strings.Join(findings, "\n"), strings.Join(want, "\n"); got != want {
				t.Errorf("check(%s) =\n%s\nwant\n%s", test.expr, got, want)
			}
		})
	}
}

const rules = `groups:
  - name: trunks
    rules:
      - alert: TrunkDown
        expr: |
          ccaas:trunk_down{carrier="x"}
          and ccaas:nothing
        annotations:
          summary: "{{ $labels.trunk }} {{ $labels.team }}"
          description: "{{ $labels.carrier }} {{ $labels.site }}"
        labels: {team: voice}
      - record: ccaas:trunk_down
        labels: {carrier: x}
        expr: max by (account, trunk) (ccaas_trunk_status{status="critical", site="x"})
`

// TestRun runs the program: recordings in any order, the place of each finding, queries beside rules.
func TestRun(t *testing.T) {
	folder := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ruleFile, familyFile := write("a.rules.yml", rules), write("families.json", families)
	queries := `{"file": "d.json", "line": 3, "expr": "ccaas:trunk_down{carrier=\"y\"}"}
		{"file": "d.json", "line": 4, "expr": "ccaas:trunk_down{site=\"y\"}"}`
	var out strings.Builder
	err := run([]string{"--families=" + familyFile, "--queries=-", ruleFile}, strings.NewReader(queries), &out)
	if !errors.Is(err, errFindings) {
		t.Errorf("run = %v, want %v", err, errFindings)
	}
	want := strings.ReplaceAll(`d.json:4: unknown label site on metric ccaas:trunk_down
RULES:7: unknown metric ccaas:nothing
RULES:10: unknown label site in the text of TrunkDown
RULES:14: unknown label site on metric ccaas_trunk_status
`, "RULES", ruleFile)
	if out.String() != want {
		t.Errorf("findings =\n%swant\n%s", &out, want)
	}
	out.Reset()
	good := write("good.rules.yml", "groups: [{name: g, rules: [{record: a:b, expr: vector(1)}, {record: c:d, expr: a:b}]}]")
	if err := run([]string{"--families=-", good}, strings.NewReader(families), &out); err != nil || out.Len() > 0 {
		t.Errorf("run on a right file = %v, %q", err, &out)
	}
	for _, args := range [][]string{{"--families=-"}, {"--families=-", "missing.yml"}, {"--families=missing.json", good}} {
		if err := run(args, strings.NewReader(families), &out); err == nil {
			t.Errorf("run(%q) succeeded", args)
		}
	}
}

// FuzzReadRules looks for a panic in what decodes rule files and infers labels.
func FuzzReadRules(f *testing.F) {
	f.Add(rules)
	f.Add("groups: [{rules: [{expr: 'sum by (a) (b) + on (c) group_left (d) e'}]}]")
	f.Fuzz(func(t *testing.T, content string) {
		queries, err := readRules("f.yml", strings.NewReader(content))
		if err != nil {
			return
		}
		known, err := readFamilies(strings.NewReader(families))
		if err != nil {
			t.Fatal(err)
		}
		check(known, queries)
	})
}
