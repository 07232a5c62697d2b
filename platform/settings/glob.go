package settings

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
)

// Patterns match names, each as a whole. Case and blanks around a name are ignored.
//
// A pattern matches the name that it spells, whatever signs it holds. Otherwise * stands for any text, ? for any
// character, and brackets for a class of characters, such as [0-9], [a-z_] or [^a-z]. Brackets without a range are no
// class: [DE] stands for just that, because names hold such marks. A backslash takes away the meaning of the next sign.
type Patterns []pattern

// pattern is a pattern that is ready to be matched.
type pattern struct {
	name string // that it spells
	glob string // in the language of path.Match
}

// NewPatterns makes patterns ready, for many names.
func NewPatterns(texts []string) Patterns {
	all := make(Patterns, len(texts))
	for i, text := range texts {
		all[i].name = normalise(text)
		all[i].glob, _ = escapeBrackets(all[i].name)
	}
	return all
}

// MatchAny reports whether one of the patterns matches one of the names.
func (p Patterns) MatchAny(names ...string) bool {
	for _, name := range names {
		name = normalise(strings.TrimSpace(name))
		if slices.ContainsFunc(p, func(one pattern) bool { return one.matches(name) }) {
			return true
		}
	}
	return false
}

// MatchAny reports whether one of the patterns matches one of the names, as Patterns do.
func MatchAny(patterns []string, names ...string) bool {
	return NewPatterns(patterns).MatchAny(names...)
}

func (p pattern) matches(name string) bool {
	if p.name == name {
		return true
	}
	fits, err := path.Match(p.glob, name)
	return fits && err == nil // CheckPatterns has refused a malformed one
}

// normalise makes case and slashes matter no more: a star of path.Match does not span slashes.
func normalise(text string) string { return strings.ReplaceAll(strings.ToLower(text), "/", "\x00") }

// CheckPatterns returns the patterns that are malformed, each with its place in the list that has this key.
func CheckPatterns(key string, patterns []string, expected string) (problems []error) {
	for i, pattern := range patterns {
		escaped, _ := escapeBrackets(pattern)
		if _, err := path.Match(escaped, ""); err != nil || strings.TrimSpace(pattern) == "" {
			problems = append(problems, fmt.Errorf("%s[%d]: %q is no %s", key, i, pattern, expected))
		}
	}
	return problems
}

// PatternWarnings returns a sentence for each pattern that may mean something else than its author thinks.
func PatternWarnings(key string, patterns []string) (warnings []string) {
	for i, pattern := range patterns {
		if _, literal := escapeBrackets(pattern); len(literal) > 0 {
			warnings = append(warnings, fmt.Sprintf("%s[%d]: %q: brackets without a range such as [a-z] stand for themselves: %s",
				key, i, pattern, strings.Join(literal, ", ")))
		}
		if strings.TrimSpace(pattern) != pattern {
			warnings = append(warnings, fmt.Sprintf("%s[%d]: %q begins or ends with a blank, no name does", key, i, pattern))
		}
	}
	return warnings
}

// escapeBrackets returns the pattern in the language of path.Match, with a backslash before every bracket that begins no
// class, and the texts in those brackets.
func escapeBrackets(pattern string) (escaped string, literal []string) {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			b.WriteByte('\\')
			if i++; i < len(pattern) {
				b.WriteByte(pattern[i])
			}
			continue
		case '[':
			end := closing(pattern[i:])
			if end < 0 { // malformed: path.Match says so
				return b.String() + pattern[i:], literal
			}
			text := pattern[i : i+end+1]
			if isClass(text[1 : len(text)-1]) {
				b.WriteString(text)
				i += end
				continue
			}
			literal = append(literal, text)
			b.WriteByte('\\')
		}
		b.WriteByte(pattern[i])
	}
	return b.String(), literal
}

// closing returns the index of the bracket that ends the one at the beginning, -1 without one.
func closing(pattern string) int {
	for i := 1; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case ']':
			return i
		}
	}
	return -1
}

// isClass reports whether the text between brackets makes a class: it is negated, or consists of ranges of digits or of
// letters and of signs that are neither.
func isClass(text string) bool {
	if negated, ok := strings.CutPrefix(text, "^"); ok {
		return negated != ""
	}
	ranges := 0
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		if i+2 < len(runes) && runes[i+1] == '-' && isRange(runes[i], runes[i+2]) {
			ranges++
			i += 2
		} else if unicode.IsLetter(runes[i]) || unicode.IsDigit(runes[i]) {
			return false
		}
	}
	return ranges > 0
}

func isRange(low, high rune) bool {
	return low < high && (unicode.IsDigit(low) && unicode.IsDigit(high) ||
		unicode.IsLower(low) && unicode.IsLower(high) || unicode.IsUpper(low) && unicode.IsUpper(high))
}
