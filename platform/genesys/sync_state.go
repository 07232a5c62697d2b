package genesys

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
)

// syncState is the part of a subject (queues, trunks or edges) that does not depend on what it is about. Polls and the
// stream change the same state, and both publish it whole.
//
// Which is right when an event and a poll differ? An event that was received before the poll's request was sent is older
// than the answer. One that was received later is newer if its own time says so: it is compared with the answer's Date, or
// with the time that came with the value itself. A poll that was sent before another never wins over it.
type syncState struct {
	syncOptions
	sync.Mutex
	dirty     bool               // an event changed something that is not published yet
	anomalies platform.Anomalies // of events, not published yet

	lastPoll   atomic.Int64 // when the last complete poll was sent, in nanoseconds since 1970; 0 before
	subscribed atomic.Bool  // the stream carries everything of the subject
}

// syncOptions are what a subject is made with.
type syncOptions struct {
	feed      string
	interval  time.Duration // between two polls while the stream does not stand in for them
	maxAge    time.Duration // how long what is known is good, likewise
	reconcile time.Duration // between two polls while it does
	link      *notify.Stream
	changed   notify.Signal // raised when the subject's topics have changed; nil without a stream
}

// state is for those who know the subject only as one of several.
func (s *syncState) state() *syncState { return s }

// complete notes that a poll that was sent at that time read everything.
func (s *syncState) complete(sent time.Time) {
	s.lastPoll.Store(max(s.lastPoll.Load(), sent.UnixNano()))
}

// topicsChanged notes that the stream's topics are not right any more.
func (s *syncState) topicsChanged() {
	s.subscribed.Store(false)
	s.changed.Raise()
}

// stretched returns the feed's Stretch; nil without a stream.
func (s *syncState) stretched() func() time.Duration {
	if s.link == nil {
		return nil
	}
	return s.stretch
}

// stretch returns the interval of the poll while the stream brings everything that it would read. It returns 0, which
// leaves the interval as it is, from the moment that this is in doubt until a poll has read everything again.
func (s *syncState) stretch() time.Duration {
	if s.link == nil {
		return 0
	}
	since := s.link.ReliableSince()
	if since.IsZero() || s.lastPoll.Load() < since.UnixNano() || !s.subscribed.Load() {
		return 0
	}
	return s.reconcile
}

// ages returns the feed's interval and maximum age at the moment.
func (s *syncState) ages() (interval, maxAge time.Duration) {
	stretch := s.stretch()
	if stretch == 0 {
		return s.interval, s.maxAge
	}
	return max(s.interval, stretch), max(s.maxAge, feed.DefaultMaxAge(stretch))
}

// isDirty reports whether an event has changed something that is not published yet.
func (s *syncState) isDirty() bool {
	s.Lock()
	defer s.Unlock()
	return s.dirty
}

// addAnomalies takes what is wrong with messages, which will be published with the subject.
func (s *syncState) addAnomalies(wrong *platform.Anomalies) {
	if wrong.Empty() {
		return
	}
	s.Lock()
	defer s.Unlock()
	s.anomalies.Add(*wrong)
	*wrong = platform.Anomalies{}
	s.dirty = true
}

// takeAnomalies moves to a snapshot what events have counted since the last. The caller holds the lock.
func (s *syncState) takeAnomalies(snapshot *platform.Snapshot) {
	snapshot.Add(s.anomalies)
	s.anomalies = platform.Anomalies{}
	s.dirty = false
}
