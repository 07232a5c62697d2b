// Rules and runbooks ask only for metrics and labels that the exporter exports.

package alerts_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// TestMetricsAreExported lets promqlcheck read every expression; it reports file:line of what is wrong.
func TestMetricsAreExported(t *testing.T) {
	if testing.Short() {
		return // promqlcheck is a program
	}
	queries := writeFile(t, t.TempDir(), "queries.json", runbookQueries(t))
	args := append([]string{"--families=-", "--queries=" + queries}, glob(t, "*.rules.yml")...)
	if out, err := output(t.Context(), families(t), tool(t, "promqlcheck"), args...); err != nil {
		t.Errorf("promqlcheck: %v\n%s", err, out)
	}
}

// families is the program's own list of its metrics, in the form that promqlcheck reads.
func families(t *testing.T) string {
	t.Helper()
	list, err := output(t.Context(), "", buildExporter(t), "--metrics.list")
	if err != nil {
		t.Fatalf("--metrics.list: %v\n%s", err, list)
	}
	return list
}

// runbookQueries are the code blocks of the runbooks as JSON lines.
func runbookQueries(t *testing.T) (lines []byte) {
	t.Helper()
	for _, file := range glob(t, "runbooks/*.md") {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		inside := false
		for i, line := range strings.Split(string(content), "\n") {
			switch {
			case line == "```promql":
				inside = true
			case line == "```":
				inside = false
			case inside:
				query, err := json.Marshal(map[string]any{"file": file, "line": i + 1, "expr": line})
				if err != nil {
					t.Fatal(err)
				}
				lines = append(append(lines, query...), '\n')
			}
		}
	}
	return lines
}
