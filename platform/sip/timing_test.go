package sip

import (
	"context"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
)

// ether is a datagram socket without a network, for bubbles of synctest.
type ether struct {
	net.PacketConn // nil: what is not below is not used
	answer         func(n int, request string) []reply
	began          time.Time

	mu      sync.Mutex
	sent    []time.Duration // since the beginning
	inbox   chan string
	closing chan struct{}
	once    sync.Once
}

func newEther(answer func(int, string) []reply) *ether {
	return &ether{answer: answer, began: time.Now(), inbox: make(chan string, 100), closing: make(chan struct{})}
}

var there = netip.MustParseAddrPort("192.0.2.1:5060")

func (e *ether) LocalAddr() net.Addr {
	return net.UDPAddrFromAddrPort(netip.MustParseAddrPort("192.0.2.7:50000"))
}

func (e *ether) Close() error {
	e.once.Do(func() { close(e.closing) })
	return nil
}

func (e *ether) WriteTo(p []byte, _ net.Addr) (int, error) {
	e.mu.Lock()
	n := len(e.sent)
	e.sent = append(e.sent, time.Since(e.began))
	e.mu.Unlock()
	for _, r := range e.answer(n, string(p)) {
		time.AfterFunc(r.after, func() { e.inbox <- r.text })
	}
	return len(p), nil
}

func (e *ether) ReadFrom(p []byte) (int, net.Addr, error) {
	select {
	case text := <-e.inbox:
		return copy(p, text), net.UDPAddrFromAddrPort(there), nil
	case <-e.closing:
		return 0, nil, os.ErrClosed
	}
}

// burstOver runs a burst in a bubble and returns its result and when requests were sent.
func burstOver(t *testing.T, tgt Target, deadline time.Duration, answer func(int, string) []reply) (Result, []time.Duration) {
	t.Helper()
	var r Result
	var sent []time.Duration
	synctest.Test(t, func(t *testing.T) {
		l, err := newTemplate(tgt)
		if err != nil {
			t.Fatal(err)
		}
		e := newEther(answer)
		ctx, cancel := context.WithTimeout(t.Context(), deadline)
		defer cancel()
		b := newBurst(l, history{})
		b.began = time.Now()
		b.run(ctx, newDatagrams(e, there))
		b.end()
		r, sent = b.result(), e.sent
	})
	return r, sent
}

func paced(requests int, spacing, timeout time.Duration) Target {
	t := target("sip:192.0.2.1")
	t.Requests, t.Spacing, t.Timeout = requests, model.Duration(spacing), model.Duration(timeout)
	return t
}

// after answers every transmission with a code when a time has passed.
func after(d time.Duration, code int) func(int, string) []reply {
	return func(_ int, request string) []reply { return []reply{{text: respond(request, code), after: d}} }
}

const ms = time.Millisecond

// TestRetransmissionTimes are those of RFC 3261, figure 6 and section 17.1.2.2.
func TestRetransmissionTimes(t *testing.T) {
	for name, tc := range map[string]struct {
		answer func(int, string) []reply
		want   []time.Duration
		took   time.Duration
	}{
		"silence": {
			silent,
			[]time.Duration{0, 500 * ms, 1500 * ms, 3500 * ms, 7500 * ms, 11500 * ms, 15500 * ms, 19500 * ms, 23500 * ms, 27500 * ms, 31500 * ms},
			32 * time.Second,
		},
		"trying, then silence": {
			func(n int, request string) []reply {
				if n > 0 {
					return nil
				}
				return []reply{{text: respond(request, 100), after: 700 * ms}}
			},
			[]time.Duration{0, 500 * ms, 4700 * ms, 8700 * ms, 12700 * ms, 16700 * ms, 20700 * ms, 24700 * ms, 28700 * ms},
			32 * time.Second,
		},
		"answered after the second": {after(1200*ms, 200), []time.Duration{0, 500 * ms}, 1200 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			r, sent := burstOver(t, paced(1, 200*ms, 32*time.Second), time.Minute, tc.answer)
			if diff := cmp.Diff(tc.want, sent); diff != "" {
				t.Errorf("transmissions (-want +got):\n%s", diff)
			}
			if r.Retransmissions != len(tc.want)-1 || r.Duration != tc.took {
				t.Errorf("retransmissions, duration = %d, %v, want %d, %v", r.Retransmissions, r.Duration, len(tc.want)-1, tc.took)
			}
		})
	}
}

