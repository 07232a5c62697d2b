package sip

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
)

// inTurn answers the requests with delays in turn, and no retransmission.
func inTurn(delays ...time.Duration) func(int, string) []reply {
	asked := map[string]bool{}
	return func(_ int, request string) []reply {
		id := line(request, "Call-ID")
		if asked[id] {
			return nil
		}
		asked[id] = true
		return []reply{{text: respond(request, 200), after: delays[(len(asked)-1)%len(delays)]}}
	}
}

// burstsOver runs bursts of one target in a bubble, at its interval, and returns their results.
func burstsOver(t *testing.T, tgt Target, n int, answer func(int, string) []reply) (results []Result) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l, err := newTemplate(tgt)
		if err != nil {
			t.Fatal(err)
		}
		p := NewProber(nil)
		turn := time.NewTicker(time.Duration(tgt.Every))
		defer turn.Stop()
		for range n {
			b := newBurst(l, p.recall(tgt))
			b.began = time.Now()
			b.run(t.Context(), newDatagrams(newEther(answer), there))
			b.end()
			p.remember(b)
			results = append(results, b.result())
			<-turn.C
		}
	})
	return results
}

// TestJitterReachesTheAlert holds what the default target reports against the alert on its jitter: a mean above 400 ms in
// each of two windows of 5 minutes.
func TestJitterReachesTheAlert(t *testing.T) {
	const threshold, window = 400 * ms, 10 // bursts in 5 minutes
	for _, tc := range []struct {
		name   string
		delays []time.Duration
		fires  bool
	}{
		{"a second", []time.Duration{0, time.Second}, true},
		{"600 ms", []time.Duration{0, 600 * ms}, true},
		{"150 ms", []time.Duration{0, 150 * ms}, false},
		{"slow and even", []time.Duration{time.Second}, false},
	} {
		tgt := DefaultTarget
		tgt.Name, tgt.URI = "sbc", "sip:192.0.2.1"
		results := burstsOver(t, tgt, 2*window, inTurn(tc.delays...))
		for at := range slices.Chunk(results, window) {
			var sum time.Duration
			for _, r := range at {
				if r.Answered != tgt.Requests {
					t.Fatalf("%s: %v, want all answered", tc.name, r)
				}
				sum += *r.Jitter
			}
			if mean := sum / window; (mean > threshold) != tc.fires {
				t.Errorf("%s: mean jitter = %v, above %v = %v, want %v", tc.name, mean, threshold, !tc.fires, tc.fires)
			}
		}
	}
}

// smoothed is the formula of RFC 3550, section 6.4.1, over all round trips.
func smoothed(bursts ...[]time.Duration) time.Duration {
	all := slices.Concat(bursts...)
	j := 0.0
	for i := range all[1:] {
		j += (float64((all[i+1] - all[i]).Abs()) - j) / 16
	}
	return time.Duration(j)
}

// TestJitterOverBursts: the filter goes on from burst to burst of a target, and begins anew when the target is another
// one or has been forgotten.
func TestJitterOverBursts(t *testing.T) {
	p := overUDP(t, func(n int, request string) []reply {
		return []reply{{text: respond(request, 200), after: time.Duration(n%2) * 40 * ms}}
	})
	prober := NewProber(new(net.Resolver))
	burst := func(name, user string) Result {
		t.Helper()
		tgt := target("sip:" + user + "@" + p.address)
		tgt.Name, tgt.Requests = name, 3
		r, err := prober.Probe(t.Context(), tgt)
		if err != nil || r.Answered != 3 {
			t.Fatalf("probe: %v, %v, want 3 answers", r, err)
		}
		return r
	}
	check := func(what string, r Result, bursts ...[]time.Duration) {
		t.Helper()
		if want := smoothed(bursts...); *r.Jitter != want {
			t.Errorf("%s: jitter = %v, want %v", what, *r.Jitter, want)
		}
	}
	first := burst("a", "u")
	check("first", first, first.RoundTrips)
	other := burst("b", "u")
	check("other target", other, other.RoundTrips)
	second := burst("a", "u")
	check("second", second, first.RoundTrips, second.RoundTrips)

	known := target("sip:u@" + p.address)
	known.Name = "a"
	prober.Retain([]Target{known})
	if diff := cmp.Diff([]string{"a"}, keysOf(prober)); diff != "" {
		t.Errorf("remembered targets (-want +got):\n%s", diff)
	}
	third := burst("a", "u")
	check("after a reload", third, first.RoundTrips, second.RoundTrips, third.RoundTrips)
	moved := burst("a", "v")
	check("another URI", moved, moved.RoundTrips)
	prober.Retain(nil)
	if diff := cmp.Diff([]string(nil), keysOf(prober)); diff != "" {
		t.Errorf("remembered targets (-want +got):\n%s", diff)
	}
	again := burst("a", "v")
	check("forgotten", again, again.RoundTrips)
}

