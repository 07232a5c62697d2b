package main

import "strings"

// source is the Prometheus chosen at the top of the board.
var source = datasource{Type: "prometheus", UID: "${datasource}"}

// dashboard is Grafana's form of a board.
func (b board) dashboard() dashboard {
	return dashboard{
		Annotations:  annotations{List: []annotation{begins("critical", red, true), begins("warning", orange, false), recorded()}},
		Description:  b.about,
		Editable:     true,
		GraphTooltip: 1,
		Links: []link{{
			Title: "CCaaS boards", Type: "dashboards", Tags: []string{"ccaas"}, IncludeVars: true, KeepTime: true, AsDropdown: true,
		}},
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

// begins marks in every graph when an alert of a severity began to fire: one line for each, and no area, which would hide
// the graph.
func begins(severity string, c color, on bool) annotation {
	firing := `ALERTS{@selected, alertname=~"Ccaas.*", alertstate="firing", severity="` + severity + `"}`
	return annotation{
		Name:        strings.ToUpper(severity[:1]) + severity[1:] + " alerts",
		Datasource:  source,
		Enable:      on,
		IconColor:   string(c),
		Expr:        expression(firing + " unless " + firing + " offset 1m"),
		Step:        "60s",
		TitleFormat: "{{alertname}}",
		TextFormat:  "{{platform}} {{account}} {{trunk}} {{proxy}} {{edge}} {{component}} {{queue}} {{channel}} {{target}} {{feed}} {{hook}} {{limit}}",
		TagKeys:     "severity,plane,region_code",
	}
}

// common are the choices of every board, read from the family that every account has from the start.
func common() []choice {
	return []choice{
		{"platform", "Platform", "ccaas_feed_runs_total"},
		{"region_code", "Region", `ccaas_feed_runs_total{platform=~"$platform"}`},
		{"account", "Account", `ccaas_feed_runs_total{platform=~"$platform", region_code=~"$region_code"}`},
	}
}

// variables choose what a board shows.
func (b board) variables() []variable {
	list := []variable{
		{Name: "datasource", Label: "Data source", Type: "datasource", Query: "prometheus", Refresh: 1, Current: map[string]any{}},
	}
	for _, c := range append(common(), b.choices...) {
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

func (p panel) item() item {
	i := item{Type: p.view.kind(), Title: p.title, Description: p.about}
	if p.detail != "" {
		i.Links = append(i.Links, link{Title: "Open " + titleOf(p.detail), URL: "/d/" + p.detail + "?${__url_time_range}&${__all_variables}"})
	}
	for _, alert := range p.runbooks {
		i.Links = append(i.Links, link{Title: "Runbook: " + alert, URL: runbook(alert), TargetBlank: true})
	}
	i.Options = p.view.options()
	if _, ok := p.view.(prose); ok {
		return i
	}
	i.Datasource = &source
	for n, q := range p.view.asked() {
		t := target{
			RefID: string(rune('A' + n)), Datasource: source, EditorMode: "code", Expr: expression(q.expr), Format: "time_series",
			Instant: p.instant(), Range: !p.instant(), LegendFormat: q.name,
		}
		if _, ok := p.view.(grid); ok {
			t.Format, t.LegendFormat = "table", ""
		}
		i.Targets = append(i.Targets, t)
	}
	i.FieldConfig = &fieldConfig{Defaults: p.view.field(), Overrides: p.view.overrides()}
	i.Transformations = p.view.transformations()
	return i
}

// instant reports whether the panel asks for the values of now alone.
func (p panel) instant() bool {
	switch p.view.(type) {
	case tiles, grid:
		return true
	}
	return false
}
