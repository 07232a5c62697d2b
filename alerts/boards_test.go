// The way from an alert to its board: the annotation dashboard, and the line "Board:" of the runbook.

package alerts_test

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// inTemplate finds what Prometheus replaces in an annotation.
var inTemplate = regexp.MustCompile(`\{\{.*?\}\}`)

// boards returns the variables of each board by its uid.
func boards(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, file := range glob(t, filepath.Join("..", "dashboards", "*.json")) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var board struct {
			UID        string
			Templating struct{ List []struct{ Name string } }
		}
		if err := json.Unmarshal(content, &board); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		found[board.UID] = nil
		for _, variable := range board.Templating.List {
			found[board.UID] = append(found[board.UID], variable.Name)
		}
	}
	return found
}

func TestAlertsLeadToBoards(t *testing.T) {
	known := boards(t)
	for _, a := range readAlerts(t) {
		annotation := a.annotations["dashboard"]
		link, err := url.Parse(inTemplate.ReplaceAllString(annotation, "x"))
		if err != nil {
			t.Errorf("%s:%d: %s has dashboard %q: %v", a.file, a.line, a.name, annotation, err)
			continue
		}
		uid, isBoard := strings.CutPrefix(link.Path, "/d/")
		if _, exists := known[uid]; !isBoard || !exists {
			t.Errorf("%s:%d: %s has dashboard %q, which is no board", a.file, a.line, a.name, annotation)
			continue
		}
		for key := range link.Query() {
			if variable, isVariable := strings.CutPrefix(key, "var-"); !isVariable || !slices.Contains(known[uid], variable) {
				t.Errorf("%s:%d: %s: board %s has no variable for %s", a.file, a.line, a.name, uid, key)
			}
		}
		runbook, err := os.ReadFile(filepath.Join("runbooks", a.name+".md"))
		if want := "\nBoard: `/d/" + uid + "`\n"; err != nil || !strings.Contains(string(runbook), want) {
			t.Errorf("runbooks/%s.md has no line %q (%v)", a.name, strings.TrimSpace(want), err)
		}
	}
}
