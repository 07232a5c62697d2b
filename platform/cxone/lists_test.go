package cxone

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// linked is an answer with n agents who are ready and the address of the next page; total and next are JSON.
func linked(total, next string, n int) string {
	return fmt.Sprintf(`{"totalRecords":%s,"_links":{"self":"x","next":%s},"agentStates":[%s]}`,
		total, next, strings.TrimSuffix(strings.Repeat(`{"agentStateId":1},`, n), ","))
}

// TestNextPage follows the addresses that a list names for its next page.
func TestNextPage(t *testing.T) {
	var strangers []string
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		strangers = append(strangers, r.URL.String()+" "+r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	next := func(host, query string) string {
		return fmt.Sprintf("%q", host+"/inContactAPI/services/v33.0/agents/states?"+query)
	}
	for _, test := range []struct {
		name       string
		bodies     []string
		skips      []string
		ready      int
		violations int
		problem    string
	}{
		{"no totals", []string{linked("null", next("HOST", "Skip=2&top=2"), 2), linked("null", "null", 1)}, []string{"", "2"}, 3, 2, ""},
		{"totals too", []string{linked("3", next("HOST", "skip=2"), 2), linked("3", "null", 1)}, []string{"", "2"}, 3, 0, ""},
		{"the total is reached", []string{linked("2", next("HOST", "skip=2"), 2)}, []string{""}, 2, 0, ""},
		{"relative", []string{linked("null", `"?skip=2"`, 2), linked("null", `""`, 1)}, []string{"", "2"}, 3, 2, ""},
		{"an empty page on the way", []string{linked("null", `"?skip=2"`, 2), linked("null", `"?skip=4"`, 0), linked("null", `""`, 1)}, []string{"", "2", "4"}, 3, 3, ""},
		{"another host", []string{linked("null", next(elsewhere.URL, "skip=2"), 2), linked("null", "null", 1)}, []string{"", "2"}, 3, 2, ""},
		{"no address", []string{linked("null", `7`, 2)}, []string{""}, 2, 1, ""},
		{"the same page", []string{linked("null", `"?x=1"`, 2), linked("null", `"?x=1"`, 2)}, []string{"", ""}, 0, 0, "the next page is the page itself"},
		{"unreadable", []string{linked("null", `"http://[::1"`, 2)}, []string{""}, 0, 0, "no readable address"},
	} {
		t.Run(test.name, func(t *testing.T) {
			api := &replies{}
			host := tenant(t, api.ServeHTTP)
			for _, body := range test.bodies {
				api.bodies = append(api.bodies, strings.ReplaceAll(body, "HOST", host))
			}
			notes := &notebook{}
			err := record(t.Context(), feedNamed(t, source(t, account(host)), feedAgents).Poll, notes)
			if test.problem != "" {
				if err == nil || !strings.Contains(err.Error(), test.problem) {
					t.Errorf("run = %v, want %q", err, test.problem)
				}
			} else if err != nil || agentCounts(notes.last(t))["ready"] != test.ready || notes.last(t).Violations != test.violations {
				t.Errorf("run = %v, %+v, want %d ready and %d violations", err, notes.snapshots, test.ready, test.violations)
			}
			var skips []string
			for _, query := range api.queries {
				skips = append(skips, query.Get("skip")+query.Get("Skip"))
				if query.Get("fields") != agentFields {
					t.Errorf("query = %v, want the fields of the first", query)
				}
			}
			if diff := cmp.Diff(test.skips, skips); diff != "" {
				t.Errorf("skips (-want +got):\n%s", diff)
			}
		})
	}
	if len(strangers) > 0 {
		t.Errorf("another host was asked: %v", strangers)
	}
}

// TestNoEnd reports a list that names a next page for ever.
func TestNoEnd(t *testing.T) {
	n := 0
	c := account(tenant(t, func(w http.ResponseWriter, _ *http.Request) {
		n++
		_, _ = w.Write([]byte(linked("null", fmt.Sprintf(`"?skip=%d"`, n), 1)))
	}))
	c.RateLimit.Burst, c.RateLimit.RequestsPerMinute = 1000, 60_000
	err := record(t.Context(), feedNamed(t, source(t, c), feedAgents).Poll, &notebook{})
	if err == nil || !strings.Contains(err.Error(), "takes more than 100 pages") || n != maxPages {
		t.Errorf("run = %v after %d pages, want an error after %d", err, n, maxPages)
	}
}

// TestUnreadableTimes logs each field with a time that cannot be read, once.
func TestUnreadableTimes(t *testing.T) {
	skills := `{"totalRecords":1,"lastPollTime":"yesterday","skillActivity":[{"skillId":7,"mediaTypeId":4,"queueCount":1,"earliestQueueTime":"10:15","serverTime":1}]}`
	host := tenant(t, func(w http.ResponseWriter, r *http.Request) {
		body := skills
		if r.URL.Path == pathServerTime {
			body = `{"ServerTime":"2024-05-02"}`
		}
		_, _ = w.Write([]byte(body))
	})
	var log bytes.Buffer
	s, err := account(host).Open(health.Surroundings{Thresholds: settings.DefaultThresholds, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	notes := &notebook{}
	for range 3 {
		for _, name := range []string{feedQueues, "health"} {
			if err := record(t.Context(), feedNamed(t, s, name).Poll, notes); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, line := range []string{
		"field=lastPollTime value=yesterday", "field=earliestQueueTime value=10:15", "field=serverTime value=1", "field=ServerTime value=2024-05-02",
	} {
		if n := strings.Count(log.String(), line); n != 1 {
			t.Errorf("%d lines with %q, want one, in\n%s", n, line, log.String())
		}
	}
	if got := notes.snapshots[0].Violations; got != 2 {
		t.Errorf("violations = %d, want 2: of the list and of the skill", got)
	}
}

// FuzzNextQuery reads addresses of next pages: whatever they hold, the next request is another one with a query of its own.
func FuzzNextQuery(f *testing.F) {
	for _, seed := range []string{"https://h/p?skip=2&top=2", "?Skip=2", "//evil/?skip=1", "http://[::1", "?%zz", "?a;b=1", "?fields=x&fields=y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		l := request{path: pathAgentStates, query: url.Values{"fields": {agentFields}}}
		next, err := l.nextQuery(listHead{next: address, rows: 2}, 2)
		if err == nil && next.Encode() == l.query.Encode() || l.query.Get("fields") != agentFields {
			t.Errorf("nextQuery(%q) = %v, %v after %v", address, next, err, l.query)
		}
	})
}
