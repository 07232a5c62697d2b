package shape_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ccaas-exporter/ccaas_exporter/platform/shape"
)

// allowed is what may stand in a shape, besides the words that the test hands out.
var (
	placeholder = regexp.MustCompile(`^<([a-z-]+ (\d+ |-?\d+\.\d+)?(#\d+)?|time [0TZ:.+/-]+)>$`)
	smallNumber = regexp.MustCompile(`^-?\d{1,6}$`)
	vendorWords = []string{"entities", "id", "name", "state", "total", "trunkBase", "connectedStatus", "agentId", "phoneNumber", "code"}
	enumWords   = []string{"active", "ON_QUEUE", "OnQueue"}
)

// documents draws JSON documents that hold the vendor's words and anything else.
func documents() *rapid.Generator[any] {
	words := append(append([]string{}, vendorWords...), enumWords...)
	text := rapid.OneOf(
		rapid.String(), rapid.SampledFrom(words), rapid.StringMatching(`[A-ZÄÖÜ][a-zäöü]{2,12}( [A-Z][a-z]{2,12})?`),
		rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), rapid.StringMatching(`\+?[0-9 ]{5,14}`),
		rapid.StringMatching(`[a-z]{2,9}@[a-z]{2,9}\.(com|de)`), rapid.StringMatching(`(https?|wss|sip)://?[a-z]{2,9}\.[a-z]{2,9}\.com(:[0-9]{2,5})?(/[a-z]{2,9})?`),
		rapid.StringMatching(`20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,7})?Z?`), rapid.StringMatching(`<[a-z]{1,6} [a-zA-Z0-9#]{1,9}>`),
	)
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		leaves := []*rapid.Generator[any]{
			text.AsAny(), rapid.Int64().AsAny(), rapid.Float64().AsAny(), rapid.Bool().AsAny(), rapid.Just[any](nil),
		}
		if depth > 0 {
			below := rapid.Deferred(func() *rapid.Generator[any] { return value(depth - 1) })
			leaves = append(leaves, rapid.SliceOfN(below, 0, 5).AsAny(), rapid.MapOfN(text, below, 0, 6).AsAny())
		}
		return rapid.OneOf(leaves...)
	}
	return value(4)
}

func TestNothingSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		document := encode(t, documents().Draw(t, "document"))
		shaper := shape.New(enumWords...)
		got, ok := shaper.JSON(document)
		if !ok {
			t.Fatalf("JSON(%s) is no shape", document)
		}
		checkLeaves(t, got, func(text string) bool {
			return text == "" || placeholder.MatchString(text) || shaper.Name(text) == text && len(text) <= 61
		})
		if a, b := skeleton(document), skeleton(got); a != b {
			t.Fatalf("structure of %s = %s, want that of the document, %s", got, b, a)
		}
		answer, err := shape.Answer(got, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		again, ok := shape.New(enumWords...).JSON(answer)
		if a, b := skeleton(got), skeleton(again); !ok || a != b {
			t.Fatalf("structure of an answer made of %s = %s, want %s", got, b, a)
		}
	})
}

func encode(t *rapid.T, v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// checkLeaves looks at every key, text and number of a shape.
func checkLeaves(t *rapid.T, document []byte, fine func(string) bool) {
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.UseNumber()
	for {
		token, err := dec.Token()
		if err != nil {
			return
		}
		switch v := token.(type) {
		case string:
			if !fine(v) {
				t.Fatalf("the shape holds the text %q:\n%s", v, document)
			}
		case json.Number:
			if !smallNumber.MatchString(v.String()) {
				t.Fatalf("the shape holds the number %s:\n%s", v, document)
			}
		}
	}
}

// skeleton is the structure of a document: braces, and how many values there are.
func skeleton(document []byte) string {
	var b strings.Builder
	dec := json.NewDecoder(bytes.NewReader(document))
	for {
		token, err := dec.Token()
		if err != nil {
			return b.String()
		}
		if d, ok := token.(json.Delim); ok {
			fmt.Fprint(&b, d)
			continue
		}
		b.WriteByte('.')
	}
}

func FuzzShape(f *testing.F) {
	f.Add([]byte(`{"entities":[{"id":"a","name":"b"}],"total":1e9}`), []byte(`{"a":"<time 00/00>"}`))
	f.Fuzz(func(t *testing.T, document, shaped []byte) {
		if got, ok := shape.New(enumWords...).JSON(document); ok {
			if answer, err := shape.Answer(got, time.Unix(0, 0)); err != nil || !json.Valid(answer) {
				t.Errorf("Answer(%s) = %s, %v, want JSON", got, answer, err)
			}
		}
		_, _ = shape.Answer(shaped, time.Unix(0, 0)) // a bundle may come from anywhere: it must not panic
	})
}
