// Answers and events are decoded with the published module of what the standard library is to have as encoding/json/v2. It takes
// about half the time that encoding/json takes for a long list, and a third for an event. When the smallest toolchain that go.mod
// allows has that package, the imports here and in walk.go become encoding/json/v2, encoding/json/jsontext and, for v1,
// encoding/json; nothing else changes, because no other package names the module.

package rest

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	v1 "github.com/go-json-experiment/json/v1"
)

// Decoder reads a body as a stream.
type Decoder = jsontext.Decoder

// options are those with which the module decodes as encoding/json does: names in any case, a name twice, text that is no valid
// UTF-8, and above all a value of a wrong type that spoils neither the rest of its object nor its neighbours.
func options() json.Options { return v1.DefaultOptionsV1() }

// NewDecoder returns a decoder of a body. One in a bytes.Buffer is read in place.
func NewDecoder(body io.Reader) *Decoder { return jsontext.NewDecoder(body, options()) }

// Decode decodes the next value. An empty body is io.EOF, one that ends early io.ErrUnexpectedEOF, and a value that does not fit
// a *MisfitError: what did fit is in v all the same, and nothing that was there before.
func Decode(dec *Decoder, v any) error {
	raw, err := dec.ReadValue()
	if err != nil {
		return readError(err)
	}
	return Unmarshal(raw, v)
}

// Unmarshal decodes a value that is there as a whole, with the errors of Decode. The module walks through a value twice where it is
// to go on after a misfit. So the first attempt ends at a misfit, and only the rare value that has one is decoded once more.
func Unmarshal(data []byte, v any) error {
	if json.Unmarshal(data, v, options(), v1.ReportErrorsWithLegacySemantics(false)) == nil {
		return nil
	}
	reflect.ValueOf(v).Elem().SetZero()
	err := json.Unmarshal(data, v, options())
	if wrong, ok := errors.AsType[*v1.UnmarshalTypeError](err); ok {
		word, _, _ := strings.Cut(wrong.Value, " ") // the value itself may follow
		return &MisfitError{
			Path:  fieldPath(reflect.TypeOf(v), strings.Split(wrong.Field, ".")),
			Found: cmp.Or(kinds[word], "another value"), Want: kindOf(wrong.Type),
		}
	}
	return readError(err)
}

// Span is where a value stands in the text that Unmarshal decodes: of one that is decoded later, if at all. The zero value is that of
// a null and of one that is missing.
type Span struct{ from, to int64 }

// UnmarshalJSONFrom notes where the value stands.
func (s *Span) UnmarshalJSONFrom(dec *Decoder) error {
	*s = Span{}
	value, err := dec.ReadValue()
	if end := dec.InputOffset(); value.Kind() != jsontext.KindNull {
		*s = Span{end - int64(len(value)), end}
	}
	return err
}

// In returns the value in the text that was decoded, which it shares; nil when there was none.
func (s Span) In(text []byte) []byte {
	if s == (Span{}) {
		return nil
	}
	return text[s.from:s.to:s.to]
}

// MisfitError is a value of another type than the documented one. Its text names what was found, never the value itself, which may
// be a secret or a person.
type MisfitError struct {
	Path        string // with a dot before each field, such as .connectedStatus.connected; "" when the value as a whole does not fit
	Found, Want string
}

func (e *MisfitError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("found %s, expected %s", e.Found, e.Want)
	}
	return fmt.Sprintf("found %s at %s, expected %s", e.Found, e.Path, e.Want)
}

// syntaxError is a body that is no JSON.
type syntaxError string

func (e syntaxError) Error() string { return string(e) }

// readError replaces an error of the module about what is no JSON, whose text may quote what was read, by one that does not.
func readError(err error) error {
	text := ""
	if broken, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if cause := errors.Unwrap(broken.Err); cause != nil { // the body's reader failed in the midst of a value
			return cause
		}
		text = broken.Err.Error()
	} else if broken, ok := errors.AsType[*v1.SyntaxError](err); ok {
		text = broken.Error()
	}
	switch {
	case text == "": // nil, io.EOF, or what the body's reader returned
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), text == "unexpected end of JSON input":
		return io.ErrUnexpectedEOF
	case strings.HasPrefix(text, "invalid escape sequence"): // which would follow
		return syntaxError("invalid escape sequence in a text")
	}
	return syntaxError(text)
}

// fieldPath is the path of a value in a value of a type, with the names that the type gives to its fields. Places in a list and
// keys of a map, which may be anything, are left out.
func fieldPath(in reflect.Type, names []string) (path string) {
	for _, name := range names {
		for in.Kind() == reflect.Pointer {
			in = in.Elem()
		}
		switch in.Kind() {
		case reflect.Slice, reflect.Array, reflect.Map:
			in = in.Elem()
		case reflect.Struct:
			field, found := in.FieldByNameFunc(func(field string) bool {
				f, _ := in.FieldByName(field)
				return strings.EqualFold(fieldName(f), name)
			})
			if !found {
				return path
			}
			path += "." + fieldName(field)
			in = field.Type
		}
	}
	return path
}

// fieldName is the name of a field in JSON.
func fieldName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return cmp.Or(name, f.Name)
}

// kinds names the kinds of values, by the module's words for them.
var kinds = map[string]string{
	"object": "an object", "array": "a list", "string": "a text", "number": "a number", "bool": "a truth value", "null": "null",
	"{": "an object", "[": "a list", "true": "a truth value", "false": "a truth value",
}

// kindOf names the kind of value that fits a type.
func kindOf(t reflect.Type) string {
	if t == nil {
		return "another value"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "a truth value"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	}
	return "a number that is not too large"
}
