package main

import (
	"slices"
	"strings"
)

// grid is a table of the values of now: a row for each set of labels. Columns stand in the order in which they are written.
type grid struct {
	columns []column
	sort    string // title of a column, the largest first
	then    string // title of the column that decides among equals, the largest first
	empty   string // what the table says without rows because nothing is wrong; "" when it always has some
	trouble string // the scenario of the demo in which a table that may be empty has rows
}

// column shows a label of the rows, or the value of a query.
type column struct {
	title  string
	label  string
	query  query
	width  int // pixels; 0 = what the others leave
	hidden bool
	unit   unit
	words  words
	limits limits
	links  []link
}

// least is how narrow a column without a width may become, in pixels.
const least = 220

// object is the column of what the rows are about. It takes the width that the others leave.
func object(label, title string, links ...link) column {
	return column{label: label, title: title, links: links}
}

// label is a column that places the object.
func label(name, title string, width int) column {
	return column{label: name, title: title, width: width}
}

// account is the column of the account; it leads to the overview of that account.
func account() column {
	c := label("account", "Account", 110)
	c.links = []link{toBoard("ccaas-overview", "account", "${__value.raw:percentencode}")}
	return c
}

// value is a column of numbers.
func value(title, expr string, width int, u unit) column {
	return column{title: title, query: query{expr: expr}, width: width, unit: u}
}

// state is a column of words.
func state(title, expr string, width int, w words) column {
	c := value(title, expr, width, code)
	c.words = w
	return c
}

// hidden is a column that is not seen: its query brings rows or labels for which the others have nothing.
func hidden(title string, q query) column {
	return column{title: title, query: q, width: 1, hidden: true}
}

// quietly gives a column the reason why it is empty while nothing is wrong.
func (c column) quietly(reason string) column {
	c.query.quiet = reason
	return c
}

// in names the scenario of the demo in which a column that is quiet has something to show.
func (c column) in(scenario string) column {
	c.query.trouble = scenario
	return c
}

// limited gives a column limits.
func (c column) limited(l limits) column {
	c.limits = l
	return c
}

// toBoard is a link from a cell to a board, with pairs of a variable and its value beside the data source and the time.
func toBoard(uid string, pairs ...string) link {
	query := []string{"${datasource:queryparam}", "${__url_time_range}"}
	for pair := range slices.Chunk(pairs, 2) {
		query = append(query, "var-"+pair[0]+"="+pair[1])
	}
	return link{Title: "Open " + titleOf(uid), URL: "/d/" + uid + "?" + strings.Join(query, "&")}
}

// here is the account of the row, as a variable for toBoard.
const here = "${__data.fields.account:percentencode}"

// toObject is a link from the cell of an object to a board on which a variable of the same name chooses it.
func toObject(uid, variable string) link {
	return toBoard(uid, "account", here, variable, "${__value.raw:percentencode}")
}

func (grid) kind() string { return "table" }

func (v grid) asked() (list []query) {
	for _, c := range v.columns {
		if c.label == "" {
			c.query.name = c.title
			if v.empty != "" {
				c.query.quiet, c.query.trouble = v.empty, v.trouble
			}
			list = append(list, c.query)
		}
	}
	return list
}

func (v grid) field() field {
	empty := v.empty
	if empty == "" {
		empty = "no data"
	}
	return field{
		Unit: number.id, NoValue: empty, Color: map[string]any{"mode": "thresholds"}, Mappings: words{}.mappings(),
		Thresholds: absolute([]step{{Color: string(plain)}}), Custom: map[string]any{"align": "auto", "filterable": false, "minWidth": least},
	}
}

func (v grid) overrides() []override {
	list := []override{}
	for _, c := range v.columns {
		o := override{Matcher: matcher{ID: "byName", Options: c.title}}
		if c.label == "" {
			o.Properties = append(c.unit.properties(), property{"noValue", "–"})
		}
		if len(c.words) > 0 || c.unit == since {
			o.Properties = append(o.Properties, property{"custom.align", "left"})
		}
		if c.width != 0 {
			o.Properties = append(o.Properties, property{"custom.width", c.width})
		}
		if c.hidden {
			o.Properties = append(o.Properties, property{"custom.hidden", true})
		}
		background := property{"custom.cellOptions", map[string]any{"type": "color-background", "mode": "basic"}}
		if len(c.words) > 0 {
			o.Properties = append(o.Properties, property{"mappings", c.words.mappings()}, background)
		}
		if !c.limits.none() {
			o.Properties = append(o.Properties, property{"thresholds", absolute(c.limits.steps(transparent))}, background)
		}
		if len(c.links) > 0 {
			o.Properties = append(o.Properties, property{"links", c.links})
		}
		if len(o.Properties) > 0 {
			list = append(list, o)
		}
	}
	return list
}

func (v grid) options() map[string]any {
	options := map[string]any{"cellHeight": "sm", "showHeader": true, "footer": map[string]any{"show": false}}
	by := []map[string]any{}
	for _, title := range []string{v.sort, v.then} {
		if title != "" {
			by = append(by, map[string]any{"displayName": title, "desc": true})
		}
	}
	options["sortBy"] = by
	return options
}

// dropped are the labels that no table shows: an account says them.
var dropped = []string{"platform", "region_code", "Time"}

// transformations join the queries by their labels, put the columns in order and name them.
func (v grid) transformations() []transformation {
	order, names, hidden := map[string]int{}, map[string]string{}, map[string]bool{}
	for _, name := range dropped {
		hidden[name] = true
	}
	values := len(v.asked())
	n := 0
	for i, c := range v.columns {
		field := c.label
		if field == "" {
			field = "Value"
			if values > 1 {
				field += " #" + string(rune('A'+n))
			}
			n++
		}
		order[field], names[field] = i, c.title
	}
	organize := transformation{ID: "organize", Options: map[string]any{"excludeByName": hidden, "renameByName": names, "indexByName": order}}
	return []transformation{{ID: "merge", Options: map[string]any{}}, organize}
}
