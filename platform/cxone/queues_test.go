package cxone

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/health"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// waiting is how many contacts wait in each queue, by its name.
func waiting(p platform.Snapshot) map[string]float64 {
	counts := map[string]float64{}
	for _, q := range p.Queues {
		if n := q.Channels[0].Waiting; n != nil {
			counts[q.Name] = *n
		}
	}
	return counts
}

// skillList is an answer at a second of the platform's clock.
func skillList(second int, items ...string) string {
	return fmt.Sprintf(`{"totalRecords":%d,"lastPollTime":"2024-05-02T10:15:%02d.1234567Z","skillActivity":[%s]}`, len(items), second, strings.Join(items, ","))
}

// inQueue is a phone skill in which contacts wait.
func inQueue(id int, name string, count int) string {
	return fmt.Sprintf(`{"skillId":%d,"skillName":%q,"mediaTypeId":4,"isActive":true,"isOutbound":false,"queueCount":%d}`, id, name, count)
}

// TestQueueDeltas follows the feed: everything first, then what changed since the platform's own clock, everything again
// after a failure and when an answer has no time. Answers without news keep what is known.
func TestQueueDeltas(t *testing.T) {
	api := &replies{bodies: []string{
		skillList(0, inQueue(1, "A", 1), inQueue(2, "B", 2), `{"queueCount":1}`),
		skillList(1, inQueue(2, "B", 5), inQueue(3, "C", 0)),
		"304",
		"204",
		"",
		skillList(2),
		`{"lastPollTime":"2024-05-02T10:15:03Z"}`, // a delta without a list
		skillList(4, strings.Replace(inQueue(1, "A", 0), `"isActive":true`, `"isActive":false`, 1)),
		skillList(5, strings.Replace(inQueue(3, "C", 4), `"isOutbound":false`, `"isOutbound":true`, 1)),
		"400",
		skillList(7, inQueue(1, "A", 1)),
		`{"skillActivity":[` + inQueue(1, "A", 2) + `]}`, // without a time
		skillList(9, inQueue(9, "Z", 3)),
	}}
	queues, notes := feedNamed(t, source(t, account(tenant(t, api.ServeHTTP))), "queues"), &notebook{}
	for i, want := range []struct {
		since  string
		counts map[string]float64
		kept   int
		fails  bool
	}{
		{"", map[string]float64{"A": 1, "B": 2}, 0, false},
		{"2024-05-02T10:15:00.1234567Z", map[string]float64{"A": 1, "B": 5, "C": 0}, 0, false},
		{"2024-05-02T10:15:01.1234567Z", map[string]float64{"A": 1, "B": 5, "C": 0}, 1, false},
		{"2024-05-02T10:15:01.1234567Z", map[string]float64{"A": 1, "B": 5, "C": 0}, 2, false},
		{"2024-05-02T10:15:01.1234567Z", map[string]float64{"A": 1, "B": 5, "C": 0}, 3, false},
		{"2024-05-02T10:15:01.1234567Z", map[string]float64{"A": 1, "B": 5, "C": 0}, 4, false},
		{"2024-05-02T10:15:02.1234567Z", map[string]float64{"A": 1, "B": 5, "C": 0}, 5, false},
		{"2024-05-02T10:15:03Z", map[string]float64{"B": 5, "C": 0}, 5, false},
		{"2024-05-02T10:15:04.1234567Z", map[string]float64{"B": 5}, 5, false},
		{"2024-05-02T10:15:05.1234567Z", map[string]float64{"B": 5}, 5, true},
		{"", map[string]float64{"A": 1}, 5, false},
		{"2024-05-02T10:15:07.1234567Z", map[string]float64{"A": 2}, 5, false},
		{"", map[string]float64{"Z": 3}, 5, false},
	} {
		if err := record(t.Context(), queues.Poll, notes); (err != nil) != want.fails {
			t.Errorf("run %d = %v", i, err)
		}
		if got := api.queries[i]; got.Get("updatedSince") != want.since || got.Get("fields") != skillFields {
			t.Errorf("run %d asked %v, want updatedSince=%q", i, got, want.since)
		}
		if diff := cmp.Diff(want.counts, waiting(notes.last(t))); diff != "" || notes.kept != want.kept {
			t.Errorf("run %d: kept %d times, want %d; waiting (-want +got):\n%s", i, notes.kept, want.kept, diff)
		}
	}
	if notes.snapshots[0].Violations != 1 {
		t.Errorf("violations = %d, want 1 for the skill without a number", notes.snapshots[0].Violations)
	}
}

