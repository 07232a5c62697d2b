package sip

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
)

// maxAnswer is the largest message read, in bytes. Answers to OPTIONS are a tenth of it.
const maxAnswer = 16 << 10

// Why something that arrived was ignored.
const (
	Malformed = "malformed" // no SIP message, or one without what matches it to a request
	Oversized = "oversized" // above 16 KiB
	Unmatched = "unmatched" // a message that answers none of our requests
	Address   = "address"   // an answer from an address that we asked nothing
	Late      = "late"      // an answer after the request's time-out
	Duplicate = "duplicate" // a further final response to a request
)

// Ignored lists the reasons.
var Ignored = [...]string{Malformed, Oversized, Unmatched, Address, Late, Duplicate}

// answer is what is to know of a message that arrived.
type answer struct {
	at             time.Time
	stranger       bool // sent from another address than the one that we asked
	branch, callID string
	code           int    // 0 unless it is a response
	problem        string // Malformed or Oversized; "" when it could be read
}

// around is white space around the separators of a Via header.
var around = regexp.MustCompile(`\s*([;:,=/])\s*`)

// newParser understands what matches an answer to its request, and nothing else: a slip in any other header does not
// make a live peer look dead.
func newParser() *sipgo.Parser {
	all, few := sipgo.DefaultHeadersParser(), map[string]sipgo.HeaderParser{}
	for _, name := range []string{"call-id", "i", "cseq", "content-length", "l"} {
		few[name] = all[name]
	}
	for _, name := range []string{"via", "v"} { // the library stops at white space that RFC 3261 allows
		few[name] = func(header []byte, text string) (sipgo.Header, error) {
			return all[name](header, around.ReplaceAllString(text, "$1"))
		}
	}
	p := sipgo.NewParser(sipgo.WithHeadersParsers(few))
	p.MaxMessageLength = maxAnswer
	return p
}

// readDatagram reads a message that is a datagram.
func readDatagram(p *sipgo.Parser, datagram []byte) answer {
	if len(datagram) > maxAnswer {
		return answer{problem: Oversized}
	}
	message, err := p.ParseSIP(bytes.TrimLeft(datagram, "\r\n"))
	if err != nil {
		return answer{problem: Malformed}
	}
	return understand(message)
}

// understand checks a response as a client transaction does (RFC 3261, 8.1.3.3 and 17.1.3).
func understand(message sipgo.Message) answer {
	response, ok := message.(*sipgo.Response)
	if !ok {
		return answer{} // somebody asks us something: no answer of ours
	}
	via, callID, cseq := response.Via(), response.CallID(), response.CSeq()
	if response.SipVersion != "SIP/2.0" || response.StatusCode < 100 || response.StatusCode > 699 ||
		via == nil || callID == nil || cseq == nil {
		return answer{problem: Malformed}
	}
	if cseq.SeqNo != 1 || strings.TrimSpace(string(cseq.MethodName)) != "OPTIONS" || len(response.GetHeaders("Via")) != 1 {
		return answer{}
	}
	return answer{branch: via.Params.GetOr("branch", ""), callID: callID.Value(), code: response.StatusCode}
}

// streamParser cuts a stream into messages. What is no message is skipped up to the next thing that looks like a
// response, so that noise does not cost the connection.
type streamParser struct{ *sipgo.ParserStream }

var start = []byte("SIP/2.0 ")

// read takes bytes and returns the messages that they complete.
func (s streamParser) read(piece []byte) (answers []answer) {
	_, _ = s.Write(piece) // to memory
	for s.Buffer().Len() > 0 {
		before := s.Buffer().Len()
		message, _, err := s.ParseNext()
		switch {
		case err == nil:
			answers = append(answers, understand(message))
			continue
		case errors.Is(err, io.ErrUnexpectedEOF):
			return answers
		case errors.Is(err, sipgo.ErrMessageTooLarge):
			answers = append(answers, answer{problem: Oversized})
		default:
			answers = append(answers, answer{problem: Malformed})
		}
		rest := s.Buffer().Bytes()
		skip := 0
		if len(rest) == before {
			skip = 1 // nothing was consumed: this start is a false one
		}
		if next := bytes.Index(rest[skip:], start); next >= 0 {
			skip += next
		} else {
			skip = len(rest)
		}
		s.Discard(skip)
	}
	return answers
}
