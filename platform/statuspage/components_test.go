package statuspage

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

func listed(id, name string, plane platform.Plane, s platform.Status) platform.Component {
	return platform.Component{ID: id, Name: name, Plane: plane, Source: platform.SourceDocument, Condition: platform.Condition{Status: s}}
}

func TestList(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		number := r.URL.Query().Get("pageNumber")
		conditionally(w, r, `"`+number+`"`, recorded(t, "details_"+number+".json"))
	})
	d := newDocument(t, func(c *DocumentConfig) {
		c.Path, c.Format, c.Expand = "/api/v2/health/details", FormatComponents, "details"
		c.IDs, c.Status, c.DataComponents = []string{"1", "2"}, []string{"degraded", "down"}, []string{"MEDIA-*"}
	})
	feed := d.Feed(account(t), func(context.Context) (string, error) { return s.URL, nil })
	var sink notes
	run(t, feed, &sink)
	run(t, feed, &sink)
	const prefix = "0d5f1c1e-0000-4000-8000-00000000000"
	want := []platform.Snapshot{{
		Components: []platform.Component{
			listed(prefix+"1", "routing", platform.ControlPlane, platform.Operational),
			listed(prefix+"2", "media-eu-1", platform.DataPlane, platform.Degraded),
			listed(prefix+"3", "reporting", platform.ControlPlane, platform.Critical),
			listed(prefix+"4", "media-eu-2", platform.DataPlane, platform.Unknown),
		},
		Anomalies: platform.Anomalies{
			Violations: 1, Unknowns: map[string]int{fieldDocumentStatus: 1}, Places: []platform.Place{
				{Path: "entities[].lastModified", Count: 1}, {Path: "entities[].status", Value: "resting", Count: 1},
			},
		},
	}}
	if diff := cmp.Diff(want, sink.published, ignoreUnexported, ignoreEvidence); diff != "" {
		t.Errorf("snapshots (-want +got):\n%s", diff)
	}
	if sink.kept != 1 {
		t.Errorf("kept %d times, want once", sink.kept)
	}
	var got []string
	for _, r := range s.seen() {
		got = append(got, r.URL.RawQuery+" "+r.Header.Get("If-None-Match"))
	}
	query := "expand=details&ids=1%2C2&pageNumber=%d&status=degraded%2Cdown "
	query = strings.ReplaceAll(strings.ReplaceAll(query, "%2C", "%%2C"), "%%d", "%d")
	if diff := cmp.Diff([]string{
		fmt.Sprintf(query, 1), fmt.Sprintf(query, 2), fmt.Sprintf(query+`"1"`, 1), fmt.Sprintf(query+`"2"`, 2),
	}, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// A list of which only the second page changes must not be taken for unchanged because the first page is.
func TestListChangesOnALaterPage(t *testing.T) {
	second, failing := "healthy", false
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		number, status := r.URL.Query().Get("pageNumber"), "healthy"
		if number == "2" {
			status = second
			if failing {
				w.WriteHeader(http.StatusNotFound)
				return
			}
		}
		body := fmt.Sprintf(`{"entities":[{"id":"%[1]s","name":"c%[1]s","status":%[2]q,"lastModified":"2026-05-04T10:00:00Z"}],
			"pageNumber":%[1]s,"pageCount":2}`, number, status)
		conditionally(w, r, `"`+number+status+`"`, []byte(body))
	})
	d := newDocument(t, func(c *DocumentConfig) { c.Path, c.Format = "/details", FormatComponents })
	feed := d.Feed(account(t), func(context.Context) (string, error) { return s.URL, nil })
	var sink notes
	run(t, feed, &sink)
	second, failing = "down", true
	if err := record(t.Context(), feed.Poll, &sink); platform.ReasonOf(err) != platform.ReasonNotFound {
		t.Errorf("Run = %v, want reason not_found", err)
	}
	failing = false
	run(t, feed, &sink)
	run(t, feed, &sink)
	want := []platform.Snapshot{
		{Components: []platform.Component{
			listed("1", "c1", platform.ControlPlane, platform.Operational), listed("2", "c2", platform.ControlPlane, platform.Operational),
		}},
		{Components: []platform.Component{
			listed("1", "c1", platform.ControlPlane, platform.Operational), listed("2", "c2", platform.ControlPlane, platform.Critical),
		}},
	}
	if diff := cmp.Diff(want, sink.published, ignoreUnexported, ignoreEvidence); diff != "" {
		t.Errorf("snapshots (-want +got):\n%s", diff)
	}
	if sink.kept != 1 {
		t.Errorf("kept %d times, want once", sink.kept)
	}
}

func TestListThatDoesNotEnd(t *testing.T) {
	for _, test := range []struct {
		name       string
		count      func(page int) int
		want       string
		wantAsked  int
		wantNumber func(page int) int
	}{
		{"one more page each time", func(n int) int { return n + 1 }, "list of 101 pages, at most 100 are read", 100, func(n int) int { return n }},
		{"too long from the start", func(int) int { return 101 }, "list of 101 pages, at most 100 are read", 1, func(n int) int { return n }},
		{"the same page again and again", func(int) int { return 3 }, "asked for page 2, got page 1", 2, func(int) int { return 1 }},
	} {
		t.Run(test.name, func(t *testing.T) {
			asked := 0
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				asked++
				_, _ = fmt.Fprintf(w, `{"entities":[],"pageNumber":%d,"pageCount":%d}`, test.wantNumber(asked), test.count(asked))
			})
			d := newDocument(t, func(c *DocumentConfig) { c.Path, c.Format = "/details", FormatComponents })
			var sink notes
			err := record(t.Context(), d.Feed(account(t), func(context.Context) (string, error) { return s.URL, nil }).Poll, &sink)
			if err == nil || !strings.Contains(err.Error(), test.want) || platform.ReasonOf(err) != platform.ReasonBadResponse {
				t.Errorf("Run = %v, want %q", err, test.want)
			}
			if asked != test.wantAsked || len(sink.published) > 0 {
				t.Errorf("asked for %d pages and published %d snapshots, want %d and 0", asked, len(sink.published), test.wantAsked)
			}
		})
	}
}

