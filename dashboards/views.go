package main

import (
	"maps"
	"slices"
)

// tiles are the values of now, one tile for each series. An instant query feeds them: the last value of a range would stay
// green long after the data ended.
type tiles struct {
	queries []query
	unit    unit
	words   words
	limits  limits            // without words and limits a tile has no colour
	own     map[string]limits // of single tiles, by legend
	list    bool              // one tile below the other, for names that need the width
	empty   string            // what is shown when no series is expected for some accounts; "" = "no data"
}

func (tiles) kind() string                      { return "stat" }
func (v tiles) asked() []query                  { return v.queries }
func (tiles) transformations() []transformation { return nil }

func (v tiles) overrides() []override {
	list := []override{}
	for _, name := range slices.Sorted(maps.Keys(v.own)) {
		list = append(list, override{
			Matcher: matcher{ID: "byName", Options: name}, Properties: []property{{"thresholds", absolute(v.own[name].steps(green))}},
		})
	}
	return list
}

func (v tiles) field() field {
	f := field{
		Unit: v.unit.id, Decimals: v.unit.decimals, NoValue: v.empty, Color: map[string]any{"mode": "thresholds"},
		Mappings: v.words.mappings(), Thresholds: absolute([]step{{Color: string(plain)}}), Custom: map[string]any{},
	}
	if f.NoValue == "" {
		f.NoValue = silence(v.queries)
	}
	if f.Unit == "" {
		f.Unit = code.id
	}
	if !v.limits.none() {
		f.Thresholds = absolute(v.limits.steps(green))
	}
	return f
}

func (v tiles) options() map[string]any {
	colour, orientation := "background", "auto"
	if len(v.words) == 0 && v.limits.none() && len(v.own) == 0 {
		colour = "none"
	}
	if v.list {
		orientation = "horizontal"
	}
	return map[string]any{
		"colorMode": colour, "graphMode": "none", "justifyMode": "auto", "orientation": orientation, "textMode": "value_and_name", "wideLayout": true,
		"reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
	}
}

// lines are values over time.
type lines struct {
	queries []query
	unit    unit
	limits  limits  // drawn as lines
	colors  words   // of series by name; else each name has its own
	max     float64 // end of the axis; 0 = by the values
	stack   bool    // add series up
	signed  bool    // values may be below 0
	ranked  bool    // the legend is a table at the right, the largest now on top
	dashed  string  // regular expression of the legends of what is drawn dashed and grey, such as capacities
}

func (lines) kind() string                      { return "timeseries" }
func (v lines) asked() []query                  { return v.queries }
func (lines) transformations() []transformation { return nil }

func (v lines) field() field {
	f := field{
		Unit: v.unit.id, Decimals: v.unit.decimals, NoValue: silence(v.queries), Color: map[string]any{"mode": "palette-classic-by-name"},
		Mappings: []mapping{}, Thresholds: absolute(v.limits.lines()),
	}
	stacking, fill, width, limit := "none", 0, 1, "off"
	if v.stack {
		// A line of its own would draw a series of zeros over the one below it.
		stacking, fill, width = "normal", 60, 0
	}
	if !v.limits.none() {
		limit = "dashed"
	}
	if !v.signed {
		f.Min = new(0.0)
	}
	if v.max != 0 {
		f.Max = &v.max
	}
	f.Custom = map[string]any{
		"drawStyle": "line", "lineWidth": width, "fillOpacity": fill, "showPoints": "never", "spanNulls": false,
		"stacking":        map[string]any{"mode": stacking, "group": "A"},
		"thresholdsStyle": map[string]any{"mode": limit},
	}
	if v.unit.whole {
		f.Custom["axisSoftMax"] = 1
	}
	return f
}

func (v lines) overrides() []override {
	list := append([]override{}, v.colors.overrides()...)
	if v.dashed != "" {
		list = append(list, override{
			Matcher: matcher{ID: "byRegexp", Options: "/" + v.dashed + "/"},
			Properties: []property{
				{"color", map[string]any{"mode": "fixed", "fixedColor": grey}},
				{"custom.lineStyle", map[string]any{"fill": "dash", "dash": []int{10, 10}}},
			},
		})
	}
	return list
}

func (v lines) options() map[string]any {
	legend := map[string]any{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}}
	if v.ranked {
		legend = map[string]any{
			"displayMode": "table", "placement": "right", "showLegend": true, "calcs": []string{"lastNotNull", "max"},
			"sortBy": "Last *", "sortDesc": true,
		}
	}
	return map[string]any{"legend": legend, "tooltip": tooltip()}
}

// states are words over time, one row for each series. Grafana merges equal neighbours and, with the colour mode
// "thresholds", would replace values by ranges before it looks their words up: so a mode that has no thresholds is fixed here.
type states struct {
	queries []query
	words   words
}

func (states) kind() string                      { return "state-timeline" }
func (v states) asked() []query                  { return v.queries }
func (states) overrides() []override             { return []override{} }
func (states) transformations() []transformation { return nil }

func (v states) field() field {
	return field{
		Unit: code.id, NoValue: silence(v.queries), Color: map[string]any{"mode": "fixed", "fixedColor": grey}, Mappings: v.words.mappings(),
		Thresholds: absolute([]step{{Color: string(plain)}}), Custom: map[string]any{"fillOpacity": 80, "lineWidth": 0},
	}
}

func (states) options() map[string]any {
	return map[string]any{
		"alignValue": "left", "mergeValues": true, "rowHeight": 0.9, "showValue": "auto", "perPage": rowsPerPage, "tooltip": tooltip(),
		"legend": map[string]any{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}},
	}
}

// rowsPerPage is the number of rows that a timeline shows at once; Grafana 10 and 11 show all of them.
const rowsPerPage = 20

// prose is Markdown.
type prose struct{ markdown string }

func (prose) kind() string                      { return "text" }
func (prose) asked() []query                    { return nil }
func (prose) field() field                      { return field{} }
func (prose) overrides() []override             { return nil }
func (prose) transformations() []transformation { return nil }
func (v prose) options() map[string]any {
	return map[string]any{"mode": "markdown", "content": v.markdown}
}

func tooltip() map[string]any { return map[string]any{"mode": "multi", "sort": "desc"} }

func absolute(steps []step) thresholds { return thresholds{Mode: "absolute", Steps: steps} }
