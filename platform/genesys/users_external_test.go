package genesys

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// externalOf are the external ids of a roster by the number of the user, without the empty ones.
func externalOf(r *platform.Roster) map[string]string {
	ids := map[string]string{}
	for id, person := range r.Persons {
		if person.External != "" {
			ids[id] = person.External
		}
	}
	return ids
}

// TestExternalIDs: each run reads those of a few users, those who are there first, and of all in the end.
func TestExternalIDs(t *testing.T) {
	o := newOrganization(t)
	source, polls := o.source(t, compared(nil))
	var users []string
	want := map[string]string{}
	const all = externalPerRun + 7
	for n := 1; n <= all; n++ {
		system := "Offline"
		if n > all-3 {
			system = "On Queue"
		}
		users = append(users, user(n, system, "OFF_QUEUE"))
		o.external[userID(n)] = `[]`
		if n%2 == 0 {
			o.external[userID(n)] = fmt.Sprintf(`[{"authorityName":"CXONE","externalKey":"no"},{"authorityName":"cxone","externalKey":"%d"},7]`, 1000+n)
			want[userID(n)] = fmt.Sprint(1000 + n)
		}
	}
	o.list(users)
	for run, calls := range []int{externalPerRun, all - externalPerRun, 0} {
		if _, err := polls[feedUsers](t.Context()); err != nil {
			t.Fatal(err)
		}
		asked := o.asked()[1:]
		if len(asked) != calls {
			t.Errorf("run %d asks for %d external ids, want %d", run, len(asked), calls)
		}
		if run > 0 {
			continue
		}
		for n := all - 2; n <= all; n++ {
			if !slices.Contains(asked[:3], "GET "+pathUsers+"/"+userID(n)+"/externalid") {
				t.Errorf("run 0 asks for %v first, want those on queue", asked[:3])
			}
		}
	}
	if got := externalOf(source.Persons.Roster()); !cmp.Equal(got, want) {
		t.Errorf("external ids: %s", cmp.Diff(want, got))
	}
	if calls := feedOf(t, source.Feeds, feedUsers).Calls; calls != 1+externalPerRun {
		t.Errorf("calls of a run = %v, want %d", calls, 1+externalPerRun)
	}
	o.list(users[:all-1]) // even of the user who has left, until the second sweep
	for range 2 {
		if _, err := polls[feedUsers](t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(externalOf(source.Persons.Roster())); n != len(want)-1+all%2 {
		t.Errorf("%d external ids after one user has left, want %d", n, len(want)-1+all%2)
	}
}

// TestExternalTurns: who was read is read again when the interval has passed, those read longest ago first.
func TestExternalTurns(t *testing.T) {
	now := parsed(t, "2026-11-21T10:00:00Z")
	e := newExternalIDs(nil, "cxone", time.Hour, slog.New(slog.DiscardHandler))
	roster := &platform.Roster{Persons: map[string]platform.Person{}, Activities: map[string]platform.Activity{
		"a": {State: platform.AgentReady}, "b": {State: platform.AgentUnavailable}, "c": {State: platform.AgentOffline},
		"d": {State: platform.AgentReady}, "e": {State: platform.AgentReady},
	}}
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		roster.Persons[id] = platform.Person{ID: id}
	}
	e.known["a"] = externalID{"1", now.Add(-time.Hour)}
	e.known["b"] = externalID{"2", now.Add(-2 * time.Hour)}
	e.known["d"] = externalID{"", now.Add(-59 * time.Minute)}
	if diff := cmp.Diff([]string{"e", "b", "a", "c", "f"}, e.next(roster, now)); diff != "" {
		t.Errorf("next (-want +got):\n%s", diff)
	}
}

// TestExternalFailures: ids that cannot be read fail no sweep. It is logged once, with nothing of a person.
func TestExternalFailures(t *testing.T) {
	o := newOrganization(t)
	var log bytes.Buffer
	source, polls := o.source(t, compared(slog.New(slog.NewTextHandler(&log, nil))))
	list := func(w http.ResponseWriter) { _, _ = w.Write([]byte(usersAnswer(1, queued(1, 3)...))) }
	for _, test := range []struct {
		status int
		calls  int // for external ids
		lines  int // since the start
	}{
		{http.StatusForbidden, 1, 1}, {http.StatusForbidden, 1, 1}, {http.StatusNotFound, 3, 1},
	} {
		o.fails(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == pathUsers {
				list(w)
				return
			}
			w.WriteHeader(test.status)
			fmt.Fprintf(w, `{"message":"canary agent1@example.com of %s","code":"some.code","status":%d}`, userID(1), test.status)
		})
		if _, err := polls[feedUsers](t.Context()); err != nil {
			t.Errorf("sweep = %v while external ids answer %d", err, test.status)
		}
		if asked := o.asked(); len(asked) != 1+test.calls {
			t.Errorf("%d external ids asked for, want %d", len(asked)-1, test.calls)
		}
		if n := strings.Count(log.String(), "\n"); n != test.lines {
			t.Errorf("%d lines after a %d, want %d:\n%s", n, test.status, test.lines, log.String())
		}
	}
	if strings.Contains(log.String(), "canary") || strings.Contains(log.String(), userID(1)) || !strings.Contains(log.String(), "some.code") {
		t.Errorf("the log names a person, or not the code:\n%s", log.String())
	}
	if len(source.Persons.Roster().Persons) != 3 {
		t.Error("the roster is another")
	}
}
