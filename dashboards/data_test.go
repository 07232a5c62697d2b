package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// within is how long data may take to come: feeds of the demo run every minute at the least, two cores may be busy, and when
// two contacts have hung up in one queue is a matter of chance.
const within = 6 * time.Minute

// stack is an exporter that plays a scenario, scraped by a Prometheus.
type stack struct {
	exporter, prometheus string // base URLs
	kill                 func() // stops the exporter
}

// startStack starts a stack whose scenario has been played from the start, so that its first scrape shows it.
func startStack(t *testing.T, binary, scenario string) stack {
	t.Helper()
	folder := t.TempDir()
	exporter, kill := launch(t, binary, "--demo", "--demo.scenario="+scenario, "--web.listen-address=127.0.0.1:0")
	server := start(t, tool(t, "prometheus"),
		"--config.file="+configure(t, folder, exporter), "--storage.tsdb.path="+filepath.Join(folder, "data"),
		"--web.listen-address=127.0.0.1:0", "--log.level=info")
	return stack{exporter, server, kill}
}

// TestScenarios runs the queries against the demo: all of them in calm, those that need trouble in theirs, and wants the first
// screen to name what is wrong.
func TestScenarios(t *testing.T) {
	if testing.Short() {
		t.Log("not run: it takes minutes")
		return
	}
	binary := filepath.Join(t.TempDir(), "ccaas_exporter")
	build(t, binary)
	troubles := map[string][]placed{}
	var always, quiet []placed
	for _, q := range slices.Concat(queries(), others(t)) {
		switch {
		case q.quiet != "":
			quiet = append(quiet, q)
		case q.trouble == "":
			always = append(always, q)
		}
		if q.trouble != "" {
			troubles[q.trouble] = append(troubles[q.trouble], q)
		}
	}
	t.Run("calm", func(t *testing.T) {
		t.Parallel()
		s := startStack(t, binary, "calm")
		answered(t, s.prometheus, always)
		silent(t, s.prometheus, quiet)
		legendsFit(t, s.prometheus)
		labelsShown(t, s.prometheus)
		seen(t, s.prometheus, screens["calm"])
		s.kill()
		noGreen(t, s.prometheus)
		alerted(t, s.prometheus, "emea", []string{"critical", "CcaasExporterAbsent", "All", "–", "ccaas-exporter"})
	})
	for _, scenario := range scenarios(troubles) {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			s := startStack(t, binary, scenario)
			answered(t, s.prometheus, troubles[scenario])
			if want, ok := screens[scenario]; ok {
				seen(t, s.prometheus, want)
			}
			if want, ok := rowsOfAlerts[scenario]; ok {
				alerted(t, s.prometheus, want[2], want)
			}
		})
	}
}

// scenarios are those in which something is to be seen, without calm.
func scenarios(troubles map[string][]placed) (list []string) {
	names := map[string]bool{}
	for name := range troubles {
		names[name] = true
	}
	for name := range screens {
		names[name] = true
	}
	delete(names, "calm")
	return slices.Sorted(maps.Keys(names))
}

// others are the queries of annotations and variables, asked for now: Prometheus starts before the exporter is scraped, so
// that its absence fires for a moment with windows of seconds.
func others(t *testing.T) (list []placed) {
	t.Helper()
	for _, d := range read(t) {
		for _, a := range d.Annotations.List {
			q := query{expr: a.Expr, quiet: "no alert fires", trouble: "trunk-outage"}
			if a.Name == recorded().Name { // events of minutes ago, when the demo did not run yet
				q.trouble = ""
			}
			list = append(list, placed{q, d.UID + ": annotation " + a.Name, true})
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

// silent waits until each query has returned nothing. At a moment of a failed scrape, nothing is known of any account.
func silent(t *testing.T, server string, waiting []placed) {
	t.Helper()
	eventually(t, func() (left string) {
		waiting = slices.DeleteFunc(waiting, func(q placed) bool {
			ok, err := ask(t, server, q)
			if err != nil {
				t.Errorf("%s: %v: %s", q.where, err, q.expr)
			}
			return !ok
		})
		for _, q := range waiting {
			left += fmt.Sprintf("%s: returns data while nothing is wrong, though %s: %s\n", q.where, q.quiet, q.expr)
		}
		return left
	})
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

// series is one of the answers to a query.
type series struct {
	Metric map[string]string
	Value  []any
	Values [][]any
}

// ask runs a query as its panel does and reports whether there is a number in the answer.
func ask(t *testing.T, server string, q placed) (ok bool, err error) {
	t.Helper()
	list, err := fetch(t, server, q)
	for _, one := range list {
		for _, sample := range append(one.Values, one.Value) {
			if len(sample) == 2 && sample[1] != "NaN" {
				return true, nil
			}
		}
	}
	return false, err
}

// fetch runs a query as its panel does. A query that Prometheus refuses is an error; a Prometheus that does not answer yet is
// none.
func fetch(t *testing.T, server string, q placed) ([]series, error) {
	t.Helper()
	now := time.Now()
	expr := strings.ReplaceAll(readable.Replace(q.expr), fmt.Sprintf("> %d ", stalledAfter), fmt.Sprintf("> %d ", sooner))
	form := url.Values{"query": {expr}}
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
		Data  struct{ Result []series }
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		if response.StatusCode == http.StatusServiceUnavailable {
			return nil, nil
		}
		return nil, fmt.Errorf("status %d: %w", response.StatusCode, err)
	}
	if body.Error != "" {
		return nil, fmt.Errorf("refused: %s", body.Error)
	}
	return body.Data.Result, nil
}
