package genesys

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
)

func parsed(t testing.TB, text string) time.Time {
	t.Helper()
	moment, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

// TestUsersSample reads the recorded answer.
func TestUsersSample(t *testing.T) {
	page, err := readUsers(strings.NewReader(string(fixture(t, "users.json"))))
	if err != nil {
		t.Fatal(err)
	}
	s := &sweep{persons: map[string]platform.Person{}, activities: map[string]platform.Activity{}}
	for i := range page.users {
		s.add(&page.users[i])
	}
	id := userID
	const onQueueID = "e08eaf1b-ee47-4fa9-a231-1200e284798f"
	diff(t, "persons", s.persons, map[string]platform.Person{
		id(1): {ID: id(1), Email: "jane.doe@example.com", Username: "jane.doe@example.com"},
		id(2): {ID: id(2), Email: "john.roe@example.com", Username: "jroe@example.com"},
		id(3): {ID: id(3), Email: "Max.Poe@example.com", Username: "max.poe@example.com"},
		id(4): {ID: id(4), Email: "ann.low@example.com", Username: "ann.low@example.com"},
		id(5): {ID: id(5), Email: "team@example.com", Username: "team@example.com"},
	})
	diff(t, "activities", s.activities, map[string]platform.Activity{
		id(1): {
			State: "ready", Since: parsed(t, "2026-11-21T10:02:40.114Z"), Definition: onQueueID, System: "on_queue",
			Modified: parsed(t, "2026-11-21T09:58:11.002Z"),
		},
		id(2): {
			State: "engaged", Since: parsed(t, "2026-11-21T10:14:02.500Z"), Definition: onQueueID, System: "on_queue",
			Modified: parsed(t, "2026-11-21T09:30:00Z"), Wish: "3fd96123-badb-4f69-bc03-1b1ccc6d8014",
		},
		id(3): {
			State: "unavailable", Since: parsed(t, "2026-11-21T10:00:00Z"), Definition: "31fe3bac-dea6-44b7-bed7-47f91660a1a0",
			System: "busy", Modified: parsed(t, "2026-11-21T10:00:00Z"), OutOfOffice: true, Foreign: true,
		},
		id(4): {
			State: "offline", Since: parsed(t, "2026-11-20T17:00:00Z"), Definition: "ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5",
			System: "offline", Modified: parsed(t, "2026-11-20T17:00:00Z"),
		},
	})
	if page.Violations != 0 || s.Violations != 0 || !page.last(1) {
		t.Errorf("violations = %d, %d, last = %t", page.Violations, s.Violations, page.last(1))
	}
}

// TestUserStates translates what single users do, in every spelling of a presence.
func TestUserStates(t *testing.T) {
	for _, test := range []struct {
		system, routing string
		state           platform.AgentState
		label           string
	}{
		{"On Queue", "IDLE", "ready", "on_queue"},
		{"ON_QUEUE", "IDLE", "ready", "on_queue"},
		{"OnQueue", "INTERACTING", "engaged", "on_queue"},
		{"on queue", "COMMUNICATING", "engaged", "on_queue"},
		{"On Queue", "NOT_RESPONDING", "not_responding", "on_queue"},
		{"On Queue", "OFF_QUEUE", "unknown", "on_queue"}, // the two changes come one after the other
		{"On Queue", "", "unknown", "on_queue"},
		{"Away", "INTERACTING", "engaged", "away"}, // the contact goes on
		{"Available", "COMMUNICATING", "engaged", "available"},
		{"Available", "IDLE", "unavailable", "available"},
		{"Available", "OFF_QUEUE", "unavailable", "available"},
		{"Idle", "OFF_QUEUE", "unavailable", "idle"},
		{"OFFLINE", "OFF_QUEUE", "offline", "offline"},
		{"Offline", "IDLE", "offline", "offline"},
		{"On Fire", "OFF_QUEUE", "unknown", "on_fire"},
	} {
		page, err := readUsers(strings.NewReader(usersAnswer(1, user(1, test.system, test.routing))))
		if err != nil {
			t.Fatal(err)
		}
		got, known := page.users[0].activity(new(platform.Anomalies))
		if !known || got.State != test.state || got.System != test.label {
			t.Errorf("activity(%s, %s) = %s, %s, %t, want %s, %s", test.system, test.routing, got.State, got.System, known, test.state, test.label)
		}
	}
}

// TestOddUsers: what is missing is unknown, and what has a wrong type spoils nothing else.
func TestOddUsers(t *testing.T) {
	definition := `"presenceDefinition":{"id":"d","systemPresence":"Busy"}`
	for text, want := range map[string]struct {
		users      int
		activity   platform.Activity
		known      bool
		violations int
	}{
		`{"id":"a"}`: {users: 1},
		`{"id":"a","presence":null,"routingStatus":null}`:     {users: 1},
		`{"id":"a","presence":{}}`:                            {users: 1},
		`{"id":"a","presence":7}`:                             {users: 1, violations: 1},
		`{"id":"a","routingStatus":{"status":"INTERACTING"}}`: {users: 1},
		`{"id":7}`:                  {violations: 1},
		`{"email":"x@example.com"}`: {violations: 1},
		`null`:                      {violations: 1},
		`"jane"`:                    {violations: 1},
		`{"id":"a","presence":{` + definition + `}}`:                            {1, platform.Activity{State: "unavailable", Definition: "d", System: "busy"}, true, 0},
		`{"id":"a","email":[1],"presence":{` + definition + `}}`:                {1, platform.Activity{State: "unavailable", Definition: "d", System: "busy"}, true, 1},
		`{"id":"a","presence":{` + definition + `,"primary":false}}`:            {1, platform.Activity{State: "unavailable", Definition: "d", System: "busy", Foreign: true}, true, 0},
		`{"id":"a","presence":{` + definition + `,"primary":"no"}}`:             {1, platform.Activity{State: "unavailable", Definition: "d", System: "busy"}, true, 1},
		`{"id":"a","presence":{` + definition + `,"source":"purecloud"}}`:       {1, platform.Activity{State: "unavailable", Definition: "d", System: "busy"}, true, 0},
		`{"id":"a","presence":{` + definition + `,"source":"ZOOMPHONE"}}`:       {1, platform.Activity{State: "unavailable", Definition: "d", System: "busy", Foreign: true}, true, 0},
		`{"id":"a","presence":{` + definition + `,"modifiedDate":"soon"}}`:      {1, platform.Activity{State: "unavailable", Definition: "d", System: "busy"}, true, 1},
		`{"id":"a","presence":{"presenceDefinition":{"id":"d"}}}`:               {1, platform.Activity{State: "unknown", Definition: "d"}, true, 1},
		`{"id":"a","presence":{` + definition + `},"outOfOffice":{"active":1}}`: {1, platform.Activity{State: "unavailable", Definition: "d", System: "busy"}, true, 1},
	} {
		page, err := readUsers(strings.NewReader(usersAnswer(1, text)))
		if err != nil {
			t.Fatal(err)
		}
		var activity platform.Activity
		known := false
		if len(page.users) > 0 {
			activity, known = page.users[0].activity(&page.Anomalies)
		}
		if len(page.users) != want.users || known != want.known || activity != want.activity || page.Violations != want.violations {
			t.Errorf("%s = %d users, %+v, %t, %d violations, want %+v", text, len(page.users), activity, known, page.Violations, want)
		}
	}
}

// TestMovingPages: while a sweep reads page after page, users come and go, and the list moves under it.
func TestMovingPages(t *testing.T) {
	o := newOrganization(t)
	source, polls := o.source(t, health.Surroundings{Directory: time.Hour})
	for i, test := range []struct {
		name  string
		pages [][]string
		want  map[int]platform.AgentState
	}{
		{
			"two pages",
			[][]string{queued(1, 3), queued(4, 5)},
			map[int]platform.AgentState{1: "ready", 2: "ready", 3: "ready", 4: "ready", 5: "ready"},
		},
		{
			"one on both pages: as on the later; one slips through: unknown",
			[][]string{queued(1, 3), {user(3, "Busy", "OFF_QUEUE"), user(5, "On Queue", "IDLE")}},
			map[int]platform.AgentState{1: "ready", 2: "ready", 3: "unavailable", 4: "", 5: "ready"},
		},
		{
			"back",
			[][]string{queued(1, 5)},
			map[int]platform.AgentState{1: "ready", 2: "ready", 3: "ready", 4: "ready", 5: "ready"},
		},
		{
			"missed once",
			[][]string{queued(1, 4)},
			map[int]platform.AgentState{1: "ready", 2: "ready", 3: "ready", 4: "ready", 5: ""},
		},
		{
			"missed twice: gone; one without a presence: unknown, not offline",
			[][]string{append(queued(1, 3), `{"id":"`+userID(4)+`","routingStatus":{"status":"OFF_QUEUE"}}`)},
			map[int]platform.AgentState{1: "ready", 2: "ready", 3: "ready", 4: ""},
		},
	} {
		o.list(test.pages...)
		before := time.Now()
		if _, err := polls[feedUsers](t.Context()); err != nil {
			t.Fatal(err)
		}
		roster := source.Persons.Roster()
		if got := states(roster); !cmp.Equal(got, test.want) || roster.Suspect {
			t.Errorf("sweep %d, %s: states = %v, suspect = %t, want %v", i, test.name, got, roster.Suspect, test.want)
		}
		if roster.Read.Before(before) || roster.Read != roster.FullRead || roster.Read != roster.Listed {
			t.Errorf("sweep %d: read at %v, %v, listed at %v, want once and after %v", i, roster.Read, roster.FullRead, roster.Listed, before)
		}
	}
}

// TestSuspectUsers: an answer with too few persons, or without their presences, is not trusted and changes nothing.
func TestSuspectUsers(t *testing.T) {
	o := newOrganization(t)
	source, polls := o.source(t, health.Surroundings{Directory: time.Hour})
	if source.Persons.Roster() != nil {
		t.Error("there is a roster before the first sweep")
	}
	bare := func(first, last int) (users []string) {
		for n := first; n <= last; n++ {
			users = append(users, `{"id":"`+userID(n)+`"}`)
		}
		return users
	}
	want := map[int]platform.AgentState{}
	for n := 1; n <= 5; n++ {
		want[n] = "ready"
	}
	for _, test := range []struct {
		users   []string
		problem string
	}{
		{nil, "users: the answer is not trusted: it holds 0 persons where 0 are known"},
		{bare(1, 5), "users: the answer is not trusted: it holds 0 presences where 5 are known"},
		{queued(1, 5), ""},
		{nil, "users: the answer is not trusted: it holds 0 persons where 5 are known"},
		{queued(1, 2), "users: the answer is not trusted: it holds 2 persons where 5 are known"},
		{slices.Concat(queued(1, 2), bare(3, 5)), "users: the answer is not trusted: it holds 2 presences where 5 are known"},
		{queued(1, 5), ""},
	} {
		o.list(test.users)
		before := source.Persons.Roster()
		_, err := polls[feedUsers](t.Context())
		after := source.Persons.Roster()
		switch {
		case test.problem == "":
			if err != nil || after.Suspect || !cmp.Equal(states(after), want) {
				t.Errorf("sweep = %v, %v, suspect = %t, want %v", err, states(after), after.Suspect, want)
			}
		case err == nil || err.Error() != test.problem || platform.ReasonOf(err) != platform.ReasonBadResponse:
			t.Errorf("sweep = %v, want %s", err, test.problem)
		case before == nil:
			if after != nil {
				t.Errorf("there is a roster after %v", err)
			}
		case !after.Suspect || !cmp.Equal(before, after, cmpopts.IgnoreFields(platform.Roster{}, "Suspect")):
			t.Errorf("after %v the roster is another or not suspect: %+v", err, after)
		}
	}
}

// TestFailedSweep: a page that fails ends the sweep, and the roster stays without being suspect.
func TestFailedSweep(t *testing.T) {
	o := newOrganization(t)
	source, polls := o.source(t, health.Surroundings{Directory: time.Hour})
	o.list(queued(1, 3))
	if _, err := polls[feedUsers](t.Context()); err != nil {
		t.Fatal(err)
	}
	before := source.Persons.Roster()
	o.list(queued(1, 2), nil)
	o.fails(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("pageNumber") == "2" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = w.Write([]byte(usersAnswer(2, queued(1, 2)...)))
	})
	if _, err := polls[feedUsers](t.Context()); platform.ReasonOf(err) != platform.ReasonForbidden {
		t.Errorf("sweep = %v, want forbidden", err)
	}
	if after := source.Persons.Roster(); after != before {
		t.Errorf("roster = %+v, want the one before", after)
	}
}

// TestNobodyIsRead: without a comparison no user is read, and with the feed off neither.
func TestNobodyIsRead(t *testing.T) {
	o := newOrganization(t)
	for name, open := range map[string]func() (feed.Source, map[string]feed.Poll){
		"not compared": func() (feed.Source, map[string]feed.Poll) { return o.source(t, health.Surroundings{}) },
		"off": func() (feed.Source, map[string]feed.Poll) {
			c := o.config()
			c.Feeds.Users = 0
			source, err := c.Open(health.Surroundings{Directory: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(source.Close)
			return source, nil
		},
	} {
		source, polls := open()
		if polls[feedUsers] != nil || source.Persons.Roster != nil || source.Persons.Activities != "" {
			t.Errorf("%s: persons = %+v, want none", name, source.Persons)
		}
		for _, f := range source.Feeds {
			if f.Name == feedUsers {
				t.Errorf("%s: there is a feed of users", name)
			}
		}
	}
}
