package sip

import (
	"strconv"
	"strings"
	"time"
)

// maxAnswer is the largest message read, in bytes. Answers to OPTIONS are a tenth of it.
const maxAnswer = 16 << 10

// Why something that arrived was ignored.
const (
	Malformed = "malformed" // no SIP message, or one without what matches it to a request
	Oversized = "oversized" // above 16 KiB
	Unmatched = "unmatched" // a message that answers none of our requests
	Address   = "address"   // an answer from an address that was asked nothing
	Late      = "late"      // an answer after the request's time-out
	Duplicate = "duplicate" // a further final response to a request
)

// Ignored lists the reasons.
var Ignored = [...]string{Malformed, Oversized, Unmatched, Address, Late, Duplicate}

// answer is what the prober needs to know of a message that arrived.
type answer struct {
	at             time.Time
	stranger       bool // sent from another address than the one that was asked
	branch, callID string
	code           int           // 0 unless it is a response to an OPTIONS request
	retryAfter     time.Duration // 0 when the response names none
	problem        string        // Malformed or Oversized; "" when it could be read
}

// readDatagram reads a message that is a datagram. The blank line at the end of the headers may be missing.
func readDatagram(datagram []byte) answer {
	if len(datagram) > maxAnswer {
		return answer{problem: Oversized}
	}
	text := strings.TrimLeft(string(datagram), "\r\n")
	body := ""
	if end, start, ok := headEnd(text); ok {
		text, body = text[:end], text[start:]
	}
	h, ok := readHead(text)
	if length, sound := h.length(); !ok || !sound || length > len(body) {
		return answer{problem: Malformed}
	}
	return h.answer()
}

// answer checks a response as a client transaction does (RFC 3261, 8.1.3.3 and 17.1.3).
func (h head) answer() answer {
	if h.code == 0 {
		return answer{} // a request: no answer of ours
	}
	vias := h.values("via")
	callID, sequence := h.first("call-id"), strings.Fields(h.first("cseq"))
	if h.code < 100 || h.code > 699 || len(vias) == 0 || callID == "" || len(sequence) != 2 {
		return answer{problem: Malformed}
	}
	number, err := strconv.ParseUint(sequence[0], 10, 31)
	if err != nil {
		return answer{problem: Malformed}
	}
	if number != 1 || !strings.EqualFold(sequence[1], "OPTIONS") || len(vias) != 1 {
		return answer{}
	}
	return answer{branch: parameter(vias[0], "branch"), callID: callID, code: h.code, retryAfter: h.retryAfter()}
}

// retryAfter reads the seconds of a Retry-After header. A comment or parameters may follow them.
func (h head) retryAfter() time.Duration {
	text := h.first("retry-after")
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	seconds, err := strconv.ParseUint(text[:digits], 10, 32)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