// TestQueuePages: a full list in pages, and one that breaks off.
func TestQueuePages(t *testing.T) {
	snapshot := func(items ...string) string {
		return strings.Replace(skillList(0, items...), fmt.Sprint(len(items)), "3", 1)
	}
	api := &replies{bodies: []string{
		snapshot(inQueue(1, "A", 1), inQueue(2, "A", 2)), snapshot(inQueue(3, "C", 3)),
		snapshot(inQueue(1, "A", 9)), snapshot(),
	}}
	queues, notes := feedNamed(t, source(t, account(tenant(t, api.ServeHTTP))), "queues"), &notebook{}
	if err := record(t.Context(), queues.Poll, notes); err != nil || len(notes.last(t).Queues) != 3 {
		t.Fatalf("run = %v, %+v", err, notes.snapshots)
	}
	if second := api.queries[1]; second.Get("top") != "2" || second.Get("skip") != "2" {
		t.Errorf("second page = %v", second)
	}
	// The delta may break off, since later pages may have become shorter: what came counts.
	if err := record(t.Context(), queues.Poll, notes); err != nil || *notes.last(t).Queues[0].Channels[0].Waiting != 9 {
		t.Errorf("run = %v, %+v", err, notes.last(t))
	}
}

// TestQueueChoice: what the configuration chooses, and what is said of patterns that choose nothing.
func TestQueueChoice(t *testing.T) {
	outbound := strings.Replace(inQueue(4, "Dialer", 4), `"isOutbound":false`, `"isOutbound":true`, 1)
	idle := strings.Replace(inQueue(5, "Idle", 0), `"isActive":true`, `"isActive":false`, 1)
	items := []string{inQueue(1, "Sales", 1), inQueue(2, "Sales Test", 2), inQueue(3, "Claims", 3), outbound, idle}
	for name, test := range map[string]struct {
		filter settings.QueueFilter
		want   map[string]float64
		log    []string
	}{
		"everything": {settings.QueueFilter{}, map[string]float64{"Sales": 1, "Sales Test": 2, "Claims": 3}, nil},
		"by name":    {settings.QueueFilter{Include: []string{"sales*", "dialer"}, Exclude: []string{"*test"}}, map[string]float64{"Sales": 1}, nil},
		"by id": {
			settings.QueueFilter{IDs: []string{"3", "4", "5"}}, map[string]float64{"Claims": 3, "Dialer": 4, "Idle": 0}, nil,
		},
		"nothing": {
			settings.QueueFilter{Include: []string{"Sails*"}, IDs: []string{"77"}},
			map[string]float64{},
			[]string{
				`level=WARN msg="queue pattern matches no queue" platform=cxone account=us pattern="queues.include: Sails*"`,
				`level=WARN msg="queue pattern matches no queue" platform=cxone account=us pattern="queues.ids: 77"`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			api := &replies{bodies: []string{`{"skillActivity":[` + strings.Join(items, ",") + `]}`}}
			c := account(tenant(t, api.ServeHTTP))
			c.Queues = test.filter
			var log bytes.Buffer
			s, err := c.Open(health.Surroundings{Thresholds: settings.DefaultThresholds, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			notes := &notebook{}
			for range 3 { // each a full read, since the answer has no time
				if err := record(t.Context(), feedNamed(t, s, "queues").Poll, notes); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(test.want, waiting(notes.last(t))); diff != "" {
				t.Errorf("waiting (-want +got):\n%s", diff)
			}
			var lines []string
			for line := range strings.Lines(log.String()) {
				if _, line, found := strings.Cut(strings.TrimSpace(line), " "); found && strings.Contains(line, "queue pattern") {
					lines = append(lines, line)
				}
			}
			if diff := cmp.Diff(test.log, lines); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
		})
	}
}

// TestQueuesOverTime runs the feed for minutes beside a platform whose clock is 90 s ahead: waits begin at the right
// moment of our own clock and at the same one with every read, and everything is read again every five minutes.
func TestQueuesOverTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ahead = 90 * time.Second
		since := time.Now().Add(-time.Minute) // by our clock
		fulls, latency := 0, 40*time.Millisecond
		api, err := rest.New(rest.Options{Transport: transport(func(r *http.Request) (int, string) {
			if !r.URL.Query().Has("updatedSince") {
				fulls++
			}
			timer := time.NewTimer(latency / 2)
			<-timer.C
			clock := time.Now().Add(ahead).UTC().Format(time.RFC3339Nano)
			timer.Reset(latency / 2)
			<-timer.C
			return http.StatusOK, fmt.Sprintf(`{"lastPollTime":%q,"skillActivity":[{"skillId":1,"mediaTypeId":4,"queueCount":1,"serverTime":%q,"earliestQueueTime":%q}]}`,
				clock, clock, since.Add(ahead).UTC().Format(time.RFC3339Nano))
		}), Authorizer: rest.Bearer(func(context.Context, *http.Client) (*oauth2.Token, error) {
			return &oauth2.Token{AccessToken: "TOKEN", Expiry: time.Now().Add(24 * time.Hour)}, nil
		})})
		if err != nil {
			t.Fatal(err)
		}
		defer api.Close()
		c := &client{config: DefaultConfig(), rest: api, log: slog.New(slog.DiscardHandler)}
		c.config.Area, c.config.APIURL = "na1", "https://api.example.org"
		c.tenancy = newTenancy(c.config, c.discover)
		queues, notes := &queuesPoll{client: c}, &notebook{}
		for i := range 41 { // twenty minutes
			latency = time.Duration(40+i%5*30) * time.Millisecond
			if err := record(t.Context(), queues.poll, notes); err != nil {
				t.Fatal(err)
			}
			if got := notes.last(t).Queues[0].Channels[0].OldestWaiting; !got.Equal(since) {
				t.Errorf("read %d: waits since %v, want %v", i, got, since)
			}
			time.Sleep(30*time.Second - latency)
		}
		if fulls != 5 {
			t.Errorf("%d full reads in 20 minutes, want 5", fulls)
		}
	})
}

