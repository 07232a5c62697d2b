package genesys

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// organization serves the list of users in pages, their external ids, and a login.
type organization struct {
	url string

	mu       sync.Mutex
	pages    [][]string          // of users, as JSON
	external map[string]string   // JSON by user
	fault    http.HandlerFunc    // answers in place of the organization
	requests []string            // method and path, without those of the login
	bodies   []string            // of requests that have one
	answer   func(string) string // to a write, given its body
}

func newOrganization(t testing.TB) *organization {
	t.Helper()
	o := &organization{external: map[string]string{}}
	server := httptest.NewServer(http.HandlerFunc(o.serve))
	t.Cleanup(server.Close)
	o.url = server.URL
	return o
}

func (o *organization) serve(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == pathToken {
		fmt.Fprint(w, `{"access_token":"TOKEN","token_type":"bearer","expires_in":86400}`)
		return
	}
	o.requests = append(o.requests, r.Method+" "+r.URL.Path)
	var body bytes.Buffer
	if _, err := body.ReadFrom(r.Body); err == nil && body.Len() > 0 {
		o.bodies = append(o.bodies, body.String())
	}
	user, _ := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, pathUsers+"/"), "/externalid")
	switch {
	case o.fault != nil:
		o.fault(w, r)
	case r.Method != http.MethodGet:
		fmt.Fprint(w, o.answer(body.String()))
	case r.URL.Path == pathUsers:
		number, _ := strconv.Atoi(r.FormValue("pageNumber"))
		fmt.Fprint(w, usersAnswer(len(o.pages), o.pages[number-1]...))
	case user != "":
		fmt.Fprint(w, o.external[user])
	}
}

// usersAnswer is one answer of the list of users.
func usersAnswer(pages int, users ...string) string {
	return fmt.Sprintf(`{"entities":[%s],"pageSize":500,"pageCount":%d}`, strings.Join(users, ","), pages)
}

// list replaces the list of users.
func (o *organization) list(pages ...[]string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pages = pages
}

// fails lets every request but logins fail; nil ends that.
func (o *organization) fails(fault http.HandlerFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fault = fault
}

// asked returns the requests since the last time.
func (o *organization) asked() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	asked := o.requests
	o.requests = nil
	return asked
}

func (o *organization) config() Config {
	c := DefaultConfig()
	c.Name, c.Region, c.APIURL, c.LoginURL = "emea", "eu-central-1", o.url, o.url
	c.ClientID, c.ClientSecret = "reader", promconfig.Secret("canary-secret")
	c.RateLimit.Burst = 1000 // nothing waits for the budget
	return c
}

// source is an account that reads persons; each of its feeds may be polled by name.
func (o *organization) source(t testing.TB, s health.Surroundings) (feed.Source, map[string]feed.Poll) {
	t.Helper()
	s.Thresholds = settings.DefaultThresholds
	source, err := o.config().Open(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(source.Close)
	polls := map[string]feed.Poll{}
	for _, f := range source.Feeds {
		polls[f.Name] = f.Poll
	}
	return source, polls
}

// compared is how an account is opened whose persons are compared.
func compared(log *slog.Logger) health.Surroundings {
	return health.Surroundings{Directory: time.Hour, ExternalIDs: "cxone", Logger: log}
}

// user is the id of the n-th user.
func userID(n int) string { return fmt.Sprintf("4f1b0000-0000-4000-8000-%012d", n) }

// user is the n-th user with a presence and a routing status, as an element of the list.
func user(n int, system, routing string) string {
	return fmt.Sprintf(`{"id":%q,"email":"agent%d@example.com","username":"agent%d","presence":{"source":"PURECLOUD","primary":true,`+
		`"presenceDefinition":{"id":"d-%s","systemPresence":%q},"modifiedDate":"2026-11-21T09:58:11.002Z"},`+
		`"routingStatus":{"status":%q,"startTime":"2026-11-21T10:02:40.114Z"},"outOfOffice":{"active":false}}`,
		userID(n), n, n, platform.SnakeCase(system), system, routing)
}

// queued are so many users on queue, from the first to the last.
func queued(first, last int) (users []string) {
	for n := first; n <= last; n++ {
		users = append(users, user(n, "On Queue", "IDLE"))
	}
	return users
}

// states are the states of a roster by the number of the user.
func states(r *platform.Roster) map[int]platform.AgentState {
	states := map[int]platform.AgentState{}
	for id := range r.Persons {
		n, _ := strconv.Atoi(strings.TrimLeft(id[len(id)-12:], "0"))
		states[n] = r.Activities[id].State
	}
	return states
}

func mustJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
