package app

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var mentioned = regexp.MustCompile(`\bccaas_[a-z_0-9]+|\bCcaas[A-Za-z]+`)

// TestGuidesNameWhatExists holds docs/guides.md against metrics and alerts: a table that says where things are must not lead into
// nothing.
func TestGuidesNameWhatExists(t *testing.T) {
	const file = "docs/guides.md"
	var names []string
	for _, f := range families() {
		names = append(names, f.Name)
	}
	runbooks, err := filepath.Glob("../alerts/runbooks/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, runbook := range runbooks {
		names = append(names, strings.TrimSuffix(filepath.Base(runbook), ".md"))
	}
	found := mentioned.FindAllString(readPages(t)[file], -1)
	if len(found) < 60 {
		t.Errorf("%s names %d metrics and alerts, want many", file, len(found))
	}
	for _, name := range found {
		if !slices.Contains(names, name) {
			t.Errorf("%s names %s, which is no metric and no alert", file, name)
		}
	}
}
