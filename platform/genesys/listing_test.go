package genesys

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// batches answers lists and metrics, and keeps what was asked for.
type batches struct {
	lists [][]string // identifiers of the first list, the second …; the last for ever
	stale string     // an identifier that fails its batch

	mu    sync.Mutex
	read  int
	asked [][]string
}

func (b *batches) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/list" {
		var list []string
		for _, id := range b.lists[min(b.read, len(b.lists)-1)] {
			list = append(list, `{"id":"`+id+`"}`)
		}
		b.read++
		fmt.Fprintf(w, `{"entities":[%s],"pageCount":1}`, strings.Join(list, ","))
		return
	}
	ids := strings.Split(r.FormValue("ids"), ",")
	b.asked = append(b.asked, ids)
	if slices.Contains(ids, b.stale) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"code":"general.bad.request"}`)
		return
	}
	fmt.Fprint(w, `[{}]`)
}

func numbered(from, to int) (ids []string) {
	for n := from; n <= to; n++ {
		ids = append(ids, fmt.Sprint("id", n))
	}
	return ids
}

func TestMeasure(t *testing.T) {
	many := numbered(1, 250)
	for name, c := range map[string]struct {
		lists   [][]string
		stale   string
		sizes   []int // of the batches, sorted
		read    int   // lists
		metrics int
		failed  bool
	}{
		"one batch":        {[][]string{numbered(1, 100)}, "", []int{100}, 1, 1, false},
		"no objects":       {[][]string{{}}, "", nil, 1, 0, false},
		"several":          {[][]string{many}, "", []int{50, 100, 100}, 1, 3, false},
		"only the wanted":  {[][]string{{"id1", "other", "id2"}}, "", []int{2}, 1, 1, false},
		"stale once":       {[][]string{many, numbered(1, 249)}, "id250", []int{49, 50, 100, 100}, 2, 3, false},
		"new in between":   {[][]string{{"id1", "id2"}, {"id1", "id3"}}, "id2", []int{2, 2}, 2, 1, false},
		"nothing left":     {[][]string{{"id1"}, {}}, "id1", []int{1}, 2, 0, false},
		"refused for good": {[][]string{many}, "id7", []int{50, 100, 100, 100}, 2, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := &batches{lists: c.lists, stale: c.stale}
			server := httptest.NewServer(b)
			defer server.Close()
			api, err := rest.New(rest.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer api.Close()
			m, err := listingOf[edgeWire, edgeMetricsWire]{
				entities:  rest.Request{Operation: "list", URL: server.URL + "/list", Anonymous: true},
				metrics:   rest.Request{Operation: "metrics", URL: server.URL + "/metrics", Anonymous: true},
				parameter: "ids", want: func(e edgeWire) bool { return e.ID != "other" },
			}.read(t.Context(), &client{rest: api})
			if (err != nil) != c.failed {
				t.Errorf("measure fails with %v, want an error: %t", err, c.failed)
			}
			var sizes []int
			for _, ids := range b.asked {
				sizes = append(sizes, len(ids))
			}
			slices.Sort(sizes)
			diff(t, "sizes of batches", sizes, c.sizes)
			diff(t, "lists read", b.read, c.read)
			diff(t, "rows", len(m.metrics), c.metrics)
			diff(t, "entities", len(m.items), len(c.lists[len(c.lists)-1]))
		})
	}
}

// What was read of an answer that broke off is forgotten.
func TestAskAgain(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if asked++; asked == 1 {
			w.Header().Set("Content-Length", "1000") // and then less
			fmt.Fprint(w, `{"pageCount":7,"entities":[{"id":"a"}]`)
			return
		}
		fmt.Fprint(w, `{"entities":[{"id":"b"}]}`)
	}))
	defer server.Close()
	api, err := rest.New(rest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	var anomalies platform.Anomalies
	got, err := list[edgeWire](t.Context(), &client{rest: api}, rest.Request{Operation: "list", URL: server.URL, Anonymous: true}, &anomalies)
	if err != nil || len(got) != 1 || string(got[0].raw) != `{"id":"b"}` || anomalies.Violations != 1 || asked != 2 {
		t.Errorf("list = %v, %d violations, %v after %d requests, want b, one violation, two requests", got, anomalies.Violations, err, asked)
	}
}

// Metrics are asked for where they are of use: not of cloud media edges, of what is deleted, or of no trunk.
func TestHasMetrics(t *testing.T) {
	edges := map[string]bool{}
	for _, item := range recorded[edgeWire, edgeMetricsWire](t, "edges.json", "edges_metrics.json").items {
		edges[item.wire.Name] = item.wire.hasMetrics()
	}
	diff(t, "edges", edges, map[string]bool{
		"berlin-edge-1": true, "berlin-edge-2": true, "munich-edge-1": true, "munich-edge-0": false,
		"cloud-media-i-0a1b2c3d4e5f60001": false, "cloud-media-i-0a1b2c3d4e5f60002": false,
	})
	trunks := map[string]bool{}
	for _, item := range recorded[instanceWire, instanceMetricsWire](t, "trunks.json", "trunks_metrics.json").items {
		trunks[item.wire.ID[len(item.wire.ID)-3:]] = item.wire.hasMetrics()
	}
	diff(t, "trunks", trunks, map[string]bool{"101": true, "102": true, "201": true, "301": true, "401": false, "501": false})
}
