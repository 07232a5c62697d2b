package feed

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
)

// Jitter is the share of a minimum interval by which a run may come early. It never comes late: a scrape at just that
// interval would otherwise find every other run not due yet.
const Jitter = 0.1

// runner runs a Feed and keeps what it published. Its fields belong to the account's lock unless they say otherwise.
type runner struct {
	Feed
	account  *Account
	prefixed bool       // several feeds of this kind: the names of their components begin with the feed's
	jitter   *rand.Rand // seeded by name: feeds of one interval drift apart, alike after every start
	early    float64    // share of the interval by which the next run may come early
	current  *run       // nil while none is under way
	state    State
	failing  platform.Reason // of the last run; "" when it succeeded
	said     bool            // a failure was logged since the last success
	publication
}

// run is one run under way.
type run struct {
	ended chan struct{}
	err   error // may be read once ended is closed
}

// kindOf is the part of a feed's name before the slash: status_page/genesys is a status_page.
func kindOf(name string) string {
	kind, _, _ := strings.Cut(name, "/")
	return kind
}

func newRunner(a *Account, f Feed) *runner {
	if f.MaxAge == 0 {
		f.MaxAge = DefaultMaxAge(f.MinInterval)
	}
	seed := fnv.New64a()
	fmt.Fprint(seed, a.source.Platform, "/", a.source.Name, "/", f.Name)
	return &runner{
		Feed:    f,
		account: a,
		jitter:  rand.New(rand.NewPCG(seed.Sum64(), 0)),
		state:   State{Name: f.Name, Failures: map[platform.Reason]uint64{}},
	}
}

// interval is the minimum interval at the moment.
func (r *runner) interval() time.Duration {
	if r.Stretch != nil {
		return max(r.MinInterval, r.Stretch())
	}
	return r.MinInterval
}

// maxAge is how long a snapshot is exported at the moment.
func (r *runner) maxAge() time.Duration {
	if r.Stretch != nil {
		return max(r.MaxAge, DefaultMaxAge(r.Stretch()))
	}
	return r.MaxAge
}

// due reports whether a poll's minimum interval has passed.
func (r *runner) due(now time.Time) bool {
	return now.Sub(r.state.Attempted) >= r.wait()
}

// wait is how long after a run began the next is due.
func (r *runner) wait() time.Duration {
	interval := r.interval()
	return interval - time.Duration(r.early*float64(interval))
}

// start begins a run, unless the account is closed. The caller holds the lock.
func (r *runner) start(now time.Time) {
	if r.account.closed {
		return
	}
	r.begin(now)
	r.account.spawn(r.runPoll)
}

// begin notes that a run starts, and when the next is due. The caller holds the lock.
func (r *runner) begin(now time.Time) {
	r.current = &run{ended: make(chan struct{})}
	r.state.Attempted = now
	r.early = r.jitter.Float64() * Jitter
	r.offeredMeanwhile = false
}

// runPoll runs a poll once and publishes what it read.
func (r *runner) runPoll(ctx context.Context) {
	runCtx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	snapshot, err := r.guardedPoll(runCtx)
	switch {
	case errors.Is(err, Unchanged):
		err = r.confirm()
	case snapshot != nil:
		r.publish(snapshot)
	}
	r.end(ctx, err)
	r.account.logPlaneChanges(platform.Evidence{})
}

// end notes how a run went, logs what that changes, and then lets those go on who wait for its end.
func (r *runner) end(ctx context.Context, err error) {
	ended, say := r.note(ctx, err)
	say()
	close(ended)
}

// note notes how a run went. It returns what is to be closed, and what is to be said once the lock is free: a log that is
// slow must not hold up the scrapes.
func (r *runner) note(ctx context.Context, err error) (ended chan struct{}, say func()) {
	a := r.account
	a.mu.Lock()
	defer a.mu.Unlock()
	current := r.current
	current.err, r.current = err, nil
	say = func() {}
	if r.offeredMeanwhile { // what was published may lack what events changed while it was read
		r.pending = true
	}
	if ctx.Err() != nil {
		return current.ended, say // the account closes: a run that was cut off says nothing
	}
	r.state.Runs++
	r.state.Duration = time.Since(r.state.Attempted)
	switch {
	case err != nil:
		say = r.failed(err)
	case r.Serve != nil: // cut off as announced: no failure, but not up
		r.state.Up = false
	default:
		say = r.succeeded()
	}
	return current.ended, say
}

var errNothing = errors.New("the poll returned neither a snapshot nor an error")

func (r *runner) guardedPoll(ctx context.Context) (snapshot *platform.Snapshot, err error) {
	err = guard.Func(func() error {
		var err error
		if snapshot, err = r.Poll(ctx); snapshot == nil && err == nil {
			err = errNothing
		}
		return err
	})()
	return snapshot, err
}

// failed counts a failure, and returns what logs it when it is another than before. The caller holds the lock.
func (r *runner) failed(err error) (say func()) {
	reason := platform.ReasonOf(err)
	r.state.Up = false
	r.state.Failures[reason]++
	r.state.Consecutive++
	r.state.LastError = explain(err)
	if r.failing == reason {
		return func() {}
	}
	r.failing = reason
	return r.failure(reason, err)
}

// failure returns what writes one line for one cause: a failure whose cause has a line of its own is logged for debugging
// only. The caller holds the lock.
func (r *runner) failure(reason platform.Reason, err error) (say func()) {
	log := r.account.log.Warn
	cause, known := errors.AsType[interface {
		error
		Logged() bool
	}](err)
	if known && cause.Logged() {
		log = r.account.log.Debug
	} else {
		r.said = true
	}
	args := []any{"feed", r.Name, "reason", string(reason), "err", err}
	if panicked, ok := errors.AsType[*guard.PanicError](err); ok {
		args = append(args, "stack", string(panicked.Stack))
	}
	return func() { log("feed failed", args...) }
}

// succeeded notes a success, and returns what logs that a failure is over. The caller holds the lock.
func (r *runner) succeeded() (say func()) {
	say = func() {}
	if failures := r.state.Consecutive; r.said {
		say = func() { r.account.log.Info("feed recovered", "feed", r.Name, "failures", failures) }
	}
	r.said = false
	r.state.Up, r.state.Consecutive, r.failing, r.state.LastError = true, 0, "", ""
	r.state.Succeeded = time.Now()
	return say
}

// status is a copy of the state. The caller holds the lock.
func (r *runner) status() State {
	s := r.state
	s.MinInterval = r.interval()
	if r.Serve == nil && !s.Attempted.IsZero() {
		s.NextDue = s.Attempted.Add(r.wait())
	}
	s.Failures = maps.Clone(s.Failures)
	return s
}

// publication is what a feed published and what events have offered since.
type publication struct {
	snapshot *platform.Snapshot // exported; nil until the first publication
	asOf     time.Time          // when the oldest content of snapshot was read
	expired  *platform.Snapshot // what snapshot was before it became too old; nil while it is not

	offer            func() *platform.Snapshot // the last one
	pending          bool                      // offer has not been rendered since it was made
	offeredMeanwhile bool                      // an offer was made since the current run began
	rendering        sync.Mutex                // held while an offer is rendered and published, so that no older one follows a newer; before the account's lock
}
