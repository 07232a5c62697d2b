package main

// The checks of one query after the other.

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// foreign are the metrics that Prometheus itself makes. Their labels are not checked.
var foreign = []string{
	"up", "ALERTS", "ALERTS_FOR_STATE", "scrape_duration_seconds", "scrape_samples_scraped",
	"scrape_samples_post_metric_relabeling", "scrape_series_added",
}

// variable matches Grafana's variables where PromQL wants a duration.
var variable = regexp.MustCompile(`\$(__rate_interval|__interval|__range|\{__rate_interval\}|\{__interval\}|\{__range\})`)

// templateLabel matches a label that an annotation shows.
var templateLabel = regexp.MustCompile(`\$labels\.([a-zA-Z_][a-zA-Z0-9_]*)`)

// check returns the findings, in the order of the queries.
func check(known map[string]labelSet, queries []query) (findings []string) {
	for _, name := range foreign {
		known[name] = nil
	}
	parsed := make([]parser.Expr, len(queries))
	for i, q := range queries {
		expr, err := parser.NewParser(parser.Options{}).ParseExpr(variable.ReplaceAllString(q.Expr, "5m"))
		if err != nil {
			findings = append(findings, fmt.Sprintf("%s:%d: parse error: %v", q.File, q.Line, err))
			continue
		}
		parsed[i] = expr
		if q.record != "" {
			known[q.record] = setOf() // so that recordings find each other in any order
		}
	}
	record(known, queries, parsed)
	for i, q := range queries {
		if parsed[i] == nil {
			continue
		}
		in := inference{known: known, query: q}
		result := in.labels(parsed[i])
		findings = append(findings, in.findings...)
		if q.alert != "" && result != nil {
			findings = append(findings, checkTexts(q, result)...)
		}
	}
	return findings
}

// record works out the labels of all recordings: again and again, because they read each other, until nothing is added.
func record(known map[string]labelSet, queries []query, parsed []parser.Expr) {
	for changed := true; changed; {
		changed = false
		for i, q := range queries {
			if q.record == "" || parsed[i] == nil || known[q.record] == nil {
				continue
			}
			in := inference{known: known, query: q}
			grown := union(known[q.record], union(in.labels(parsed[i]), setOf(slices.Collect(maps.Keys(q.static))...)))
			if grown == nil || len(grown) > len(known[q.record]) {
				known[q.record], changed = grown, true
			}
		}
	}
}

// checkTexts finds labels in the annotations of an alert that it does not have.
func checkTexts(q query, result labelSet) (findings []string) {
	slices.SortFunc(q.texts, func(a, b text) int { return a.line - b.line })
	for _, t := range q.texts {
		for _, match := range templateLabel.FindAllStringSubmatch(t.value, -1) {
			if _, static := q.static[match[1]]; !static && !result[match[1]] {
				findings = append(findings, fmt.Sprintf("%s:%d: unknown label %s in the text of %s", q.File, t.line, match[1], q.alert))
			}
		}
	}
	return findings
}

// place adds the line within the query to the line on which it begins.
func place(q query, pos int) string {
	pos = min(pos, len(q.Expr))
	return fmt.Sprintf("%s:%d", q.File, q.Line+strings.Count(q.Expr[:pos], "\n"))
}
