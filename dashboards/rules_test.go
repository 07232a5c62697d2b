package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRules breaks a panel in the way that each rule is there for, and wants that rule to find it.
func TestRules(t *testing.T) {
	worst := "topk(15, ccaas_queue_waiting_contacts)"
	breaks := map[string]func(i *item) bool{
		"a timeline keeps its words": func(i *item) bool {
			i.FieldConfig.Defaults.Color["mode"] = "thresholds"
			return i.Type == "state-timeline"
		},
		"a table states its columns": func(i *item) bool {
			return i.Type == "table" && without(i, "indexByName")
		},
		"a table shows its value": func(i *item) bool {
			i.GridPos.W = 6
			return i.Type == "table"
		},
		"a table says when it is empty": func(i *item) bool { i.FieldConfig.Defaults.NoValue = ""; return i.Type == "table" },
		"the worst are chosen once":     func(i *item) bool { i.Targets[0].Expr = worst; return i.Type == "timeseries" },
		"colours are by name":           func(i *item) bool { i.FieldConfig.Overrides = nil; return i.Title == "Waits that ended, by outcome" },
		"limit lines are bad": func(i *item) bool {
			i.FieldConfig.Defaults.Thresholds = absolute(below(mark{3.6, red}).steps(green))
			return i.Type == "timeseries"
		},
		"a number needs data": func(i *item) bool { i.Targets[0].Expr += " or vector(0)"; return i.Title == "Failing feeds" },
		"a wait is read":      func(i *item) bool { i.Targets[0].Expr = unreadWait; return i.Type == "timeseries" },
		"titles are readable": func(i *item) bool { i.GridPos.W = 3; return i.Type == "stat" },
		"graphs are drawn without dots": func(i *item) bool {
			i.FieldConfig.Defaults.Custom["showPoints"] = "auto"
			return i.Type == "timeseries"
		},
		"stacks hide no series": func(i *item) bool {
			i.FieldConfig.Defaults.Custom["lineWidth"] = 1.0
			return i.Title == "Calls waiting"
		},
		"units are of people": func(i *item) bool { i.FieldConfig.Defaults.Unit = "ops"; return i.Type == "timeseries" },
		"rows below two screens are shut": func(i *item) bool {
			open := false
			i.Collapsed = &open
			return i.Type == "row" && i.GridPos.Y >= 2*screen
		},
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(rules)), slices.Sorted(maps.Keys(breaks))); diff != "" {
		t.Fatalf("rules that nothing breaks (-rules +breaks):\n%s", diff)
	}
	for name, spoil := range breaks {
		t.Run(name, func(t *testing.T) {
			d, ok := spoilt(read(t), spoil)
			if !ok {
				t.Fatal("there is no such panel")
			}
			if found := broken(d); len(found[name]) == 0 {
				t.Errorf("broken = %v, want something about %q", found, name)
			}
		})
	}
}

// unreadWait is a wait that goes on by the clock while the queue is not read.
const unreadWait = "time() - min by (account) (ccaas_queue_oldest_waiting_timestamp_seconds)"

// spoilt is a board of the first panel that can be spoilt.
func spoilt(all []dashboard, spoil func(i *item) bool) (dashboard, bool) {
	for _, d := range all {
		for _, i := range d.all() {
			if i.FieldConfig == nil {
				i.FieldConfig = &fieldConfig{Defaults: field{Color: map[string]any{}}}
			}
			if i.FieldConfig.Defaults.Custom == nil {
				i.FieldConfig.Defaults.Custom = map[string]any{}
			}
			if len(i.Targets) == 0 {
				i.Targets = []target{{}}
			}
			if spoil(&i) {
				return dashboard{UID: d.UID, Panels: []item{i}}, true
			}
		}
	}
	return dashboard{}, false
}

// without takes the last value out of the order of a table's columns.
func without(i *item, option string) bool {
	for _, t := range i.Transformations {
		if t.ID != "organize" {
			continue
		}
		order, _ := t.Options[option].(map[string]any)
		for name := range order {
			if strings.HasPrefix(name, "Value") {
				delete(order, name)
				return true
			}
		}
	}
	return false
}

// TestFirstScreen wants the story of five seconds above everything else, and graphs of the Overview below it.
func TestFirstScreen(t *testing.T) {
	want := []string{
		"Can callers reach us?", "Trunks and edges down", "Queues stalled", "Calls that sound bad", "Accounts we cannot read", "Firing alerts",
		"Alerts by severity", "Vendor: status page and API", "Carrier: answers the platform", "Carrier: answers our probes", "Us: edges and login",
		"Exporters", "Failing feeds", "Stale feeds", "Streams cut off",
	}
	if diff := cmp.Diff(want, firstScreen(t)); diff != "" {
		t.Errorf("first screen (-want +got):\n%s", diff)
	}
}

// firstScreen are the titles of the panels that the first screen of the Overview shows.
func firstScreen(t *testing.T) (titles []string) {
	t.Helper()
	for _, i := range read(t)[0].Panels {
		if i.Type != "row" && i.GridPos.Y+i.GridPos.H <= screen {
			titles = append(titles, i.Title)
		}
	}
	return titles
}

// TestAnnotations wants lines where alerts begin, and no areas over the graphs.
func TestAnnotations(t *testing.T) {
	for _, d := range read(t) {
		var got []string
		for _, a := range d.Annotations.List {
			before, after, _ := strings.Cut(a.Expr, " unless ")
			if a.Datasource != source || strings.Replace(after, " offset 1m", "", 1) != before || after == before {
				t.Errorf("%s: annotation %+v covers what it marks", d.UID, a)
			}
			if a.Enable {
				got = append(got, a.Name+" "+a.IconColor)
			}
		}
		if diff := cmp.Diff([]string{"Critical alerts red"}, got); diff != "" {
			t.Errorf("%s: annotations that are on (-want +got):\n%s", d.UID, diff)
		}
	}
}
