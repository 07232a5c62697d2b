package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample has a field of every kind that answers are decoded into.
type sample struct {
	ID     string            `json:"id"`
	Count  int               `json:"count"`
	Share  float64           `json:"share"`
	Up     bool              `json:"up"`
	Any    any               `json:"any"`
	Labels map[string]string `json:"languageLabels"`
	Status struct {
		Connected bool   `json:"connected"`
		Since     string `json:"since"`
	} `json:"connectedStatus"`
	Base  *sample           `json:"base"`
	Parts []sample          `json:"parts"`
	Raw   json.RawMessage   `json:"raw"`
	Raws  []json.RawMessage `json:"raws"`
}

// oddValues are values with all that platforms have been seen to send, and more. The path is that of the first misfit.
var oddValues = []struct{ name, value, path string }{
	{"names in any case", `{"ID":"a","CONNECTEDSTATUS":{"Connected":true},"LanguageLabels":{"De":"x"}}`, ""},
	{"exact name first", `{"id":"a","ID":"b"}`, ""},
	{"a name twice", `{"id":"a","id":"b","count":1,"count":2}`, ""},
	{"an object twice", `{"connectedStatus":{"connected":true},"connectedStatus":{"since":"x"},"languageLabels":{"a":"1"},"languageLabels":{"b":"2"}}`, ""},
	{"a list twice", `{"parts":[{"id":"a","count":1},{"id":"b"}],"parts":[{"id":"c"}]}`, ""},
	{"a name twice in any", `{"any":{"a":1,"a":2}}`, ""},
	{"invalid UTF-8", "{\"id\":\"a\xffb\",\"any\":\"\xc3\",\"languageLabels\":{\"\xfe\":\"\xed\xa0\x80\"}}", ""},
	{"half a surrogate pair", `{"id":"\ud83d","any":"\ude00x","raw":"\ud800"}`, ""},
	{"escapes", `{"id":"\u00e9\n\/\"","\u0063ount":3}`, ""},
	{"nulls", `{"id":null,"count":null,"share":null,"up":null,"any":null,"languageLabels":null,"connectedStatus":null,"base":null,"parts":null,"raw":null}`, ""},
	{"null elements", `{"parts":[null,{"id":"a"},null],"raws":[null,1,{}],"languageLabels":{"a":null}}`, ""},
	{"unknown fields", `{"x":[{"y":[1,"2",null]}],"id":"a","z":{"id":"b"}}`, ""},
	{"white space", " \r\n\t{ \"id\" : \"a\" , \"parts\" : [ { } , { } ] } \n", ""},
	{"large numbers", `{"count":9007199254740993,"share":1.7976931348623157e308,"any":123456789012345678901234567890}`, ""},
	{"small numbers", `{"count":-0,"share":1e-400,"any":-0.0}`, ""},
	{"too large for a whole number", `{"id":"a","count":9223372036854775808,"up":true}`, ".count"},
	{"a fraction", `{"count":1.5,"id":"a"}`, ".count"},
	{"a whole number with an exponent", `{"count":1e2,"id":"a"}`, ".count"},
	{"too large for any number", `{"id":"a","share":1e999,"up":true}`, ".share"},
	{"text for a number", `{"count":"7","id":"a"}`, ".count"},
	{"number for a text", `{"id":7,"count":7}`, ".id"},
	{"text for a truth value", `{"up":"true","id":"a"}`, ".up"},
	{"object for a text", `{"id":{"id":"a"},"count":7}`, ".id"},
	{"list for an object", `{"connectedStatus":[1,{"connected":true}],"count":7}`, ".connectedStatus"},
	{"text for an object", `{"base":"x","count":7}`, ".base"},
	{"object for a list", `{"parts":{"id":"a"},"count":7}`, ".parts"},
	{"deep", `{"id":"a","connectedStatus":{"connected":"yes","since":"x"},"count":7}`, ".connectedStatus.connected"},
	{"name in another case", `{"ConnectedSTATUS":{"CONNECTED":1}}`, ".connectedStatus.connected"},
	{"in a list", `{"parts":[{"id":"a"},{"id":7,"count":1},3,{"id":"b"}],"count":7}`, ".parts.id"},
	{"element of a list", `{"parts":[{"id":"a"},7,{"id":"b"}],"count":7}`, ".parts"},
	{"behind a pointer", `{"base":{"base":{"up":0,"id":"a"}}}`, ".base.base.up"},
	{"under a key", `{"languageLabels":{"a/b~c.id":7,"d":"x"},"id":"a"}`, ".languageLabels"},
	{"two misfits", `{"id":7,"count":"x","share":2}`, ".id"},
	{"another kind", `[{"id":"a"}]`, ""},
	{"another kind: text", `"a"`, ""},
	{"another kind: number", `7`, ""},
	{"nothing", ``, ""},
	{"null", `null`, ""},
	{"cut off", `{"id":"a","count":7`, ""},
	{"cut off in a text", `{"id":"a`, ""},
	{"cut off in a word", `{"up":tru`, ""},
	{"more behind it", `{"id":"a"}}`, ""},
	{"no comma", `{"id":"a" "count":7}`, ""},
	{"a comma too much", `{"id":"a",}`, ""},
	{"a line break in a text", "{\"id\":\"a\nb\"}", ""},
	{"no such escape", `{"id":"\x41"}`, ""},
	{"a leading zero", `{"count":07}`, ""},
	{"a plus", `{"count":+7}`, ""},
	{"no number", `{"share":NaN}`, ""},
	{"single quotes", `{'id':'a'}`, ""},
}

