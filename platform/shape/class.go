package shape

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// classes are the forms of texts with what stands for them, in the order in which they are tried.
var classes = []struct {
	name string
	form *regexp.Regexp
}{
	{"uuid", regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)},
	{"email", regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)},
	{"url", regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`)},
	{"path", regexp.MustCompile(`^/\S*$`)},
	{"address", regexp.MustCompile(`^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\])(:\d{1,5})?$`)},
	{"host", regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}:\d{1,5}$`)},
	{"phone", regexp.MustCompile(`^(tel:|sips?:)?\+[0-9() .-]{5,}$|^(tel|sips?):`)},
}

var (
	// timeForm is a time, or an interval of two. Only its form is kept: its digits become 0.
	timeForm    = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?(/\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$`)
	digitsForm  = regexp.MustCompile(`^-?\d+$`)
	decimalForm = regexp.MustCompile(`^(-?)(\d+)\.(\d+)$`)
	anyDigit    = regexp.MustCompile(`\d`)
)

// class is what stands for a text.
func (s *Shaper) class(text string) string {
	switch {
	case timeForm.MatchString(text):
		return "<time " + anyDigit.ReplaceAllString(text, "0") + ">"
	case digitsForm.MatchString(text):
		return s.numbered("digits", text, true)
	case decimalForm.MatchString(text):
		return "<text-decimal " + decimals(text) + ">"
	}
	for _, c := range classes {
		if c.form.MatchString(text) {
			return s.numbered(c.name, text, false)
		}
	}
	return s.numbered("name", text, true)
}

func (s *Shaper) numbered(class, text string, length bool) string {
	if length {
		return fmt.Sprintf("<%s %d #%d>", class, utf8.RuneCountInString(text), s.number(class, text))
	}
	return fmt.Sprintf("<%s #%d>", class, s.number(class, text))
}

// decimals are the numbers of digits before and after the point.
func decimals(text string) string {
	m := decimalForm.FindStringSubmatch(text)
	return fmt.Sprintf("%s%d.%d", m[1], len(m[2]), len(m[3]))
}

// naming are the last words of keys under which no text is an enum word.
var naming = map[string]bool{
	"name": true, "description": true, "title": true, "label": true, "address": true, "uri": true, "email": true, "message": true, "site": true, "text": true,
}

// numbering are the last words of keys whose numbers are ids, not counts.
var numbering = map[string]bool{
	"id": true, "ids": true, "no": true, "number": true, "phone": true, "ext": true, "extension": true, "ani": true, "dnis": true, "from": true, "to": true, "key": true,
	"code": true, "contact": true, "agent": true, "user": true, "station": true, "line": true, "serial": true, "called": true, "calling": true,
}

// coding are the keys under which a text is a code made of words.
var coding = map[string]bool{"code": true, "error": true, "errorcode": true}

// lastWord is the last word of a key, in lower case.
func lastWord(key string) string {
	parts := keyParts.FindAllString(key, -1)
	if len(parts) == 0 {
		return ""
	}
	return strings.ToLower(parts[len(parts)-1])
}

const (
	mostCounted = 6 // digits of a number that may be a count
	mostID      = 2 // digits of a number that says nothing although it is an id
)

// leaf is the shape of a text or number, as JSON.
func (s *Shaper) leaf(key string, n *node) string {
	if n.kind == '"' {
		return quoted(s.text(key, n.text))
	}
	digits := strings.TrimPrefix(n.text, "-")
	most := mostCounted
	if numbering[lastWord(key)] || !s.known(key) && key != "" {
		most = mostID
	}
	switch {
	case digitsForm.MatchString(n.text) && len(digits) <= most:
		return n.text
	case decimalForm.MatchString(n.text):
		return quoted("<decimal " + decimals(n.text) + ">")
	}
	return quoted(s.numbered("number", n.text, true))
}

// text is the shape of a text under a key.
func (s *Shaper) text(key, text string) string {
	switch {
	case text == "":
		return ""
	case !naming[lastWord(key)] && s.isEnum(text):
		return text
	case coding[strings.ToLower(key)] && s.ofWords(text):
		return text
	}
	return s.class(text)
}
