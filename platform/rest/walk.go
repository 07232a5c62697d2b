package rest

import (
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Fields reads an object as it arrives: it calls, for each field, the function listed under the field's name in lower case.
// Other fields are skipped. With List and Element a list is decoded element by element, so that a broken element spoils no
// other and no answer is held as a whole.
type Fields map[string]func(*Decoder) error

// Read reads an object. Found is false for a null. An empty body is io.EOF, one that ends early io.ErrUnexpectedEOF.
func (f Fields) Read(dec *Decoder) (found bool, err error) {
	if found, err = open(dec, jsontext.KindBeginObject, "an object"); !found {
		return false, err
	}
	for dec.PeekKind() != jsontext.KindEndObject {
		name, err := dec.ReadToken()
		if err != nil {
			return true, truncated(err)
		}
		field := f[strings.ToLower(name.String())]
		if field == nil {
			field = (*Decoder).SkipValue
		}
		if err := field(dec); err != nil {
			return true, truncated(err)
		}
	}
	_, err = dec.ReadToken()
	return true, truncated(err)
}

// List reads a list. It calls read at the beginning of each element. Found is false for a null.
func List(dec *Decoder, read func(*Decoder) error) (found bool, err error) {
	if found, err = open(dec, jsontext.KindBeginArray, "a list"); !found {
		return false, err
	}
	for dec.PeekKind() != jsontext.KindEndArray {
		if err := read(dec); err != nil {
			return true, truncated(err)
		}
	}
	_, err = dec.ReadToken()
	return true, truncated(err)
}

// Element decodes the next value. A value that does not fit is not readable; what did fit is in v all the same.
func Element(dec *Decoder, v any) (readable bool, err error) {
	_, readable, err = ElementField(dec, v)
	return readable, err
}

// ElementField is Element that also returns the path of the first field that does not fit, with a dot before it: "" where
// all do, and where the value itself is of a wrong type.
func ElementField(dec *Decoder, v any) (misfit string, readable bool, err error) {
	return fit(Decode(dec, v))
}

// UnmarshalElement is Element for a value that is there as a whole.
func UnmarshalElement(raw []byte, v any) (readable bool, err error) {
	_, readable, err = fit(Unmarshal(raw, v))
	return readable, err
}

// RawElement is ElementField that also returns the value as it was sent, which is overwritten when the next one is read.
func RawElement(dec *Decoder, v any) (raw []byte, misfit string, readable bool, err error) {
	raw, err = dec.ReadValue()
	if err != nil {
		return nil, "", false, readError(err)
	}
	misfit, readable, err = fit(Unmarshal(raw, v))
	return raw, misfit, readable, err
}

// fit tells a value that does not fit from one that cannot be decoded at all.
func fit(err error) (misfit string, readable bool, _ error) {
	if wrong, ok := errors.AsType[*MisfitError](err); ok {
		return wrong.Path, false, nil
	}
	return "", err == nil, err
}

// open reads the beginning of an object or a list. It is false for a null.
func open(dec *Decoder, want jsontext.Kind, kind string) (bool, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return false, readError(err)
	}
	switch found := token.Kind(); found {
	case want:
		return true, nil
	case jsontext.KindNull:
		return false, nil
	default:
		return false, &MisfitError{Found: kinds[found.String()], Want: kind}
	}
}

// truncated is readError inside of an object or a list: an end is an early one there.
func truncated(err error) error {
	if err = readError(err); errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
