package settings

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQueueFilterChooses(t *testing.T) {
	queues := map[string]string{"1": "Sales EMEA", "2": "sales/spare", "3": "Claims", "a-4": "Sales Test"}
	for name, test := range map[string]struct {
		filter QueueFilter
		want   map[string]bool
	}{
		"everything":                  {QueueFilter{}, map[string]bool{"1": true, "2": true, "3": true, "a-4": true}},
		"a name, in any case":         {QueueFilter{Include: []string{"cLAIMS"}}, map[string]bool{"3": true}},
		"a star spans slashes":        {QueueFilter{Include: []string{"Sales*"}}, map[string]bool{"1": true, "2": true, "a-4": true}},
		"an id as a pattern":          {QueueFilter{Include: []string{"A-4"}}, map[string]bool{"a-4": true}},
		"ids":                         {QueueFilter{IDs: []string{"1", "A-4"}}, map[string]bool{"1": true, "a-4": true}},
		"ids are no globs":            {QueueFilter{IDs: []string{"*"}}, map[string]bool{}},
		"ids are no names":            {QueueFilter{IDs: []string{"Claims"}}, map[string]bool{}},
		"ids beside include":          {QueueFilter{Include: []string{"Claims"}, IDs: []string{"2"}}, map[string]bool{"2": true, "3": true}},
		"exclude alone":               {QueueFilter{Exclude: []string{"*test", "3"}}, map[string]bool{"1": true, "2": true}},
		"exclude wins over include":   {QueueFilter{Include: []string{"Sales*"}, Exclude: []string{"*/*"}}, map[string]bool{"1": true, "a-4": true}},
		"exclude wins over ids":       {QueueFilter{IDs: []string{"1", "2"}, Exclude: []string{"1"}}, map[string]bool{"2": true}},
		"question mark and a class":   {QueueFilter{Include: []string{"[a-d]l?ims"}}, map[string]bool{"3": true}},
		"a pattern is the whole name": {QueueFilter{Include: []string{"Sales"}}, map[string]bool{}},
	} {
		got := map[string]bool{}
		for id, name := range queues {
			if test.filter.Chooses(id, name) {
				got[id] = true
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestQueueFilterIDs takes the ids of one platform with hyphens and without, in every list.
func TestQueueFilterIDs(t *testing.T) {
	const id, other = "9c010000-0000-4000-8000-0000000000ab", "9c010000-0000-4000-8000-0000000000ac"
	for _, pasted := range []string{id, strings.ToUpper(id), "9c0100000000400080000000000000ab", "9C0100000000400080000000000000AB"} {
		for name, filter := range map[string]QueueFilter{"ids": {IDs: []string{pasted}}, "include": {Include: []string{pasted}}} {
			if !filter.Chooses(id, "Sales") || filter.Chooses(other, "Sales") || len(filter.unmatched(map[string]string{id: "Sales"})) > 0 {
				t.Errorf("%s: %q does not stand for %s alone", name, pasted, id)
			}
		}
		if (QueueFilter{Exclude: []string{pasted}}).Chooses(id, "Sales") {
			t.Errorf("exclude: %q does not stand for %s", pasted, id)
		}
	}
	if !(QueueFilter{IDs: []string{"8-1"}}).Chooses("8-1", "") || (QueueFilter{IDs: []string{"81"}}).Chooses("8-1", "") {
		t.Error("an id that is no UUID was compared without its hyphen")
	}
}

func TestQueueFilterWarnings(t *testing.T) {
	f := QueueFilter{Include: []string{"[DE] Sales", "[a-z]*", "Service "}, Exclude: []string{"[^x]*", "[TEST] [12]*"}, IDs: []string{"[DE]"}}
	want := []string{
		`include[0]: "[DE] Sales": brackets without a range such as [a-z] stand for themselves: [DE]`,
		`include[2]: "Service " begins or ends with a blank, no name does`,
		`exclude[1]: "[TEST] [12]*": brackets without a range such as [a-z] stand for themselves: [TEST], [12]`,
	}
	if diff := cmp.Diff(want, f.Warnings()); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestQueueFilterProblems(t *testing.T) {
	var got []string
	for _, err := range (QueueFilter{Include: []string{"ok", "[", ""}, Exclude: []string{`a\`}, IDs: []string{"1", " ", "["}}).Validate() {
		got = append(got, err.Error())
	}
	want := []string{
		`include[1]: "[" is no pattern, expected a name with * ? [a-z], or an id`,
		`include[2]: "" is no pattern, expected a name with * ? [a-z], or an id`,
		`exclude[0]: "a\\" is no pattern, expected a name with * ? [a-z], or an id`,
		`ids[1]: " " is no id`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestQueueFilterUnmatched(t *testing.T) {
	f := QueueFilter{Include: []string{"Sales*", "Clams"}, Exclude: []string{"*Test", "9"}, IDs: []string{"1", "7", "*"}}
	got := f.unmatched(map[string]string{"1": "Sales", "2": "Claims", "9": "x"})
	if diff := cmp.Diff([]string{"include: Clams", "exclude: *Test", "ids: 7", "ids: *"}, got); diff != "" {
		t.Errorf("unmatched (-want +got):\n%s", diff)
	}
	blank := QueueFilter{Include: []string{"Service "}}
	if diff := cmp.Diff([]string{"include: Service "}, blank.unmatched(map[string]string{"1": "Service "})); diff != "" || blank.Chooses("1", "Service ") {
		t.Errorf("a pattern with a blank at its end (-want +got):\n%s", diff)
	}
	if got := (QueueFilter{}).unmatched(nil); got != nil {
		t.Errorf("unmatched of no patterns = %v", got)
	}
}
