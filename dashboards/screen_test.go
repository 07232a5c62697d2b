package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	contentWidth = 1587 // pixels of 24 columns in a window of 1920, with the menu docked
	screen       = 24   // lines of a window of 1080, below the variables
)

// rule is what must be true of a panel for a person to see what it is for. It returns what is wrong.
type rule func(d dashboard, i item) string

// rules model what Grafana makes of a panel.
var rules = map[string]rule{
	"a timeline keeps its words": func(_ dashboard, i item) string {
		if i.Type == "state-timeline" && i.Options["mergeValues"] == true && i.FieldConfig.Defaults.Color["mode"] == "thresholds" {
			return "values are replaced by ranges before their words are looked up: every row is one black bar"
		}
		return ""
	},
	"a table states its columns":    statesColumns,
	"a table shows its value":       fitsWidth,
	"a table says when it is empty": saysEmpty,
	"the worst are chosen once":     chosenOnce,
	"colours are by name":           coloursByName,
	"limit lines are bad":           badLines,
	"a number needs data":           needsData,
	"a wait is read":                waitsAreRead,
	"titles are readable":           titleFits,
	"graphs are drawn without dots": func(_ dashboard, i item) string { return is(i, "timeseries", custom(i, "showPoints"), "never") },
	"stacks hide no series":         stackWithoutLines,
	"units are of people":           unitOfPeople,
	"rows below two screens are shut": func(_ dashboard, i item) string {
		if i.Type == "row" && i.GridPos.Y >= 2*screen && !*i.Collapsed {
			return "it is open below the second screen"
		}
		return ""
	},
}

func is(i item, kind string, got, want any) string {
	if i.Type == kind && got != want {
		return fmt.Sprintf("%v, want %v", got, want)
	}
	return ""
}

func custom(i item, key string) any {
	if i.FieldConfig == nil {
		return nil
	}
	return i.FieldConfig.Defaults.Custom[key]
}

var (
	picks = regexp.MustCompile(`\b(top|bottom)k\(`)
	once  = regexp.MustCompile(`and on \([a-z_, ]+\) (top|bottom)k\(\d+, (max|min|avg)_over_time\(`)
)

func chosenOnce(_ dashboard, i item) string {
	for _, t := range i.Targets {
		if n := len(picks.FindAllString(t.Expr, -1)); t.Range && (n != len(once.FindAllString(t.Expr, -1)) || n > strings.Count(t.Expr, "@ end()")) {
			return "each moment has winners of its own: " + t.Expr
		}
	}
	return ""
}

// meanings are the colours that a series of each label must have, by its value.
var meanings = map[string]words{
	"status": statuses, "impact": impacts, "outcome": outcomes, "state": agentStates, "code_class": codeClasses,
}

func coloursByName(_ dashboard, i item) string {
	if i.Type != "timeseries" {
		return ""
	}
	if mode := i.FieldConfig.Defaults.Color["mode"]; mode != "palette-classic-by-name" {
		return fmt.Sprintf("colours are by %v: they change with the series beside", mode)
	}
	for _, t := range i.Targets {
		for label, w := range meanings {
			if !strings.HasSuffix(t.LegendFormat, "{{"+label+"}}") {
				continue
			}
			for _, one := range w {
				if got := seriesColour(i, "x "+one.text); got != string(one.color) {
					return fmt.Sprintf("%s %s is %q, want %s", label, one.text, got, one.color)
				}
			}
		}
	}
	return ""
}

// seriesColour is the fixed colour of a series, by its legend.
func seriesColour(i item, legend string) (found string) {
	for _, o := range i.FieldConfig.Overrides {
		if o.Matcher.ID != "byRegexp" || !regexp.MustCompile(strings.Trim(o.Matcher.Options, "/")).MatchString(legend) {
			continue
		}
		for _, p := range o.Properties {
			if c, ok := p.Value.(map[string]any); ok && p.ID == "color" {
				found, _ = c["fixedColor"].(string)
			}
		}
	}
	return found
}

func badLines(_ dashboard, i item) string {
	if i.Type != "timeseries" {
		return ""
	}
	for n, s := range i.FieldConfig.Defaults.Thresholds.Steps {
		if n > 0 && !slices.Contains([]string{string(red), string(orange)}, s.Color) {
			return fmt.Sprintf("a limit is drawn %s", s.Color)
		}
	}
	return ""
}

func needsData(_ dashboard, i item) string {
	for _, t := range i.Targets {
		if strings.Contains(t.Expr, "vector(") || strings.Contains(t.Expr, "absent(") {
			return "it makes a number of nothing: " + t.Expr
		}
	}
	return ""
}

func waitsAreRead(_ dashboard, i item) string {
	for _, t := range i.Targets {
		for _, part := range strings.Split(t.Expr, "ccaas_queue_oldest_waiting_timestamp_seconds")[1:] {
			if !regexp.MustCompile(`^\{[^}]*\} and on \(platform, account\) \(max by \(platform, account\) \(ccaas_feed_up`).MatchString(part) {
				return "a wait goes on while it is not read: " + t.Expr
			}
		}
	}
	return ""
}

func titleFits(_ dashboard, i item) string {
	if i.Type == "stat" && i.GridPos.W < 4 {
		return "its title is cut off"
	}
	return ""
}

func stackWithoutLines(_ dashboard, i item) string {
	stacking, ok := custom(i, "stacking").(map[string]any)
	if ok && stacking["mode"] == "normal" && custom(i, "lineWidth") != 0.0 {
		return "the line of a zero covers the series below it"
	}
	return ""
}

func unitOfPeople(_ dashboard, i item) string {
	if i.FieldConfig != nil && slices.Contains([]string{"ops", "reqps", "dateTimeAsIso"}, i.FieldConfig.Defaults.Unit) {
		return "unit " + i.FieldConfig.Defaults.Unit
	}
	return ""
}

// broken applies the rules to every panel.
func broken(d dashboard) (found map[string][]string) {
	found = map[string][]string{}
	for name, wrong := range rules {
		for _, i := range d.all() {
			if what := wrong(d, i); what != "" {
				found[name] = append(found[name], fmt.Sprintf("%s: %q: %s", d.UID, i.Title, what))
			}
		}
	}
	return found
}

func TestScreens(t *testing.T) {
	for _, d := range read(t) {
		for name, list := range broken(d) {
			for _, what := range list {
				t.Errorf("%s: %s", name, what)
			}
		}
	}
}
