package main

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// placed is a query with its panel.
type placed struct {
	query
	where   string // board and panel
	instant bool
}

// queries lists those of all panels, written out.
func queries() (list []placed) {
	for _, b := range boards {
		for _, s := range b.sections {
			for _, p := range s.panels {
				for _, q := range p.view.asked() {
					q.expr = expression(q.expr)
					list = append(list, placed{q, b.uid + ": " + p.title, p.instant()})
				}
			}
		}
	}
	return list
}

var (
	window       = regexp.MustCompile(`\[([^\]]*)\]`)
	windowed     = regexp.MustCompile(`\b(rate|increase)\([^()\[\]]*\[([^\]]*)\]`)
	variableLeft = regexp.MustCompile(`\$[a-z_]`)
	family       = regexp.MustCompile(`\bccaas[_:][a-z0-9_:]+`)
)

func TestQueries(t *testing.T) {
	global := map[string]bool{}
	for _, f := range families() {
		global[f.Name] = f.Global
	}
	windows := []string{"$__rate_interval", "$__range", "$__range:$__interval", "1h:1m"}
	counted := map[string]string{"rate": "$__rate_interval", "increase": "$__range"}
	for _, q := range queries() {
		if strings.Contains(strings.ReplaceAll(q.expr, "@ end()", ""), "@") || strings.Contains(q.expr, "  ") {
			t.Errorf("%s: not written out: %s", q.where, q.expr)
		}
		for _, m := range window.FindAllStringSubmatch(q.expr, -1) {
			if !slices.Contains(windows, m[1]) {
				t.Errorf("%s: window %s, want one of %s", q.where, m[1], windows)
			}
		}
		for _, m := range windowed.FindAllStringSubmatch(q.expr, -1) {
			if m[2] != counted[m[1]] {
				t.Errorf("%s: %s over %s, want over %s", q.where, m[1], m[2], counted[m[1]])
			}
		}
		if q.global {
			for _, name := range family.FindAllString(q.expr, -1) {
				if !global[name] && !global[strings.TrimSuffix(name, "_bucket")] {
					t.Errorf("%s: %s has accounts, so it is not global", q.where, name)
				}
			}
			continue
		}
		for _, variable := range []string{"platform", "region_code", "account"} {
			if want := variable + `=~"$` + variable + `"`; !strings.Contains(q.expr, want) {
				t.Errorf("%s: the query does not select by %s: %s", q.where, want, q.expr)
			}
		}
	}
}

// TestQueriesHaveTheirPlace reads the files at the lines that are reported.
func TestQueriesHaveTheirPlace(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-queries"}, &out, "dashboards"); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for decoder := json.NewDecoder(&out); decoder.More(); {
		var l line
		if err := decoder.Decode(&l); err != nil {
			t.Fatal(err)
		}
		if variableLeft.MatchString(l.Expr) || strings.Contains(l.Expr, "label_values") {
			t.Errorf("%s:%d: %s is no PromQL", l.File, l.Line, l.Expr)
		}
		text, err := os.ReadFile("../" + l.File)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		if l.Line > len(lines) {
			t.Fatalf("%s has no line %d", l.File, l.Line)
		}
		expr, found, err := queryIn(lines[l.Line-1])
		if !found || err != nil || readable.Replace(expr) != l.Expr {
			t.Errorf("%s:%d holds %q, %t, %v, want %q", l.File, l.Line, expr, found, err, l.Expr)
		}
		got[l.File]++
	}
	want := map[string]int{}
	for _, b := range boards {
		file := "dashboards/" + b.uid + ".json"
		want[file] = 6 // three annotations and three variables
		for _, q := range queries() {
			if strings.HasPrefix(q.where, b.uid+": ") {
				want[file]++
			}
		}
		want[file] += len(b.choices)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("queries by file (-want +got):\n%s", diff)
	}
}

func TestLatest(t *testing.T) {
	const variables = `platform=~"$platform", region_code=~"$region_code", account=~"$account"`
	for given, want := range map[string]string{
		"ccaas_calls":                             "max by (trunk) (ccaas_calls{" + variables + "})",
		`ccaas_calls{direction="in"}`:             "max by (trunk) (ccaas_calls{" + variables + `, direction="in"})`,
		`ccaas_queue_waiting_contacts{@contacts}`: "max by (trunk) (ccaas_queue_waiting_contacts{" + variables + `, queue=~"$queue", channel=~"$channel"})`,
	} {
		if got := expression(latest(given, "trunk")); got != want {
			t.Errorf("latest(%s) = %s, want %s", given, got, want)
		}
	}
}

func TestStatus(t *testing.T) {
	got := expression(status("ccaas_trunk_status", `trunk!=""`, "@account, trunk"))
	want := `max by (platform, account, region_code, trunk) (` +
		`ccaas_trunk_status{platform=~"$platform", region_code=~"$region_code", account=~"$account", trunk!="", status="operational"} or ` +
		`2 * ccaas_trunk_status{platform=~"$platform", region_code=~"$region_code", account=~"$account", trunk!="", status="degraded"} or ` +
		`3 * ccaas_trunk_status{platform=~"$platform", region_code=~"$region_code", account=~"$account", trunk!="", status="critical"})`
	if got != want {
		t.Errorf("status = %s, want %s", got, want)
	}
}