// TestSkew: an estimate counts when the one before contradicts it.
func TestSkew(t *testing.T) {
	received := time.Date(2024, 5, 2, 10, 15, 30, 0, time.UTC)
	var s skew
	s.read(time.Time{}, rest.Response{Received: received})
	if s.known {
		t.Error("no clock was read, and the skew is known")
	}
	var near skew
	if near.read(received, rest.Response{Received: received}); !near.known {
		t.Error("the clocks agree, and the skew is not known")
	}
	for i, step := range []struct{ read, latency, want time.Duration }{
		{10 * time.Second, 0, 10 * time.Second},
		{9900 * time.Millisecond, 0, 10 * time.Second},                     // within the slack
		{9 * time.Second, time.Second, 10 * time.Second},                   // it took a second to come
		{9 * time.Second, 100 * time.Millisecond, 9050 * time.Millisecond}, // and half of a tenth
		{-time.Second, 2 * time.Second, 0},                                 // another clock
		{100 * time.Millisecond, 200 * time.Millisecond, 0},                // the same within the error
		{time.Hour, 10 * time.Millisecond, time.Hour + 5*time.Millisecond},
	} {
		s.read(received.Add(step.read), rest.Response{Received: received, Latency: step.latency})
		if s.ahead != step.want || !s.known {
			t.Errorf("step %d: ahead %v, want %v", i, s.ahead, step.want)
		}
	}
}
