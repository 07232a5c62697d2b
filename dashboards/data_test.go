package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// This file runs every query of every board against a real Prometheus that scrapes the demo.

// within is how long data may take to come: feeds of the demo run every minute at the least, and two cores may be busy.
const within = 3 * time.Minute

func TestQueriesReturnData(t *testing.T) {
	if testing.Short() {
		t.Log("not run: it takes minutes")
		return
	}
	prometheus := tool(t, "prometheus")
	folder := t.TempDir()
	binary := filepath.Join(folder, "ccaas_exporter")
	build(t, binary)
	exporter := start(t, binary, "--demo", "--demo.scenario=calm", "--web.listen-address=127.0.0.1:0")
	server := start(t, prometheus,
		"--config.file="+configure(t, folder, exporter), "--storage.tsdb.path="+filepath.Join(folder, "data"),
		"--web.listen-address=127.0.0.1:0", "--log.level=info")

	var always, quiet []placed
	for _, q := range slices.Concat(queries(), others(t)) {
		if q.quiet != "" {
			quiet = append(quiet, q)
		} else {
			always = append(always, q)
		}
	}
	t.Logf("%d queries, %d more in trouble", len(always), len(quiet))
	answered(t, server, always)
	for _, q := range quiet {
		if ok, err := ask(t, server, q); ok || err != nil {
			t.Errorf("%s: returns data (%t) or fails (%v) while nothing is wrong, though %s: %s", q.where, ok, err, q.quiet, q.expr)
		}
	}
	switchTo(t, exporter, "trunk-outage")
	answered(t, server, quiet)
}

// others are the queries of annotations and variables, asked for now: Prometheus starts before the exporter is scraped, so
// that its absence fires for a moment with windows of seconds.
func others(t *testing.T) (list []placed) {
	t.Helper()
	for _, d := range read(t) {
		for _, a := range d.Annotations.List {
			list = append(list, placed{query{expr: a.Expr, quiet: "no alert fires"}, d.UID + ": annotation " + a.Name, true})
		}
		for _, v := range d.Templating.List {
			if v.Definition != "" {
				expr := labelValues.ReplaceAllString(v.Definition, "count by ($2) ($1)")
				list = append(list, placed{query{expr: expr}, d.UID + ": variable " + v.Name, true})
			}
		}
	}
	return list
}

// answered waits until each query has returned data.
func answered(t *testing.T, server string, waiting []placed) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		waiting = slices.DeleteFunc(waiting, func(q placed) bool {
			ok, err := ask(t, server, q)
			if err != nil {
				t.Errorf("%s: %v: %s", q.where, err, q.expr)
			}
			return ok || err != nil
		})
		if len(waiting) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			for _, q := range waiting {
				t.Errorf("%s: no data within %s: %s", q.where, within, q.expr)
			}
			return
		}
	}
}

// ask runs a query as its panel does and tells whether there is a number in the answer. A query that Prometheus refuses
// is an error; a Prometheus that does not answer yet is none.
func ask(t *testing.T, server string, q placed) (ok bool, err error) {
	t.Helper()
	now := time.Now()
	form := url.Values{"query": {readable.Replace(q.expr)}}
	path := "/api/v1/query"
	if !q.instant {
		path = "/api/v1/query_range"
		form.Set("start", strconv.FormatInt(now.Add(-time.Minute).Unix(), 10))
		form.Set("end", strconv.FormatInt(now.Unix(), 10))
		form.Set("step", "2")
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body struct {
		Error string
		Data  struct {
			Result []struct {
				Value  []any
				Values [][]any
			}
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		if response.StatusCode == http.StatusServiceUnavailable {
			return false, nil
		}
		return false, fmt.Errorf("status %d: %w", response.StatusCode, err)
	}
	if body.Error != "" {
		return false, fmt.Errorf("refused: %s", body.Error)
	}
	for _, series := range body.Data.Result {
		for _, sample := range append(series.Values, series.Value) {
			if len(sample) == 2 && sample[1] != "NaN" {
				return true, nil
			}
		}
	}
	return false, nil
}

func switchTo(t *testing.T, exporter, scenario string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, exporter+"/demo/scenario?name="+scenario, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("POST /demo/scenario = %s", response.Status)
	}
}

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
