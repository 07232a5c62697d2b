// Hours of operational events in no time: every event is counted once, whatever happens between.

package genesys

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// eventService is a platform with an event of kind "known" in each second, and one of a kind that it does not list in each minute.
type eventService struct {
	t       *testing.T
	status  int           // of the next answers; 0 = 200
	code    string        // with it
	part    time.Duration // answers are about so much of the interval at most; 0 = all
	rounded bool          // answers are about whole hours
	memory  time.Duration // what is older is forgotten; 0 = nothing
	asked   int           // queries
	listed  int           // lists of definitions
	covered [][2]time.Time
}

func (s *eventService) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := func(status int, body string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
	if r.URL.Path == pathEventDefinitions {
		if s.listed++; s.status != 0 {
			return answer(s.status, `{}`)
		}
		return answer(http.StatusOK, `{"entities":[{"id":"k","name":"known"},{"id":"q","name":"quiet"}]}`)
	}
	s.asked++
	var query eventsQueryWire
	if err := json.NewDecoder(r.Body).Decode(&query); err != nil {
		s.t.Error(err)
	}
	first, second, _ := strings.Cut(query.Interval, "/")
	from, err := time.Parse(time.RFC3339, first)
	to, err2 := time.Parse(time.RFC3339, second)
	if err != nil || err2 != nil || !from.Before(to) || to.After(time.Now().Add(-eventsSettle)) {
		s.t.Errorf("interval %s, want one that has ended for %v at %v", query.Interval, eventsSettle, time.Now())
	}
	switch {
	case s.status != 0:
		return answer(s.status, fmt.Sprintf(`{"code":%q}`, s.code))
	case s.memory != 0 && time.Since(from) > s.memory:
		return answer(http.StatusBadRequest, `{"code":"usage.events.too.old"}`)
	case s.part != 0 && to.Sub(from) > s.part:
		to = from.Add(s.part)
	}
	if s.rounded {
		from, to = from.Truncate(time.Hour), to.Truncate(time.Hour).Add(time.Hour)
	}
	s.covered = append(s.covered, [2]time.Time{from, to})
	return answer(http.StatusOK, fmt.Sprintf(`{"interval":"%s","eventDefinitionAggregates":[{"eventDefinition":{"id":"k"},"eventCount":%d},`+
		`{"eventDefinition":{"id":"new"},"eventCount":%d}]}`, interval(from, to), int(to.Sub(from).Seconds()), int(to.Sub(from).Minutes())))
}

// eventBubble runs a test in a bubble, whose time begins at midnight.
func eventBubble(t *testing.T, test func(t *testing.T, s *eventService, e *operationalEvents, c *client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &eventService{t: t}
		login := func(context.Context, *http.Client) (*oauth2.Token, error) {
			return &oauth2.Token{AccessToken: "token"}, nil
		}
		api, err := rest.New(rest.Options{Transport: s, Dialect: dialect(), Authorizer: rest.Bearer(login)})
		if err != nil {
			t.Fatal(err)
		}
		defer api.Close()
		c := newClient(DefaultConfig(), surroundings{api: api, base: "http://platform", log: slog.New(slog.DiscardHandler)})
		test(t, s, c.events, c)
	})
}

// events are the counters by kind.
func (c *client) counted(t *testing.T) map[string]int {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(&c.set)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == operationalEventsFamily.Name {
				counts[m.GetLabel()[0].GetValue()] = int(m.GetCounter().GetValue())
			}
		}
	}
	return counts
}

// run polls once and returns whether that succeeded.
func (e *operationalEvents) run(t *testing.T) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), feedTimeout)
	defer cancel()
	_, err := e.poll(ctx)
	return err
}

// eventsOf are the events of the time that the counters should hold.
func eventsOf(d time.Duration) map[string]int {
	return map[string]int{"known": int(d.Seconds()), "quiet": 0, otherEvent: int(d.Minutes())}
}

