// Package sip probes SIP targets with bursts of OPTIONS requests and measures reachability, round-trip time, jitter and
// loss. A target that does not answer cannot be reached by a call either.
//
// [Prober.Probe] joins the burst of the target that is under way, or begins one when the [Limits] allow it. A burst finds
// the addresses of the next hop, connects to the first that accepts a connection, and sends its requests at even
// intervals; over UDP each is sent again until it is answered. An address that answers none of them is left for the next
// one. The burst ends when every request is answered or has timed out, or with its last caller. Its [Result] holds how far
// it came and what was answered. A target that answers 503 with Retry-After is left alone until then.
//
// Between the bursts the prober keeps the jitter of each target, which [Prober.Retain] forgets with the target. It keeps
// no connection.
package sip

import (
	"context"
	"net"
	"reflect"
	"sync"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
)

// Phases of a probe, in their order.
var Phases = [...]string{"resolve", "connect", "tls", "response"}

// Prober makes the probes of the whole process, within its Limits. A target has one burst at a time, which all its
// callers share.
type Prober struct {
	dns  *net.Resolver
	gate *gate

	mu        sync.Mutex
	flights   map[string]*flight // by target
	histories map[string]history // by target
}

// NewProber returns a prober with the DefaultLimits.
func NewProber(dns *net.Resolver) *Prober {
	return &Prober{dns: dns, gate: newGate(), flights: map[string]*flight{}, histories: map[string]history{}}
}

// SetLimits changes the limits of probes that are yet to begin.
func (p *Prober) SetLimits(l Limits) { p.gate.set(l) }

// flight is a probe under way or waiting for its turn. It ends when its burst does, or when its last caller leaves.
type flight struct {
	*burst
	cancel  func()
	done    chan struct{} // closed at its end
	fault   error         // a panic, which may be read once done is closed
	callers int           // under the prober's lock; 0 = the last has left, and the flight is ending
}

// Probe makes a burst, or joins the one under way, and returns its result: at ctx's end what is known by then. While the
// target is to be left alone, the result has no requests, a RetryAt, and the code of the answer that asked for it. The error
// is a *LimitError when the burst had not begun by then, else what is wrong with the target's settings.
func (p *Prober) Probe(ctx context.Context, t Target) (Result, error) {
	l, err := newTemplate(t)
	if err != nil {
		return Result{}, err
	}
	f := p.join(ctx, l)
	if f == nil {
		return Result{}, &LimitError{t.Name}
	}
	defer p.leave(f)
	select {
	case <-f.done:
		if f.fault != nil {
			return Result{}, f.fault
		}
	case <-ctx.Done():
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.began.IsZero() {
		return Result{}, &LimitError{t.Name}
	}
	return f.result(), nil
}

// join returns nil when ctx ends before an older flight that cannot be joined has.
func (p *Prober) join(ctx context.Context, l template) *flight {
	for {
		p.mu.Lock()
		f := p.flights[l.target.Name]
		switch {
		case f == nil:
			f = p.start(ctx, l)
			fallthrough
		case f.callers > 0 && reflect.DeepEqual(f.template.target, l.target):
			f.callers++
			p.mu.Unlock()
			return f
		}
		p.mu.Unlock()
		select {
		case <-f.done:
		case <-ctx.Done():
			return nil
		}
	}
}

// start begins a flight that outlives its first caller when others want it too. The caller holds the lock.
func (p *Prober) start(ctx context.Context, l template) *flight {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{burst: newBurst(l, p.recall(l.target)), cancel: cancel, done: make(chan struct{})}
	p.flights[l.target.Name] = f
	go func() { // whose end the last caller waits for
		f.fault = guard.Func(func() error { p.run(ctx, f.burst); return nil })()
		p.mu.Lock()
		p.remember(f.burst)
		delete(p.flights, l.target.Name)
		p.mu.Unlock()
		close(f.done)
	}()
	return f
}

func (p *Prober) leave(f *flight) {
	p.mu.Lock()
	f.callers--
	last := f.callers == 0
	p.mu.Unlock()
	if last {
		f.cancel()
		<-f.done
	}
}

// run makes the burst once the limits let it.
func (p *Prober) run(ctx context.Context, b *burst) {
	if b.before.waits() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.paused, b.began = true, time.Now()
		return
	}
	leave, err := p.gate.enter(ctx)
	if err != nil {
		return // ctx has ended: the last caller has left
	}
	defer leave()
	b.mu.Lock()
	b.began = time.Now()
	b.mu.Unlock()
	defer b.end()
	if err := p.probe(ctx, b); err != nil {
		b.fail(err)
	}
}
