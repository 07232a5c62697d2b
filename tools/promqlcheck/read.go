package main

// What is read: families, queries and rule files.

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// query is an expression with its place. A recording or alerting rule says what becomes of its labels.
type query struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Expr string `json:"expr"`

	record string            // name of the recording; "" for others
	alert  string            // name of the alert; "" for others
	static map[string]string // labels that the rule adds
	texts  []text            // templates of an alert
}

// text is a template with its line.
type text struct {
	line  int
	value string
}

// labelSet are the labels that the samples of a metric may have. A nil set is not known: every label is right.
type labelSet map[string]bool

// readFamilies returns the series names of the families with their labels. A histogram is three classic series, and one
// of its own name when it is native.
func readFamilies(r io.Reader) (map[string]labelSet, error) {
	var families []struct {
		Name, Type string
		Labels     []string
	}
	if err := json.NewDecoder(r).Decode(&families); err != nil {
		return nil, err
	}
	if len(families) == 0 {
		return nil, errors.New("the list is empty")
	}
	known := map[string]labelSet{}
	for _, f := range families {
		known[f.Name] = setOf(f.Labels...)
		if f.Type == "histogram" {
			known[f.Name+"_sum"], known[f.Name+"_count"] = setOf(f.Labels...), setOf(f.Labels...)
			known[f.Name+"_bucket"] = setOf(append([]string{"le"}, f.Labels...)...)
		}
	}
	return known, nil
}

func setOf(names ...string) labelSet {
	s := labelSet{}
	for _, name := range names {
		s[name] = true
	}
	return s
}

func readQueries(r io.Reader) ([]query, error) {
	var queries []query
	for decoder := json.NewDecoder(r); ; {
		var q query
		switch err := decoder.Decode(&q); {
		case errors.Is(err, io.EOF):
			return queries, nil
		case err != nil:
			return nil, fmt.Errorf("after %d queries: %w", len(queries), err)
		}
		queries = append(queries, q)
	}
}

// readRules reads a rule file, and with it the line on which each expression begins.
func readRules(name string, r io.Reader) ([]query, error) {
	var file struct {
		Groups []struct {
			Rules []struct {
				Record, Alert string
				Expr          yaml.Node
				Labels        map[string]string
				Annotations   map[string]yaml.Node
			}
		}
	}
	if err := yaml.NewDecoder(r).Decode(&file); err != nil {
		return nil, err
	}
	var queries []query
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			q := query{
				File: name, Line: firstLine(rule.Expr), Expr: rule.Expr.Value,
				record: rule.Record, alert: rule.Alert, static: rule.Labels,
			}
			for _, node := range rule.Annotations {
				q.texts = append(q.texts, text{node.Line, node.Value})
			}
			queries = append(queries, q)
		}
	}
	return queries, nil
}

// firstLine is where the text of a node begins: a block scalar begins below its | or >.
func firstLine(n yaml.Node) int {
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return n.Line + 1
	}
	return n.Line
}