func TestMeasures(t *testing.T) {
	delays := []time.Duration{20 * ms, 52 * ms, 20 * ms, 20 * ms, 100 * ms}
	r, sent := burstOver(t, paced(5, 200*ms, 2*time.Second), time.Minute, func(n int, request string) []reply {
		return after(delays[n], 200)(n, request)
	})
	if want := []time.Duration{0, 200 * ms, 400 * ms, 600 * ms, 800 * ms}; !slices.Equal(sent, want) {
		t.Errorf("transmissions = %v, want %v", sent, want)
	}
	if !slices.Equal(r.RoundTrips, delays) || *r.RoundTrip() != 42400*time.Microsecond {
		t.Errorf("round trips = %v, mean %v, want %v, 42.4ms", r.RoundTrips, *r.RoundTrip(), delays)
	}
	// D is 32, 32, 0 and 80 ms: J = 2, 3.875, 3.6328125, 8.405761718 ms.
	if got, want := *r.Jitter, 8405761*time.Nanosecond; (got - want).Abs() > time.Microsecond {
		t.Errorf("jitter = %v, want %v", got, want)
	}
	if r.Phases["response"] != 20*ms || r.Duration != 900*ms || *r.Loss != 0 {
		t.Errorf("response, duration, loss = %v, %v, %v, want 20ms, 900ms, 0", r.Phases["response"], r.Duration, *r.Loss)
	}
}

// TestOvertaking: round trips, and the jitter with them, are in the order of the requests; the last code is that of the
// last answer.
func TestOvertaking(t *testing.T) {
	delays := []time.Duration{300 * ms, 20 * ms, 20 * ms}
	r, _ := burstOver(t, paced(3, 100*ms, 2*time.Second), time.Minute, func(n int, request string) []reply {
		return []reply{{text: respond(request, 200+2*n), after: delays[n]}}
	})
	if !slices.Equal(r.RoundTrips, delays) || *r.Jitter != 280*ms*15/16/16 || r.Code != 200 {
		t.Errorf("round trips, jitter, last code = %v, %v, %d, want %v, 16.40625ms, 200", r.RoundTrips, *r.Jitter, r.Code, delays)
	}
}

// TestCutOff: at the deadline requests younger than 500 ms are undecided, older ones are lost.
func TestCutOff(t *testing.T) {
	for _, tc := range []struct {
		deadline time.Duration
		answer   func(int, string) []reply
		requests int
		loss     float64 // -1: none
	}{
		{50 * ms, silent, 1, -1},
		{499 * ms, silent, 3, -1},
		{501 * ms, silent, 3, 1},
		{950 * ms, silent, 5, 1},
		{950 * ms, after(600*ms, 200), 5, 0.3333333333333333}, // 0, 200 answered, 400 is lost, 600 and 800 are undecided
		{950 * ms, after(100*ms, 200), 5, 0},
	} {
		r, _ := burstOver(t, paced(5, 200*ms, 2*time.Second), tc.deadline, tc.answer)
		got := -1.0
		if r.Loss != nil {
			got = *r.Loss
		}
		if r.Requests != tc.requests || got != tc.loss || r.Duration > tc.deadline {
			t.Errorf("at %v: %d requests, loss %v, took %v, want %d, %v, not longer", tc.deadline, r.Requests, got, r.Duration, tc.requests, tc.loss)
		}
	}
}

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		g.set(Limits{ProbesPerSecond: 10, ConcurrentProbes: 2})
		began := time.Now()
		var entered []time.Duration
		var probes sync.WaitGroup
		var mu sync.Mutex
		for range 4 {
			probes.Go(func() {
				leave, err := g.enter(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				entered = append(entered, time.Since(began))
				mu.Unlock()
				time.Sleep(time.Second)
				leave()
			})
		}
		probes.Wait()
		// Two at once, 100 ms apart; each of the others when one has left.
		if want := []time.Duration{0, 100 * ms, time.Second, 1100 * ms}; !slices.Equal(entered, want) {
			t.Errorf("entered at %v, want %v", entered, want)
		}
		g.set(Limits{ProbesPerSecond: 10, ConcurrentProbes: 1})
		leave, err := g.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := g.enter(ctx); err == nil {
			t.Error("entered a place that is taken")
		}
	})
}
