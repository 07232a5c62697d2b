package statuspage

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

func newPage(t *testing.T, url string, every time.Duration, log *slog.Logger) *Page {
	t.Helper()
	c := DefaultPageConfig
	c.Name, c.URL, c.Every = "genesys", url, settings.Interval(every)
	p, err := NewPage(c, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func TestPageIsSharedByAccounts(t *testing.T) {
	body := recorded(t, "summary.json")
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { conditionally(w, r, `"v1"`, body) })
	p := newPage(t, s.URL+"/api/v2/summary.json", time.Minute, quiet())

	labels := []string{"EMEA (Frankfurt)", "EMEA (Dublin)"}
	accounts := make([]*feed.Account, 10)
	var scrapes sync.WaitGroup
	for i := range accounts {
		source := feed.Source{
			Platform: "genesys", Name: fmt.Sprint("a", i), Info: func() feed.Info { return feed.Info{} },
			Feeds: []feed.Feed{p.Feed(labels[i%2], regions)},
		}
		accounts[i] = feed.NewAccount(t.Context(), source, feed.PlaneLimits{Degraded: 1}, quiet())
		defer accounts[i].Close()
		scrapes.Go(func() { accounts[i].Refresh(t.Context()) })
	}
	scrapes.Wait()

	for i, a := range accounts {
		var got []string
		for _, snapshot := range a.State().Snapshots {
			for _, c := range snapshot.Components {
				got = append(got, c.Name)
			}
		}
		want := [][]string{{"EMEA (Frankfurt)", "Login, EMEA (Frankfurt) / Single sign-on", "Developer Center"}, {"EMEA (Dublin)", "Developer Center"}}[i%2]
		sorted := cmp.Transformer("sort", func(s []string) string { return strings.Join(slices.Sorted(slices.Values(s)), "|") })
		if diff := cmp.Diff(want, got, sorted); diff != "" {
			t.Errorf("%s: components (-want +got):\n%s", a.Name(), diff)
		}
	}
	if n := len(s.seen()); n != 1 {
		t.Errorf("%d requests for 10 accounts, want 1", n)
	}
}

func TestPageKeepsWhatDidNotChange(t *testing.T) {
	version := 1
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body := bytes.ReplaceAll(recorded(t, "summary.json"), []byte("partial_outage"),
			[]byte([]string{"partial_outage", "operational"}[version/3]))
		w.Header().Set("Last-Modified", "Mon, 04 May 2026 10:15:00 GMT")
		conditionally(w, r, fmt.Sprintf(`W/"v%d"`, version/3), body)
	})
	p := newPage(t, s.URL, 1, quiet()) // every nanosecond: always due
	feed := p.Feed("EMEA (Frankfurt)", regions)
	var sink notes
	for ; version <= 3; version++ {
		run(t, feed, &sink)
	}
	if len(sink.published) != 2 || sink.kept != 1 {
		t.Fatalf("%d snapshots published and %d times kept, want 2 and 1", len(sink.published), sink.kept)
	}
	for i, want := range []platform.Status{platform.Degraded, platform.Operational} {
		if got := sink.published[i].Components[0].Status; got != want {
			t.Errorf("status %d = %v, want %v", i, got, want)
		}
	}
	second := s.seen()[1].Header
	if got := second.Get("If-None-Match") + " " + second.Get("If-Modified-Since"); got != `W/"v0" Mon, 04 May 2026 10:15:00 GMT` {
		t.Errorf("conditions = %s", got)
	}
	if got := second.Get("Authorization"); got != "" {
		t.Errorf("Authorization = %q, want none", got)
	}
	var late notes // an account that comes later gets the whole answer, though the page itself did not change
	run(t, p.Feed("", nil), &late)
	if len(late.published) != 1 || len(late.published[0].Components) != 6 {
		t.Errorf("a new feed got %+v, want one snapshot of 6 components", late.published)
	}
}