// sameAsStandard decodes a value, and compares what comes of it with what encoding/json makes of the same bytes.
func sameAsStandard(t *testing.T, value []byte) error {
	t.Helper()
	var got, want sample
	err, standard := Unmarshal(value, &got), json.Unmarshal(value, &want)
	_, misfit := errors.AsType[*MisfitError](err)
	_, wantMisfit := errors.AsType[*json.UnmarshalTypeError](standard)
	if (err == nil) != (standard == nil) || misfit != wantMisfit {
		t.Errorf("Unmarshal(%q) = %v, want as encoding/json: %v", value, err, standard)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Unmarshal(%q), -encoding/json +got:\n%s", value, diff)
	}
	return err
}

// TestUnmarshal decodes odd values as encoding/json does, which the clients were written for.
func TestUnmarshal(t *testing.T) {
	for _, test := range oddValues {
		t.Run(test.name, func(t *testing.T) {
			err := sameAsStandard(t, []byte(test.value))
			path := ""
			if misfit, ok := errors.AsType[*MisfitError](err); ok {
				path = misfit.Path
			}
			if path != test.path {
				t.Errorf("Unmarshal(%s) = %v with the path %q, want %q", test.value, err, path, test.path)
			}
		})
	}
}

// TestElements puts each odd value that is one between others, somewhere in an answer: it costs none of them.
func TestElements(t *testing.T) {
	for _, test := range oddValues {
		if !json.Valid([]byte(test.value)) {
			continue
		}
		answer := `{"more":1,"list":[{"id":"before"},` + test.value + `,{"id":"after"}],"less":2}`
		for name, element := range map[string]func(*Decoder, any) (string, bool, error){
			"ElementField": ElementField,
			"RawElement": func(dec *Decoder, v any) (string, bool, error) {
				raw, misfit, readable, err := RawElement(dec, v)
				if id := v.(*sample).ID; id == "before" && string(raw) != `{"id":"before"}` {
					t.Errorf("%s: raw = %s", test.name, raw)
				}
				return misfit, readable, err
			},
		} {
			type result struct {
				ID, Misfit string
				Readable   bool
			}
			var got []result
			_, err := Fields{"list": func(dec *Decoder) error {
				_, err := List(dec, func(dec *Decoder) error {
					var s sample
					misfit, readable, err := element(dec, &s)
					got = append(got, result{s.ID, misfit, readable})
					return err
				})
				return err
			}}.Read(NewDecoder(strings.NewReader(answer)))
			var alone sample
			standard := json.Unmarshal([]byte(test.value), &alone)
			want := []result{{"before", "", true}, {alone.ID, test.path, standard == nil}, {"after", "", true}}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s of %s: %v (-want +got):\n%s", name, answer, err, diff)
			}
		}
	}
}

// TestDepth nests values as deep as the module reads them, and deeper: then the answer is refused, wherever the value is.
func TestDepth(t *testing.T) {
	const deepest = 10_000
	nested := func(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }
	for _, field := range []string{"any", "raw", "skipped"} {
		for depth, want := range map[int]string{deepest - 1: "", deepest: "exceeded max depth"} { // the object is one level itself
			var s sample
			err := Decode(NewDecoder(strings.NewReader(`{"`+field+`":`+nested(depth)+`}`)), &s)
			if fmt.Sprint(err) != want && (err != nil || want != "") {
				t.Errorf("Decode of %s nested %d deep = %v, want %q", field, depth, err, want)
			}
		}
		_, err := Fields{"any": func(dec *Decoder) error { return Decode(dec, new(any)) }, "raw": func(dec *Decoder) error {
			return Decode(dec, new(json.RawMessage))
		}}.Read(NewDecoder(strings.NewReader(`{"` + field + `":` + nested(deepest) + `}`)))
		if err == nil || err.Error() != "exceeded max depth" {
			t.Errorf("Read of %s nested too deep = %v, want an error", field, err)
		}
	}
}

