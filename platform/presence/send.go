package presence

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// BatchEvery is the time between two batches at the least.
const BatchEvery = time.Second

const (
	// writeTime bounds one write, which goes on when the sync ends: what is in hand is finished.
	writeTime = 5 * time.Second
	// pauseTime is how long nothing is sent after a request that the platform, or what keeps to its limits, did not let pass, where the
	// error does not say how long.
	pauseTime = 5 * time.Second
	// busyTries is how often a write is tried again that the target refuses because an earlier one is not done.
	busyTries = 3
)

// sendBatch sends one batch of what is due. It is called each BatchEvery.
func (s *syncer) sendBatch(ctx context.Context) {
	letters := s.begin(ctx, platform.PresenceBatch, false)
	if len(letters) > 0 && !s.config.DryRun {
		s.write(ctx, letters)
	}
}

// sendSingles sends what no batch may hold, one after the other. The budget of the writer decides how fast.
func (s *syncer) sendSingles(ctx context.Context) error {
	return every(100*time.Millisecond, func(ctx context.Context) {
		for ctx.Err() == nil {
			letters := s.begin(ctx, 1, true)
			if len(letters) == 0 {
				return
			}
			if !s.config.DryRun {
				s.write(ctx, letters)
			}
		}
	})(ctx)
}

// sent is a change on its way, with what was remembered before it.
type sent struct {
	letter
	record record
}

// begin takes at most n changes out of the outbox, and notes that they are about to be sent, here and where the keeper keeps it.
// What is not noted is not sent: another process may be the writer by now. In a dry run everything ends here.
func (s *syncer) begin(ctx context.Context, n int, onQueue bool) (all []sent) {
	s.mu.Lock()
	now := time.Now()
	if now.Before(s.paused) || onQueue && !s.pace.ready(now) {
		n = 0
	}
	records := map[string][]byte{}
	_, target := s.rosters()
	for _, l := range s.outbox.take(now, n, onQueue) {
		there, _ := s.sees(l.person, target, now)
		if _, ok := s.mayWrite(now); !ok || !alike(there, l.before) {
			continue // decided anew
		}
		if !s.storm.allow(now) {
			s.count(s.unsent, l.person, RateLimit)
			l.due = now.Add(time.Second)
			s.outbox.putBack(l)
			continue
		}
		before := s.records[l.person]
		switch {
		case l.OnQueue:
			s.pace.sent(now)
		case now.Sub(before.queued) < lasting:
			s.pace.undone(now)
		}
		after := before.wrote(l.presenceChange, l.before, now)
		if s.config.DryRun {
			after = after.confirm(l.Definition, now)
			s.metrics.changes.WithLabelValues(string(l.Action), string(resultDryRun)).Inc()
			s.ended(l.person, now)
		}
		s.records[l.person] = after
		records[l.person], _ = json.Marshal(after) // holds texts and times only
		all = append(all, sent{l, before})
	}
	s.mu.Unlock()
	if len(all) == 0 || s.config.DryRun {
		return all
	}
	if err := s.save(ctx, records); err != nil {
		s.undo(all, true)
		return nil
	}
	return all
}

// alike reports whether what decides is the same in both, whenever it began.
func alike(a, b platform.Activity) bool {
	a.Since, a.Modified = b.Since, b.Modified
	return a == b
}

// save keeps records, also while the sync ends, unless another process has become the writer.
func (s *syncer) save(ctx context.Context, records map[string][]byte) error {
	s.keeping.Lock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), redisTime)
	err := s.keeper.save(ctx, records)
	cancel()
	s.keeping.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept(opSave, err); errors.Is(err, errSuperseded) {
		s.lease = lease{}
	}
	return err
}

// undo takes back what begin noted of changes that were not sent.
func (s *syncer) undo(all []sent, again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range all {
		s.records[one.person] = one.record
		s.storm.undo()
		if again {
			s.outbox.putBack(one.letter)
		}
	}
}

// write sends changes in one request, and halves what the platform refuses as a whole until the culprit stands alone.
func (s *syncer) write(ctx context.Context, all []sent) {
	if ctx.Err() != nil || !s.stillMay() {
		s.undo(all, false)
		return
	}
	done, err := s.request(ctx, all)
	refused := platform.RefusalOf(err)
	if len(all) > 1 && refused != "" && refused != platform.RefusedAll {
		half := len(all) / 2
		s.write(ctx, all[:half])
		s.write(ctx, all[half:])
		return
	}
	switch reason := platform.ReasonOf(err); {
	case err == nil:
		s.note(ctx, all, done)
	case refused != "":
		s.refused(refused, all, err)
	case reason == platform.ReasonRateLimited || reason == platform.ReasonBudget || reason == platform.ReasonBreakerOpen:
		s.later(all, err) // it was not sent, or is to be sent later
	default: // it may have been done all the same
		s.tally(all, resultUnconfirmed)
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, one := range all {
			s.ended(one.person, time.Now())
		}
	}
}