func TestListEntitiesWithFaults(t *testing.T) {
	const at = `"lastModified":"2026-05-04T10:00:00Z"`
	body := `{"entities":[{"id":"1","name":"a","status":" HEALTHY ",` + at + `},{"id":"2","name":"b","status":5,` + at + `},
		{"id":"3","name":"c","status":"ok"},{"id":"4","name":"d","status":"ok","lastModified":1777888800},{"id":"5","name":"e",` + at + `},
		{"id":6,"name":"f","status":"ok",` + at + `},{"name":"g","status":"ok",` + at + `},{"id":"8","status":"ok",` + at + `},
		null,7,{"id":"1","name":"a again","status":"down",` + at + `}]}`
	p, err := DefaultDocumentConfig.parseList([]byte(body), 1, "")
	if err != nil {
		t.Fatal(err)
	}
	want := &platform.Snapshot{Anomalies: platform.Anomalies{Violations: 9, Places: []platform.Place{
		{Path: "entities[]", Count: 4}, {Path: "entities[].lastModified", Count: 1}, {Path: "entities[].id, name or status", Count: 4},
	}}, Components: []platform.Component{
		listed("1", "a", platform.ControlPlane, platform.Operational), listed("2", "b", platform.ControlPlane, platform.Unknown),
		listed("3", "c", platform.ControlPlane, platform.Operational), listed("4", "d", platform.ControlPlane, platform.Operational),
		listed("5", "e", platform.ControlPlane, platform.Unknown),
	}}
	if diff := cmp.Diff(want, merge([]batch{{pages: []documentPage{p}}}), ignoreUnexported, ignoreEvidence); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
}

func TestListGarbage(t *testing.T) {
	for _, body := range []string{
		``, `null`, `[]`, `{}`, `{"entities":{}}`, `{"entities":null}`, `{"entities":[],"pageCount":"2"}`, `{"entities":[`,
	} {
		t.Run(body, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
			d := newDocument(t, func(c *DocumentConfig) { c.Path, c.Format = "/details", FormatComponents })
			var sink notes
			err := record(t.Context(), d.Feed(account(t), func(context.Context) (string, error) { return s.URL, nil }).Poll, &sink)
			if err == nil || platform.ReasonOf(err) != platform.ReasonBadResponse || len(sink.published) > 0 {
				t.Errorf("Run = %v after %d snapshots, want bad_response", err, len(sink.published))
			}
		})
	}
}

// TestIDsAreSplit: a list of ids that is too long for one request is asked for in parts, from then on too.
func TestIDsAreSplit(t *testing.T) {
	want := []string{"1,2,3,4,5", "1,2", "3,4,5", "3", "4,5", "1,2", "3", "4,5"}
	for _, status := range []int{http.StatusRequestURITooLong, http.StatusGatewayTimeout} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			ids := strings.Split(r.URL.Query().Get("ids"), ",")
			if len(ids) > 2 {
				w.WriteHeader(status)
				return
			}
			var entities []string
			for _, id := range ids {
				entities = append(entities, fmt.Sprintf(`{"id":%[1]q,"name":"c%[1]s","status":"healthy","lastModified":"2026-05-04T10:00:00Z"}`, id))
			}
			body := `{"entities":[` + strings.Join(entities, ",") + `],"pageNumber":1,"pageCount":1}`
			conditionally(w, r, `"`+strings.Join(ids, "")+`"`, []byte(body))
		})
		d := newDocument(t, func(c *DocumentConfig) {
			c.Path, c.Format, c.IDs = "/details", FormatComponents, []string{"1", "2", "3", "4", "5"}
		})
		f := d.Feed(account(t), func(context.Context) (string, error) { return s.URL, nil })
		var sink notes
		run(t, f, &sink)
		run(t, f, &sink)
		if len(sink.published) != 1 || len(sink.published[0].Components) != 5 || sink.kept != 1 {
			t.Errorf("%d: published %+v and kept %d times, want 5 components once", status, sink.published, sink.kept)
		}
		var asked []string
		for _, r := range s.seen() {
			// The same list again is a retry of the client.
			if ids := r.URL.Query().Get("ids"); len(asked) == 0 || asked[len(asked)-1] != ids {
				asked = append(asked, ids)
			}
		}
		if diff := cmp.Diff(want, asked); diff != "" {
			t.Errorf("%d: asked for ids (-want +got):\n%s", status, diff)
		}
	}
	one := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusRequestURITooLong) })
	d := newDocument(t, func(c *DocumentConfig) { c.Path, c.Format, c.IDs = "/details", FormatComponents, []string{"1"} })
	f := d.Feed(account(t), func(context.Context) (string, error) { return one.URL, nil })
	if err := record(t.Context(), f.Poll, &notes{}); platform.ReasonOf(err) != platform.ReasonBadResponse || len(one.seen()) != 1 {
		t.Errorf("one id: error = %v after %d requests, want bad_response after 1", err, len(one.seen()))
	}
}
