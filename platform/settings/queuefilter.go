package settings

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// QueueFilter chooses queues, or skills. A pattern is one of MatchAny for the name of a queue, or its id. With neither
// include nor ids every queue is chosen that the account may see.
type QueueFilter struct {
	Include []string `yaml:"include,omitempty"`
	Exclude []string `yaml:"exclude,omitempty"` // wins over include and ids
	IDs     []string `yaml:"ids,omitempty"`     // beside what include chooses
}

// Validate returns every problem, each beginning with its key.
func (f QueueFilter) Validate() (problems []error) {
	const expected = "pattern, expected a name with * ? [a-z], or an id"
	problems = append(CheckPatterns("include", f.Include, expected), CheckPatterns("exclude", f.Exclude, expected)...)
	for i, id := range f.IDs {
		if strings.TrimSpace(id) == "" {
			problems = append(problems, fmt.Errorf("ids[%d]: %q is no id", i, id))
		}
	}
	return problems
}

// Warnings returns what works but may not be meant, a sentence each that begins with its key.
func (f QueueFilter) Warnings() []string {
	return append(PatternWarnings("include", f.Include), PatternWarnings("exclude", f.Exclude)...)
}

// Chooses reports whether a queue is watched.
func (f QueueFilter) Chooses(id, name string) bool {
	every := len(f.Include) == 0 && len(f.IDs) == 0
	return (every || fits(f.Include, id, name) || f.Lists(id)) && !fits(f.Exclude, id, name)
}

// Lists reports whether a queue is among the ids.
func (f QueueFilter) Lists(id string) bool { return containsID(f.IDs, id) }

// UnmatchedLog logs which patterns of a filter choose nothing. The zero value has logged nothing.
type UnmatchedLog struct{ unmatched []string }

// Report logs a pattern once that fits none of the queues, which are given as names by id, and once that it fits after all.
func (u *UnmatchedLog) Report(log *slog.Logger, f QueueFilter, queues map[string]string) {
	unmatched := f.unmatched(queues)
	for _, pattern := range unmatched {
		if !slices.Contains(u.unmatched, pattern) {
			log.Warn("queue pattern matches no queue", "pattern", "queues."+pattern)
		}
	}
	for _, pattern := range u.unmatched {
		if !slices.Contains(unmatched, pattern) {
			log.Info("queue pattern matches now", "pattern", "queues."+pattern)
		}
	}
	u.unmatched = unmatched
}

// unmatched returns the patterns, each after its key, that fit none of the queues, which are given as names by id.
func (f QueueFilter) unmatched(queues map[string]string) (unmatched []string) {
	for _, list := range []struct {
		key      string
		patterns []string
		fits     func(patterns []string, id, name string) bool
	}{
		{"include", f.Include, fits},
		{"exclude", f.Exclude, fits},
		{"ids", f.IDs, func(ids []string, id, _ string) bool { return containsID(ids, id) }},
	} {
		for i, pattern := range list.patterns {
			found := false
			for id, name := range queues {
				found = found || list.fits(list.patterns[i:i+1], id, name)
			}
			if !found {
				unmatched = append(unmatched, list.key+": "+pattern)
			}
		}
	}
	return unmatched
}

// fits reports whether one of the patterns is the id or matches the name.
func fits(patterns []string, id, name string) bool {
	return containsID(patterns, id) || MatchAny(patterns, name)
}

// containsID compares ids without case, and without the hyphens of a UUID: people paste them either way.
func containsID(ids []string, id string) bool {
	return slices.ContainsFunc(ids, func(listed string) bool {
		return strings.EqualFold(listed, id) || len(id) == uuidLength && strings.EqualFold(listed, strings.ReplaceAll(id, "-", ""))
	})
}

const uuidLength = 36 // as platforms write them, with four hyphens
