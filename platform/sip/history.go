package sip

import (
	"fmt"
	"time"
)

// maxPause bounds a Retry-After: a slip of the target must not leave it unwatched for longer.
const maxPause = time.Hour

// history is what the prober remembers of a target from burst to burst.
type history struct {
	place  place
	jitter jitter
	last   Result // of the last burst; its RetryAt is zero unless the target asked for a pause
}

// place is where a target is. What was measured at another one does not count.
type place struct{ uri, proxy, transport, family string }

func placeOf(t Target) place { return place{t.URI, t.OutboundProxy, t.Transport, t.Prefer} }

// jitter is the filter of RFC 3550, section 6.4.1: J += (|D| - J)/16, where D is by how much one round trip took longer
// than the one before, in the order of the requests. It needs dozens of them to approach a steady jitter, so that a
// burst begins where the one before has ended.
type jitter struct {
	answered int
	last     time.Duration
	value    float64 // J, in nanoseconds
}

func (j *jitter) add(roundTrip time.Duration) {
	if j.answered > 0 {
		d := (roundTrip - j.last).Abs()
		j.value += (float64(d) - j.value) / 16
	}
	j.answered++
	j.last = roundTrip
}

// get returns nil for fewer than two round trips.
func (j *jitter) get() *time.Duration {
	if j.answered < 2 {
		return nil
	}
	return new(time.Duration(j.value))
}

// Retain forgets what the prober remembers of all targets but these: the smoothed jitter, and until when a target asked
// not to be probed.
func (p *Prober) Retain(targets []Target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := map[string]history{}
	for _, t := range targets {
		if h, ok := p.histories[t.Name]; ok && h.place == placeOf(t) {
			kept[t.Name] = h
		}
	}
	p.histories = kept
}

// recall returns the history of a target, a new one when it is unknown or was elsewhere. The caller holds the lock.
func (p *Prober) recall(t Target) history {
	h, ok := p.histories[t.Name]
	if !ok || h.place != placeOf(t) {
		h = history{place: placeOf(t)}
		p.histories[t.Name] = h
	}
	return h
}

// remember adds a burst that has ended to its target's history, unless that was forgotten meanwhile. The caller holds
// the lock.
func (p *Prober) remember(b *burst) {
	t := b.template.target
	h, ok := p.histories[t.Name]
	if !ok || h.place != placeOf(t) || b.paused {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	p.histories[t.Name] = history{place: h.place, jitter: b.jitter(), last: b.result()}
}

// waits reports whether the target has asked for no request at this time.
func (h history) waits() bool { return time.Now().Before(h.last.RetryAt) }

// result is that of a probe of such a target: the code and the place of its last answer, without any request.
func (h history) result(t Target) Result {
	last := h.last
	return Result{
		Target: t.Name, Success: t.alive(last.Code), Code: last.Code, RetryAt: last.RetryAt, Address: last.Address, IP: last.IP,
		Addresses: last.Addresses, AddressIndex: last.AddressIndex, Expiry: last.Expiry, ShownExpiry: last.ShownExpiry,
		Err: errPaused(last.RetryAt),
	}
}

func errPaused(until time.Time) error {
	return fmt.Errorf("the target wants no request before %s (Retry-After)", until.UTC().Format(time.RFC3339))
}
