package main

import (
	"regexp"
	"slices"
	"strconv"
)

// color is a colour by Grafana's name or in hexadecimal.
type color string

// The colours of statuses. What is well, impaired, broken or unknown is shown in these and in no others.
const (
	green       color = "green"
	yellow      color = "yellow"
	orange      color = "orange"
	red         color = "red"
	blue        color = "blue"
	purple      color = "purple"
	grey        color = "#8e8e8e"
	dark        color = "#5a5a5a"
	plain       color = "text"
	transparent color = "transparent"
)

// word is what a value is called, or the name of a series, and its colour.
type word struct {
	text  string
	color color
	value int
}

// words are the meanings of a number, or the colours of series by their names.
type words []word

var (
	// statuses are the words for what status returns.
	statuses = words{{"unknown", grey, 0}, {"operational", green, 1}, {"degraded", orange, 2}, {"critical", red, 3}}
	success  = words{{"failing", red, 0}, {"ok", green, 1}}
	failure  = words{{"ok", green, 0}, {"failing", red, 1}}
	stream   = words{{"cut off", red, 0}, {"connected", green, 1}}
	breaker  = words{{"closed", green, 0}, {"open", red, 1}}

	agentStates = words{
		{text: "ready", color: green},
		{text: "engaged", color: blue},
		{text: "after_contact_work", color: purple},
		{text: "unavailable", color: yellow},
		{text: "not_responding", color: red},
		{text: "offline", color: dark},
		{text: "unknown", color: grey},
	}
	impacts = words{
		{text: "critical", color: red}, {text: "major", color: orange}, {text: "minor", color: yellow}, {text: "none", color: grey},
	}
	outcomes    = words{{text: "answered", color: green}, {text: "abandoned", color: red}, {text: "flowed_out", color: blue}}
	codeClasses = words{
		{text: "2xx", color: green}, {text: "3xx", color: blue}, {text: "4xx", color: orange}, {text: "5xx", color: red}, {text: "other", color: purple},
	}
)

// mappings are Grafana's form of words. A value that is missing or no number becomes a dash without a colour, whatever the thresholds say.
func (w words) mappings() []mapping {
	values := map[string]result{}
	for i, one := range w {
		values[strconv.Itoa(one.value)] = result{Text: one.text, Color: string(one.color), Index: i}
	}
	missing := mapping{Type: "special", Options: special{Match: "null+nan", Result: result{Text: "–", Color: string(transparent), Index: len(w)}}}
	if len(w) == 0 {
		return []mapping{missing}
	}
	return []mapping{{Type: "value", Options: values}, missing}
}

// overrides colour the series whose legend is a word or ends with one.
func (w words) overrides() (list []override) {
	for _, one := range w {
		list = append(list, override{
			Matcher:    matcher{ID: "byRegexp", Options: "/(^| )" + regexp.QuoteMeta(one.text) + "$/"},
			Properties: []property{{"color", map[string]any{"mode": "fixed", "fixedColor": one.color}}},
		})
	}
	return list
}

// mark is the value from which on, or below which, a number has a colour.
type mark struct {
	at    float64
	color color
}

// limits are the marks of a number that is bad above them, or of one that is bad below them. The zero value is no limit.
type limits struct {
	under bool
	marks []mark // by value, ascending
}

// above colours values from each mark on.
func above(marks ...mark) limits { return limits{marks: marks} }

// below colours values under each mark.
func below(marks ...mark) limits { return limits{under: true, marks: marks} }

// steps colour a tile or cell; well is the colour of a value that is within the limits.
func (l limits) steps(well color) []step {
	if !l.under {
		steps := []step{{Color: string(well)}}
		for _, m := range l.marks {
			steps = append(steps, step{string(m.color), &m.at})
		}
		return steps
	}
	steps := []step{{Color: string(l.marks[0].color)}}
	for i, m := range l.marks {
		next := well
		if i+1 < len(l.marks) {
			next = l.marks[i+1].color
		}
		steps = append(steps, step{string(next), &m.at})
	}
	return steps
}

// lines are what a graph draws: each mark in the colour of its bad side.
func (l limits) lines() []step {
	steps := []step{{Color: string(transparent)}}
	for _, m := range l.marks {
		steps = append(steps, step{string(m.color), &m.at})
	}
	return steps
}

func (l limits) none() bool { return len(l.marks) == 0 }

// and returns the words with one more.
func (w words) and(text string, c color) words {
	return append(slices.Clone(w), word{text: text, color: c})
}
