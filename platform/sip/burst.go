package sip

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
)

// The timers of RFC 3261, section 17.1.2.2: retransmissions over UDP begin after t1 and double up to t2.
const (
	t1 = 500 * time.Millisecond // also its estimate of a round trip
	t2 = 4 * time.Second
)

// burst is one probe under way. Its result can be read at any time under its lock.
type burst struct {
	template template
	before   history       // of the target
	changed  chan struct{} // wakes the loop: an answer has come, or none can come any more

	mu              sync.Mutex
	began, ended    time.Time
	phases          []phase
	exchanges       []*exchange // with that address, in the order of their transmission
	arrived         []*exchange // the answered ones in the order of their answers
	ignored         map[string]int
	expiry          time.Time // of the verified chain
	shownExpiry     time.Time
	address         netip.AddrPort // of the next hop that was tried last
	index           int            // of it
	addresses       int            // that there are
	silent          int            // that were given up because they answered nothing
	heard           bool           // a response has come, if only a provisional one
	paused          bool           // nothing is sent: the target asked for a pause before
	retryAt         time.Time      // no request before; zero when the target did not say so
	over            bool           // no answer is awaited
	err             error          // what ended the burst early
	retransmissions int
}

// phase is a step of a probe. One that goes on has no end.
type phase struct {
	name         string
	began, ended time.Time
}

// exchange is one request and its answers.
type exchange struct {
	request
	sent         time.Time     // first transmission
	retransmitAt time.Time     // when it is retransmitted next; zero = never
	interval     time.Duration // between the last transmission and the next
	expires      time.Time
	closed       bool          // answered or given up
	code         int           // of the final response; 0 when there was none
	roundTrip    time.Duration // from the first transmission to the final response
}

func newBurst(l template, before history) *burst {
	return &burst{template: l, before: before, changed: make(chan struct{}, 1), ignored: map[string]int{}}
}

// beginPhase begins a phase, and with it ends the one before.
func (b *burst) beginPhase(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.endPhase(now)
	b.phases = append(b.phases, phase{name: name, began: now})
}

func (b *burst) endPhase(now time.Time) {
	if last := len(b.phases) - 1; last >= 0 && b.phases[last].ended.IsZero() {
		b.phases[last].ended = now
	}
}

// fail records what ended the burst early.
func (b *burst) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = err
	}
}

// end ends the burst. The result decides about requests that are still open.
func (b *burst) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = time.Now()
	b.endPhase(b.ended)
}

// run sends the requests, each at its time, and reads their answers until every request is answered or given up, the
// wire breaks, or ctx ends. It closes the wire and reports whether the burst is done: an address that has answered
// nothing is left for the next one when its first request is given up.
func (b *burst) run(ctx context.Context, w wire) (done bool) {
	b.converse(ctx, w)
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.heard || b.last() || ctx.Err() != nil
}

// last reports whether there is no further address.
func (b *burst) last() bool { return b.index+1 >= b.addresses }

// converse sends and receives at one address until no answer is awaited any more.
func (b *burst) converse(ctx context.Context, w wire) {
	var receiving sync.WaitGroup
	receiving.Go(func() { b.receive(ctx, w) })
	unblock := context.AfterFunc(ctx, func() { _ = w.Close() })
	defer receiving.Wait()
	defer func() {
		if unblock() {
			_ = w.Close() // the answers are in
		}
	}()
	b.beginPhase("response")
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.changed:
		case <-timer.C:
		}
		due, wait, over := b.step(w)
		for _, text := range due { // without the lock: a peer that takes no bytes must not keep callers from the result
			if err := w.send(text); err != nil {
				b.fail(fmt.Errorf("send: %w", err))
				wait = 0
			}
		}
		if over {
			return
		}
		timer.Reset(wait)
	}
}

