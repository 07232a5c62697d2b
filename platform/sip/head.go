package sip

import (
	"regexp"
	"strconv"
	"strings"
)

// head is the start line of a message and those of its headers that match a response to its request, or say how it goes
// on. A slip anywhere else does not make a live peer look dead.
//
// sipgo's parser is stricter than the peers are: it gives a message up for an LF without CR, a header line without a
// colon, "sip/2.0", or a quoted comma. What is read here is little, and nothing of it is passed on.
type head struct {
	code   int                 // of a response; 0 for a request
	fields map[string][]string // lines by name
}

// headerNames are the names of the headers that are read, by the forms in which they come.
var headerNames = map[string]string{
	"via": "via", "v": "via", "call-id": "call-id", "i": "call-id", "cseq": "cseq", "content-length": "content-length", "l": "content-length",
	"retry-after": "retry-after",
}

// The start lines of responses and requests. Their version may be written in any case.
var (
	statusLine  = regexp.MustCompile(`^(?i:SIP)/2\.0[ \t]+([0-9]{1,10})(?:[ \t]|$)`)
	requestLine = regexp.MustCompile(`^[A-Za-z0-9.!%*_+'~-]+ \S+ (?i:SIP)/2\.0[ \t]*$`)
)

// readHead reads the lines up to the blank one. It reports false when the first is no start line.
func readHead(text string) (h head, ok bool) {
	first, rest, _ := strings.Cut(text, "\n")
	first = strings.TrimSuffix(first, "\r")
	status := statusLine.FindStringSubmatch(first)
	if status == nil && !requestLine.MatchString(first) {
		return h, false
	}
	if status != nil {
		h.code, _ = strconv.Atoi(status[1]) // digits, as the form demands
		h.code = max(h.code, 1)             // 0 is for requests
	}
	h.fields = map[string][]string{}
	name := ""
	for line := range strings.SplitSeq(rest, "\n") {
		if folded := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t"); folded {
			if lines := h.fields[name]; len(lines) > 0 {
				lines[len(lines)-1] += " " + strings.TrimSpace(line)
			}
			continue
		}
		before, value, _ := strings.Cut(line, ":")
		if name = headerNames[strings.ToLower(strings.TrimSpace(before))]; name != "" {
			h.fields[name] = append(h.fields[name], strings.TrimSpace(value))
		}
	}
	return h, true
}

// first returns the value of a header that comes once; "" when it is missing.
func (h head) first(name string) string {
	if lines := h.fields[name]; len(lines) > 0 {
		return lines[0]
	}
	return ""
}

// values returns the values of a header that may have several, in one line or in several.
func (h head) values(name string) (all []string) {
	for _, line := range h.fields[name] {
		for _, value := range split(line, ',') {
			if value != "" {
				all = append(all, value)
			}
		}
	}
	return all
}

// length returns the length of the body that follows, 0 when the head has none. It reports false for no number.
func (h head) length() (int, bool) {
	text := h.first("content-length")
	if text == "" {
		return 0, true
	}
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), err == nil
}

// parameter returns a parameter of a header's value, without its quotes; "" when it is missing. The case of its name
// does not matter.
func parameter(value, name string) string {
	for _, part := range split(value, ';')[1:] {
		if key, value, _ := strings.Cut(part, "="); strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return ""
}

// split cuts a text at a separator that is not within quotes, and trims the parts.
func split(text string, separator byte) (parts []string) {
	quoted, from := false, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++ // the next character means nothing
		case c == '"':
			quoted = !quoted
		case c == separator && !quoted:
			parts = append(parts, strings.TrimSpace(text[from:i]))
			from = i + 1
		}
	}
	return append(parts, strings.TrimSpace(text[from:]))
}

// headEnd finds the blank line: the head is text[:end], the body begins at start. Lines end in CRLF or LF.
func headEnd(text string) (end, start int, ok bool) {
	for i := 0; ; i++ {
		n := strings.IndexByte(text[i:], '\n')
		if n < 0 {
			return 0, 0, false
		}
		i += n
		switch rest := text[i+1:]; {
		case strings.HasPrefix(rest, "\n"):
			return i, i + 2, true
		case strings.HasPrefix(rest, "\r\n"):
			return i, i + 3, true
		}
	}
}
