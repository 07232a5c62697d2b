package feed

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
)

const (
	shortestWait = time.Second // before a stream is started again
	longestWait  = time.Minute
	longService  = time.Minute // a connection that held so long was no failure
)

// stream runs the feed again and again until the account closes.
func (r *runner) stream(ctx context.Context) {
	waits := backoff.ExponentialBackOff{
		InitialInterval: shortestWait, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: longestWait,
	}
	for ctx.Err() == nil {
		r.account.mu.Lock()
		r.begin(time.Now())
		r.account.mu.Unlock()
		c := &connection{runner: r}
		r.end(ctx, guard.Func(func() error { return r.Serve(ctx, c) })())
		if c.served() >= longService {
			waits.Reset()
		}
		wait := time.NewTimer(min(max(waits.NextBackOff(), shortestWait), longestWait))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
		}
	}
}

// connection is the Stream of one run.
type connection struct {
	*runner
	since, until time.Time // of the last time that it was connected; until is zero while it is
}

// Connected implements Stream: a stream is up from when it is connected.
func (c *connection) Connected(up bool) {
	say := func() {}
	c.account.mu.Lock()
	if now := time.Now(); up {
		c.since, c.until = now, time.Time{}
		say = c.succeeded()
	} else {
		c.until = now
	}
	c.state.Up = up
	c.account.mu.Unlock()
	say()
}

// served returns how long the stream was connected.
func (c *connection) served() time.Duration {
	c.account.mu.Lock()
	defer c.account.mu.Unlock()
	switch {
	case c.since.IsZero():
		return 0
	case c.until.IsZero():
		return time.Since(c.since)
	}
	return c.until.Sub(c.since)
}

// Poll implements Stream.
func (c *connection) Poll(ctx context.Context, feed string) error { return c.account.Poll(ctx, feed) }

// Poll starts a run of the poll of that name, whether it is due or not, or joins the one under way, and waits for its end or
// for the context's. It returns the error of the run; nil when there is no such poll.
func (a *Account) Poll(ctx context.Context, feed string) error {
	r := a.runnerOf(feed)
	if r == nil {
		return nil
	}
	return a.poll(ctx, r, func(time.Time) bool { return true })
}

// poll joins the run under way, or starts one when it is wanted now, and waits for it.
func (a *Account) poll(ctx context.Context, r *runner, wanted func(now time.Time) bool) error {
	a.mu.Lock()
	now := time.Now()
	if r.current == nil && !a.closed && !wanted(now) {
		a.mu.Unlock()
		return nil
	}
	if r.current == nil {
		r.start(now)
	}
	current := r.current
	a.mu.Unlock()
	if current == nil { // the account is closed
		return context.Canceled
	}
	select {
	case <-current.ended:
		return current.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Offer implements Stream.
func (c connection) Offer(feed string, render func() *platform.Snapshot) {
	if r := c.account.runnerOf(feed); r != nil {
		c.account.mu.Lock()
		defer c.account.mu.Unlock()
		r.offer, r.pending, r.offeredMeanwhile = render, true, true
	}
}

// runnerOf returns the runner of a poll, nil when there is none of that name.
func (a *Account) runnerOf(name string) *runner {
	for _, r := range a.runners {
		if r.Name == name && r.Serve == nil {
			return r
		}
	}
	return nil
}
