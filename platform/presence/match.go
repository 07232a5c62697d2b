package presence

import (
	"strings"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// MatchKind says how an agent is matched.
type MatchKind string

// The kinds.
const (
	Matched    MatchKind = "matched"
	SourceOnly MatchKind = "source_only"
	TargetOnly MatchKind = "target_only"
	Ambiguous  MatchKind = "ambiguous" // more than one candidate, which is never guessed
	Excluded   MatchKind = "excluded"
)

// matchKinds lists every MatchKind.
var matchKinds = [...]MatchKind{Matched, SourceOnly, TargetOnly, Ambiguous, Excluded}

// matching says who is the same person on both platforms.
type matching struct {
	Targets map[string]string // ids on the target by ids on the source
	Counts  map[MatchKind]int // a matched agent counts once, others on the side that they are on
}

// keyOf returns what a person of the source, or of the target, is matched by; "" when there is nothing.
func (k Key) keyOf(p platform.Person, ofSource bool) string {
	switch {
	case k == ByExternalID && ofSource:
		return normalise(p.ID)
	case k == ByExternalID:
		return normalise(p.External)
	case k == ByEmail:
		return normalise(p.Email)
	case k == ByUsername:
		return normalise(p.Username)
	}
	return ""
}

// normalise makes case and blanks around matter no more, and nothing else.
func normalise(text string) string { return strings.ToLower(strings.TrimSpace(text)) }

// matchPersons finds the same persons among those of the source and those of the target: those that the configuration names, then by
// each key in its order. A key that several persons of one side share matches none of them, also when all but one of them are
// matched otherwise or excluded. An agent whom the configuration names is matched as it says only, also where that one is not listed.
func matchPersons(c Config, source, target map[string]platform.Person) matching {
	m := &matcher{
		allSource: source, allTarget: target,
		matching: matching{Targets: map[string]string{}, Counts: map[MatchKind]int{}},
		source:   withoutExcluded(c, source), target: withoutExcluded(c, target),
		named: map[string]bool{}, taken: map[string]bool{}, unclear: map[string]bool{}, unclearTargets: map[string]bool{},
	}
	for from, to := range c.Agents {
		_, known := m.source[from]
		if _, there := m.target[to]; known && there {
			m.pair(from, to)
		}
		m.named[from], m.taken[to] = true, true
	}
	for _, key := range c.Match {
		m.by(key)
	}
	m.Counts[Excluded] = len(source) - len(m.source) + len(target) - len(m.target)
	m.Counts[Matched] = len(m.Targets)
	m.Counts[Ambiguous] = len(m.unclear) + len(m.unclearTargets)
	m.Counts[SourceOnly] = len(m.source) - len(m.Targets) - len(m.unclear)
	m.Counts[TargetOnly] = len(m.target) - len(m.Targets) - len(m.unclearTargets)
	return m.matching
}

// matcher matches what is left, key by key.
type matcher struct {
	matching
	allSource, allTarget    map[string]platform.Person
	source, target          map[string]platform.Person // without those who are excluded
	named                   map[string]bool            // persons of the source whom the configuration names
	taken                   map[string]bool            // targets that are matched, or named by the configuration
	unclear, unclearTargets map[string]bool            // persons of either side with more than one candidate
}

func (m *matcher) pair(from, to string) {
	if _, done := m.Targets[from]; done || m.taken[to] {
		return
	}
	m.Targets[from], m.taken[to] = to, true
	delete(m.unclear, from)
	delete(m.unclearTargets, to)
}

// left reports whether a person of the source may still be matched by a key.
func (m *matcher) left(from string) bool {
	_, done := m.Targets[from]
	_, included := m.source[from]
	return included && !done && !m.named[from]
}

// leftTarget reports the same of a person of the target.
func (m *matcher) leftTarget(to string) bool {
	_, included := m.target[to]
	return included && !m.taken[to]
}

// by matches the persons that are left by one key. Those that are not left, or excluded, share it all the same.
func (m *matcher) by(key Key) {
	from, to := map[string][]string{}, map[string][]string{}
	for id, p := range m.allSource {
		if k := key.keyOf(p, true); k != "" {
			from[k] = append(from[k], id)
		}
	}
	for id, p := range m.allTarget {
		if k := key.keyOf(p, false); k != "" {
			to[k] = append(to[k], id)
		}
	}
	for k, ids := range from {
		others := to[k]
		switch {
		case len(others) == 0:
		case len(ids) == 1 && len(others) == 1:
			if m.left(ids[0]) && m.leftTarget(others[0]) {
				m.pair(ids[0], others[0])
			}
		default:
			for _, id := range ids {
				if m.left(id) {
					m.unclear[id] = true
				}
			}
			for _, id := range others {
				if m.leftTarget(id) {
					m.unclearTargets[id] = true
				}
			}
		}
	}
}

// withoutExcluded returns the persons that no pattern of the configuration takes out.
func withoutExcluded(c Config, all map[string]platform.Person) map[string]platform.Person {
	if len(c.Exclude) == 0 {
		return all
	}
	left := make(map[string]platform.Person, len(all))
	for id, p := range all {
		if !settings.MatchAny(c.Exclude, p.ID, p.Email, p.Username) {
			left[id] = p
		}
	}
	return left
}
