package cxone

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// TestDrift reads one field out of every form that answers have had.
func TestDrift(t *testing.T) {
	for body, want := range map[string]int64{
		`{"totalRecords":7}`:   7,
		`{"TotalRecords":"7"}`: 7,
		`{"totalrecords":7.0,"_links":{"next":[1,{"a":2}]},"x":[[]]}`:         7,
		`{"resultSet":{"businessUnitId":1,"totalRecords":7}}`:                 7,
		`{"resultset":{"TOTALRECORDS":" 7 "}}`:                                7,
		`{"ResultSet":null,"totalRecords":7}`:                                 7,
		`{"totalRecords":7e0}`:                                                7,
		`{"totalRecords":null}`:                                               -1,
		`{"totalRecords":"many"}`:                                             -1,
		`{"totalRecords":{"n":7}}`:                                            -1,
		`{"totalRecords":7.5}`:                                                -1,
		`{"totalRecords":1e300}`:                                              -1,
		`{}`:                                                                  -1,
		`{"resultSet":{"resultSet":{"totalRecords":7}}}`:                      -1,
		`{"meta":{"totalRecords":7}}`:                                         -1,
		" \n{\"totalRecords\" : 7 }\n":                                        7,
		`{"totalRecords":1,"totalRecords":7}`:                                 7,
		`{"resultSet":{"totalRecords":7},"activeContacts":[{"contactId":1}]}`: 7,
	} {
		var total scalar
		changed, err := answerFields{"totalrecords": total.into}.read(answer(body))
		got, ok := total.integer()
		if !ok {
			got = -1
		}
		if err != nil || !changed || got != want {
			t.Errorf("read(%s) = %d, %v, %v, want %d", body, got, changed, err, want)
		}
	}
}

// TestNoNews reads the three forms of nothing new.
func TestNoNews(t *testing.T) {
	for name, r := range map[string]rest.Response{
		"304":         {Status: http.StatusNotModified, Body: strings.NewReader("")},
		"204":         {Status: http.StatusNoContent, Body: http.NoBody},
		"empty":       answer(""),
		"white space": answer(" \r\n"),
	} {
		if changed, err := (answerFields{}).read(r); changed || err != nil {
			t.Errorf("%s: read = %v, %v, want no change", name, changed, err)
		}
	}
}

func TestBrokenAnswers(t *testing.T) {
	for body, want := range map[string]error{
		`{`:                           io.ErrUnexpectedEOF,
		`{"totalRecords"`:             io.ErrUnexpectedEOF,
		`{"totalRecords":7`:           io.ErrUnexpectedEOF,
		`{"totalRecords":7,`:          io.ErrUnexpectedEOF,
		`{"resultSet":{"x":1`:         io.ErrUnexpectedEOF,
		`{"other":[1,2`:               io.ErrUnexpectedEOF,
		`[]`:                          nil,
		`null`:                        nil,
		`7`:                           nil,
		`<html>`:                      nil,
		`{"resultSet":[]}`:            nil,
		`{"totalRecords":7 "next":1}`: nil,
	} {
		var total scalar
		changed, err := answerFields{"totalrecords": total.into}.read(answer(body))
		if err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("read(%s) = %v, %v, want error %v", body, changed, err, want)
		}
	}
}

func TestScalar(t *testing.T) {
	type values struct {
		Number  float64
		Whole   int64
		Truth   bool
		NumOK   bool
		WholeOK bool
		TruthOK bool
		Missing bool
	}
	for raw, want := range map[string]values{
		`3`:       {Number: 3, Whole: 3, NumOK: true, WholeOK: true},
		`"3"`:     {Number: 3, Whole: 3, NumOK: true, WholeOK: true},
		`-1`:      {Number: -1, Whole: -1, NumOK: true, WholeOK: true},
		`2.5`:     {Number: 2.5, NumOK: true},
		`1`:       {Number: 1, Whole: 1, Truth: true, NumOK: true, WholeOK: true, TruthOK: true},
		`true`:    {Truth: true, TruthOK: true},
		`"TRUE"`:  {Truth: true, TruthOK: true},
		`"False"`: {TruthOK: true},
		`null`:    {Missing: true},
		`""`:      {Missing: true},
		`" "`:     {Missing: true},
		`"NaN"`:   {},
		`"Inf"`:   {},
		`1e999`:   {},
		`[3]`:     {},
		`{"a":3}`: {},
		`"yes"`:   {},
	} {
		var s struct{ V scalar }
		if err := rest.Unmarshal([]byte(`{"v":`+raw+`}`), &s); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		var got values
		got.Number, got.NumOK = s.V.number()
		got.Whole, got.WholeOK = s.V.integer()
		got.Truth, got.TruthOK = s.V.boolean()
		got.Missing = s.V.missing()
		if !got.NumOK {
			got.Number = 0
		}
		if got != want {
			t.Errorf("scalar(%s) = %+v, want %+v", raw, got, want)
		}
	}
}

// TestMoment reads times with 0 to 7 digits of a fraction.
func TestMoment(t *testing.T) {
	for text, want := range map[string]time.Time{
		`"2021-07-21T13:38:15Z"`:         time.Date(2021, 7, 21, 13, 38, 15, 0, time.UTC),
		`"2021-07-21T13:38:40.72Z"`:      time.Date(2021, 7, 21, 13, 38, 40, 720_000_000, time.UTC),
		`"2021-07-21T13:38:15.3560573Z"`: time.Date(2021, 7, 21, 13, 38, 15, 356_057_300, time.UTC),
		`"2021-07-21T13:38:15"`:          time.Date(2021, 7, 21, 13, 38, 15, 0, time.UTC),
		`"2021-07-21T13:38:15.3560573"`:  time.Date(2021, 7, 21, 13, 38, 15, 356_057_300, time.UTC),
		`"2021-07-21T15:38:15+02:00"`:    time.Date(2021, 7, 21, 13, 38, 15, 0, time.UTC),
		`"2021-07-21"`:                   {},
		`1626874695`:                     {},
		`null`:                           {},
	} {
		got, ok := scalar(text).moment()
		if !got.Equal(want) || ok == want.IsZero() {
			t.Errorf("moment(%s) = %v, %v, want %v", text, got, ok, want)
		}
	}
}

// seeds are bodies to start fuzzing from.
func seeds(f *testing.F, names ...string) {
	for _, name := range names {
		f.Add(sample(f, name))
	}
	for _, body := range []string{
		``, `null`, `[]`, `{`, `{"resultSet":{"agentStates":[{"AgentStateId":"1"}]}}`, `{"agentStates":[null,1,[],{}]}`,
		`{"agentStates":[{"agentStateId":42,"agentStateName":"On Break"},{"agentStateId":2,"isAcw":"true"}]}`,
		`{"totalRecords":"12","lastPollTime":0,"agentStates":null}`, `{"businessUnits":[{"concurrentPortLimit":"9"},{}]}`,
	} {
		f.Add([]byte(body))
	}
}

func FuzzScalar(f *testing.F) {
	for _, s := range []string{`1`, `"1"`, `-1.0`, `1e400`, `true`, `"x\u00e9"`, `null`, `"2021-07-21T13:38:15.3560573Z"`, `"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := scalar(raw)
		if n, ok := s.integer(); ok {
			if x, alsoNumber := s.number(); !alsoNumber || x != float64(n) {
				t.Errorf("scalar(%q) is the integer %d but the number %v", raw, n, x)
			}
		}
		s.boolean()
		s.moment()
		if text, ok := s.text(); s.missing() && ok && text != "" {
			t.Errorf("scalar(%q) is missing but says %q", raw, text)
		}
	})
}
