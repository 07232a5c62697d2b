package presence

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// TestUnreachableRules: a rule whose codes an earlier one of its state matches all is refused, and no other.
func TestUnreachableRules(t *testing.T) {
	for _, tc := range []struct {
		earlier, later string // patterns of codes
		shadowed       bool
	}{
		{"", "", true},
		{"", "Lunch*", true},
		{"Lunch*", "", false},
		{"Lunch*", "Lunch*", true},
		{"Lunch*", "lunch", true},
		{"LUNCH*", "Lunch break", true},
		{"l*", "Lunch*", true},
		{"*", "Lunch*", true},
		{"*", "", true},
		{"*unch*", "lunch/?", true},
		{"Lunch", "Lunch*", false},
		{"Lunch?", "Lunch*", false},
		{"?*", "*", false},
		{"Lunch*", "Late lunch", false},
	} {
		c := syncConfig()
		c.Rules = []Rule{
			{State: platform.AgentEngaged, Presence: "Busy"},
			{State: platform.AgentUnavailable, Code: tc.earlier, Presence: "Meal"},
			{State: platform.AgentUnavailable, Code: tc.later, Presence: "Away"},
		}
		want := "[]"
		if tc.shadowed {
			want = "[rules[2].state: never reached, because rules[1] matches first]"
		}
		if diff := cmp.Diff(want, fmt.Sprint(c.Validate())); diff != "" {
			t.Errorf("%q, then %q (-want +got):\n%s", tc.earlier, tc.later, diff)
		}
	}
}
