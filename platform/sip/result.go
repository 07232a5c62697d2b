package sip

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Result is what a burst told, up to its end or to its caller's deadline.
type Result struct {
	Target string
	// Success: the last final response had a code that counts as alive.
	Success  bool
	Duration time.Duration
	// Phases are the durations of those that were reached: resolve, connect (TCP and TLS), tls, response. The last is
	// the time from the first request to the first final response, or for as long as none came.
	Phases map[string]time.Duration
	// Code is that of the last final response; 0 when none came. Classes counts them: 2 for 2xx and so on.
	Code    int
	Classes map[int]int
	// Requests were sent, and Retransmissions beside them; Answered had a final response in time.
	Requests, Answered, Retransmissions int
	// RoundTrips are those of the answered requests, in the order of their answers, each from its first transmission.
	RoundTrips []time.Duration
	// Jitter is that of RFC 3550, section 6.4.1, over RoundTrips; nil for fewer than two.
	Jitter *time.Duration
	// Loss is the ratio of requests without a final response. Those that the deadline cut off within 500 ms, RFC 3261's
	// estimate of a round trip, are left out: they prove nothing. Nil when no request is left.
	Loss *float64
	// Ignored counts what arrived and was no answer in time from where we asked, by reason.
	Ignored map[string]int
	Address string // ip:port that was probed last; "" when none was found
	IP      int    // 4 or 6; 0 when no address was found
	// Expiry is when the verified chain ends: the last of them when there are several. Without verification, or when it
	// fails, it is ShownExpiry. Zero without TLS.
	Expiry time.Time
	// ShownExpiry is the earliest expiry among the certificates that the target presented, also of those that no chain
	// needs. Zero without TLS.
	ShownExpiry time.Time
	Err         error // what kept the burst from its end; nil when all requests had their time
}

// result is what is known at this moment. The caller holds the lock.
func (b *burst) result() Result {
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
		r.Address, r.IP = b.address.String(), 6
		if b.address.Addr().Is4() {
			r.IP = 4
		}
	}
	for _, x := range b.arrived {
		r.Code = x.code
		r.Classes[x.code/100]++
		r.RoundTrips = append(r.RoundTrips, x.roundTrip)
	}
	r.Success = b.template.target.alive(r.Code) && r.Code != 0
	r.Jitter, r.Loss = jitter(r.RoundTrips), b.loss(now)
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
	if judged == 0 {
		return nil
	}
	return new(float64(lost) / float64(judged))
}

// jitter is J += (|D| - J)/16, where D is by how much one round trip took longer than the one before.
func jitter(roundTrips []time.Duration) *time.Duration {
	if len(roundTrips) < 2 {
		return nil
	}
	var j float64
	for i := range len(roundTrips) - 1 {
		d := (roundTrips[i+1] - roundTrips[i]).Abs()
		j += (float64(d) - j) / 16
	}
	return new(time.Duration(j))
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

// String tells in one line how far the burst came and what was answered.
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
