package main

// This file is what the boards are written in: boards of sections of panels, without what Grafana can be told once for
// all of them.

// board is one dashboard. Its uid is the name of its file and part of its address: never change one.
type board struct {
	uid, title, about string
	choices           []choice // beside those that every board has
	sections          []section
}

// choice is a variable: the values of a label, at the top of the board.
type choice struct {
	label, title string
	family       string // where the values are read, with the matchers that narrow them
}

// section is a heading with panels below it, laid out from left to right and top to bottom.
type section struct {
	title  string
	panels []panel
}

// kind of a panel, by Grafana's name.
type kind string

const (
	stat     kind = "stat"           // the value of now, as a tile for each series
	graph    kind = "timeseries"     // values over time
	timeline kind = "state-timeline" // states over time
	table    kind = "table"          // values of now, a row for each label set and a column for each query
	text     kind = "text"           // Markdown
)

type panel struct {
	kind     kind
	title    string
	about    string   // what it shows, what is normal, what to do else
	w, h     int      // cells, of 24 to a line; h 0 = 8
	unit     string   // Grafana's id of a unit; "" = short
	words    words    // what the values stand for
	colors   []result // of series by name
	limits   []step   // colours of values; above and below make them
	max      float64  // end of the axis; 0 = by the values
	stack    bool     // add series up
	signed   bool     // values may be below 0
	sort     string   // column of a table, the largest first
	queries  []query
	runbooks []string // names of alerts
	detail   string   // uid of the board that tells more
	markdown string   // of a text
}

// query is PromQL as expression writes it.
type query struct {
	expr   string
	name   string // legend, or heading of a table's column; "" hides the column
	unit   string // of the column, if not the panel's
	words  words  // of the column
	limits []step // of the column
	quiet  string // why the query returns nothing while nothing is wrong
	global bool   // about the exporter: it has no account to select
}

// words are what values stand for, by value.
type words []result

// The colours of statuses. Nothing else is green, orange, red or grey.
const (
	green  = "green"
	orange = "orange"
	red    = "red"
	grey   = "#8e8e8e"
	plain  = "text"
)

var (
	// statuses are the words for what status returns.
	statuses = words{{"unknown", grey, 0}, {"operational", green, 1}, {"degraded", orange, 2}, {"critical", red, 3}}
	success  = words{{"failing", red, 0}, {"ok", green, 1}}
	stream   = words{{"cut off", red, 0}, {"connected", green, 1}}
	breaker  = words{{"closed", green, 0}, {"open", red, 1}}
	reloaded = words{{"refused", red, 0}, {"applied", green, 1}}

	agentStates = []result{
		{Text: "ready", Color: green},
		{Text: "engaged", Color: "blue"},
		{Text: "after_contact_work", Color: "purple"},
		{Text: "unavailable", Color: "yellow"},
		{Text: "not_responding", Color: red},
		{Text: "offline", Color: "#5a5a5a"},
		{Text: "unknown", Color: grey},
	}
)

// above colours values from a limit on, and draws the limit in graphs.
func above(limit float64, color string) []step { return []step{{Color: green}, {color, &limit}} }

// below colours values under a limit.
func below(limit float64, color string) []step { return []step{{Color: color}, {green, &limit}} }

// runbook is where the runbook of an alert is read.
func runbook(alert string) string {
	return "https://github.com/ccaas-exporter/ccaas_exporter/blob/main/alerts/runbooks/" + alert + ".md"
}
