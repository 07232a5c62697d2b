package cxone

import (
	"errors"
	"io"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// answerFields says how to read the fields of an answer, by their names in lower case. The form of answers has drifted over
// the years: fields stand at the top, in a resultSet or in a resultset; names come in any case, which the decoder sees to
// inside of objects; numbers and booleans come as strings.
type answerFields rest.Fields

// read decodes an answer as a stream. Changed is false when the answer says that there is nothing new, which has three
// forms: status 304, status 204, and an empty body.
func (f answerFields) read(r rest.Response) (changed bool, err error) {
	if r.Status == http.StatusNotModified || r.Status == http.StatusNoContent {
		return false, nil
	}
	outer := rest.Fields{"resultset": func(dec *rest.Decoder) error {
		_, err := rest.Fields(f).Read(dec)
		return err
	}}
	maps.Copy(outer, f)
	switch found, err := outer.Read(rest.NewDecoder(r.Body)); {
	case errors.Is(err, io.EOF):
		return false, nil
	case err == nil && !found:
		return false, errors.New("answer is null, expected an object")
	default:
		return true, err
	}
}

// into returns what decodes one object after the other into the same value, after reset has emptied it. An element of a wrong type
// harms no other: visit is called with false for it.
func into(element any, reset func(), visit func(readable bool)) func(*rest.Decoder) error {
	return func(dec *rest.Decoder) error {
		reset()
		readable, err := rest.Element(dec, element)
		if err == nil {
			visit(readable)
		}
		return err
	}
}

// scalar is a value as it was sent. Its bytes are reused by the next decoding into it.
type scalar []byte

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (s *scalar) UnmarshalJSONFrom(dec *rest.Decoder) error {
	raw, err := dec.ReadValue()
	*s = append((*s)[:0], raw...)
	return err
}

// into reads a field.
func (s *scalar) into(dec *rest.Decoder) error { return s.UnmarshalJSONFrom(dec) }

// missing reports whether a value is not there, null or empty.
func (s scalar) missing() bool {
	text, isText := s.text()
	return len(s) == 0 || string(s) == "null" || isText && text == ""
}

// text is the value of a string; ok is false for every other type.
func (s scalar) text() (text string, ok bool) {
	if len(s) < 2 || s[0] != '"' {
		return "", false
	}
	err := rest.Unmarshal(s, &text)
	return strings.TrimSpace(text), err == nil
}

// bare is a number or a boolean, whether it came as one or as a string.
func (s scalar) bare() string {
	if text, ok := s.text(); ok {
		return text
	}
	return string(s)
}

// number reads a number that is finite.
func (s scalar) number() (float64, bool) {
	n, err := strconv.ParseFloat(s.bare(), 64)
	return n, err == nil && !math.IsInf(n, 0) && !math.IsNaN(n)
}

// integer reads a whole number, as which 3.0 counts too.
func (s scalar) integer() (int64, bool) {
	if n, err := strconv.ParseInt(s.bare(), 10, 64); err == nil {
		return n, true
	}
	n, ok := s.number()
	if whole := math.Trunc(n); !ok || whole != n || math.Abs(n) > 1<<53 {
		return 0, false
	}
	return int64(n), true
}

// boolean reads true, false, and the same as strings or as 1 and 0.
func (s scalar) boolean() (value, ok bool) {
	value, err := strconv.ParseBool(strings.ToLower(s.bare()))
	return value, err == nil
}

// zoneless is the form of a time without a zone, with 0 to 9 digits of a fraction.
const zoneless = "2006-01-02T15:04:05.999999999"

// moment reads a time: ISO 8601 with 0 to 7 digits of a fraction. A time without a zone is in UTC, as the vendor's own
// clients read it.
func (s scalar) moment() (time.Time, bool) {
	text, _ := s.text()
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t, err = time.ParseInLocation(zoneless, text, time.UTC)
	}
	return t, err == nil
}

// anomalies counts what the vendor's documents do not describe, and keeps an example of each time that cannot be read.
type anomalies struct {
	platform.Anomalies
	times map[string]string // by field
}

// moment reads the time in a field. A missing one is no anomaly; one that cannot be read is kept, for the caller to count.
func (a *anomalies) moment(field string, s scalar) (t time.Time, ok bool) {
	if t, ok = s.moment(); !ok && !s.missing() {
		a.keep(field, s.bare())
	}
	return t, ok
}

func (a *anomalies) keep(field, text string) {
	const most = 64 // bytes of an example
	if a.times == nil {
		a.times = map[string]string{}
	}
	a.times[field] = strings.ToValidUTF8(text[:min(len(text), most)], "")
}

// add adds what another answer shows.
func (a *anomalies) add(other anomalies) {
	a.Add(other.Anomalies)
	for field, text := range other.times {
		a.keep(field, text)
	}
}
