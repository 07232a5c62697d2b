package platform_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

func TestAnomaliesHavePlaces(t *testing.T) {
	var page, all platform.Anomalies
	page.Unknown("state", "resting", "entities[]", ".state")
	page.Unknown("state", strings.Repeat("é", 100), "entities[].state")
	page.Violate("entities[].id")
	page.Violate() // without a path
	all.Violate("entities[].id")
	all.Add(page)
	want := platform.Anomalies{
		Unknowns: map[string]int{"state": 2}, Violations: 3, Places: []platform.Place{
			{Path: "entities[].id", Count: 2},
			{Path: "entities[].state", Value: "resting", Count: 1},
			{Path: "entities[].state", Value: strings.Repeat("é", 32), Count: 1},
		},
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("anomalies (-want +got):\n%s", diff)
	}
	for i := range 1000 {
		all.Unknown("state", strconv.Itoa(i), "entities[].state")
	}
	if n := len(all.Places); n != 32 || all.Unknowns["state"] != 1002 {
		t.Errorf("after 1002 values there are %d places and %d unknown values, want 32 and all values", n, all.Unknowns["state"])
	}
}

func TestSum(t *testing.T) {
	for _, tc := range []struct{ a, b, want *int }{
		{nil, nil, nil},
		{nil, new(0), new(0)},
		{new(2), nil, new(2)},
		{new(2), new(3), new(5)},
	} {
		if diff := cmp.Diff(tc.want, platform.Sum(tc.a, tc.b)); diff != "" {
			t.Errorf("Sum differs (-want +got):\n%s", diff)
		}
	}
}
