package presence

import (
	"context"
	"time"
)

// fullSince returns since when a side must have been read in full: since the sync began, and once in each reconcile, where the next
// look comes a poll later. The target must have been read since this process became the writer, too: the writer before wrote until
// then. The source is read by every process all the time.
func (s *syncer) fullSince(now time.Time, target bool) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	since := later(s.began, now.Add(time.Duration(s.config.Poll)-time.Duration(s.config.Reconcile)))
	if target {
		since = later(since, s.took)
	}
	return since
}

// readTarget reads the persons of the target: when the poll is due, and at once when they must be read in full.
func (s *syncer) readTarget(ctx context.Context) {
	now, read := time.Now(), s.target.PollDue
	since := s.fullSince(now, true)
	wanted := func() bool {
		roster := rosterOf(s.target)
		return roster != nil && roster.FullRead.Before(since)
	}
	persons := s.target.Persons()
	asked := wanted() && s.targetRead.due(now)
	if asked {
		if read = s.target.Poll; persons.Full != nil {
			persons.Full()
		}
	}
	for _, name := range pollsOf(persons) {
		_ = read(ctx, name) // a failure is the feed's to log and to count
	}
	switch {
	case !wanted():
		s.targetRead = retry{}
	case asked:
		s.targetRead.failed(time.Now())
	}
}

// The time between two tries to read everyone, of which one may take many calls, grows while they fail.
const (
	shortestRetry = 5 * time.Second
	longestRetry  = time.Minute
)

// retry says when something that fails is tried again. The zero value is due.
type retry struct {
	next time.Time
	wait time.Duration
}

func (r *retry) due(now time.Time) bool { return !now.Before(r.next) }

func (r *retry) failed(now time.Time) {
	r.wait = min(max(2*r.wait, shortestRetry), longestRetry)
	r.next = now.Add(r.wait)
}
