package settings

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMatchAny(t *testing.T) {
	for _, test := range []struct {
		globs []string
		names []string
		want  bool
	}{
		{nil, []string{"api"}, false},
		{[]string{"API"}, []string{"api"}, true},
		{[]string{"emea*"}, []string{"EMEA (Frankfurt)"}, true},
		{[]string{"x", "*voice*"}, []string{"Inbound Voice/Telephony"}, true},
		{[]string{"voice"}, []string{"Inbound voice"}, false},
		{[]string{"login*"}, []string{"Single sign-on", "Login, EMEA"}, true},
	} {
		if got := MatchAny(test.globs, test.names...); got != test.want {
			t.Errorf("MatchAny(%q, %q) = %v, want %v", test.globs, test.names, got, test.want)
		}
	}
}

// TestBrackets chooses by names that hold brackets.
func TestBrackets(t *testing.T) {
	names := []string{"[DE] Sales", "D Sales", "E Sales", "[TEST] E Sales", "[TEST] x", "[A-Z] Sales", "B Sales", "[Team-A] q", "m q", "Sales 1", "Sales x", "[9-5] q"}
	for pattern, want := range map[string][]string{
		"[DE] Sales":   {"[DE] Sales"},
		"[de] sales":   {"[DE] Sales"},
		"[DE]*":        {"[DE] Sales"},
		"[TEST] *":     {"[TEST] E Sales", "[TEST] x"},
		"*[TEST]*":     {"[TEST] E Sales", "[TEST] x"},
		"[A-Z] Sales":  {"D Sales", "E Sales", "[A-Z] Sales", "B Sales"},
		"[Team-A] *":   {"[Team-A] q"},
		"[9-5] *":      {"[9-5] q"},
		"Sales [0-9]":  {"Sales 1"},
		"Sales [^0-9]": {"Sales x"},
		"\\[DE\\]*":    {"[DE] Sales"},
		"[0-9a-b] *":   {"B Sales"},
	} {
		var got []string
		for _, name := range names {
			if MatchAny([]string{pattern}, name) {
				got = append(got, name)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", pattern, diff)
		}
	}
	if !(QueueFilter{Exclude: []string{"[TEST] *"}}).Chooses("1", "E Sales") {
		t.Error("exclude [TEST] * drops E Sales")
	}
}

func FuzzMatchAny(f *testing.F) {
	for _, seed := range []string{"[DE] *", "[a-z]", "[", "a\\", "[]", "[^]", "*?", "[\\]]"} {
		f.Add(seed, "[DE] Sales")
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		MatchAny([]string{pattern}, name)
		if strings.TrimSpace(name) == name && !MatchAny([]string{name}, name) {
			t.Errorf("%q does not match itself", name)
		}
		if !strings.ContainsAny(pattern, `*?[]\`) && len(CheckPatterns("k", []string{"x" + pattern}, "pattern")) > 0 {
			t.Errorf("%q is refused", pattern)
		}
	})
}
