package cxone

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// staff answers for the agents of a tenant, by path, and notes the queries.
type staff struct {
	mu      sync.Mutex
	answers map[string]string // "204" and the like are statuses; pages of a list are kept apart by pageBreak
	queries []url.Values
	text    string // of answers that are statuses
}

func (s *staff) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queries = append(s.queries, r.URL.Query())
	answer := s.answers[r.URL.Path]
	if status, err := strconv.Atoi(answer); err == nil {
		w.WriteHeader(status)
		fmt.Fprint(w, s.text)
		return
	}
	pages := strings.Split(answer, pageBreak)
	skip, _ := strconv.Atoi(r.URL.Query().Get("skip"))
	for _, page := range pages {
		if skip -= strings.Count(page, `"agentId"`); skip < 0 || page == pages[len(pages)-1] {
			fmt.Fprint(w, page)
			return
		}
	}
}

// pageBreak stands between two pages of a list.
const pageBreak = "\x00"

// set replaces an answer.
func (s *staff) set(path, answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[path] = answer
}

// asked returns the last query.
func (s *staff) asked() url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queries[len(s.queries)-1]
}

// stateList is an answer of agents/states at a second of the platform's clock, with this total; -1 for the number of elements.
func stateList(second, total int, agents ...string) string {
	if total < 0 {
		total = len(agents)
	}
	return fmt.Sprintf(`{"totalRecords":%d,"lastPollTime":"2026-11-21T10:15:%02dZ","agentStates":[%s]}`, total, second, strings.Join(agents, ","))
}

// directoryList is an answer of agents.
func directoryList(second, total int, agents ...string) string {
	if total < 0 {
		total = len(agents)
	}
	return fmt.Sprintf(`{"totalRecords":%d,"lastPollTime":"2026-11-21T09:00:%02dZ","agents":[%s]}`, total, second, strings.Join(agents, ","))
}

// stated is an agent in a state since a second; 0 = the platform does not say since when.
func stated(id, state, second int) string {
	start := "null"
	if second > 0 {
		start = fmt.Sprintf(`"2026-11-21T10:15:%02dZ"`, second)
	}
	return fmt.Sprintf(`{"agentId":%d,"agentStateId":%d,"startDate":%s}`, id, state, start)
}

func agentNamed(id int) string {
	return fmt.Sprintf(`{"agentId":%d,"userName":"agent%d","emailAddress":"agent%d@example.com","isActive":true}`, id, id, id)
}

// company is an account whose persons are compared, and its tenant.
func company(t testing.TB, change func(*Config)) (*staff, feed.Source) {
	t.Helper()
	s := &staff{answers: map[string]string{}}
	c := account(tenant(t, s.ServeHTTP))
	c.RateLimit = settings.RateLimit{RequestsPerMinute: 60_000, Burst: 1000}
	if change != nil {
		change(&c)
	}
	source, err := c.Open(health.Surroundings{Thresholds: settings.DefaultThresholds, Directory: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(source.Close)
	return s, source
}

func parsed(t testing.TB, text string) time.Time {
	t.Helper()
	moment, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

// doing are the states of a roster by agent.
func doing(r *platform.Roster) map[string]platform.AgentState {
	states := map[string]platform.AgentState{}
	for id, activity := range r.Activities {
		states[id] = activity.State
	}
	return states
}

// wantRead polls once, which must succeed.
func wantRead(t testing.TB, source feed.Source, name string, into *notebook) {
	t.Helper()
	if err := record(t.Context(), feedNamed(t, source, name).Poll, into); err != nil {
		t.Fatal(err)
	}
}
