package presence

import (
	"slices"
	"time"
)

// storm is the brake on the changes of all agents: at most so many in any minute. A change counts from when it is sent until a minute
// after its answer, so that the limit holds by the platform's clock too. Changes that the platform did not make do not count.
type storm struct {
	most  int
	sent  int         // without an answer yet
	ended []time.Time // the answers of the last minute, at least
}

// allow reports whether a change may be sent now, and counts it if so. end or undo follows.
func (s *storm) allow(now time.Time) bool {
	if s.sent+len(s.ended) >= s.most {
		s.ended = slices.DeleteFunc(s.ended, func(t time.Time) bool { return now.Sub(t) >= time.Minute })
	}
	if s.sent+len(s.ended) >= s.most {
		return false
	}
	s.sent++
	return true
}

// end notes that the platform has made a change, or may have.
func (s *storm) end(now time.Time) {
	s.sent--
	s.ended = append(s.ended, now)
}

// undo notes that a change was not made.
func (s *storm) undo() { s.sent-- }

// recall counts what the writer before wrote within the last minute.
func (s *storm) recall(writes []time.Time, now time.Time) {
	for _, t := range writes {
		if now.Sub(t) < time.Minute {
			s.ended = append(s.ended, t)
		}
	}
}

// ended notes that a change was sent that the platform made, or may have. The caller holds the lock.
func (s *syncer) ended(person string, now time.Time) {
	s.storm.end(now)
	delete(s.unsent, person)
}
