package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/collector"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
	"github.com/ccaas-exporter/ccaas_exporter/platform/presence"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/webhook"
)

func TestFilesAreUpToDate(t *testing.T) {
	files, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	if err := check(".", files); err != nil {
		t.Error(err)
	}
}

func TestCheckNamesFiles(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{"same.json": "1", "edited.json": "2", "foreign.json": "3"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err := check(folder, map[string][]byte{"same.json": []byte("1"), "edited.json": []byte("1"), "missing.json": nil})
	if err == nil {
		t.Fatal("check found nothing, want three problems")
	}
	for _, want := range []string{"edited.json differs", "missing.json is missing", "foreign.json belongs to no board"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("check = %q, want %q in it", err, want)
		}
	}
	if strings.Contains(err.Error(), "same.json") {
		t.Errorf("check = %q, want nothing about same.json", err)
	}
}

// read returns the boards as Grafana will see them.
func read(t *testing.T) (list []dashboard) {
	t.Helper()
	files, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range boards {
		var d dashboard
		if err := json.Unmarshal(files[b.uid+".json"], &d); err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	return list
}

func TestBoards(t *testing.T) {
	uids, titles := map[string]bool{}, map[string]bool{}
	more := map[string][]string{"ccaas-agents": {"queue", "channel"}, "ccaas-telephony": {"trunk"}, "ccaas-exporter": {"feed"}}
	for _, d := range read(t) {
		if uids[d.UID] || titles[d.Title] {
			t.Errorf("%s: uid or title %q is used twice", d.UID, d.Title)
		}
		uids[d.UID], titles[d.Title] = true, true
		if d.SchemaVersion != 39 || d.Description == "" || !strings.HasPrefix(d.UID, "ccaas-") {
			t.Errorf("%s: schema version %d, description %q", d.UID, d.SchemaVersion, d.Description)
		}
		var names []string
		for _, v := range d.Templating.List {
			names = append(names, v.Name)
			if v.Type == "query" && (!v.Multi || !v.IncludeAll || v.AllValue != ".*" || v.Datasource == nil || *v.Datasource != source) {
				t.Errorf("%s: variable %s is %+v", d.UID, v.Name, v)
			}
		}
		if want := append([]string{"datasource", "platform", "region_code", "account"}, more[d.UID]...); !slices.Equal(names, want) {
			t.Errorf("%s: variables %v, want %v", d.UID, names, want)
		}
	}
}

func TestPanels(t *testing.T) {
	uids := map[string]bool{}
	for _, b := range boards {
		uids[b.uid] = true
	}
	for _, d := range read(t) {
		ids, titles := map[int]bool{}, map[string]bool{}
		for _, i := range d.all() {
			if ids[i.ID] || i.ID == 0 {
				t.Errorf("%s: id %d of %q is used twice", d.UID, i.ID, i.Title)
			}
			ids[i.ID] = true
			if i.Title == "" {
				t.Errorf("%s: panel %d has no title", d.UID, i.ID)
			}
			if i.Type == "row" {
				continue
			}
			if titles[i.Title] {
				t.Errorf("%s: two panels are called %q", d.UID, i.Title)
			}
			titles[i.Title] = true
			if !strings.HasSuffix(i.Description, ".") {
				t.Errorf("%s: %q has no sentence for a description: %q", d.UID, i.Title, i.Description)
			}
			checkLinks(t, d.UID, i, uids)
			if i.Type != "text" {
				checkData(t, d.UID, i)
			} else if i.Options["content"] == "" {
				t.Errorf("%s: %q is an empty text", d.UID, i.Title)
			}
		}
	}
}

// checkLinks wants each panel to lead to a runbook that exists, and to boards that do.
func checkLinks(t *testing.T, uid string, i item, uids map[string]bool) {
	t.Helper()
	runbooks := 0
	for _, l := range i.Links {
		if alert, ok := strings.CutPrefix(l.Title, "Runbook: "); ok {
			runbooks++
			if l.URL != runbook(alert) {
				t.Errorf("%s: %q links %s", uid, i.Title, l.URL)
			}
			if _, err := os.Stat(filepath.Join("..", "alerts", "runbooks", alert+".md")); err != nil {
				t.Errorf("%s: %q: %v", uid, i.Title, err)
			}
			continue
		}
		board, _, _ := strings.Cut(strings.TrimPrefix(l.URL, "/d/"), "?")
		if !uids[board] || board == uid {
			t.Errorf("%s: %q leads to %s, which is no other board", uid, i.Title, l.URL)
		}
	}
	if runbooks == 0 {
		t.Errorf("%s: %q names no runbook", uid, i.Title)
	}
}

// checkData wants units and data sources.
func checkData(t *testing.T, uid string, i item) {
	t.Helper()
	if i.Datasource == nil || *i.Datasource != source {
		t.Errorf("%s: %q has another data source", uid, i.Title)
	}
	if i.FieldConfig == nil || i.FieldConfig.Defaults.Unit == "" {
		t.Errorf("%s: %q has no unit", uid, i.Title)
	}
	if len(i.Targets) == 0 {
		t.Errorf("%s: %q has no query", uid, i.Title)
	}
	refs := map[string]bool{}
	for _, target := range i.Targets {
		if target.Datasource != source || target.Instant == target.Range || refs[target.RefID] {
			t.Errorf("%s: %q: target %+v", uid, i.Title, target)
		}
		refs[target.RefID] = true
		if i.Type != "table" && target.LegendFormat == "" {
			t.Errorf("%s: %q: query %s has no legend", uid, i.Title, target.RefID)
		}
	}
}

// all are the panels of a board and its rows, with those inside rows.
func (d dashboard) all() (list []item) {
	for _, i := range d.Panels {
		list = append(append(list, i), i.Panels...)
	}
	return list
}

func TestLayout(t *testing.T) {
	for _, d := range read(t) {
		checkOverlap(t, d.UID, d.Panels)
		for _, i := range d.Panels {
			checkOverlap(t, d.UID, i.Panels)
		}
	}
}

func checkOverlap(t *testing.T, uid string, panels []item) {
	t.Helper()
	taken := map[[2]int]string{}
	for _, i := range panels {
		p := i.GridPos
		if p.X < 0 || p.Y < 0 || p.W < 1 || p.H < 1 || p.X+p.W > 24 {
			t.Errorf("%s: %q is outside: %+v", uid, i.Title, p)
		}
		for x := p.X; x < p.X+p.W; x++ {
			for y := p.Y; y < p.Y+p.H; y++ {
				if other, ok := taken[[2]int{x, y}]; ok {
					t.Fatalf("%s: %q and %q overlap", uid, i.Title, other)
				}
				taken[[2]int{x, y}] = i.Title
			}
		}
	}
}

func TestEveryFamilyIsShown(t *testing.T) {
	var all strings.Builder
	for _, q := range queries() {
		all.WriteString(q.expr + "\n")
	}
	for _, f := range families() {
		if !containsName(all.String(), f.Name) {
			t.Errorf("%s is on no board", f.Name)
		}
	}
}

// families are all that the exporter exports.
func families() []*metric.Family {
	return slices.Concat(collector.Families(), rest.Families(), genesys.Families(), webhook.Families(), presence.Families())
}

// containsName finds a metric name that is not a part of another; a histogram is read by its series, too.
func containsName(text, name string) bool {
	for _, suffix := range []string{"", "_bucket", "_count"} {
		for _, end := range []string{"{", "[", ")", " ", "\n"} {
			if strings.Contains(text, name+suffix+end) {
				return true
			}
		}
	}
	return false
}
