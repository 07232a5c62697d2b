package presence

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
)

// syncer keeps the presences of the target in step with the states of the source. Five loops share its state: one stays the
// writer, one reads the target, one reads the source and decides, and two send what is decided.
type syncer struct {
	*Pair
	config SyncConfig
	writer Writer
	keeper keeper
	outbox *outbox
	pace   pace // of changes that put agents on queue

	mu       sync.Mutex
	rules    *ruleSet
	listed   time.Time          // when the definitions were last read
	records  map[string]record  // by id on the target
	refusals map[string]Refusal // of each agent as decided last, so that each counts once
	unsent   map[string]Refusal // likewise, of agents whose changes are decided and could not be sent
	storm    storm              // of all changes
	// failed are agents whom the platform does not let the client write: until the definitions are read again, or until everyone is
	// reconciled where an earlier write was only not done yet.
	failed     map[string]platform.Refusal
	lease      lease
	leads      bool      // as logged and exported
	reconciled time.Time // when everyone was last compared anew
	began      time.Time // nothing is written before both sides were read in full since
	took       time.Time // when this process became the writer: nothing is written before the target was read since
	paused     time.Time // nothing is sent before, because the platform asks for a pause
	stopped    string    // why nothing is written: the platform refuses it; "" while it does not
	lost       sourceState
	failures   map[string]int // of the keeper in a row, by operation

	keeping    sync.Mutex    // held while the keeper is called
	claimEvery time.Duration // between two claims; shorter in tests
	targetRead retry         // of the loop that reads the target
}

func newSyncer(p *Pair, c SyncConfig, w Writer, k keeper) *syncer {
	return &syncer{
		Pair: p, config: c, writer: w, keeper: k, outbox: newOutbox(), storm: storm{most: c.MaxChanges},
		claimEvery: claimEvery, pace: newPace(c.RateLimit.RequestsPerMinute), records: map[string]record{},
		refusals: map[string]Refusal{}, unsent: map[string]Refusal{}, failures: map[string]int{}, failed: map[string]platform.Refusal{},
	}
}

// release gives up the right to write, so that another process need not wait for its end.
func (s *syncer) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), redisTime)
	defer cancel()
	s.keeping.Lock()
	s.keeper.release(ctx)
	s.keeping.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lease, s.leads = lease{}, false
	s.metrics.leader.Set(0)
}

// serve is the feed of the pair. It ends with an error when the definitions cannot be read or the rules do not fit them, and is
// then started again.
func (s *syncer) serve(ctx context.Context, stream feed.Stream) error {
	if err := s.define(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	s.began, s.storm.sent = time.Now(), 0
	s.mu.Unlock()
	stream.Connected(true)
	s.log.Info("presence sync begins", "dry_run", s.config.DryRun, "rules", len(s.config.Rules))
	s.claim(ctx) // before the first read, which would else have begun too early to be written after
	group, ctx := errgroup.WithContext(ctx)
	for _, loop := range []func(context.Context) error{
		every(s.claimEvery, s.claim),
		every(time.Duration(s.config.Poll), s.readTarget),
		every(time.Duration(s.config.Poll), s.step),
		every(BatchEvery, s.sendBatch),
		s.sendSingles,
	} {
		group.Go(guard.Func(func() error { return loop(ctx) }))
	}
	err := group.Wait()
	s.outbox.clear()
	s.release(ctx)
	return err
}

// every returns a loop that does something at once and again in an interval, until the context ends.
func every(interval time.Duration, do func(context.Context)) func(context.Context) error {
	return func(ctx context.Context) error {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for ctx.Err() == nil { // a select does not prefer the end to a tick
			do(ctx)
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
		return ctx.Err()
	}
}

// define reads the definitions and resolves the rules at first, and later looks whether what the rules name is still there.
func (s *syncer) define(ctx context.Context) error {
	definitions, err := s.writer.Definitions(ctx)
	if err != nil {
		return fmt.Errorf("presence definitions: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rules == nil {
		rules, err := resolveRules(s.config, definitions)
		if err != nil {
			return err
		}
		s.rules = rules
	} else {
		s.rules = s.rules.refresh(definitions)
		for _, name := range s.rules.isGone() {
			s.log.Warn("a rule has stopped: its presence definition is missing or deactivated", "presence", name)
		}
	}
	s.listed, s.stopped = time.Now(), ""
	clear(s.failed)
	return nil
}

// claim asks to become the writer, or to stay it.
func (s *syncer) claim(ctx context.Context) {
	within, cancel := context.WithTimeout(ctx, 2*redisTime)
	defer cancel()
	s.keeping.Lock()
	granted, kept, err := s.keeper.claim(within)
	s.keeping.Unlock()
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.lease = granted
	}
	if ctx.Err() == nil { // else it was cut off by the end of the sync
		s.kept(opClaim, err)
	}
	if kept != nil {
		s.records, s.took, s.lost.given = map[string]record{}, now, false
		s.outbox.clear() // it was decided by what was known before
		s.storm.ended = nil
		for id, text := range kept {
			var r record
			if json.Unmarshal(text, &r) == nil {
				r.waiting = true // the echo of the last write may come yet
				s.storm.recall(r.Writes, now)
				s.records[id] = r
			}
		}
	}
	if leads := s.lease.valid(now); leads != s.leads {
		s.leads = leads
		s.log.Info("the writer of presences has changed", "this_process", leads)
	}
	s.metrics.leader.Set(float64(oneIf(s.leads)))
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// mayWrite reports whether this process may write now, and why not. The caller holds the lock.
func (s *syncer) mayWrite(now time.Time) (refusal Refusal, ok bool) {
	if !s.lease.valid(now) {
		return NotLeader, false
	}
	return "", s.stopped == ""
}

// reconcile lets everyone be decided anew, also those to whom an earlier write was not done in time. The caller holds the lock.
func (s *syncer) reconcile(now time.Time) {
	if now.Sub(s.reconciled) < time.Duration(s.config.Reconcile) {
		return
	}
	s.reconciled = now
	maps.DeleteFunc(s.failed, func(_ string, why platform.Refusal) bool { return why == platform.RefusedBusy })
}

// step reads the source, and decides for every agent.
func (s *syncer) step(ctx context.Context) {
	persons := s.source.Persons()
	if persons.Directory != persons.Activities {
		_ = s.source.PollDue(ctx, persons.Directory)
	}
	if source := rosterOf(s.source); source != nil && persons.Full != nil && source.FullRead.Before(s.fullSince(time.Now(), false)) {
		persons.Full()
	}
	err := s.source.Poll(ctx, persons.Activities)
	if ctx.Err() != nil {
		return
	}
	if time.Since(s.definedAt()) >= time.Duration(s.Pair.config.Directory) {
		if err := s.define(ctx); err != nil {
			s.log.Debug("presence definitions not read", "err", err)
		}
	}
	now := time.Now()
	s.noteSource(err, now)
	s.decide(now)
	s.mu.Lock()
	rules := s.rules
	records := maps.Clone(s.records)
	s.mu.Unlock()
	s.compare(rules, func(person string) record { return records[person] }, now)
	s.metrics.pending.Set(float64(s.outbox.len()))
}

func (s *syncer) definedAt() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listed
}
