package rest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// zip compresses a body.
func zip(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, s)
	_ = w.Close()
	return b.String()
}

// answers are bodies as they come over the wire, one good form and everything that can be wrong with it.
var answers = []struct {
	name    string
	headers map[string]string
	body    string
	want    platform.Reason
	text    string
	sent    int32
}{
	{name: "good", body: `{"names":["a"],"new":1}`, sent: 1},
	{name: "compressed", headers: map[string]string{"Content-Encoding": "gzip"}, body: zip(`{"names":["a"]}`), sent: 1},
	{name: "with a byte order mark", body: "\xef\xbb\xbf" + `{"names":["a"]}`, sent: 1},
	{
		name: "nothing but a byte order mark", body: "\xef\xbb\xbf",
		want: platform.ReasonBadResponse, text: "things: bad_response, status 200: empty body, expected JSON", sent: 1,
	},
	{name: "as large as allowed", body: `{"names":["a"]}` + strings.Repeat(" ", 1000-15), sent: 1},
	{
		name: "over the limit", body: `{"names":["` + strings.Repeat("a", 1000) + `"]}`,
		want: platform.ReasonBadResponse, text: "things: bad_response: answer is larger than max_body_bytes (1000)", sent: 1,
	},
	{
		name: "over the limit when expanded", headers: map[string]string{"Content-Encoding": "gzip"}, body: zip(`{"names":["` + strings.Repeat("a", 1000) + `"]}`),
		want: platform.ReasonBadResponse, text: "things: bad_response: answer is larger than max_body_bytes (1000)", sent: 1,
	},
	{
		name: "not compressed as said", headers: map[string]string{"Content-Encoding": "gzip"}, body: `{"names":["a"],"more":"and more"}`,
		want: platform.ReasonBadResponse, text: "things: bad_response: gzip: invalid header", sent: 1,
	},
	{
		name: "cut off by the network", headers: map[string]string{"Content-Length": "500"}, body: `{"names":["a"`,
		want: platform.ReasonNetwork, text: "things: network: unexpected EOF", sent: 3,
	},
	{
		name: "cut off by the sender", body: `{"names":["a"`,
		want: platform.ReasonBadResponse, text: "things: bad_response, status 200: unexpected EOF", sent: 1,
	},
	{
		name: "empty", body: "",
		want: platform.ReasonBadResponse, text: "things: bad_response, status 200: empty body, expected JSON", sent: 1,
	},
	{
		name: "HTML", headers: map[string]string{"Content-Type": "text/html; charset=utf-8"}, body: "<!DOCTYPE html><p>Sign in",
		want: platform.ReasonBadResponse, text: `things: bad_response, status 200: answer of type "text/html; charset=utf-8": invalid character '<' at start of value`, sent: 1,
	},
	{
		name: "another form", body: `{"names":"a"}`,
		want: platform.ReasonBadResponse, text: "things: bad_response, status 200: found a text at .names, expected a list", sent: 1,
	},
}

func TestAnswers(t *testing.T) {
	for _, test := range answers {
		t.Run(test.name, func(t *testing.T) {
			var sent atomic.Int32
			c, url := serve(t, Options{HTTP: HTTPConfig{MaxBody: 1000}}, func(w http.ResponseWriter, _ *http.Request) {
				sent.Add(1)
				w.Header().Set("Content-Type", "application/json")
				for name, value := range test.headers {
					w.Header().Set(name, value)
				}
				_, _ = io.WriteString(w, test.body)
			})
			var got thing
			err := ask(t, c, url, &got)
			wantReason(t, err, test.want)
			if err != nil && err.Error() != test.text {
				t.Errorf("error = %q, want %q", err, test.text)
			}
			if diff := cmp.Diff(thing{Names: []string{"a"}}, got); err == nil && diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
			if n := sent.Load(); n != test.sent {
				t.Errorf("%d requests, want %d", n, test.sent)
			}
		})
	}
}

func TestResetInMidBody(t *testing.T) {
	var sent atomic.Int32
	c, url := serve(t, Options{Operations: []string{"things"}}, func(w http.ResponseWriter, _ *http.Request) {
		if sent.Add(1) < 3 {
			fmt.Fprint(w, `{"names":["half"`)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler) // resets the connection
		}
		fmt.Fprint(w, `{"names":["whole"]}`)
	})
	var all []string // what decode got: each attempt starts from scratch
	err := c.Do(t.Context(), Request{Operation: "things", URL: url, Anonymous: true}, func(r Response) error {
		body, err := io.ReadAll(r.Body)
		all = append(all, string(body))
		if err != nil {
			return errors.New("hidden: " + err.Error())
		}
		return json.Unmarshal(body, &thing{})
	})
	wantReason(t, err, "")
	if diff := cmp.Diff([]string{`{"names":["half"`, `{"names":["half"`, `{"names":["whole"]}`}, all); diff != "" {
		t.Errorf("bodies (-want +got):\n%s", diff)
	}
	wantValue(t, c, 2, "ccaas_api_retries_total", "operation", "things")
}
