package app

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/shape"
)

// livePlace is where in the answers of a feed a value is unknown, or a field not as documented.
type livePlace struct {
	Path  string `json:"path"`
	Value string `json:"value,omitempty"` // a word of the vendors' documents, else its class; "" for a violation
	Count int    `json:"count"`
}

// otherFields is the path of what is beyond the places that a snapshot keeps.
const otherFields = "other fields"

// livePlaces are the places of anomalies by their paths, as they may be shown.
func livePlaces(found platform.Anomalies) []livePlace {
	shaper, counts := shape.New(enumWords()...), map[livePlace]int{}
	violations, unknowns := found.Violations, 0
	for _, n := range found.Unknowns {
		unknowns += n
	}
	for _, place := range found.Places {
		if place.Value == "" {
			violations -= place.Count
		} else {
			unknowns -= place.Count
		}
		counts[livePlace{Path: place.Path, Value: shownValue(shaper, place.Value)}] += place.Count
	}
	counts[livePlace{Path: otherFields}] += max(0, violations)
	counts[livePlace{Path: otherFields, Value: "<text>"}] += max(0, unknowns)
	places := []livePlace{}
	for place, n := range counts {
		if place.Count = n; n > 0 {
			places = append(places, place)
		}
	}
	slices.SortFunc(places, func(a, b livePlace) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Value, b.Value)) })
	return places
}

// enumNumber is a number that says nothing of a customer.
var enumNumber = regexp.MustCompile(`^-?\d{1,2}$`)

// shownValue is the value of an enum as a report may show it: an unknown one may be anything.
func shownValue(shaper *shape.Shaper, value string) string {
	switch {
	case value == "", enumNumber.MatchString(value), shaper.Name(value) == value:
		return value
	}
	return fmt.Sprintf("<text %d>", utf8.RuneCountInString(value))
}

// String is the place as a sentence.
func (p livePlace) String() string {
	times := plural(p.Count, "time", "times")
	if p.Value == "" {
		return fmt.Sprintf("%s: missing, or not of the documented type, %s", p.Path, times)
	}
	return fmt.Sprintf("%s: unknown value %s, %s", p.Path, p.Value, times)
}
