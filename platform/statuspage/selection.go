package statuspage

import (
	"regexp"
	"slices"
	"strings"

	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// selection says which components of a page concern an account.
type selection struct {
	patterns []string       // of the names of components and of their groups; replace the rest
	own      string         // label of the account's region
	all      []string       // labels of every known region
	region   *regexp.Regexp // the form of a region's label in a known area; nil when no area is known
}

// newSelection returns a selection by patterns, or without any by the account's own region. Spellings count as equal that
// differ in case or accents only.
func newSelection(patterns []string, own string, all []string) selection {
	s := selection{own: normalise(own)}
	for _, pattern := range patterns {
		s.patterns = append(s.patterns, withoutAccents(pattern))
	}
	var areas []string
	for _, label := range all {
		label = normalise(label)
		if label == "" {
			continue
		}
		s.all = append(s.all, label)
		if area, _, ok := strings.Cut(label, "("); ok && strings.TrimSpace(area) != "" {
			areas = append(areas, regexp.QuoteMeta(strings.TrimSpace(area)))
		}
	}
	if len(areas) > 0 { // Area (Place), such as EMEA (Frankfurt)
		s.region = regexp.MustCompile(`(^|[^\pL\pN])(` + strings.Join(areas, "|") + `)\s*\([^()]+\)`)
	}
	return s
}

// takes reports whether a component concerns the account. Without patterns these are the components that name the account's
// own region, and those that name no region at all, in their own name or in that of their group. A region that is not known
// yet is recognized by its area.
func (s selection) takes(c pageComponent) bool {
	if len(s.patterns) > 0 {
		return settings.MatchAny(s.patterns, withoutAccents(c.Name), withoutAccents(c.heading), withoutAccents(c.fullName()))
	}
	text := normalise(c.heading + "\n" + c.Name)
	names := func(label string) bool { return strings.Contains(text, label) }
	switch {
	case s.own != "" && names(s.own):
		return true
	case slices.ContainsFunc(s.all, names):
		return false
	}
	return s.region == nil || !s.region.MatchString(text)
}
