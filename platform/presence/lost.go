package presence

import (
	"cmp"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// sourceState is whether the source can be read.
type sourceState struct {
	failures int // in a row
	is       bool
	since    time.Time
}

// noteSource notes how a read of the source went. A source that is lost is given up once; one that is back is read in full first.
func (s *syncer) noteSource(err error, now time.Time) {
	source, target := s.rosters()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch reason := platform.ReasonOf(err); {
	case err == nil:
		s.lost.failures = 0
	case reason != platform.ReasonRateLimited && reason != platform.ReasonBudget: // a pause alone loses nothing
		s.lost.failures++
	}
	limits := s.config.SourceLost
	switch {
	case source == nil || target == nil:
	case s.lost.is && err == nil && source.FullRead.After(s.lost.since):
		s.lost.is = false
		s.log.Info("the source of presences is back", "lost_for", now.Sub(s.lost.since).Round(time.Second).String())
	case !s.lost.is && s.lost.failures >= limits.Failures && now.Sub(later(source.Read, s.began)) >= time.Duration(limits.After):
		s.lost.is, s.lost.since = true, now
		s.log.Warn("the source of presences is lost", "failures", s.lost.failures, "agents", s.giveUp(source, target, now))
	}
	s.metrics.sourceLost.Set(float64(oneIf(s.lost.is)))
}

// giveUp puts agents who were last seen logged in into the presence for a lost source, and returns how many. The caller holds the
// lock.
func (s *syncer) giveUp(source, target *platform.Roster, now time.Time) int {
	if _, ok := s.mayWrite(now); !ok || target.FullRead.Before(s.began) {
		return 0
	}
	var letters []letter
	for from, to := range s.matching.Targets {
		here, there := source.Activities[from], target.Activities[to]
		if s.config.DryRun {
			there = s.records[to].Shown(there, s.rules)
		}
		if c := s.rules.GiveUp(s.records[to], here, there); c != nil && !s.failed[to] {
			letters = append(letters, letter{Change: *c, person: to, before: there, since: now})
		}
	}
	slices.SortFunc(letters, func(a, b letter) int { return cmp.Compare(a.person, b.person) })
	letters = letters[:int(float64(len(letters))*s.config.SourceLost.MaxShare)]
	s.outbox.clear()
	for _, l := range letters {
		s.outbox.put(l)
	}
	return len(letters)
}