// TestErrorsNameKinds puts a secret into every place of an answer that does not fit or is broken: no error repeats it.
func TestErrorsNameKinds(t *testing.T) {
	for answer, want := range map[string]string{
		`{"count":"` + canary + `"}`:                              "found a text at .count, expected a whole number",
		`{"id":{"` + canary + `":"` + canary + `"}}`:              "found an object at .id, expected a text",
		`{"languageLabels":{"` + canary + `":7}}`:                 "found a number at .languageLabels, expected a text",
		`{"languageLabels":["` + canary + `"]}`:                   "found a list at .languageLabels, expected an object",
		`{"up":"` + canary + `"}`:                                 "found a text at .up, expected a truth value",
		`{"parts":"` + canary + `"}`:                              "found a text at .parts, expected a list",
		`{"share":73.5e777}`:                                      "found a number at .share, expected a number that is not too large",
		`{"count":true}`:                                          "found a truth value at .count, expected a whole number",
		`"` + canary + `"`:                                        "found a text, expected an object",
		`{"` + canary + `" 1}`:                                    "invalid character '1' after object name (expecting ':')",
		`{"` + canary + `":` + canary + `}`:                       "invalid character 'C' at start of value",
		`{"` + canary + `":{"` + canary + `":[tru` + canary + `]`: "invalid character 'C' in literal true (expecting 'e')",
		`{"id":"` + canary + "\n" + `"}`:                          `invalid character '\n' in string (expecting non-control character)`,
		`{"id":"\uCANARY-7f3a"}`:                                  "invalid escape sequence in a text",
		`{"id":"` + canary:                                        io.ErrUnexpectedEOF.Error(),
		canary:                                                    "invalid character 'C' at start of value",
	} {
		fields := Fields{
			"count": func(dec *Decoder) error { return Decode(dec, new(int)) },
			"parts": func(dec *Decoder) error {
				_, err := List(dec, (*Decoder).SkipValue)
				return err
			},
			"languagelabels": func(dec *Decoder) error {
				_, err := Fields{}.Read(dec)
				return err
			},
			"id": func(dec *Decoder) error { return Decode(dec, new(string)) },
		}
		err := Decode(NewDecoder(strings.NewReader(answer)), new(sample))
		if err == nil || err.Error() != want {
			t.Errorf("Decode(%s) = %v, want %s", answer, err, want)
		}
		_, inFields := fields.Read(NewDecoder(strings.NewReader(answer)))
		dec := NewDecoder(strings.NewReader("[" + answer + "]"))
		_, inList := List(dec, (*Decoder).SkipValue)
		for _, err := range []error{err, Unmarshal([]byte(answer), new(sample)), inFields, inList} {
			for ; err != nil; err = errors.Unwrap(err) {
				leaks(t, "error about "+answer, err)
				leaks(t, "error about "+answer, fmt.Sprintf("%#v", err))
				if strings.Contains(err.Error(), "777") {
					t.Errorf("error about %s shows the number: %v", answer, err)
				}
			}
		}
	}
}

// TestBodyErrors keeps the errors of the body's reader, which say why an answer ends.
func TestBodyErrors(t *testing.T) {
	gone := errors.New("gone")
	for _, begun := range []string{``, `[`, `[1`, `[1,`, `["a`} {
		body := func() *Decoder { return NewDecoder(io.MultiReader(strings.NewReader(begun), failingReader{gone})) }
		dec := body()
		if _, err := List(dec, (*Decoder).SkipValue); !errors.Is(err, gone) {
			t.Errorf("List of %q = %v, want %v", begun, err, gone)
		}
		if err := Decode(body(), new(any)); !errors.Is(err, gone) {
			t.Errorf("Decode of %q = %v, want %v", begun, err, gone)
		}
	}
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

// FuzzUnmarshal decodes whatever comes as encoding/json does.
func FuzzUnmarshal(f *testing.F) {
	for _, test := range oddValues {
		f.Add([]byte(test.value))
	}
	f.Fuzz(func(t *testing.T, value []byte) { _ = sameAsStandard(t, value) })
}

// A span holds what a json.RawMessage does, but for a null, and shares its memory with the text.
func TestSpan(t *testing.T) {
	for _, text := range []string{
		`{"raw":{"a":[1, 2]},"b":1}`, " { \"RAW\" : \n [ ] , \"x\" : 1 } ", `{"x":{"raw":1},"raw":"\ud800"}`, `{"raw":1,"raw":true}`, `{"raw":7,"raw":null}`,
		`{"raw":null}`, `{}`, `null`,
	} {
		var span struct{ Raw Span }
		var copied struct{ Raw json.RawMessage }
		if err := Unmarshal([]byte(text), &span); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(text), &copied); err != nil {
			t.Fatal(err)
		}
		if string(copied.Raw) == "null" {
			copied.Raw = nil
		}
		if diff := cmp.Diff([]byte(copied.Raw), span.Raw.In([]byte(text))); diff != "" {
			t.Errorf("%s (-json.RawMessage +Span):\n%s", text, diff)
		}
	}
	text := []byte(`{"raw":"secret`)
	var span struct{ Raw Span }
	if err := Unmarshal(text, &span); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v, want that the text ends early", err)
	}
}
