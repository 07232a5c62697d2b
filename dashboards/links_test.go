package main

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestCellsLead wants the cells of tables to lead to boards that are there and choose with variables that these have.
func TestCellsLead(t *testing.T) {
	variables := map[string][]string{}
	for _, d := range read(t) {
		for _, v := range d.Templating.List {
			variables[d.UID] = append(variables[d.UID], v.Name)
		}
	}
	led := map[string]bool{}
	for _, b := range boards {
		for _, s := range b.sections {
			for _, p := range s.panels {
				v, ok := p.view.(grid)
				if !ok {
					continue
				}
				for _, c := range v.columns {
					for _, l := range c.links {
						led[c.label] = true
						checkCell(t, b.uid+": "+p.title+": "+c.title, l.URL, variables)
					}
				}
			}
		}
	}
	for _, label := range []string{"account", "trunk", "queue", "feed", "alertname", "object"} {
		if !led[label] {
			t.Errorf("no cell of %s leads anywhere", label)
		}
	}
}

func checkCell(t *testing.T, where, link string, variables map[string][]string) {
	t.Helper()
	if strings.HasPrefix(link, runbooks) {
		return
	}
	path, query, _ := strings.Cut(link, "?")
	known, ok := variables[strings.TrimPrefix(path, "/d/")]
	if path == "/d/${__data.fields.board}" {
		known, ok = variables["ccaas-overview"], true
	}
	if !ok {
		t.Errorf("%s leads to %s, which is no board", where, path)
	}
	values, err := url.ParseQuery(regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllString(query, "x"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range values {
		if variable, isVariable := strings.CutPrefix(name, "var-"); isVariable && !slices.Contains(known, variable) {
			t.Errorf("%s chooses with %s, which %s has not", where, variable, path)
		}
	}
	if !strings.Contains(query, "${datasource:queryparam}") || !strings.Contains(query, "${__url_time_range}") {
		t.Errorf("%s loses the data source or the time: %s", where, link)
	}
}

// TestAlertsHaveBoards wants each alert that has a runbook to lead to at most one board beside Platform.
func TestAlertsHaveBoards(t *testing.T) {
	files, err := os.ReadDir("../alerts/runbooks")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, file := range files {
		n := 0
		for _, b := range alertBoards() {
			if regexp.MustCompile("^(?:" + b[1] + ")$").MatchString(strings.TrimSuffix(file.Name(), ".md")) {
				n++
				got[b[0]]++
			}
		}
		if n > 1 {
			t.Errorf("%s leads to %d boards", file.Name(), n)
		}
	}
	for _, b := range alertBoards() {
		if got[b[0]] == 0 {
			t.Errorf("no alert leads to %s", b[0])
		}
	}
}
