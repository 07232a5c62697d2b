package genesys

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// This file is what polls and the stream have in common when they learn of one subject: queues, trunks or edges. Both
// change the same state, and both publish it whole.
//
// Who is right when an event and a poll differ? What was received before the poll's request was sent is older than its
// answer. What is received later is newer if its own time says so: it is compared with the answer's Date, or with the
// time that came with the value itself.

// syncState is the part of a subject that does not depend on what it is about.
type syncState struct {
	sync.Mutex
	feed            string
	maxAge          time.Duration      // how long what is known is good
	dirty           bool               // an event changed something that is not published yet
	anomalies       platform.Anomalies // Unknowns and Violations of events, not published yet
	onTopicsChanged func()             // called when the set of objects has changed; may be nil

	lastPoll   atomic.Int64 // when the last complete poll was sent, in nanoseconds since 1970; 0 before
	subscribed atomic.Bool  // the stream is subscribed to everything of it
}

// state is for those who know the subject only as one of several.
func (s *syncState) state() *syncState { return s }

// complete notes that a poll that was sent at that time told everything.
func (s *syncState) complete(sent time.Time) {
	s.lastPoll.Store(max(s.lastPoll.Load(), sent.UnixNano()))
}

// topicsChanged tells the stream that its topics are not right any more.
func (s *syncState) topicsChanged() {
	s.subscribed.Store(false)
	if s.onTopicsChanged != nil {
		s.onTopicsChanged()
	}
}

// asOf is when the last complete poll was sent: what no event tells of is as old as that.
func (s *syncState) asOf() time.Time { return time.Unix(0, s.lastPoll.Load()) }

// isDirty tells whether an event has changed something that is not published yet.
func (s *syncState) isDirty() bool {
	s.Lock()
	defer s.Unlock()
	return s.dirty
}

// flushable tells whether events have changed something, and polls succeed often enough for events to be understood as
// changes of a state that is known. The caller holds the lock.
func (s *syncState) flushable() bool {
	return s.dirty && time.Since(time.Unix(0, s.lastPoll.Load())) <= s.maxAge
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