// later puts back what was not sent. A pause is for everything; a budget that is used up is for the request alone.
func (s *syncer) later(all []sent, err error) {
	now := time.Now()
	for i := range all {
		all[i].due = now.Add(time.Second)
	}
	s.undo(all, true)
	s.mu.Lock()
	defer s.mu.Unlock()
	if platform.ReasonOf(err) != platform.ReasonBudget {
		s.paused = now.Add(pauseOf(err))
		return
	}
	for _, one := range all {
		s.count(s.unsent, one.person, Budget)
	}
}

// pauseOf returns how long an error asks not to send anything.
func pauseOf(err error) time.Duration {
	var asks interface{ Wait() time.Duration }
	if errors.As(err, &asks) && asks.Wait() > 0 {
		return asks.Wait()
	}
	return pauseTime
}

func (s *syncer) stillMay() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.mayWrite(time.Now())
	return ok
}

// request sends one request. It is finished even if the sync ends meanwhile.
func (s *syncer) request(ctx context.Context, all []sent) (done []platform.PresenceWritten, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTime)
	defer cancel()
	kind := kindBulk
	if all[0].OnQueue {
		kind = kindSingle
		var one platform.PresenceWritten
		if one, err = s.writer.WriteOne(ctx, all[0].change()); err == nil {
			done = append(done, one)
		}
	} else {
		changes := make([]platform.PresenceChange, len(all))
		for i, one := range all {
			changes[i] = one.change()
		}
		done, err = s.writer.WriteMany(ctx, changes)
	}
	reason := platform.Reason("")
	if err != nil {
		reason = platform.ReasonOf(err)
	}
	s.metrics.requests.WithLabelValues(kind, string(reason)).Inc()
	return done, err
}

// note notes what an answer shows as written. The rest is unconfirmed: the next read of the target decides.
func (s *syncer) note(ctx context.Context, all []sent, done []platform.PresenceWritten) {
	now := time.Now()
	records := map[string][]byte{}
	s.mu.Lock()
	for _, one := range all {
		s.ended(one.person, now)
		i := slices.IndexFunc(done, func(w platform.PresenceWritten) bool { return w.PresenceChange == one.change() })
		if i < 0 {
			s.metrics.changes.WithLabelValues(string(one.Action), string(resultUnconfirmed)).Inc()
			continue
		}
		s.metrics.changes.WithLabelValues(string(one.Action), string(resultWritten)).Inc()
		if !one.since.IsZero() {
			s.metrics.delay.Observe(max(0, now.Sub(one.since).Seconds()), s.metrics.pair, string(one.Action))
		}
		record := s.records[one.person].confirm(one.Definition, done[i].Modified)
		s.store(one.person, record)
		if records[one.person] = nil; !record.empty() {
			records[one.person], _ = json.Marshal(record)
		}
	}
	s.mu.Unlock()
	_ = s.save(ctx, records) // a failure is counted, and what begin has saved says that it was sent
}

// refused deals with what the platform refused to do for one agent, or at all.
func (s *syncer) refused(refusal platform.Refusal, all []sent, err error) {
	s.undo(all, false)
	if refusal == platform.RefusedBusy && all[0].tries < busyTries {
		for _, one := range all {
			// 1 s, 2 s and 4 s, so much earlier or later that agents do not come back together
			wait := time.Second << one.tries
			one.tries++
			one.due = time.Now().Add(wait/2 + rand.N(wait))
			s.outbox.putBack(one.letter)
		}
		return
	}
	s.tally(all, resultFailed)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch refusal {
	case platform.RefusedAll:
		if s.stopped == "" {
			s.log.Error("presences are not written: the platform refuses it to the client", "err", err)
		}
		s.stopped = "the client lacks the permission to write presences"
	case platform.RefusedOnQueue:
		if !s.rules.offQueueOnly {
			s.log.Warn("agents are not put back on queue: the platform refuses it to the client", "err", err)
		}
		s.rules = s.rules.restrictToOffQueue()
		for _, one := range all {
			s.count(s.unsent, one.person, OnQueueNotPermitted)
		}
	case platform.RefusedPerson, platform.RefusedGone, platform.RefusedBatch, platform.RefusedBusy:
		for _, one := range all {
			s.failed[one.person] = refusal
		}
	}
}

// tally counts what became of changes.
func (s *syncer) tally(all []sent, result result) {
	for _, one := range all {
		s.metrics.changes.WithLabelValues(string(one.Action), string(result)).Inc()
	}
}
