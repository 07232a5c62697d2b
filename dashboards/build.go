package main

import (
	"slices"
	"strconv"
)

// This file makes Grafana's form of a board.

// source is the Prometheus chosen at the top of the board.
var source = datasource{Type: "prometheus", UID: "${datasource}"}

func (b board) dashboard() dashboard {
	return dashboard{
		Annotations:   annotations{List: []annotation{firing}},
		Description:   b.about,
		Editable:      true,
		GraphTooltip:  1,
		Links:         []link{{Title: "Boards", Type: "dashboards", Tags: []string{"ccaas"}, IncludeVars: true, KeepTime: true}},
		Panels:        b.items(),
		Refresh:       "30s",
		SchemaVersion: 39,
		Tags:          []string{"ccaas"},
		Templating:    templating{List: b.variables()},
		Time:          timeRange{From: "now-3h", To: "now"},
		Timezone:      "browser",
		Title:         b.title,
		UID:           b.uid,
		Version:       1,
	}
}

// firing marks in every panel when an alert fired.
var firing = annotation{
	Name:        "Firing alerts",
	Datasource:  source,
	Enable:      true,
	IconColor:   red,
	Expr:        expression(`ALERTS{@selected, alertname=~"Ccaas.*", alertstate="firing"}`),
	Step:        "60s",
	TitleFormat: "{{alertname}}",
	TextFormat:  "{{platform}} {{account}} {{trunk}} {{proxy}} {{edge}} {{component}} {{queue}} {{channel}} {{target}} {{feed}} {{hook}}",
	TagKeys:     "severity,plane,region_code",
}

// common are the choices of every board, read from the family that every account has from the start.
var common = []choice{
	{"platform", "Platform", "ccaas_feed_runs_total"},
	{"region_code", "Region", `ccaas_feed_runs_total{platform=~"$platform"}`},
	{"account", "Account", `ccaas_feed_runs_total{platform=~"$platform", region_code=~"$region_code"}`},
}

// variables choose what a board shows.
func (b board) variables() []variable {
	list := []variable{
		{Name: "datasource", Label: "Data source", Type: "datasource", Query: "prometheus", Refresh: 1, Current: map[string]any{}},
	}
	for _, c := range slices.Concat(common, b.choices) {
		text := "label_values(" + expression(c.family) + ", " + c.label + ")"
		list = append(list, variable{
			Name: c.label, Label: c.title, Type: "query", Datasource: &source,
			Query: variableQuery{QryType: 1, Query: text, RefID: "PrometheusVariableQueryEditor-VariableQuery"}, Definition: text,
			Refresh: 2, IncludeAll: true, Multi: true, AllValue: ".*", Sort: 1,
			Current: map[string]any{"selected": true, "text": []string{"All"}, "value": []string{"$__all"}},
		})
	}
	return list
}

// items lays out the panels: from left to right as long as they fit, and a heading above each section.
func (b board) items() []item {
	var items []item
	y := 0
	add := func(i item, pos gridPos) {
		i.ID, i.GridPos = len(items)+1, pos
		items = append(items, i)
	}
	for _, s := range b.sections {
		open := false
		add(item{Type: "row", Title: s.title, Collapsed: &open, Panels: []item{}}, gridPos{H: 1, W: 24, Y: y})
		y++
		x, height := 0, 0
		for _, p := range s.panels {
			h := p.h
			if h == 0 {
				h = 8
			}
			if x+p.w > 24 {
				x, y, height = 0, y+height, 0
			}
			add(p.item(), gridPos{H: h, W: p.w, X: x, Y: y})
			x, height = x+p.w, max(height, h)
		}
		y += height
	}
	return items
}

func (p panel) item() item {
	i := item{Type: string(p.kind), Title: p.title, Description: p.about}
	if p.detail != "" {
		i.Links = append(i.Links, link{Title: "More", URL: "/d/" + p.detail + "?${__url_time_range}&${__all_variables}"})
	}
	for _, alert := range p.runbooks {
		i.Links = append(i.Links, link{Title: "Runbook: " + alert, URL: runbook(alert), TargetBlank: true})
	}
	if p.kind == text {
		i.Options = map[string]any{"mode": "markdown", "content": p.markdown}
		return i
	}
	i.Datasource = &source
	for n, q := range p.queries {
		t := target{
			RefID: string(rune('A' + n)), Datasource: source, EditorMode: "code", Expr: expression(q.expr), Format: "time_series",
		}
		// A tile shows what is known now: the last value of a range would stay green long after the data ended.
		t.Instant = p.kind == stat || p.kind == table
		t.Range = !t.Instant
		if p.kind == table {
			t.Format = "table"
		} else {
			t.LegendFormat = q.name
		}
		i.Targets = append(i.Targets, t)
	}
	i.FieldConfig = &fieldConfig{Defaults: p.field(), Overrides: p.overrides()}
	i.Options = p.options()
	if p.kind == table {
		i.Transformations = p.transformations()
	}
	return i
}

