package cxone

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file reads answers whose form has drifted over the years: fields at the top, in a resultSet or in a resultset,
// names in any case (which encoding/json sees to inside of objects), numbers and booleans as strings.

// fields says how to read the fields of an answer, by their names in lower case, wherever the answer has them.
type answerFields rest.Fields

// read walks an answer, decoding it as a stream. Changed is false when the answer says that there is nothing new, for
// which there are three forms: status 304, status 204, and an empty body.
func (f answerFields) read(r rest.Response) (changed bool, err error) {
	if r.Status == http.StatusNotModified || r.Status == http.StatusNoContent {
		return false, nil
	}
	outer := rest.Fields{"resultset": func(dec *json.Decoder) error {
		_, err := rest.Fields(f).Read(dec)
		return err
	}}
	maps.Copy(outer, f)
	switch found, err := outer.Read(json.NewDecoder(r.Body)); {
	case errors.Is(err, io.EOF):
		return false, nil
	case err == nil && !found:
		return false, errors.New("answer is null, expected an object")
	default:
		return true, err
	}
}

// list decodes a list of objects one by one into the same value, after reset has emptied it. An element of a wrong
// type harms no other: visit is told that nothing could be read. Found is false for a null.
func eachElement(dec *json.Decoder, element any, reset func(), visit func(readable bool)) (found bool, err error) {
	return rest.List(dec, func() error {
		reset()
		readable, err := rest.Element(dec, element)
		if err == nil {
			visit(readable)
		}
		return err
	})
}

// scalar is a value as it was sent. Its bytes are reused by the next decoding into it.
type scalar []byte

// UnmarshalJSON implements json.Unmarshaler.
func (s *scalar) UnmarshalJSON(raw []byte) error {
	*s = append((*s)[:0], raw...)
	return nil
}

// into reads a field.
func (s *scalar) into(dec *json.Decoder) error { return dec.Decode(s) }

// missing is true for what is not there, null or empty.
func (s scalar) missing() bool {
	text, isText := s.text()
	return len(s) == 0 || string(s) == "null" || isText && text == ""
}

// text is the value of a string; ok is false for every other type.
func (s scalar) text() (text string, ok bool) {
	if len(s) < 2 || s[0] != '"' {
		return "", false
	}
	err := json.Unmarshal(s, &text)
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

// moment reads a time: ISO 8601 with 0 to 7 digits of a fraction, in UTC.
func (s scalar) moment() (time.Time, bool) {
	text, _ := s.text()
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, err == nil
}
