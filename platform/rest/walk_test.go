package rest

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// walked is what the walk of an answer finds: the numbers of a list, and of each that is none a -1.
func walked(answer string) (numbers []int, found bool, err error) {
	dec := NewDecoder(strings.NewReader(answer))
	found, err = Fields{"numbers": func(dec *Decoder) error {
		_, err := List(dec, func(dec *Decoder) error {
			var n int
			readable, err := Element(dec, &n)
			if !readable {
				n = -1
			}
			numbers = append(numbers, n)
			return err
		})
		return err
	}}.Read(dec)
	return numbers, found, err
}

func TestWalk(t *testing.T) {
	for answer, want := range map[string][]int{
		`{"numbers":[1,"two",3,null],"other":{"numbers":[4]}}`: {1, -1, 3, 0},
		`{"NUMBERS":[{"a":[1]},2]}`:                            {-1, 2},
		`{"numbers":null}`:                                     nil,
		`{"numbers":[]}`:                                       nil,
		`{}`:                                                   nil,
	} {
		if numbers, found, err := walked(answer); !slices.Equal(numbers, want) || !found || err != nil {
			t.Errorf("%s: %v, found %t, %v, want %v", answer, numbers, found, err, want)
		}
	}
	if numbers, found, err := walked(`null`); numbers != nil || found || err != nil {
		t.Errorf("null: %v, found %t, %v, want nothing", numbers, found, err)
	}
}

func TestWalkBroken(t *testing.T) {
	for answer, want := range map[string]string{
		``:                   "EOF",
		`{"numbers":[1,2`:    io.ErrUnexpectedEOF.Error(),
		`{"other":1`:         io.ErrUnexpectedEOF.Error(),
		`{"numbers":7}`:      "found a number, expected a list",
		`{"numbers":true}`:   "found a truth value, expected a list",
		`"Jane Doe"`:         "found a text, expected an object", // whose value may name a person
		`[1]`:                "found a list, expected an object",
		`{"numbers":[1 2]}`:  "invalid character '2' after array element (expecting ',' or ']')",
		`{"numbers":[1,!]}`:  "invalid character '!' at start of value",
		`{"other":[1,{"a"]}`: "invalid character ']' after object name (expecting ':')",
	} {
		if _, _, err := walked(answer); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", answer, err, want)
		}
	}
}

func TestNotEmpty(t *testing.T) {
	if err := NotEmpty(io.EOF); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("NotEmpty(EOF) = %v, want an error that says what was expected", err)
	}
	if err := NotEmpty(nil); err != nil {
		t.Errorf("NotEmpty(nil) = %v", err)
	}
}
