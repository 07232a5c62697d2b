package statuspage

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// ignoreUnexported leaves out what only the account sees.
var ignoreUnexported = cmpopts.IgnoreUnexported(platform.Snapshot{})

// ignoreEvidence compares snapshots by what they say, not by what showed it.
var ignoreEvidence = cmpopts.IgnoreFields(platform.Condition{}, "Evidence")

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func recorded(tb testing.TB, name string) []byte {
	tb.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

// notes is a sink that keeps what it is given.
type notes struct {
	published []platform.Snapshot
	kept      int
}

// run runs the feed once.
func run(t *testing.T, f feed.Feed, into *notes) {
	t.Helper()
	if err := record(t.Context(), f.Poll, into); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
}

// server answers with what answer returns, and counts the requests.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
}

func serve(t *testing.T, answer http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r.Clone(context.WithoutCancel(r.Context())))
		s.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) seen() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// conditionally answers with the body, or with a 304 to who has it.
func conditionally(w http.ResponseWriter, r *http.Request, etag string, body []byte) {
	w.Header().Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("X-Correlation-Id", "corr-1")
	_, _ = w.Write(body) // a client that hung up is the test's to notice
}

func TestEvidenceIsCut(t *testing.T) {
	long := []byte(`{"name":  "` + strings.Repeat("é", feed.MaxPayload) + `"}`)
	got := evidence("c", long)
	if n := len(got.Payload); n > feed.MaxPayload || n < feed.MaxPayload-utf8.UTFMax {
		t.Errorf("payload has %d bytes, want up to %d", n, feed.MaxPayload)
	}
	if !utf8.Valid(got.Payload) {
		t.Error("payload was cut within a character")
	}
	want := platform.Evidence{CorrelationID: "c", Payload: []byte("{\"a\":1}\n{\"b\":2}")}
	if diff := cmp.Diff(want, evidence("c", []byte(`{ "a": 1 }`), []byte("{\n\"b\":2}"))); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
}

// record polls once, and notes what the poll returned.
func record(ctx context.Context, poll feed.Poll, into *notes) error {
	snapshot, err := poll(ctx)
	if errors.Is(err, feed.Unchanged) {
		into.kept++
		return nil
	}
	if snapshot != nil {
		into.published = append(into.published, *snapshot)
	}
	return err
}
