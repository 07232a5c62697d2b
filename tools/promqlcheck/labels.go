package main

// Which labels the result of an expression may have, by the shape of the expression.

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// inference walks one query and notes what it finds.
type inference struct {
	known    map[string]labelSet
	query    query
	findings []string
}

func (in *inference) find(node parser.Node, format string, args ...any) {
	finding := place(in.query, int(node.PositionRange().Start)) + ": " + fmt.Sprintf(format, args...)
	if !slices.Contains(in.findings, finding) {
		in.findings = append(in.findings, finding)
	}
}

// labels returns the labels that the result may have, nil when they cannot be known.
func (in *inference) labels(expr parser.Expr) labelSet {
	switch e := expr.(type) {
	case *parser.VectorSelector:
		return in.selector(e)
	case *parser.MatrixSelector:
		return in.labels(e.VectorSelector)
	case *parser.SubqueryExpr:
		return in.labels(e.Expr)
	case *parser.ParenExpr:
		return in.labels(e.Expr)
	case *parser.StepInvariantExpr:
		return in.labels(e.Expr)
	case *parser.UnaryExpr:
		return in.labels(e.Expr)
	case *parser.AggregateExpr:
		return in.aggregation(e)
	case *parser.BinaryExpr:
		return in.binary(e)
	case *parser.Call:
		return in.call(e)
	}
	return setOf() // numbers and strings
}

// selector checks the metric and the labels of the matchers. Every scraped series has a job and an instance, too.
func (in *inference) selector(e *parser.VectorSelector) labelSet {
	name := e.Name
	for _, m := range e.LabelMatchers {
		if m.Name != model.MetricNameLabel || e.Name != "" {
			continue
		}
		if m.Type != labels.MatchEqual { // a family of metrics by pattern
			return nil
		}
		name = m.Value
	}
	if name == "" {
		return nil // selected by its labels alone
	}
	have, known := in.known[name]
	switch {
	case !known:
		in.find(e, "unknown metric %s", name)
		return nil
	case have == nil:
		return nil
	}
	if !strings.Contains(name, ":") {
		have = union(have, setOf("job", "instance"))
	}
	for _, m := range e.LabelMatchers {
		if m.Name != model.MetricNameLabel && !have[m.Name] {
			in.find(e, "unknown label %s on metric %s", m.Name, name)
		}
	}
	return have
}

func (in *inference) aggregation(e *parser.AggregateExpr) labelSet {
	have := in.labels(e.Expr)
	if e.Param != nil {
		in.labels(e.Param)
	}
	in.demand(e, have, e.Grouping)
	switch {
	case e.Op == parser.TOPK, e.Op == parser.BOTTOMK, e.Op == parser.LIMITK, e.Op == parser.LIMIT_RATIO:
		return have
	case !e.Without:
		return setOf(e.Grouping...)
	case have == nil:
		return nil
	}
	rest := maps.Clone(have)
	for _, name := range e.Grouping {
		delete(rest, name)
	}
	return rest
}

func (in *inference) binary(e *parser.BinaryExpr) labelSet {
	left, right := in.labels(e.LHS), in.labels(e.RHS)
	match := e.VectorMatching
	if match == nil { // at least one side is a number
		if e.LHS.Type() == parser.ValueTypeScalar {
			return right
		}
		return left
	}
	in.demand(e.LHS, left, match.MatchingLabels)
	in.demand(e.RHS, right, match.MatchingLabels)
	switch {
	case e.Op == parser.LOR:
		return union(left, right)
	case e.Op == parser.LAND, e.Op == parser.LUNLESS:
		return left
	case match.Card == parser.CardManyToOne:
		in.demand(e.RHS, right, match.Include)
		return union(left, setOf(match.Include...))
	case match.Card == parser.CardOneToMany:
		in.demand(e.LHS, left, match.Include)
		return union(right, setOf(match.Include...))
	case match.On && !e.Op.IsComparisonOperator():
		return setOf(match.MatchingLabels...)
	}
	return left
}

func (in *inference) call(e *parser.Call) labelSet {
	have := setOf()
	for _, arg := range e.Args {
		if t := arg.Type(); t == parser.ValueTypeVector || t == parser.ValueTypeMatrix {
			have = in.labels(arg)
		}
	}
	switch e.Func.Name {
	case "label_replace", "label_join":
		if name, ok := e.Args[1].(*parser.StringLiteral); ok {
			return union(have, setOf(name.Val))
		}
	case "absent", "absent_over_time":
		return nil // whatever the matchers fix
	case "histogram_quantile":
		have = maps.Clone(have)
		delete(have, "le")
	}
	return have
}

// demand finds names that a result does not have: a grouping or matching by them would silently do nothing.
func (in *inference) demand(node parser.Node, have labelSet, names []string) {
	for _, name := range names {
		if have != nil && !have[name] {
			in.find(node, "unknown label %s on %s", name, describe(node))
		}
	}
}

// describe names the metrics of an expression.
func describe(node parser.Node) string {
	var names []string
	parser.Inspect(node, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok && v.Name != "" && !slices.Contains(names, v.Name) {
			names = append(names, v.Name)
		}
		return nil
	})
	switch len(names) {
	case 0:
		return "an expression without metrics"
	case 1:
		return "metric " + names[0]
	}
	return "the result of " + strings.Join(names, ", ")
}

// union is nil when one of both is not known.
func union(a, b labelSet) labelSet {
	if a == nil || b == nil {
		return nil
	}
	both := maps.Clone(a)
	maps.Copy(both, b)
	return both
}
