package cxone

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file reads answers whose form has drifted over the years: fields at the top, in a resultSet or in a resultset,
// names in any case (which encoding/json sees to inside of objects), numbers and booleans as strings.

// fields says how to read the fields of an answer, by their names in lower case. What is not listed is passed over.
type fields map[string]func(*json.Decoder) error

// read walks an answer, decoding it as a stream. Changed is false when the answer says that there is nothing new, for
// which there are three forms: status 304, status 204, and an empty body.
func (f fields) read(r rest.Response) (changed bool, err error) {
	if r.Status == http.StatusNotModified || r.Status == http.StatusNoContent {
		return false, nil
	}
	dec := json.NewDecoder(r.Body)
	start, err := dec.Token()
	switch {
	case errors.Is(err, io.EOF):
		return false, nil
	case err != nil:
		return false, err
	case start != json.Delim('{'):
		return false, fmt.Errorf("answer begins with %v, expected an object", start)
	}
	return true, truncated(f.object(dec, true))
}

// object walks the rest of an object whose opening brace has been read. An envelope is looked into once.
func (f fields) object(dec *json.Decoder, envelope bool) error {
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		folded := strings.ToLower(fmt.Sprint(name))
		switch field, known := f[folded]; {
		case known:
			err = field(dec)
		case envelope && folded == "resultset":
			var opened bool
			if opened, err = open(dec, '{'); opened {
				err = f.object(dec, false)
			}
		default:
			err = dec.Decode(new(passed))
		}
		if err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// open reads the beginning of an object or a list. It is false for a null.
func open(dec *json.Decoder, delim json.Delim) (bool, error) {
	token, err := dec.Token()
	if err == nil && token != nil && token != delim {
		err = fmt.Errorf("found %v, expected %v", token, delim)
	}
	return err == nil && token != nil, err
}

// list decodes a list of objects one by one into the same value, after reset has emptied it. An element of a wrong
// type harms no other: visit is told that nothing could be read. Found is false for a null.
func list(dec *json.Decoder, element any, reset func(), visit func(readable bool)) (found bool, err error) {
	if found, err = open(dec, '['); !found {
		return false, err
	}
	for dec.More() {
		reset()
		err := dec.Decode(element)
		if _, wrong := errors.AsType[*json.UnmarshalTypeError](err); err != nil && !wrong {
			return true, err
		}
		visit(err == nil)
	}
	_, err = dec.Token()
	return true, err
}

// truncated is an error that shows a body's early end as what it is: the decoder's tokens just end.
func truncated(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// passed is a value of no interest.
type passed struct{}

// UnmarshalJSON implements json.Unmarshaler.
func (passed) UnmarshalJSON([]byte) error { return nil }

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
