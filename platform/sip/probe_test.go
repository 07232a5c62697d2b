package sip

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
)

// outcome is what of a result does not depend on the machine's speed.
type outcome struct {
	Success           bool
	Code              int
	Requests, Answers int
	Loss              float64 // -1 when absent
	Ignored           map[string]int
	Phases            string
}

func outcomeOf(r Result) outcome {
	o := outcome{Success: r.Success, Code: r.Code, Requests: r.Requests, Answers: r.Answered, Loss: -1}
	if r.Loss != nil {
		o.Loss = *r.Loss
	}
	if len(r.Ignored) > 0 {
		o.Ignored = r.Ignored
	}
	var phases []string
	for _, phase := range Phases {
		if _, reached := r.Phases[phase]; reached {
			phases = append(phases, phase)
		}
	}
	o.Phases = strings.Join(phases, " ")
	return o
}

// faults are answers and what a burst of five over UDP makes of them; those marked hold for streams too.
var faults = map[string]struct {
	answer  func(n int, request string) []reply
	want    outcome
	streams bool
}{
	"all":  {always(200), outcome{Success: true, Code: 200, Answers: 5}, true},
	"none": {silent, outcome{Loss: 1}, true},
	"four of five": {
		func(n int, request string) []reply {
			if n == 2 {
				return nil
			}
			return always(200)(n, request)
		},
		outcome{Success: true, Code: 200, Answers: 4, Loss: 0.2},
		true,
	},
	"not found is alive":         {always(404), outcome{Success: true, Code: 404, Answers: 5}, true},
	"method not allowed":         {always(405), outcome{Success: true, Code: 405, Answers: 5}, true},
	"forbidden":                  {always(403), outcome{Success: true, Code: 403, Answers: 5}, true},
	"declined":                   {always(603), outcome{Success: true, Code: 603, Answers: 5}, true},
	"time-out elsewhere is dead": {always(408), outcome{Code: 408, Answers: 5}, true},
	"overloaded is dead":         {always(503), outcome{Code: 503, Answers: 5}, true},
	"challenged is alive": {
		func(_ int, request string) []reply {
			return []reply{{text: respond(request, 401, `WWW-Authenticate: Digest realm="r", nonce="n"`)}}
		},
		outcome{Success: true, Code: 401, Answers: 5},
		true,
	},
	"challenged by a proxy": {
		func(_ int, request string) []reply {
			return []reply{{text: respond(request, 407, `Proxy-Authenticate: Digest realm="r", nonce="n"`)}}
		},
		outcome{Success: true, Code: 407, Answers: 5},
		true,
	},
	"the last code counts": {
		func(n int, request string) []reply {
			if n == 4 {
				return always(500)(n, request)
			}
			return always(200)(n, request)
		},
		outcome{Code: 500, Answers: 5},
		true,
	},
	"trying first": {
		func(_ int, request string) []reply {
			return []reply{{text: respond(request, 100)}, {text: respond(request, 200)}}
		},
		outcome{Success: true, Code: 200, Answers: 5},
		true,
	},
	"trying for ever": {always(100), outcome{Loss: 1}, true},
	"garbage before":  {before("INVITE me\r\n\r\n\x00\xff SIP/2.0\r\n"), outcome{Success: true, Code: 200, Answers: 5, Ignored: map[string]int{Malformed: 5}}, false},
	"a request of theirs": {
		before("OPTIONS sip:us SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKx\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"),
		outcome{Success: true, Code: 200, Answers: 5, Ignored: map[string]int{Unmatched: 5}},
		true,
	},
	"a slip in a header that does not matter": {
		func(_ int, request string) []reply {
			return []reply{{text: respond(request, 200, "Contact: <<sip:;;", "Max-Forwards: many", "From: none")}}
		},
		outcome{Success: true, Code: 200, Answers: 5},
		true,
	},
	"LF line ends":          {rewritten("\r\n", "\n"), answered, true},
	"version in lower case": {rewritten("SIP/2.0", "sip/2.0"), answered, true},
	"names in upper case":   {rewritten("Via:", "VIA:", "branch=", "BRANCH=", "CSeq:", "CSEQ:", "Call-ID:", "CALL-ID:"), answered, true},
	"a quoted comma":        {rewritten(";branch=", `;note="a, \"b;c";branch=`), answered, true},
	"no blank line":         {rewritten("\r\n\r\n", "\r\n"), answered, true},
	"no end of line":        {rewritten("\r\n\r\n", ""), answered, false},
	"no colon in a header":  {with("no colon"), answered, true},
	"no length":             {with("Content-Length:"), answered, true},
	"another branch":        {with("Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKother"), outcome{Loss: 1, Ignored: map[string]int{Unmatched: 5}}, true},
	"another call":          {with("Call-ID: other"), outcome{Loss: 1, Ignored: map[string]int{Unmatched: 5}}, true},
	"another method":        {with("CSeq: 1 INVITE"), outcome{Loss: 1, Ignored: map[string]int{Unmatched: 5}}, true},
	"another number":        {with("CSeq: 2 OPTIONS"), outcome{Loss: 1, Ignored: map[string]int{Unmatched: 5}}, true},
	"a second hop":          {with("V: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKother"), outcome{Loss: 1, Ignored: map[string]int{Unmatched: 5}}, true},
	"no Via":                {with("Via:"), outcome{Loss: 1, Ignored: map[string]int{Malformed: 5}}, true},
	"no CSeq":               {with("CSeq:"), outcome{Loss: 1, Ignored: map[string]int{Malformed: 5}}, true},
	"code out of range":     {always(999), outcome{Loss: 1, Ignored: map[string]int{Malformed: 5}}, true},
	"code without meaning":  {always(42), outcome{Loss: 1, Ignored: map[string]int{Malformed: 5}}, true},
	"cut off":               {with("Content-Length: 10"), outcome{Loss: 1, Ignored: map[string]int{Malformed: 5}}, false},
	"too large": {
		func(_ int, request string) []reply {
			return []reply{{text: respond(request, 200, "X-Padding: "+strings.Repeat("x", 20_000))}}
		},
		outcome{Loss: 1, Ignored: map[string]int{Oversized: 5}},
		false,
	},
	"twice": {
		func(n int, request string) []reply {
			if n == 4 {
				return []reply{{text: respond(request, 200), after: 50 * time.Millisecond}} // time for the fourth's second answer
			}
			return append(always(200)(n, request), always(500)(n, request)...)
		},
		outcome{Success: true, Code: 200, Answers: 5, Ignored: map[string]int{Duplicate: 4}},
		true,
	},
	"from another address": {
		func(_ int, request string) []reply { return []reply{{text: respond(request, 200), elsewhere: true}} },
		outcome{Loss: 1, Ignored: map[string]int{Address: 5}},
		false,
	},
}

