package feed

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// feed is a Feed at work. Its fields belong to the account's lock.
type feed struct {
	Feed
	account *Account
	qualify bool       // several feeds of this kind: their components carry the feed's name
	jitter  *rand.Rand // seeded by name: feeds of one interval drift apart, alike after every start
	ended   chan struct{}
	early   float64 // share of the interval by which the next run may come early
	state   State
	failing platform.Reason // of the last run; "" when it succeeded

	snapshot *platform.Snapshot // nil until the first publication
	expired  *platform.Snapshot // what is left of snapshot once it is too old
	at       time.Time
}

// kindOf is the part of a feed's name before the slash: status_page/genesys is a status_page.
func kindOf(name string) string {
	kind, _, _ := strings.Cut(name, "/")
	return kind
}

func newFeed(a *Account, f Feed) *feed {
	if f.MaxAge == 0 {
		f.MaxAge = DefaultMaxAge(f.Every)
	}
	seed := fnv.New64a()
	fmt.Fprint(seed, a.source.Platform, "/", a.source.Name, "/", f.Name)
	return &feed{
		Feed:    f,
		account: a,
		jitter:  rand.New(rand.NewPCG(seed.Sum64(), 0)),
		state:   State{Name: f.Name, Failures: map[platform.Reason]uint64{}},
	}
}

// Jitter is the share of a minimum interval by which a run may come early. It never comes late: a scrape at just that
// interval would otherwise find every other run not due yet.
const Jitter = 0.1

// begin notes that a run starts, and when the next is due.
func (f *feed) begin(now time.Time) {
	f.ended = make(chan struct{})
	f.state.Attempted = now
	f.early = f.jitter.Float64() * Jitter
}

// interval is the minimum interval at the moment.
func (f *feed) interval() time.Duration {
	if f.Now != nil {
		return max(f.Every, f.Now())
	}
	return f.Every
}

// due tells whether a poll's minimum interval has passed.
func (f *feed) due(now time.Time) bool {
	every := f.interval()
	return f.Serve == nil && now.Sub(f.state.Attempted) >= every-time.Duration(f.early*float64(every))
}

// stream runs the feed again and again until the account closes.
func (f *feed) stream(ctx context.Context) {
	const served = time.Minute // a run of that length was no failure to connect
	waits := backoff.ExponentialBackOff{InitialInterval: time.Second, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: time.Minute}
	for ctx.Err() == nil {
		f.account.mu.Lock()
		f.begin(time.Now())
		f.account.mu.Unlock()
		f.run(ctx)
		if f.lasted() >= served {
			waits.Reset()
		}
		wait := time.NewTimer(waits.NextBackOff())
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
		}
	}
}

func (f *feed) lasted() time.Duration {
	f.account.mu.Lock()
	defer f.account.mu.Unlock()
	return f.state.Duration
}

// run runs the feed once on the account's context.
func (f *feed) run(ctx context.Context) {
	runCtx, cancel := ctx, context.CancelFunc(func() {})
	if f.Serve == nil {
		runCtx, cancel = context.WithTimeout(ctx, f.Timeout)
	}
	defer cancel()
	err := f.guarded(runCtx)

	a := f.account
	a.mu.Lock()
	defer a.mu.Unlock()
	close(f.ended)
	f.ended = nil
	if ctx.Err() != nil {
		return // the account closes: what was cut off says nothing
	}
	f.state.Runs++
	f.state.Duration = time.Since(f.state.Attempted)
	switch {
	case err != nil:
		f.failed(err)
	case f.Serve != nil: // cut off as announced: no failure, but not up
		f.state.Up = false
	default:
		f.succeeded()
	}
}

// guarded turns a panic of a client into an error: one bad decoder must not take the other feeds down.
func (f *feed) guarded(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			f.account.log.Error("feed panicked", "feed", f.Name, "stack", string(debug.Stack()))
		}
	}()
	if f.Serve != nil {
		return f.Serve(ctx, sink{f})
	}
	return f.Run(ctx, sink{f})
}

func (f *feed) failed(err error) {
	reason := platform.ReasonOf(err)
	f.state.Up = false
	f.state.Failures[reason]++
	f.state.Consecutive++
	if f.failing != reason {
		f.account.log.Warn("feed failed", "feed", f.Name, "reason", string(reason), "err", err)
	}
	f.failing = reason
}

func (f *feed) succeeded() {
	if f.failing != "" {
		f.account.log.Info("feed recovered", "feed", f.Name, "failures", f.state.Consecutive)
	}
	f.state.Up, f.state.Consecutive, f.failing = true, 0, ""
	f.state.Succeeded = time.Now()
}

func (f *feed) status() State {
	s := f.state
	s.Every = f.interval()
	s.Failures = maps.Clone(s.Failures)
	return s
}

// exported is the snapshot while it is fresh. Of an old one nothing is left but that the API and the login are unknown:
// everything else is a gap.
func (f *feed) exported(now time.Time) *platform.Snapshot {
	maxAge := f.MaxAge
	if f.Now != nil {
		maxAge = max(maxAge, DefaultMaxAge(f.Now()))
	}
	if f.snapshot == nil || now.Sub(f.at) <= maxAge {
		return f.snapshot
	}
	if f.expired == nil {
		f.expired = &platform.Snapshot{}
		for _, c := range f.snapshot.Components {
			if c.Source == platform.SourceProbe || c.Source == platform.SourceToken {
				c.Condition = platform.Condition{Since: f.at.Add(maxAge)}
				f.expired.Components = append(f.expired.Components, c)
			}
		}
	}
	return f.expired
}