func (p panel) field() field {
	f := field{
		Unit:       p.unit,
		NoValue:    "no data",
		Color:      map[string]any{"mode": "palette-classic"},
		Mappings:   p.words.mappings(),
		Thresholds: thresholds{Mode: "absolute", Steps: p.limits},
		Custom:     map[string]any{},
	}
	if p.unit == "" {
		f.Unit = "short"
	}
	if len(p.limits) == 0 {
		f.Thresholds.Steps = []step{{Color: plain}}
	}
	if p.max != 0 {
		f.Max = &p.max
	}
	if len(p.words) > 0 || p.kind == stat || p.kind == table {
		f.Color["mode"] = "thresholds"
	}
	switch p.kind {
	case graph:
		stacking, fill, line := "none", 0, "off"
		if p.stack {
			stacking, fill = "normal", 60
		}
		if len(p.limits) > 0 {
			line = "dashed"
		}
		if !p.signed {
			f.Min = new(0.0)
		}
		f.Custom = map[string]any{
			"drawStyle": "line", "lineWidth": 1, "fillOpacity": fill, "showPoints": "auto", "spanNulls": false,
			"stacking":        map[string]any{"mode": stacking, "group": "A"},
			"thresholdsStyle": map[string]any{"mode": line},
		}
	case timeline:
		f.Custom = map[string]any{"fillOpacity": 80, "lineWidth": 0}
	case table:
		f.Custom = map[string]any{"align": "auto", "filterable": true}
	case stat, text:
	}
	return f
}

func (w words) mappings() []mapping {
	if len(w) == 0 {
		return []mapping{}
	}
	m := mapping{Type: "value", Options: map[string]result{}}
	for value, r := range w {
		m.Options[strconv.Itoa(value)] = r
	}
	return []mapping{m}
}

// overrides are what single series or columns have of their own.
func (p panel) overrides() []override {
	list := []override{}
	add := func(name string, properties ...property) {
		list = append(list, override{Matcher: matcher{ID: "byName", Options: name}, Properties: properties})
	}
	for _, c := range p.colors {
		add(c.Text, property{"color", map[string]any{"mode": "fixed", "fixedColor": c.Color}})
	}
	for _, q := range p.queries {
		if p.kind != table || q.name == "" {
			continue
		}
		if q.unit != "" {
			add(q.name, property{"unit", q.unit})
		}
		background := property{"custom.cellOptions", map[string]any{"type": "color-background", "mode": "basic"}}
		if q.words != nil {
			add(q.name, property{"mappings", q.words.mappings()}, background)
		}
		if q.limits != nil {
			add(q.name, property{"thresholds", thresholds{Mode: "absolute", Steps: q.limits}}, background)
		}
	}
	return list
}

func (p panel) options() map[string]any {
	legend := map[string]any{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}}
	tooltip := map[string]any{"mode": "multi", "sort": "desc"}
	switch p.kind {
	case stat:
		return map[string]any{
			"colorMode": "background", "graphMode": "none", "justifyMode": "auto", "orientation": "auto",
			"textMode": "value_and_name", "wideLayout": true,
			"reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
		}
	case graph:
		return map[string]any{"legend": legend, "tooltip": tooltip}
	case timeline:
		return map[string]any{
			"alignValue": "left", "mergeValues": true, "rowHeight": 0.9, "showValue": "auto", "legend": legend, "tooltip": tooltip,
		}
	case table:
		options := map[string]any{"cellHeight": "sm", "showHeader": true, "footer": map[string]any{"show": false}}
		if p.sort != "" {
			options["sortBy"] = []map[string]any{{"displayName": p.sort, "desc": true}}
		}
		return options
	case text:
	}
	return nil
}

// transformations join the queries of a table by their labels and name the columns.
func (p panel) transformations() []transformation {
	hidden, names := map[string]bool{"Time": true}, map[string]string{}
	for n, q := range p.queries {
		column := "Value"
		if len(p.queries) > 1 {
			column += " #" + string(rune('A'+n))
		}
		if q.name == "" {
			hidden[column] = true
		} else {
			names[column] = q.name
		}
	}
	organize := transformation{ID: "organize", Options: map[string]any{"excludeByName": hidden, "renameByName": names, "indexByName": map[string]int{}}}
	return []transformation{{ID: "merge", Options: map[string]any{}}, organize}
}