func TestPageFailures(t *testing.T) {
	whole := recorded(t, "summary.json")
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		want   platform.Reason
	}{
		{"truncated", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(whole[:len(whole)/2]) }, platform.ReasonBadResponse},
		{"another document", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"status":"UP"}`) }, platform.ReasonBadResponse},
		{"unconditional 304", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }, platform.ReasonBadResponse},
		{"not found", http.NotFound, platform.ReasonNotFound},
		{"rate limited", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }, platform.ReasonRateLimited},
	} {
		t.Run(test.name, func(t *testing.T) {
			var sink notes
			err := record(t.Context(), newPage(t, serve(t, test.answer).URL, time.Minute, quiet()).Feed("", nil).Poll, &sink)
			if err == nil || platform.ReasonOf(err) != test.want {
				t.Errorf("error = %v, want reason %s", err, test.want)
			}
			if len(sink.published)+sink.kept > 0 {
				t.Errorf("a failure published %+v", sink)
			}
		})
	}
}

// A failure must not be taken for the answer that later requests are conditional on.
func TestPageRecovers(t *testing.T) {
	body := recorded(t, "summary.json")
	broken := false
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if broken {
			w.Header().Set("ETag", `"broken"`)
			_, _ = io.WriteString(w, `{"components":7}`)
			return
		}
		conditionally(w, r, `"v1"`, body)
	})
	feed := newPage(t, s.URL, 1, quiet()).Feed("", nil)
	var sink notes
	run(t, feed, &sink)
	broken = true
	if err := record(t.Context(), feed.Poll, &sink); err == nil {
		t.Error("a broken answer is no error")
	}
	broken = false
	run(t, feed, &sink)
	if len(sink.published) != 1 || sink.kept != 1 {
		t.Errorf("%d snapshots published and %d times kept, want 1 and 1", len(sink.published), sink.kept)
	}
}

func TestPageWarnsOnceOfAnEmptySelection(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(recorded(t, "summary.json")) })
	var log bytes.Buffer
	p := newPage(t, s.URL, 1, slog.New(slog.NewTextHandler(&log, nil)))
	p.config.Components = []string{"Mars*"}
	feed := p.Feed("", nil)
	for range 3 {
		run(t, feed, &notes{})
	}
	if n := strings.Count(log.String(), "no component of the status page is selected"); n != 1 {
		t.Errorf("warned %d times, want once:\n%s", n, log.String())
	}
}

func TestPageFeed(t *testing.T) {
	got := newPage(t, "http://localhost", time.Minute, quiet()).Feed("", nil)
	got.Poll = nil
	want := feed.Feed{
		Name: "status_page/genesys", Class: platform.ClassDetail, MinInterval: time.Minute, Timeout: 40 * time.Second,
		Fields: []string{"status_page_status", "status_page_impact"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("feed (-want +got):\n%s", diff)
	}
}

// TestPauseAfter429: a page or document that answers 429 is left alone for as long as it asks, and nothing else is.
func TestPauseAfter429(t *testing.T) {
	limited := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "300")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	first, second, document := serve(t, limited), serve(t, limited), serve(t, limited)
	feeds := []feed.Feed{
		newPage(t, first.URL, 1, quiet()).Feed("", nil),
		newPage(t, second.URL, 1, quiet()).Feed("", nil),
		newDocument(t, func(c *DocumentConfig) { c.URL, c.Every = document.URL, 1 }).Feed(account(t), nil),
	}
	for range 3 {
		for _, f := range feeds {
			if err := record(t.Context(), f.Poll, &notes{}); platform.ReasonOf(err) != platform.ReasonRateLimited {
				t.Errorf("%s: error = %v, want rate_limited", f.Name, err)
			}
		}
	}
	for i, s := range []*server{first, second, document} {
		if n := len(s.seen()); n != 1 {
			t.Errorf("server %d: %d requests, want 1", i, n)
		}
	}
}

// TestRedirect: a redirect is not followed, and the error says from where to where.
func TestRedirect(t *testing.T) {
	elsewhere := serve(t, http.NotFound)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.Replace(elsewhere.URL, "http:", "https:", 1)+"/api?key=canary", http.StatusMovedPermanently)
	})
	err := record(t.Context(), newPage(t, s.URL, 1, quiet()).Feed("", nil).Poll, &notes{})
	want := "redirect from " + s.URL + " to " + strings.Replace(elsewhere.URL, "http:", "https:", 1) + " not followed"
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") || len(elsewhere.seen()) > 0 {
		t.Errorf("error = %v, want %q", err, want)
	}
}
