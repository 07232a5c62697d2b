package sip

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

// TestDeadline: a burst does not outlive its caller's deadline, and its result has what is known by then.
func TestDeadline(t *testing.T) {
	p := overUDP(t, func(n int, request string) []reply {
		if n < 2 {
			return always(200)(n, request)
		}
		return nil
	})
	tgt := target("sip:" + p.address)
	tgt.Requests, tgt.Timeout, tgt.Spacing = 100, model.Duration(10*time.Second), model.Duration(100*time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 950*time.Millisecond)
	defer cancel()
	r, err := NewProber(new(net.Resolver)).Probe(ctx, tgt)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Success || r.Answered != 2 || r.Requests < 2 || r.Requests > 10 {
		t.Errorf("result = %+v, want a success with two answers of at most ten requests, a hundred would take 10 s", r)
	}
	// Those sent within the last 500 ms are undecided: of the others two are answered, some lost.
	if r.Loss == nil || *r.Loss <= 0 || *r.Loss >= 0.8 {
		t.Errorf("loss = %v, want that of the requests that were waited for", r.Loss)
	}
}

// TestShared: callers at once share one burst, each until its own deadline.
func TestShared(t *testing.T) {
	p := overUDP(t, func(_ int, request string) []reply {
		return []reply{{text: respond(request, 200), after: 20 * time.Millisecond}}
	})
	tgt := target("sip:" + p.address)
	tgt.Spacing = model.Duration(200 * time.Millisecond)
	tgt.Timeout = model.Duration(2 * time.Second)
	prober := NewProber(new(net.Resolver))

	impatient, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var callers sync.WaitGroup
	callers.Go(func() {
		r, err := prober.Probe(impatient, tgt)
		if err != nil || r.Answered == 0 || r.Answered == 5 {
			t.Errorf("impatient caller: %v, %v, want the answers by its deadline", r, err)
		}
	})
	for range 7 {
		callers.Go(func() {
			r, err := prober.Probe(t.Context(), tgt)
			if err != nil || r.Answered != 5 {
				t.Errorf("caller: %v, %v, want 5 answers", r, err)
			}
		})
	}
	callers.Wait()
	if n := len(p.seen()); n != 5 {
		t.Errorf("the peer got %d requests, want one burst of 5", n)
	}
	if _, err := prober.Probe(t.Context(), tgt); err != nil || len(p.seen()) != 10 {
		t.Errorf("next probe: %v, %d requests, want a burst of its own", err, len(p.seen()))
	}
}

// TestOneAtATime: settings that have changed wait for the burst with the old ones.
func TestOneAtATime(t *testing.T) {
	p := overUDP(t, always(200))
	before := target("sip:" + p.address)
	before.Spacing = model.Duration(50 * time.Millisecond)
	after := before
	after.UserAgent = "changed"
	prober := NewProber(new(net.Resolver))
	var callers sync.WaitGroup
	for _, tgt := range []Target{before, after, before, after} {
		callers.Go(func() {
			if _, err := prober.Probe(t.Context(), tgt); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	last, run := "", 0
	for _, request := range append(p.seen(), "") {
		if agent := line(request, "User-Agent"); agent != last {
			if run%5 != 0 {
				t.Errorf("a burst of %q was broken off after %d requests", last, run)
			}
			last, run = agent, 0
		}
		run++
	}
	if n := len(p.seen()); n < 10 || n > 20 {
		t.Errorf("the peer got %d requests, want 2 to 4 bursts of 5", n)
	}
}

func TestLimits(t *testing.T) {
	p := overUDP(t, silent)
	prober := NewProber(new(net.Resolver))
	prober.SetLimits(Limits{ProbesPerSecond: 1000, ConcurrentProbes: 1})
	first, second := target("sip:"+p.address), target("sip:"+p.address)
	first.Timeout = model.Duration(30 * time.Second)
	second.Name = "other"
	ctx, cancel := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	busy.Go(func() { _, _ = prober.Probe(ctx, first) })
	for len(p.seen()) == 0 { // until the first has the only place
		select {
		case <-time.After(time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("the first probe does not begin")
		}
	}
	short, done := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer done()
	_, err := prober.Probe(short, second)
	if limited, ok := errors.AsType[*LimitError](err); !ok || limited.Reason() != "budget" || limited.Target != "other" {
		t.Errorf("error = %v, want a limit", err)
	}
	cancel()
	busy.Wait()
	if r, err := prober.Probe(t.Context(), second); err != nil || r.Requests != 5 {
		t.Errorf("after the first: %v, %v, want a burst", r, err)
	}
}
