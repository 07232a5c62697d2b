package rest

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

const (
	reserveShare = 0.1 // of the burst that each step of priority leaves to the steps before it
	scarce       = 0.2 // share of the platform's own budget below which it is spread over the rest of its window
)

// budget paces the authorised requests of an account, so that the platform's limit is not met.
type budget struct {
	mu          sync.Mutex
	limiter     *rate.Limiter // nil: no limit of our own
	base        rate.Limit    // the configured limit
	slowUntil   time.Time     // the limiter is slower than base until then
	pausedUntil time.Time     // nothing is sent until then
	throttled   prometheus.Counter
}

func newBudget(limit settings.RateLimit, throttled prometheus.Counter) *budget {
	b := &budget{throttled: throttled}
	if limit.RequestsPerMinute > 0 {
		b.base = rate.Limit(limit.RequestsPerMinute / 60)
		b.limiter = rate.NewLimiter(b.base, max(limit.Burst, 1))
	}
	return b
}

// take waits for the right to send one request. It fails at once while the account is paused and when the wait would
// outlast ctx.
func (b *budget) take(ctx context.Context, p platform.Class) *Error {
	for {
		wait, refused := b.try(p)
		if refused != nil || wait == 0 {
			return refused
		}
		if err := ctx.Err(); err != nil {
			return localError(err)
		}
		if !fits(ctx, wait) {
			return &Error{
				reason: platform.ReasonBudget, Message: "our own rate limit leaves no time for it", RetryAfter: wait, local: true,
			}
		}
		started := time.Now()
		err := sleep(ctx, wait)
		b.throttled.Add(time.Since(started).Seconds())
		if err != nil {
			return localError(err)
		}
	}
}

// try takes one request from the budget, or returns how long to wait before the next try.
func (b *budget) try(p platform.Class) (time.Duration, *Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if refused := b.refusal(now); refused != nil {
		return 0, refused
	}
	if b.limiter == nil {
		return 0, nil
	}
	if !b.slowUntil.IsZero() && !now.Before(b.slowUntil) {
		b.limiter.SetLimitAt(b.slowUntil, b.base)
		b.slowUntil = time.Time{}
	}
	burst := float64(b.limiter.Burst())
	missing := 1 + min(float64(max(p, 0))*reserveShare*burst, burst-1) - b.limiter.TokensAt(now)
	if missing <= 0 && b.limiter.AllowN(now, 1) {
		return 0, nil
	}
	return b.refill(now, max(missing, 0)), nil
}

// refill is how long it takes until that many requests have been added to the budget.
func (b *budget) refill(now time.Time, missing float64) time.Duration {
	if slow := b.slowUntil.Sub(now); slow > 0 {
		if gained := slow.Seconds() * float64(b.limiter.Limit()); gained < missing {
			return slow + seconds((missing-gained)/float64(b.base))
		}
	}
	return max(seconds(missing/float64(b.limiter.Limit())), time.Millisecond)
}

// refusal is the error of a request while the account pauses, else nil.
func (b *budget) refusal(now time.Time) *Error {
	return pauseError("the account pauses as the platform asked", b.pausedUntil.Sub(now))
}

func pauseError(message string, rest time.Duration) *Error {
	if rest <= 0 {
		return nil
	}
	return &Error{reason: platform.ReasonRateLimited, Message: message, RetryAfter: rest, local: true}
}

// pause stops the account for a while. A pause is never shortened by another.
func (b *budget) pause(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until := time.Now().Add(d); until.After(b.pausedUntil) {
		b.pausedUntil = until
	}
}

// paused returns when the pause ends and the error of requests until then, nil when there is no pause.
func (b *budget) paused() (time.Time, *Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pausedUntil, b.refusal(time.Now())
}

// pauses are those of operations that need no account, such as status pages. The zero value holds none.
type pauses struct {
	mu    sync.Mutex
	until map[endpoint]time.Time
}

func (p *pauses) set(to endpoint, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until == nil {
		p.until = map[endpoint]time.Time{}
	}
	p.until[to] = time.Now().Add(d)
}

// refusal is the error of a request while its operation pauses, else nil.
func (p *pauses) refusal(to endpoint) *Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return pauseError("the host asked for a pause", time.Until(p.until[to]))
}

// pauseEnd returns when the pause ends as Unix time, 0 when there is no pause.
func (b *budget) pauseEnd() float64 {
	if until, refused := b.paused(); refused != nil {
		return metric.Unix(until)
	}
	return 0
}

// adapt slows down when the platform says that little is left: what is left is spread over the rest of its window,
// and saved-up requests are given up. With nothing left the account pauses.
func (b *budget) adapt(w Window) {
	if w.Reset == 0 || w.Remaining >= w.Allowed*scarce {
		return
	}
	if w.Remaining == 0 {
		b.pause(w.Reset)
		return
	}
	if b.limiter == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.slowUntil.IsZero() {
		b.limiter.AllowN(now, int(b.limiter.TokensAt(now)))
	}
	b.slowUntil = now.Add(w.Reset)
	b.limiter.SetLimitAt(now, min(b.base, rate.Limit(w.Remaining/w.Reset.Seconds())))
}

// seconds rounds up to a millisecond, so that a timer never fires a moment too early.
func seconds(s float64) time.Duration {
	return time.Duration(math.Ceil(min(s, 3600)*1000)) * time.Millisecond
}

// fits reports whether ctx lasts longer than d.
func fits(ctx context.Context, d time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() == nil && (!ok || time.Until(deadline) > d)
}

// sleep waits, or returns the context's error when it ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
