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
	given    bool // this process has given up the agents since, as the writer
}

// noteSource notes how a read of the source went. The writer gives up a source that is lost once; a process that becomes
// the writer later does so then. A source that is back is read in full first.
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
		s.lost.is, s.lost.given = false, false
		s.log.Info("the source of presences is back", "lost_for", now.Sub(s.lost.since).Round(time.Second).String())
	case !s.lost.is && s.lost.failures >= limits.Failures && now.Sub(later(source.Read, s.began)) >= time.Duration(limits.After):
		s.lost.is, s.lost.since = true, now
		s.log.Warn("the source of presences is lost", "failures", s.lost.failures)
	}
	if s.lost.is && !s.lost.given {
		s.giveUp(source, target, now)
	}
	s.metrics.sourceLost.Set(float64(oneIf(s.lost.is)))
}

// giveUp puts agents who were last seen logged in into the presence for a lost source, as soon as this process may write. The writer
// before may have done a part: those agents count in the share, and are left alone. The caller holds the lock.
func (s *syncer) giveUp(source, target *platform.Roster, now time.Time) {
	if _, ok := s.mayWrite(now); !ok || target.FullRead.Before(later(s.began, s.took)) {
		return
	}
	var letters []letter
	done := 0
	for from, to := range s.match(source, target).Targets {
		here := source.Activities[from]
		there, _ := s.sees(to, target, now)
		if s.records[to].gaveUp(there) {
			done++
			continue
		}
		if c := s.rules.giveUp(s.records[to], here, there); c != nil && s.failed[to] == "" {
			letters = append(letters, letter{presenceChange: *c, person: to, before: there, since: now})
		}
	}
	slices.SortFunc(letters, func(a, b letter) int { return cmp.Compare(a.person, b.person) })
	letters = letters[:max(0, int(float64(len(letters)+done)*s.config.SourceLost.MaxShare)-done)]
	s.outbox.clear()
	for _, l := range letters {
		s.outbox.put(l)
	}
	s.lost.given = true
	s.log.Warn("agents of the lost source are given up", "agents", len(letters))
}

// gaveUp reports whether the agent has had the presence for a lost source, and may have chosen another since. A write that the target
// never showed does not count.
func (r record) gaveUp(target platform.Activity) bool {
	return r.Lost && (target.Definition == r.Ours || target.Modified.After(r.Base))
}
