package genesys

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// served is a client of a server that answers with what the page number gives.
func served(t *testing.T, answer func(page string) string) *client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("ININ-Correlation-Id", "page-"+r.FormValue("pageNumber"))
		if size := r.FormValue("pageSize"); size != "100" {
			t.Errorf("pageSize = %q, want 100", size)
		}
		fmt.Fprint(w, answer(r.FormValue("pageNumber")))
	}))
	t.Cleanup(server.Close)
	c, err := rest.New(rest.Options{Dialect: dialect()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &client{rest: c, api: server.URL}
}

// pageWire is what readPage looks for.
type pageWire struct {
	Entities  []json.RawMessage `json:"entities"`
	PageCount int               `json:"pageCount"`
}

func TestList(t *testing.T) {
	full := strings.Join(numbered(1, 100), `"},{"id":"`)
	for name, c := range map[string]struct {
		pages      map[string]string
		entities   int
		violations int
		err        string
	}{
		"one page":             {map[string]string{"1": `{"entities":[{"id":"a"}],"pageCount":1}`}, 1, 0, ""},
		"empty":                {map[string]string{"1": `{"entities":[],"pageCount":0}`}, 0, 0, ""},
		"short page goes on":   {map[string]string{"1": `{"entities":[{"id":"a"}],"pageCount":2}`, "2": `{"entities":[{"id":"b"}],"pageCount":2}`}, 2, 0, ""},
		"list grows":           {map[string]string{"1": `{"entities":[{"id":"a"}],"pageCount":2}`, "2": `{"entities":[{"id":"b"}],"pageCount":3}`, "3": `{"entities":[],"pageCount":3}`}, 2, 0, ""},
		"no page count":        {map[string]string{"1": `{"entities":[{"id":"` + full + `"}]}`, "2": `{"entities":[{"id":"x"}],"pageCount":null}`}, 101, 2, ""},
		"list moved":           {map[string]string{"1": `{"entities":[{"id":"a"}],"pageCount":2}`, "2": `{"entities":[{"id":"a"}],"pageCount":2}`}, 1, 0, ""},
		"broken entities":      {map[string]string{"1": `{"entities":[{},null,{"id":7},{"id":"a","name":7},"text"],"pageCount":1}`}, 1, 5, ""},
		"list twice":           {map[string]string{"1": `{"entities":[{"id":"a"}],"pageCount":1,"entities":[{"id":"b"}]}`}, 1, 0, ""},
		"nothing":              {map[string]string{"1": ""}, 0, 0, "edges: bad_response, status 200: empty body, expected JSON"},
		"without end":          {map[string]string{"": `{"entities":[{}],"pageCount":1000000}`}, 0, 0, "edges: list does not end within 100 pages"},
		"no list":              {map[string]string{"1": `{}`}, 0, 0, "edges: answer without entities, expected a list"},
		"null":                 {map[string]string{"1": `null`}, 0, 0, "edges: answer without entities, expected a list"},
		"garbage":              {map[string]string{"1": `[1]`}, 0, 0, "edges"},
		"garbage on page two":  {map[string]string{"1": `{"entities":[{}],"pageCount":2}`, "2": `{"entities":"x"}`}, 0, 0, "edges"},
		"page count is a text": {map[string]string{"1": `{"entities":[],"pageCount":"1"}`}, 0, 0, "edges"},
	} {
		t.Run(name, func(t *testing.T) {
			asks := served(t, func(page string) string { return c.pages[page] + c.pages[""] })
			var anomalies platform.Anomalies
			got, err := list[edgeWire](t.Context(), asks, rest.Request{Operation: "edges", URL: asks.api, Anonymous: true}, &anomalies)
			if (err == nil) != (c.err == "") || (err != nil && !strings.HasPrefix(err.Error(), c.err)) {
				t.Fatalf("list fails with %v, want %q", err, c.err)
			}
			if len(got) != c.entities || anomalies.Violations != c.violations {
				t.Errorf("list = %d entities, %d violations, want %d, %d", len(got), anomalies.Violations, c.entities, c.violations)
			}
			if len(got) > 0 && got[0].correlation != "page-1" {
				t.Errorf("correlation id of the first entity = %q, want that of the first page", got[0].correlation)
			}
		})
	}
}

// What was sent is kept of objects that are judged, each as it was sent, and of no others.
func TestPageKeepsEvidence(t *testing.T) {
	body := []byte(`{"entities": [ {"id":"a", "x": [1,2]} ,{"id":"b"},null, {"id":"c","state":7}], "pageCount":1}`)
	var edges, definitions []string
	for _, item := range pageOf[edgeWire](t, body).items {
		edges = append(edges, item.wire.ID+" "+string(item.raw))
	}
	for _, item := range pageOf[definitionWire](t, body).items {
		definitions = append(definitions, item.wire.ID+" "+string(item.raw))
	}
	diff(t, "edges", edges, []string{`a {"id":"a", "x": [1,2]}`, `b {"id":"b"}`, `c {"id":"c","state":7}`})
	diff(t, "definitions", definitions, []string{"a ", "b ", "c "})
}

// A login that is refused with a 400 says nothing about identifiers.
func TestIsBadRequest(t *testing.T) {
	for want, err := range map[bool]error{true: &rest.Error{Status: 400}, false: &rest.Error{Status: 400, Login: true}} {
		if got := isBadRequest(fmt.Errorf("edges: %w", err)); got != want {
			t.Errorf("isBadRequest(%+v) = %t, want %t", err, got, want)
		}
	}
	if isBadRequest(nil) || isBadRequest(&rest.Error{Status: 404}) {
		t.Error("isBadRequest takes no error, or a 404, for a 400")
	}
}
