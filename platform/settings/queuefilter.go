package settings

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// QueueFilter chooses queues, or skills. A pattern is a glob (* ? [a-z], case ignored, a star spans slashes) of a
// queue's name, or a queue's id. With neither include nor ids every queue is chosen that the account may see.
type QueueFilter struct {
	Include []string `yaml:"include,omitempty"`
	Exclude []string `yaml:"exclude,omitempty"` // wins over include and ids
	IDs     []string `yaml:"ids,omitempty"`     // beside what include chooses
}

// Validate returns every problem, each beginning with its key.
func (f QueueFilter) Validate() (problems []error) {
	for _, list := range f.lists() {
		for i, pattern := range list.patterns {
			if _, err := path.Match(pattern, ""); strings.TrimSpace(pattern) == "" || err != nil && list.globs {
				problems = append(problems, fmt.Errorf("%s[%d]: %q is no %s", list.key, i, pattern, list.expected))
			}
		}
	}
	return problems
}

// Chooses tells whether a queue is watched.
func (f QueueFilter) Chooses(id, name string) bool {
	every := len(f.Include) == 0 && len(f.IDs) == 0
	return (every || fit(f.Include, id, name) || f.Lists(id)) && !fit(f.Exclude, id, name)
}

// Lists tells whether a queue is among the ids.
func (f QueueFilter) Lists(id string) bool {
	return slices.ContainsFunc(f.IDs, func(listed string) bool { return strings.EqualFold(listed, id) })
}

// Unmatched returns the patterns, each after its key, that fit none of the queues, which are given as names by id.
func (f QueueFilter) Unmatched(queues map[string]string) (unmatched []string) {
	for _, list := range f.lists() {
		for _, pattern := range list.patterns {
			found := false
			for id, name := range queues {
				found = found || strings.EqualFold(pattern, id) || list.globs && fit([]string{pattern}, id, name)
			}
			if !found {
				unmatched = append(unmatched, list.key+": "+pattern)
			}
		}
	}
	return unmatched
}

// patternList is one key of a filter.
type patternList struct {
	key      string
	patterns []string
	globs    bool   // they may be globs
	expected string // what they are
}

func (f QueueFilter) lists() []patternList {
	const glob = "pattern, expected a name with * ? [a-z], or an id"
	return []patternList{{"include", f.Include, true, glob}, {"exclude", f.Exclude, true, glob}, {"ids", f.IDs, false, "id"}}
}

// fit tells whether one of the patterns is the id or fits the name.
func fit(patterns []string, id, name string) bool {
	flat := strings.NewReplacer("/", "\x00")
	name = flat.Replace(strings.ToLower(name))
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		fits, _ := path.Match(flat.Replace(strings.ToLower(pattern)), name) // Validate has refused a malformed one
		return fits || strings.EqualFold(pattern, id)
	})
}