// answered is the outcome when all is well.
var answered = outcome{Success: true, Code: 200, Answers: 5}

// rewritten answers 200 with replacements.
func rewritten(oldNew ...string) func(int, string) []reply {
	spelling := strings.NewReplacer(oldNew...)
	return func(_ int, request string) []reply { return []reply{{text: spelling.Replace(respond(request, 200))}} }
}

// before sends something before each answer.
func before(text string) func(int, string) []reply {
	return func(_ int, request string) []reply { return []reply{{text: text}, {text: respond(request, 200)}} }
}

// with answers 200 with other headers.
func with(lines ...string) func(int, string) []reply {
	return func(_ int, request string) []reply { return []reply{{text: respond(request, 200, lines...)}} }
}

func TestFaultsOverUDP(t *testing.T) {
	for name, tc := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := overUDP(t, tc.answer)
			want := tc.want
			want.Requests, want.Phases = 5, "resolve response"
			if diff := cmp.Diff(want, outcomeOf(probe(t, target("sip:"+p.address)))); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFaultsOverTCP(t *testing.T) {
	for name, tc := range faults {
		if !tc.streams {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := overStream(t, nil, tc.answer)
			want := tc.want
			want.Requests, want.Phases = 5, "resolve connect response"
			if diff := cmp.Diff(want, outcomeOf(probe(t, target("sip:"+p.address+";transport=tcp")))); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStreamInPieces(t *testing.T) {
	p := overStream(t, nil, func(n int, request string) []reply {
		text := respond(request, 200)
		if n == 1 {
			text = "noise\r\n\r\n" + text
		}
		return []reply{{text: text[:20]}, {text: text[20:70]}, {text: text[70:]}}
	})
	want := outcome{Success: true, Code: 200, Requests: 5, Answers: 5, Phases: "resolve connect response", Ignored: map[string]int{Malformed: 1}}
	if diff := cmp.Diff(want, outcomeOf(probe(t, target("sip:"+p.address+";transport=tcp")))); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
}

// TestHangUp: what was sent and not answered is lost, what was not sent is not counted.
func TestHangUp(t *testing.T) {
	p := overStream(t, nil, func(n int, request string) []reply {
		if n == 1 {
			return []reply{{hangUp: true}}
		}
		return always(200)(n, request)
	})
	tgt := target("sip:" + p.address + ";transport=tcp")
	tgt.Spacing = model.Duration(100 * time.Millisecond)
	r := probe(t, tgt)
	want := outcome{Success: true, Code: 200, Requests: 2, Answers: 1, Loss: 0.5, Phases: "resolve connect response"}
	if diff := cmp.Diff(want, outcomeOf(r)); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	if r.Err == nil || !strings.Contains(r.Err.Error(), "receive: EOF") {
		t.Errorf("error = %v, want that of the connection", r.Err)
	}
}

func TestRefused(t *testing.T) {
	p := overStream(t, nil, silent)
	close(p.closing)
	p.serving.Wait()
	p.closing = make(chan struct{})
	r := probe(t, target("sip:"+p.address+";transport=tcp"))
	if diff := cmp.Diff(outcome{Loss: -1, Phases: "resolve connect"}, outcomeOf(r)); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	if r.Err == nil || !strings.HasPrefix(r.Err.Error(), "connect: ") {
		t.Errorf("error = %v, want that of the connect", r.Err)
	}
}

func TestLateAnswer(t *testing.T) {
	p := overUDP(t, func(n int, request string) []reply {
		if n > 0 {
			return nil
		}
		return []reply{{text: respond(request, 200), after: 450 * time.Millisecond}}
	})
	tgt := target("sip:" + p.address)
	tgt.Spacing = model.Duration(100 * time.Millisecond) // the fifth request ends the burst at 700 ms
	want := outcome{Requests: 5, Loss: 1, Ignored: map[string]int{Late: 1}, Phases: "resolve response"}
	if diff := cmp.Diff(want, outcomeOf(probe(t, tgt))); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
}

// TestRetransmission: an answer to a repeated request is one in time, and its round trip began with the first
// transmission.
func TestRetransmission(t *testing.T) {
	p := overUDP(t, func(n int, request string) []reply {
		if n == 0 {
			return nil
		}
		return always(200)(n, request)
	})
	tgt := target("sip:" + p.address)
	tgt.Requests, tgt.Timeout = 1, model.Duration(5*time.Second)
	r := probe(t, tgt)
	if diff := cmp.Diff(outcome{Success: true, Code: 200, Requests: 1, Answers: 1, Phases: "resolve response"}, outcomeOf(r)); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	if r.Retransmissions != 1 || *r.RoundTrip() < t1 || *r.RoundTrip() > t1+time.Second || r.Jitter != nil {
		t.Errorf("retransmissions, round trip, jitter = %d, %v, %v, want 1, a little over %v, none", r.Retransmissions, *r.RoundTrip(), r.Jitter, t1)
	}
	if seen := p.seen(); len(seen) != 2 || seen[0] != seen[1] {
		t.Errorf("requests = %q, want the same one twice", seen)
	}
}

func TestRoundTripIsTheTimeTheyTook(t *testing.T) {
	const took = 60 * time.Millisecond
	p := overUDP(t, func(_ int, request string) []reply { return []reply{{text: respond(request, 200), after: took}} })
	r := probe(t, target("sip:"+p.address))
	if got := *r.RoundTrip(); got < took || got > 3*took {
		t.Errorf("round trip = %v, want a little over %v", got, took)
	}
	if got := r.Phases["response"]; got < took || got > 3*took {
		t.Errorf("phase response = %v, want that of the first answer, a little over %v", got, took)
	}
	if r.Duration < 4*10*time.Millisecond+took {
		t.Errorf("duration = %v, want all requests and the last answer's time at least", r.Duration)
	}
}
