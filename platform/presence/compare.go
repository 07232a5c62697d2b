package presence

import (
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// grace is how long a contradiction must last before it counts: both sides are read at different moments.
const grace = 10 * time.Second

// offQueue is the state, on the target, of an agent who is logged in and not On Queue.
const offQueue platform.AgentState = "off_queue"

// stateOnTarget returns what an agent does on the target, in the states of the comparison.
func stateOnTarget(target platform.Activity) platform.AgentState {
	switch {
	case target.Definition == "" && target.System == "":
		return platform.AgentUnknown
	case target.System == systemOffline:
		return platform.AgentOffline
	case target.State == platform.AgentEngaged:
		return platform.AgentEngaged
	case target.System == systemOnQueue:
		return target.State // ready, not_responding or unknown
	}
	return offQueue
}

// disagreement is two states that contradict each other.
type disagreement struct{ Source, Target platform.AgentState }

// comparison is how the agents of a pair compare at a moment: numbers, and no person.
type comparison struct {
	Matches       map[MatchKind]int
	Disagreements map[disagreement]int // that last longer than the grace; 0 for those seen before
	DoubleBooked  int
	Oldest        time.Time // beginning of the oldest disagreement; the zero time when there is none
}

// comparer compares again and again, and remembers since when each contradiction lasts.
type comparer struct {
	since map[string]contradiction // by id on the target
	seen  map[disagreement]int     // all there have been, each 0
}

// contradiction is one that lasts.
type contradiction struct {
	disagreement
	began time.Time
}

func newComparer() *comparer {
	return &comparer{since: map[string]contradiction{}, seen: map[disagreement]int{}}
}

// compare compares all matched agents. Differ reports whether the rules ask for another presence of an agent.
func (c *comparer) compare(m matching, source, target *platform.Roster, differ func(person string, source, target platform.Activity) bool, now time.Time) comparison {
	asOf := source.Read // when both sides are known to have been as they are
	if target.Read.Before(asOf) {
		asOf = target.Read
	}
	result := comparison{Matches: m.Counts, Disagreements: map[disagreement]int{}}
	lasting := make(map[string]contradiction, len(c.since))
	for from, to := range m.Targets {
		here, there := source.Activities[from], target.Activities[to]
		booked := here.State == platform.AgentEngaged && there.System == systemOnQueue
		if !booked && !differ(to, here, there) {
			continue
		}
		one := contradiction{disagreement{here.State, stateOnTarget(there)}, later(here.Since, there.Modified)}
		if before, lasted := c.since[to]; one.began.IsZero() && lasted {
			one.began = before.began
		} else if one.began.IsZero() {
			one.began = now
		}
		lasting[to] = one
		if asOf.Sub(one.began) <= grace {
			continue
		}
		c.seen[one.disagreement] = 0
		result.Disagreements[one.disagreement]++
		if booked {
			result.DoubleBooked++
		}
		if result.Oldest.IsZero() || one.began.Before(result.Oldest) {
			result.Oldest = one.began
		}
	}
	c.since = lasting
	for d := range c.seen {
		result.Disagreements[d] += 0
	}
	return result
}

// differs reports whether the rules ask for another presence than the target shows, whatever stands against it.
func (r *ruleSet) differs(record record, source, target platform.Activity) bool {
	rule := r.of(source)
	if rule == nil || rule.Leave || target.Definition == "" && target.System == "" {
		return false
	}
	change, _ := r.change(record, rule, target)
	return change != nil
}