func keysOf(p *Prober) (names []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name := range p.histories {
		names = append(names, name)
	}
	return names
}

// TestForgottenMeanwhile: a burst that ends after its target was forgotten brings nothing back.
func TestForgottenMeanwhile(t *testing.T) {
	prober := NewProber(new(net.Resolver))
	p := overUDP(t, func(_ int, request string) []reply {
		prober.Retain(nil)
		return always(200)(0, request)
	})
	if r, err := prober.Probe(t.Context(), target("sip:"+p.address)); err != nil || !r.Success || len(keysOf(prober)) != 0 {
		t.Errorf("probe: %v, %v, remembered %q, want a success and nothing remembered", r, err, keysOf(prober))
	}
}

// overloaded answers each transmission with 503 and Retry-After.
func overloaded(after string) func(int, string) []reply {
	return func(_ int, request string) []reply {
		return []reply{{text: respond(request, 503, "Retry-After: "+after)}}
	}
}

// TestRetryAfter: the burst ends with a 503 that has a Retry-After, and until then no caller's probe sends anything.
func TestRetryAfter(t *testing.T) {
	p := overUDP(t, overloaded("300 (lunch);duration=60"))
	tgt := target("sip:" + p.address)
	tgt.Spacing = model.Duration(200 * time.Millisecond)
	prober := NewProber(new(net.Resolver))
	began := time.Now()
	first, err := prober.Probe(t.Context(), tgt)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(outcome{Code: 503, Requests: 1, Answers: 1, Phases: "resolve response"}, outcomeOf(first)); diff != "" {
		t.Errorf("outcome of the first (-want +got):\n%s", diff)
	}
	if at := first.RetryAt.Sub(began); at < 300*time.Second || at > 330*time.Second {
		t.Errorf("retry %v after the start, want 300 s after the answer", at)
	}
	want := Result{
		Target: "sbc", Code: 503, Address: p.address, IP: 4, Addresses: 1, AddressIndex: 1, RetryAt: first.RetryAt,
		Err: fmt.Errorf("the target wants no request before %s (Retry-After)", first.RetryAt.UTC().Format(time.RFC3339)),
	}
	words := cmp.Comparer(func(a, b error) bool { return fmt.Sprint(a) == fmt.Sprint(b) })
	var callers sync.WaitGroup
	for range 3 {
		callers.Go(func() {
			got, err := prober.Probe(t.Context(), tgt)
			if diff := cmp.Diff(want, got, words); diff != "" || err != nil {
				t.Errorf("next result (-want +got):\n%s\nerror = %v", diff, err)
			}
		})
	}
	callers.Wait()
	if n := len(p.seen()); n != 1 {
		t.Errorf("the peer got %d requests, want 1", n)
	}
	tgt.URI = "sip:other@" + p.address
	if _, err := prober.Probe(t.Context(), tgt); err != nil || len(p.seen()) != 2 {
		t.Errorf("another URI: %v, %d requests, want one more", err, len(p.seen()))
	}
}

// TestPauses: how long a target is left alone after an answer.
func TestPauses(t *testing.T) {
	for _, tc := range []struct {
		name   string
		answer func(int, string) []reply
		want   time.Duration
	}{
		{"two minutes", overloaded("120"), 120 * time.Second},
		{"for ever", overloaded("4294967295"), maxPause},
		{"not at all", overloaded("0"), 0},
		{"no number", overloaded("soon"), 0},
		{"plain 503", always(503), 0},
		{"another code", func(_ int, request string) []reply {
			return []reply{{text: respond(request, 404, "Retry-After: 120")}}
		}, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			tgt := paced(1, 200*ms, 2*time.Second)
			l, err := newTemplate(tgt)
			if err != nil {
				t.Fatal(err)
			}
			p := NewProber(nil)
			b := newBurst(l, p.recall(tgt))
			b.run(t.Context(), newDatagrams(newEther(tc.answer), there))
			b.end()
			p.remember(b)
			ctx, cancel := context.WithTimeout(t.Context(), tc.want+time.Nanosecond)
			defer cancel()
			if waits := p.recall(tgt).waits(); waits != (tc.want > 0) {
				t.Errorf("%s: waits = %v, want a pause of %v", tc.name, waits, tc.want)
			}
			<-time.After(max(tc.want-time.Nanosecond, 0))
			if waits := p.recall(tgt).waits(); waits != (tc.want > 0) {
				t.Errorf("%s: waits at the end = %v, want a pause of %v", tc.name, waits, tc.want)
			}
			<-ctx.Done()
			if p.recall(tgt).waits() {
				t.Errorf("%s: waits for longer than %v", tc.name, tc.want)
			}
		})
	}
}
