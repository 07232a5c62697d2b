package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// answers starts a Prometheus that knows the answers to some queries, each a JSON list of series.
func answers(t *testing.T, known map[string]string) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		result, ok := known[r.FormValue("query")]
		if !ok {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"status":"error","error":"unknown query %s"}`, r.FormValue("query"))
			return
		}
		fmt.Fprintf(w, `{"status":"success","data":{"result":[%s]}}`, result)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// small is a board of one tile, one table and one table without rows.
func small() board {
	columns := []column{
		state("Severity", "rank", 90, severities), object("object", "Object"), value("Waits", "waits", 180, duration), hidden("more", query{expr: "more"}),
	}
	return board{sections: []section{
		{panels: []panel{{title: "Reach", w: 6, h: 4, view: tiles{words: statuses, list: true, queries: []query{{expr: "reach", name: "{{account}} {{trunk}}"}}}}}},
		{title: "Below", panels: []panel{
			{title: "Rows", w: 12, view: grid{sort: "Severity", then: "Waits", columns: columns}},
			{title: "None", w: 12, view: grid{empty: "No alert fires", columns: []column{object("object", "Object"), value("Count", "none", 90, count)}}},
		}},
	}}
}

func TestDraw(t *testing.T) {
	url := answers(t, map[string]string{
		"reach": `{"metric":{"account":"emea"},"value":[0,"3"]},{"metric":{"account":"a & b","trunk":"north"},"value":[0,"1"]}`,
		"rank":  `{"metric":{"object":"x"},"value":[0,"2"]},{"metric":{"object":"y"},"value":[0,"3"]},{"metric":{"object":"z"},"value":[0,"2"]}`,
		"waits": `{"metric":{"object":"x"},"value":[0,"100"]},{"metric":{"object":"z"},"value":[0,"3700"]}`,
		"more":  ``, "none": ``,
	})
	var out strings.Builder
	if err := draw(t.Context(), &out, small(), url, "A caption"); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Reach", "emea", "critical", "a & b north", "operational", "⌄ Below", "Rows", "Severity", "Object", "Waits",
		"critical", "y", "–", "warning", "z", "1 hour, 1 minute", "warning", "x", "1 minute, 40 seconds", "None", "No alert fires", "A caption",
	}
	if diff := cmp.Diff(want, texts(t, out.String())); diff != "" {
		t.Errorf("texts of the drawing (-want +got):\n%s", diff)
	}
}

func TestDrawTellsWhatFails(t *testing.T) {
	err := draw(t.Context(), io.Discard, small(), answers(t, nil), "")
	if want := "Reach: prometheus: unknown query reach"; err == nil || err.Error() != want {
		t.Errorf("draw = %v, want %s", err, want)
	}
}

// texts are those of a drawing, in their order.
func texts(t *testing.T, svg string) (list []string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(svg))
	inside := false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inside = token.Name.Local == "text"
		case xml.EndElement:
			inside = false
		case xml.CharData:
			if inside {
				list = append(list, string(token))
			}
		}
	}
}

// TestPictureIsCurrent wants the picture of the documents to show the panels of the first screen.
func TestPictureIsCurrent(t *testing.T) {
	svg, err := os.ReadFile("../docs/overview.svg")
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	wanted := firstScreen(t)
	for _, text := range texts(t, string(svg)) {
		if slices.Contains(wanted, text) {
			titles = append(titles, text)
		}
	}
	if diff := cmp.Diff(wanted, titles); diff != "" {
		t.Errorf("the picture is out of date, run make picture (-want +got):\n%s", diff)
	}
}

func TestFormat(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	at := func(d time.Duration) float64 { return float64(now.Add(d).UnixMilli()) }
	for _, c := range []struct {
		unit  unit
		value float64
		want  string
	}{
		{count, 5600, "5600"},
		{ratio, 0.0366, "3.66%"},
		{ratio, 1, "100%"},
		{seconds, 0.0071, "7.1ms"},
		{duration, 0, "0 seconds"},
		{duration, 59, "59 seconds"},
		{duration, 100, "1 minute, 40 seconds"},
		{duration, 3600, "1 hour, 0 minutes"},
		{duration, 90061, "1 day, 1 hour"},
		{since, at(-16 * time.Minute), "16 minutes ago"},
		{since, at(48 * time.Hour), "in 2 days"},
		{number, 0.823456, "0.8235"},
	} {
		if got := c.unit.format(c.value, now); got != c.want {
			t.Errorf("%s.format(%v) = %q, want %q", c.unit.id, c.value, got, c.want)
		}
	}
}
