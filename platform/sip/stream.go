package sip

import (
	"regexp"
	"strings"
)

// streamReader cuts a stream into messages. It skips what is no message up to the next thing that looks like a
// response, so that noise does not cost the connection.
type streamReader struct {
	buffer string // what has arrived and belongs to no answer yet
	tail   bool   // the answer has been read already: what is left of its head is skipped
}

// start is where a response may begin.
var start = regexp.MustCompile(`(?i)SIP/2\.0[ \t]`)

// read adds bytes and returns the answers that they complete.
func (s *streamReader) read(piece []byte) (answers []answer) {
	s.buffer += string(piece)
	for {
		s.skipTail()
		s.buffer = strings.TrimLeft(s.buffer, "\r\n") // keep-alives too
		if s.tail || s.buffer == "" {
			return answers
		}
		a, size, ok := s.next()
		if !ok {
			return answers
		}
		answers = append(answers, a)
		s.buffer = s.buffer[size:]
	}
}

// next reads the message at the beginning of the buffer and returns its size. It reports false when more must arrive.
func (s *streamReader) next() (a answer, size int, ok bool) {
	end, body, whole := headEnd(s.buffer)
	if !whole {
		return s.unfinished()
	}
	h, sound := readHead(s.buffer[:end])
	length, counted := h.length()
	switch {
	case !sound || !counted:
		return answer{problem: Malformed}, s.noise(), true
	case body+length > maxAnswer:
		return answer{problem: Oversized}, s.noise(), true
	case body+length > len(s.buffer):
		return answer{}, 0, false
	}
	return h.answer(), body + length, true
}

// unfinished reads a message without a blank line. A peer that never sends one has finished when all that is needed has
// arrived: it would be too late to read the answer when the next one comes.
func (s *streamReader) unfinished() (a answer, size int, ok bool) {
	if len(s.buffer) > maxAnswer {
		return answer{problem: Oversized}, s.noise(), true
	}
	if !strings.HasSuffix(s.buffer, "\n") {
		return answer{}, 0, false
	}
	h, sound := readHead(s.buffer)
	if length, counted := h.length(); !sound || !counted || length > 0 || h.first("content-length") == "" {
		return answer{}, 0, false
	}
	if a = h.answer(); a.code == 0 {
		return answer{}, 0, false
	}
	s.tail = true
	return a, len(s.buffer), true
}

// skipTail drops lines up to the blank one or the next response.
func (s *streamReader) skipTail() {
	for s.tail {
		line, rest, complete := strings.Cut(s.buffer, "\n")
		switch {
		case !complete && len(s.buffer) > maxAnswer:
			s.buffer = ""
			return
		case !complete:
			return
		case statusLine.MatchString(line):
			s.tail = false
			return
		case line == "" || line == "\r":
			s.tail = false
		}
		s.buffer = rest
	}
}

// noise returns the size of what precedes the next possible response.
func (s *streamReader) noise() int {
	if next := start.FindStringIndex(s.buffer[1:]); next != nil {
		return 1 + next[0]
	}
	return len(s.buffer)
}