// step returns the messages that are due, and how long nothing more is. It is over when no answer is awaited.
func (b *burst) step(w wire) (due [][]byte, wait time.Duration, over bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, t := time.Now(), b.template.target
	next := now.Add(time.Duration(t.Timeout))
	open := false
	for _, x := range b.exchanges {
		if b.err != nil || !now.Before(x.expires) {
			x.closed = true
		}
		if x.closed {
			continue
		}
		if !x.retransmitAt.IsZero() && !now.Before(x.retransmitAt) {
			x.interval = min(2*x.interval, t2)
			x.retransmitAt = now.Add(x.interval)
			b.retransmissions++
			due = append(due, x.text)
		}
		open, next = true, earliest(next, x.expires, x.retransmitAt)
	}
	if sent := len(b.exchanges); b.err == nil && b.retryAt.IsZero() && sent < t.Requests {
		open = true
		turn := now
		if sent > 0 {
			turn = b.exchanges[sent-1].sent.Add(time.Duration(t.Spacing))
		}
		if !now.Before(turn) {
			x := b.openExchange(w)
			due = append(due, x.text)
			turn = x.sent.Add(time.Duration(t.Spacing))
			next = earliest(next, x.expires, x.retransmitAt)
		}
		next = earliest(next, turn)
	}
	if !b.heard && !b.last() && len(b.exchanges) > 0 && b.exchanges[0].closed {
		due, open = nil, false // for the next address
	}
	b.over = !open
	return due, time.Until(next), b.over
}

func earliest(first time.Time, others ...time.Time) time.Time {
	for _, t := range others {
		if !t.IsZero() && t.Before(first) {
			first = t
		}
	}
	return first
}

// openExchange records the next request, which the caller sends at once.
func (b *burst) openExchange(w wire) *exchange {
	x := &exchange{request: b.template.write(w.local()), interval: t1}
	b.exchanges = append(b.exchanges, x)
	x.sent = time.Now()
	x.expires = x.sent.Add(time.Duration(b.template.target.Timeout))
	if !w.reliable() {
		x.retransmitAt = x.sent.Add(x.interval)
	}
	return x
}

// receive reads what arrives until the wire is closed.
func (b *burst) receive(ctx context.Context, w wire) {
	for {
		var answers []answer
		err := guard.Func(func() (err error) {
			answers, err = w.receive()
			return err
		})()
		b.mu.Lock()
		for _, a := range answers {
			b.record(a)
		}
		if err != nil && b.err == nil && !b.over && ctx.Err() == nil {
			b.err = fmt.Errorf("receive: %w", err)
		}
		b.mu.Unlock()
		select {
		case b.changed <- struct{}{}:
		default: // the loop is awake already
		}
		if err != nil {
			return
		}
	}
}

// record records an answer.
func (b *burst) record(a answer) {
	x := b.match(a)
	switch {
	case a.problem != "":
		b.ignored[a.problem]++
	case x == nil || a.code == 0:
		b.ignored[Unmatched]++
	case a.stranger:
		b.ignored[Address]++
	case x.code != 0 && a.code >= 200:
		b.ignored[Duplicate]++
	case x.closed || !a.at.Before(x.expires):
		b.ignored[Late]++
	case a.code < 200: // the peer is at work on it
		b.heard = true
		x.interval = t2
		if !x.retransmitAt.IsZero() {
			x.retransmitAt = a.at.Add(t2)
		}
	default:
		b.heard = true
		x.closed, x.code, x.roundTrip = true, a.code, a.at.Sub(x.sent)
		if a.code == 503 && a.retryAfter > 0 {
			b.retryAt = a.at.Add(min(a.retryAfter, maxPause))
		}
		b.arrived = append(b.arrived, x)
		b.endPhase(a.at)
	}
}

func (b *burst) match(a answer) *exchange {
	for _, x := range b.exchanges {
		if strings.EqualFold(x.branch, a.branch) && x.callID == a.callID {
			return x
		}
	}
	return nil
}
