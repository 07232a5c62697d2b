package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// event is something that happened, decoded and ready to be counted. The decoders share the readers of this file: the
// vendor wraps its objects in several ways, and a value is of one type in one body and of another in the next.
type event struct {
	at       time.Time // the zero time when it was not sent
	identity sum       // of what makes it the same event in a second delivery
	labels   labels
	values   []value
	words    []word
	invalid  []string
	failed   apiFailure // only for the log
}

// apiFailure is what an API answered to a script whose call failed; without a message there is nothing to say.
type apiFailure struct{ script, host, message string }

// value is a measurement for a histogram.
type value struct {
	family *measurement
	number float64
}

// word is what a counter counts an event by.
type word struct {
	tally *tally
	text  string
}

// decoder makes the items of a body into events. Items that are no events are counted as broken.
type decoder func(body []byte, h *HookConfig, zone *time.Location) (events []event, broken int, err error)

var decoders = map[Kind]decoder{VoiceQuality: decodeVoice, ScriptAPI: decodeScript}

// maxWraps is the number of strings and arrays that an object may be wrapped in.
const maxWraps = 6

// unwrap returns the objects of a body: one object, an array of objects, or a string that holds either, as the vendor's
// own samples have it. Whatever else is in an array is broken. What begins like an object may still turn out to be none.
func unwrap(body []byte, depth int) (objects [][]byte, broken int, err error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\xef\xbb\xbf")))
	if len(body) == 0 || depth == 0 {
		return nil, 0, errors.New("no object")
	}
	switch body[0] {
	case '{':
		return [][]byte{body}, 0, nil
	case '"':
		var inner string
		if err := json.Unmarshal(body, &inner); err != nil {
			return nil, 0, err
		}
		return unwrap([]byte(inner), depth-1)
	case '[':
		var items []json.RawMessage
		if err := json.Unmarshal(body, &items); err != nil {
			return nil, 0, err
		}
		for _, item := range items {
			more, bad, err := unwrap(item, depth-1)
			if err != nil {
				bad = 1
			}
			objects, broken = append(objects, more...), broken+bad
		}
		return objects, broken, nil
	}
	return nil, 0, errors.New("neither object nor array nor string")
}

// maxText is the longest text kept of a field, in bytes.
const maxText = 128

// text is a field that is a string, or a number or boolean as text. Null, objects and arrays are "".
type text string

// UnmarshalJSON never fails: one bad field must not cost the others.
func (t *text) UnmarshalJSON(raw []byte) error {
	*t = ""
	switch raw[0] {
	case '"':
		var s string
		if json.Unmarshal(raw, &s) == nil {
			*t = text(cut(strings.TrimSpace(s)))
		}
	case '{', '[', 'n':
	default:
		*t = text(cut(string(raw)))
	}
	return nil
}

// cut shortens a text to maxText bytes, without cutting a character in two and without holding on to the rest.
func cut(s string) string {
	n := min(len(s), maxText)
	for n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n])
}

// number is a field that is a number, or a number in a string. Null, the empty string and a missing field are unknown.
type number struct {
	value float64
	known bool
	bad   bool // there was something else
}

// UnmarshalJSON never fails, as that of text.
func (n *number) UnmarshalJSON(raw []byte) error {
	var t text
	_ = t.UnmarshalJSON(raw) // never fails
	*n = number{}
	switch {
	case t != "":
		v, err := strconv.ParseFloat(string(t), 64)
		n.value, n.known = v, err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
		n.bad = !n.known
	case raw[0] == '{' || raw[0] == '[':
		n.bad = true
	}
	return nil
}

// zeroUnknown returns n, unknown where it is 0: some fields are 0 beside the nulls of a call of which nothing was
// measured, and could not be 0 otherwise.
func (n number) zeroUnknown() number {
	if n.known && n.value == 0 {
		return number{}
	}
	return n
}

// measure adds a number to an event, in the metric's own unit, when it is known and within the metric's range.
func (e *event) measure(family *measurement, field string, n number, scale float64) {
	v := n.value * scale
	switch {
	case n.bad, n.known && (v < family.least || v > family.most):
		e.invalid = append(e.invalid, field)
	case n.known:
		e.values = append(e.values, value{family, v})
	}
}

// count adds a word to an event, unless it is "": nothing was sent that could be counted.
func (e *event) count(t *tally, text string) {
	if text != "" {
		e.words = append(e.words, word{t, text})
	}
}

// times in the forms that the vendor's samples have: ISO 8601, and US month first with a clock of twelve hours and no zone.
var timeLayouts = [...]string{time.RFC3339Nano, "2006-01-02T15:04:05", "1/2/2006 3:04:05 PM"}

// time reads a time of an event. One that cannot be read is invalid, and the zero time like one that was not sent.
func (e *event) time(field string, s text, zone *time.Location) time.Time {
	at := parseTime(s, zone)
	if s != "" && at.IsZero() {
		e.invalid = append(e.invalid, field)
	}
	return at
}

// parseTime returns the zero time for what it cannot read. A time without a zone is one of the given zone.
func parseTime(s text, zone *time.Location) time.Time {
	for _, layout := range timeLayouts {
		if t, err := time.ParseInLocation(layout, string(s), zone); err == nil {
			return t
		}
	}
	return time.Time{}
}

// identify names an event by its ids and times, or, when it has no id, by all that was sent of it.
func identify(object []byte, hasID bool, parts ...text) sum {
	if !hasID {
		return sumOf(object)
	}
	var name []byte
	for _, p := range parts {
		name = append(append(name, p...), 0)
	}
	return sumOf(name)
}
