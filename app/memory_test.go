package app

import (
	"strings"
	"testing"
)

// TestSaveMemory looks when the program collects garbage: as Go does until the first page, then earlier; always as GOGC says.
func TestSaveMemory(t *testing.T) {
	_, configuration := patientWorld(t, "")
	for gogc, want := range map[string][]string{"": {"100", "50", "50"}, "70": {"70", "70"}} {
		t.Setenv("GOGC", gogc)
		p := startProcess(t, binary(t), configuration)
		program := question(t, p)
		for n, percent := range want {
			page := program.says(t, "GET /metrics")
			if !strings.Contains(page, "\ngo_gc_gogc_percent "+percent+"\n") {
				_, found, _ := strings.Cut(page, "\ngo_gc_gogc_percent ")
				t.Errorf("GOGC=%s: page %d says %.4s, want %s", gogc, n+1, found, percent)
			}
		}
		p.terminate(t)
	}
}
