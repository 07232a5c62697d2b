package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Fields reads an object as it arrives: it calls, for each field, the function listed under the field's name in lower case.
// Other fields are skipped. With List and Element a list is decoded element by element, so that a broken element spoils no
// other and no answer is held as a whole.
type Fields map[string]func(*json.Decoder) error

// Read reads an object. Found is false for a null. An empty body is io.EOF, one that ends early io.ErrUnexpectedEOF.
func (f Fields) Read(dec *json.Decoder) (found bool, err error) {
	if found, err = open(dec, '{', "an object"); !found {
		return false, err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return true, truncated(err)
		}
		field := f[strings.ToLower(fmt.Sprint(name))]
		if field == nil {
			field = skip
		}
		if err := field(dec); err != nil {
			return true, truncated(err)
		}
	}
	_, err = dec.Token()
	return true, truncated(err)
}

// List reads a list. It calls read at the beginning of each element. Found is false for a null.
func List(dec *json.Decoder, read func() error) (found bool, err error) {
	if found, err = open(dec, '[', "a list"); !found {
		return false, err
	}
	for dec.More() {
		if err := read(); err != nil {
			return true, err
		}
	}
	_, err = dec.Token()
	return true, err
}

// Element decodes the next value. A value that does not fit is not readable; what did fit is in v all the same.
func Element(dec *json.Decoder, v any) (readable bool, err error) {
	_, readable, err = ElementField(dec, v)
	return readable, err
}

// ElementField is Element that also returns the path of the first field that does not fit, with a dot before it: "" where
// all do, and where the value itself is of a wrong type.
func ElementField(dec *json.Decoder, v any) (misfit string, readable bool, err error) {
	err = dec.Decode(v)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field != "" {
			misfit = "." + wrong.Field
		}
		return misfit, false, nil
	}
	return "", err == nil, err
}

// open reads the beginning of an object or a list. It is false for a null.
func open(dec *json.Decoder, delim json.Delim, kind string) (bool, error) {
	token, err := dec.Token()
	if err == nil && token != nil && token != delim {
		err = fmt.Errorf("found %s, expected %s", kindOf(token), kind)
	}
	return err == nil && token != nil, err
}

// kindOf names what a token begins, without its value, which may be anything.
func kindOf(token json.Token) string {
	switch token := token.(type) {
	case json.Delim:
		return token.String()
	case string:
		return "a text"
	case bool:
		return "a truth value"
	}
	return "a number"
}

// truncated is an error that shows a body's early end as what it is: the decoder's tokens just end.
func truncated(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// passed is a value that is skipped.
type passed struct{}

// UnmarshalJSON implements json.Unmarshaler.
func (passed) UnmarshalJSON([]byte) error { return nil }

func skip(dec *json.Decoder) error { return dec.Decode(new(passed)) }
