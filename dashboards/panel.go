package main

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

// section is a row of Grafana: a heading with panels below it, laid out from left to right and top to bottom.
type section struct {
	title  string // "" is a section without a heading, at the top of a board
	panels []panel
	closed bool // the row is collapsed until it is opened
}

// panel is one picture with what every kind of picture has.
type panel struct {
	title    string
	about    string // what it shows, what is normal, what to do else
	w, h     int    // cells, of 24 to a line; h 0 = 8
	view     view
	runbooks []string // names of alerts
	detail   string   // uid of the board that shows more
}

// view is a kind of picture: tiles, lines, states, grid or prose. Each has the settings that Grafana heeds for its kind and
// no others, so that what does not go together cannot be written.
type view interface {
	kind() string // Grafana's
	asked() []query
	field() field
	overrides() []override
	options() map[string]any
	transformations() []transformation
}

// query is PromQL as expression writes it.
type query struct {
	expr    string
	name    string // legend
	quiet   string // what the panel says while the query returns nothing because nothing is wrong
	trouble string // the scenario of the demo in which a query returns something that returns nothing, or seldom something, in calm; "" when there is none
	global  bool   // about the exporter: it has no account to select
}

// silence is what a view says when none of its queries returns anything.
func silence(queries []query) string {
	for _, q := range queries {
		if q.quiet == "" {
			return "no data"
		}
	}
	return queries[0].quiet
}

// runbook is where the runbook of an alert is read.
func runbook(alert string) string { return runbooks + alert + ".md" }

const runbooks = "https://github.com/ccaas-exporter/ccaas_exporter/blob/main/alerts/runbooks/"
