package presence

import (
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// decide decides for every matched agent, and puts what is to be written into the outbox.
func (s *syncer) decide(now time.Time) {
	source, target := s.rosters()
	if source == nil || target == nil {
		return
	}
	matching := s.match(source, target)
	s.mu.Lock()
	defer s.mu.Unlock()
	if source.FullRead.Before(s.began) || target.FullRead.Before(later(s.began, s.took)) {
		return // as after a start
	}
	if s.lost.is {
		return
	}
	s.reconcile(now)
	there := make(map[string]bool, len(matching.Targets))
	for from, to := range matching.Targets {
		there[to] = true
		s.decideOne(to, source, target, source.Activities[from], now)
	}
	for person := range s.records { // who is matched no more
		if !there[person] {
			delete(s.records, person)
			delete(s.refusals, person)
			delete(s.unsent, person)
			s.outbox.drop(person)
		}
	}
}

// decideOne decides for one agent. The caller holds the lock.
func (s *syncer) decideOne(person string, source, target *platform.Roster, here platform.Activity, now time.Time) {
	record := s.records[person]
	there, read := s.sees(person, target, now)
	record = record.see(here, there, s.rules, read, now)
	d := decide(record, here, there, s.rules, now)
	if d.Change != nil {
		switch refusal, ok := s.mayWrite(now); {
		case source.Suspect || target.Suspect:
			d = refuse(SuspectSource, "an answer of the platform is not trusted")
		case s.failed[person] != "":
			d = nothing("the platform does not let the client write this agent")
		case refusal != "":
			d = refuse(refusal, "another process writes, or none can")
		case !ok:
			d = nothing("nothing is written: %s", s.stopped)
		}
	}
	s.count(s.refusals, person, d.Refusal)
	switch {
	case d.Change != nil:
		s.outbox.put(letter{presenceChange: *d.Change, person: person, before: there, since: here.Since})
	default:
		s.outbox.drop(person)
		if !record.waiting { // a change on its way may come back yet
			delete(s.unsent, person)
		}
	}
	s.store(person, record)
	if d.Change != nil || d.Refusal != "" {
		s.log.Debug("presence decided", "agent", person, "refusal", string(d.Refusal), "why", d.Why)
	}
}

// sees returns what an agent has on the target, and as of when: what was read, and what the sync has written since, or would have. The
// caller holds the lock.
func (s *syncer) sees(person string, target *platform.Roster, now time.Time) (there platform.Activity, read time.Time) {
	there, record := target.Activities[person], s.records[person]
	if s.config.DryRun {
		return record.showing(there, s.rules), now
	}
	return record.sinceRead(there, s.rules, target.Read), target.Read
}

// store keeps a record that says something. The caller holds the lock.
func (s *syncer) store(person string, r record) {
	if r.empty() && r.wants == "" {
		delete(s.records, person)
		return
	}
	s.records[person] = r
}

// count counts the refusal of an agent when it is another than before, among those that were decided or those of sending: an agent
// whose change waits to be sent is decided anew meanwhile. The caller holds the lock.
func (s *syncer) count(before map[string]Refusal, person string, refusal Refusal) {
	switch refusal {
	case before[person]:
	case "":
		delete(before, person)
	default:
		before[person] = refusal
		s.metrics.refused.WithLabelValues(string(refusal)).Inc()
	}
}