// Runs come early and late and fail again and again, and answers cover only a part: each second is counted once.
func TestEventsAreCountedOnce(t *testing.T) {
	eventBubble(t, func(t *testing.T, s *eventService, e *operationalEvents, c *client) {
		chance := rand.New(rand.NewPCG(1, 2))
		if err := e.run(t); err != nil {
			t.Fatal(err)
		}
		diff(t, "after the first run", c.counted(t), eventsOf(0))
		first, failed := e.until, 0
		for range 300 {
			time.Sleep(time.Duration(chance.Int64N(int64(12 * time.Minute))))
			s.status, s.part = 0, 0
			switch chance.IntN(4) {
			case 0:
				s.status = http.StatusInternalServerError
			case 1:
				s.part = 3 * time.Minute
			}
			if e.run(t) != nil {
				failed++
			}
		}
		s.status, s.part = 0, 0
		if err := e.run(t); err != nil {
			t.Fatal(err)
		}
		diff(t, "in the end", c.counted(t), eventsOf(e.until.Sub(first)))
		if late := time.Since(e.until); late >= eventsSettle+time.Minute || failed < 30 {
			t.Errorf("counted until %v ago with %d failures, want less than %v and some", late, failed, eventsSettle+time.Minute)
		}
		for i := 1; i < len(s.covered); i++ {
			if !s.covered[i][0].Equal(s.covered[i-1][1]) {
				t.Errorf("an answer about %v follows one about %v, want neither a gap nor an overlap", s.covered[i], s.covered[i-1])
			}
		}
		if days := int(time.Since(first).Hours()/24) + 1; s.listed > days {
			t.Errorf("definitions were listed %d times in %d days, want once a day", s.listed, days)
		}
	})
}

// After days without a scrape one run asks for the last day; what the platform has forgotten is given up as well.
func TestEventsOfDaysAgo(t *testing.T) {
	eventBubble(t, func(t *testing.T, s *eventService, e *operationalEvents, c *client) {
		if err := e.run(t); err != nil {
			t.Fatal(err)
		}
		time.Sleep(72 * time.Hour)
		if err := e.run(t); err != nil {
			t.Fatal(err)
		}
		diff(t, "after three days", c.counted(t), eventsOf(eventsGap))
		s.memory = time.Hour
		time.Sleep(2 * time.Hour)
		for range 2 { // the first finds that it asked for too much
			if err := e.run(t); err != nil {
				t.Fatal(err)
			}
		}
		diff(t, "what was not forgotten", c.counted(t), eventsOf(eventsGap+eventsFirst))
	})
}

// Without the permission the feed asks once an hour and does not fail; what happened meanwhile is not counted afterwards.
func TestEventsWithoutPermission(t *testing.T) {
	eventBubble(t, func(t *testing.T, s *eventService, e *operationalEvents, c *client) {
		ask := func(hours int) {
			t.Helper()
			for range hours * 12 {
				if err := e.run(t); err != nil {
					t.Fatal(err)
				}
				time.Sleep(5 * time.Minute)
			}
		}
		s.status, s.code = http.StatusForbidden, "missing.any.permissions"
		ask(3)
		diff(t, "without permission", c.counted(t), map[string]int{})
		if s.listed != 3 || s.asked != 0 {
			t.Errorf("%d lists and %d queries in 3 hours, want 3 and none", s.listed, s.asked)
		}
		s.status = 0
		ask(1)
		diff(t, "permitted", c.counted(t), eventsOf(55*time.Minute))
		s.status = http.StatusNotFound
		ask(2)
		s.status = 0
		ask(1)
		diff(t, "permitted again", c.counted(t), eventsOf(55*time.Minute+55*time.Minute))
	})
}

// A clock that was set back neither counts a time twice nor stops the count.
func TestEventsAfterAClockThatWasAhead(t *testing.T) {
	eventBubble(t, func(t *testing.T, _ *eventService, e *operationalEvents, c *client) {
		if err := e.run(t); err != nil {
			t.Fatal(err)
		}
		e.until = e.until.Add(365 * 24 * time.Hour)
		for range 3 {
			if err := e.run(t); err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Minute)
		}
		diff(t, "after two intervals", c.counted(t), eventsOf(10*time.Minute))
	})
}

// An answer about another interval fails the run and counts nothing, and the next run asks again.
func TestEventsOfAnotherInterval(t *testing.T) {
	eventBubble(t, func(t *testing.T, s *eventService, e *operationalEvents, c *client) {
		if err := e.run(t); err != nil {
			t.Fatal(err)
		}
		s.rounded = true
		time.Sleep(7 * time.Minute)
		if err := e.run(t); platform.ReasonOf(err) != platform.ReasonBadResponse {
			t.Errorf("poll = %v, want a bad response", err)
		}
		diff(t, "an answer about an hour", c.counted(t), eventsOf(0))
		s.rounded = false
		time.Sleep(3 * time.Minute)
		if err := e.run(t); err != nil {
			t.Fatal(err)
		}
		diff(t, "ten minutes later", c.counted(t), eventsOf(10*time.Minute))
	})
}
