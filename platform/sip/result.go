package sip

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Result is the outcome of a burst, up to its end or to its caller's deadline. Requests, answers and all that is measured
// of them are those of the address that was probed last; addresses that answered nothing were left before.
type Result struct {
	Target string
	// Success: the last final response had a code that counts as alive.
	Success  bool
	Duration time.Duration
	// Phases are the durations of those that were reached: resolve, connect (TCP and TLS), tls, response. The last is
	// the time from the first request to the first final response, or for as long as none came. What was done again at
	// a further address counts again.
	Phases map[string]time.Duration
	// Code is that of the last final response; 0 when none came. Classes counts them: 2 for 2xx and so on.
	Code    int
	Classes map[int]int
	// Requests were sent, and Retransmissions beside them; Answered had a final response in time.
	Requests, Answered, Retransmissions int
	// RoundTrips are those of the answered requests, in the order of the requests, each from its first transmission.
	RoundTrips []time.Duration
	// Jitter is the interarrival jitter of RFC 3550, section 6.4.1, over RoundTrips, smoothed over the target's bursts: the
	// filter of each begins with the value that the one before left. Nil when no request was answered, and before the
	// second answer of all.
	Jitter *time.Duration
	// Loss is the ratio of requests without a final response. Those that the deadline cut off within 500 ms, RFC 3261's
	// estimate of a round trip, are left out: they prove nothing. Nil when no request is left; 1 when
	// none is, and the addresses before have answered nothing.
	Loss *float64
	// Ignored counts what arrived and was no answer in time from where we asked, by reason.
	Ignored map[string]int
	Address string // ip:port that was probed last; "" when none was found
	IP      int    // 4 or 6; 0 when no address was found
	// Addresses is the number of addresses that the next hop has, at most 16, and AddressIndex is which of them, counted
	// from 1, was probed last. Both are 0 when none was found.
	Addresses, AddressIndex int
	// Expiry is when the verified chain ends: the last of them when there are several. Without verification, or when it
	// fails, it is ShownExpiry. Zero without TLS.
	Expiry time.Time
	// ShownExpiry is the earliest expiry among the certificates that the target presented, also of those that no chain
	// needs. Zero without TLS.
	ShownExpiry time.Time
	// RetryAt is when the target may be probed again: it answered 503 with Retry-After, which ended the burst. A probe
	// before that time sends nothing and has no Requests. At most an hour after the answer; zero when it did not ask for a pause.
	RetryAt time.Time
	Err     error // what kept the burst from its end; nil when all requests had their time
}

// result is what is known at this moment. The caller holds the lock.
func (b *burst) result() Result {
	if b.paused {
		return b.before.result(b.template.target)
	}
	now := b.ended
	if now.IsZero() {
		now = time.Now()
	}
	r := Result{
		Target: b.template.target.Name, Duration: now.Sub(b.began), Phases: map[string]time.Duration{}, Classes: map[int]int{},
		Requests: len(b.exchanges), Answered: len(b.arrived), Retransmissions: b.retransmissions,
		Ignored: maps.Clone(b.ignored), Expiry: b.expiry, ShownExpiry: b.shownExpiry, Err: b.err,
	}
	for _, p := range b.phases {
		if p.ended.IsZero() {
			p.ended = now
		}
		r.Phases[p.name] += p.ended.Sub(p.began)
	}
	if b.address.IsValid() {
		r.Addresses, r.AddressIndex = b.addresses, b.index+1
		r.Address, r.IP = b.address.String(), 6
		if b.address.Addr().Is4() {
			r.IP = 4
		}
	}
	for _, x := range b.arrived {
		r.Code = x.code
		r.Classes[x.code/100]++
	}
	for _, x := range b.exchanges {
		if x.code != 0 {
			r.RoundTrips = append(r.RoundTrips, x.roundTrip)
		}
	}
	if j := b.jitter(); len(r.RoundTrips) > 0 {
		r.Jitter = j.get()
	}
	r.Success = b.template.target.alive(r.Code) && r.Code != 0
	r.Loss = b.loss(now)
	if r.RetryAt = b.retryAt; r.Err == nil && !r.RetryAt.IsZero() {
		r.Err = errPaused(r.RetryAt)
	}
	return r
}

// loss is nil when no request has been waited for long enough.
func (b *burst) loss(now time.Time) *float64 {
	lost, judged := 0, 0
	for _, x := range b.exchanges {
		if !x.closed && now.Sub(x.sent) < t1 {
			continue
		}
		judged++
		if x.code == 0 {
			lost++
		}
	}
	switch {
	case judged > 0:
		return new(float64(lost) / float64(judged))
	case b.silent > 0 && !b.heard: // the addresses before answered nothing either
		return new(1.0)
	}
	return nil
}

// jitter returns the target's filter with the round trips of this burst. The caller holds the lock.
func (b *burst) jitter() jitter {
	j := b.before.jitter
	for _, x := range b.exchanges {
		if x.code != 0 {
			j.add(x.roundTrip)
		}
	}
	return j
}

// RoundTrip is the mean of RoundTrips; nil when no request was answered.
func (r Result) RoundTrip() *time.Duration {
	if len(r.RoundTrips) == 0 {
		return nil
	}
	var sum time.Duration
	for _, d := range r.RoundTrips {
		sum += d
	}
	return new(sum / time.Duration(len(r.RoundTrips)))
}

// String returns, in one line, how far the burst came and what was answered.
func (r Result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d OPTIONS answered", r.Answered, r.Requests)
	for _, class := range slices.Sorted(maps.Keys(r.Classes)) {
		fmt.Fprintf(&b, ", %d times %dxx", r.Classes[class], class)
	}
	if r.Code != 0 {
		fmt.Fprintf(&b, ", last %d", r.Code)
	}
	for _, reason := range slices.Sorted(maps.Keys(r.Ignored)) {
		fmt.Fprintf(&b, ", %d ignored (%s)", r.Ignored[reason], reason)
	}
	for _, phase := range slices.Backward(Phases[:]) {
		if _, reached := r.Phases[phase]; reached {
			fmt.Fprintf(&b, ", reached %s", phase)
			break
		}
	}
	if r.Err != nil {
		fmt.Fprintf(&b, ": %v", r.Err)
	}
	return b.String()
}
