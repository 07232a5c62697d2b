package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const bulkPath = "/api/v2/users/presences/bulk"

// writer returns a caller with a token of the client that may write.
func writer(t *testing.T, w *World) caller {
	t.Helper()
	id, secret := w.WriterCredentials(emea)
	token, ok := genesysLogin(t, w, emea, id, secret).json(t)["access_token"].(string)
	if !ok {
		t.Fatal("the writer cannot log in")
	}
	return plain(t, w, emea).with("Authorization", "Bearer "+token)
}

// definition returns the id of a presence definition.
func definition(t *testing.T, c caller, name, deactivated string) string {
	t.Helper()
	list := items(t, c.ok("/api/v2/presence/definitions?localeCode=ALL&deactivated="+deactivated), "entities")
	i := slices.IndexFunc(list, func(d obj) bool { return d["name"] == name })
	if i < 0 {
		t.Fatalf("no definition %q in %v", name, list)
	}
	return list[i]["id"].(string)
}

// patch writes one presence.
func patch(c caller, user, definition string) read {
	c.t.Helper()
	return c.do(http.MethodPatch, "/api/v2/users/"+user+"/presences/purecloud", fmt.Sprintf(`{"presenceDefinition":{"id":%q}}`, definition))
}

// putAll writes presences of many.
func putAll(c caller, definition string, users ...string) read {
	c.t.Helper()
	batch := list{}
	for _, user := range users {
		batch = append(batch, obj{"id": user, "presenceDefinition": obj{"id": definition}})
	}
	body, err := json.Marshal(batch)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.do(http.MethodPut, bulkPath, string(body))
}

// TestWriteRefusals asks over real sockets for what the platform refuses, and reads the journal.
func TestWriteRefusals(t *testing.T) {
	w := started(t, Options{})
	c, own := writer(t, w), loggedOn(t, w, emea)
	busy, queue, old := definition(t, c, "CXone Interaction", "FALSE"), definition(t, c, "On Queue", "FALSE"), definition(t, c, "Old Project", "TRUE")
	persons := w.Persons(emea)
	var users []string
	for _, p := range persons {
		users = append(users, p.ID)
	}
	w.ForbidWrites(emea, users[60])
	type refusal struct {
		Status int
		Code   any
	}
	for name, tt := range map[string]struct {
		got  read
		want refusal
	}{
		"reader, one":      {patch(own, users[0], busy), refusal{403, "missing.permissions"}},
		"reader, many":     {putAll(own, busy, users[0]), refusal{403, "missing.permissions"}},
		"51 presences":     {putAll(c, busy, users[:51]...), refusal{400, "max.user.presences"}},
		"on queue in bulk": {putAll(c, queue, users[0]), refusal{400, "endpoint.does.not.support.on.queue"}},
		"unknown user":     {patch(c, "nobody", busy), refusal{404, "presenceservice.usernotfound"}},
		"forbidden user":   {patch(c, users[60], busy), refusal{403, "missing.division.permission"}},
		"one of a batch":   {putAll(c, busy, users[59], users[60]), refusal{403, "missing.division.permission"}},
		"deactivated":      {patch(c, users[0], old), refusal{400, "invalid.value"}},
	} {
		if got := (refusal{tt.got.status, tt.got.json(t)["code"]}); got != tt.want {
			t.Errorf("%s = %v, want %v", name, got, tt.want)
		}
	}
	written := putAll(c, busy, users[1], users[2]).array(t)
	for _, presence := range written {
		if id := presence["id"].(string); slices.Contains(users, id) || presence["userId"] != nil {
			t.Errorf("the answer names a user: %v", presence)
		}
	}
	patch(c, users[3], queue)
	var done []PresenceWrite
	for _, one := range w.Writes(emea) {
		if one.Status == http.StatusOK {
			done = append(done, one)
		}
	}
	id, _ := w.WriterCredentials(emea)
	want := []PresenceWrite{
		{Client: id, User: users[1], Definition: busy, Bulk: true, Size: 2, Status: 200},
		{Client: id, User: users[2], Definition: busy, Bulk: true, Size: 2, Status: 200},
		{Client: id, User: users[3], Definition: queue, Size: 1, Status: 200},
	}
	if diff := cmp.Diff(want, done, cmpopts.IgnoreFields(PresenceWrite{}, "Time")); diff != "" || len(written) != 2 {
		t.Errorf("%d presences in the answer; journal:\n%s", len(written), diff)
	}
}

// statusOf reads the counts of one presence definition and of one routing status.
func statusOf(t *testing.T, c caller, definition, routing string) (presences, routings float64) {
	t.Helper()
	r := c.do(http.MethodPost, "/api/v2/analytics/agents/status/counts?groupBy=presence&groupBy=routingStatus", "{}").json(t)
	for _, one := range items(t, r, "presenceCounts") {
		if one["organizationPresenceId"] == definition {
			presences = one["count"].(float64)
		}
	}
	for _, one := range items(t, r, "routingStatusCounts") {
		if one["routingStatus"] == routing {
			routings = one["count"].(float64)
		}
	}
	return presences, routings
}

// TestWrittenPresence writes presences and looks at what becomes of the users.
func TestWrittenPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 300})
		c, own := writer(t, w), loggedOn(t, w, emea)
		busy, queue := definition(t, c, "CXone Interaction", "FALSE"), definition(t, c, "On Queue", "FALSE")
		var idle, talking string
		for id, state := range userStates(t, own) {
			switch state {
			case [2]string{"On Queue", "IDLE"}:
				idle = id
			case [2]string{"On Queue", "INTERACTING"}:
				talking = id
			}
		}
		expect := func(when, user string, want [2]string) {
			t.Helper()
			if got := userStates(t, own)[user]; got != want {
				t.Errorf("%s: %v, want %v", when, got, want)
			}
		}
		_, free := statusOf(t, own, busy, "OFF_QUEUE")
		if r := putAll(c, busy, idle, talking); r.status != http.StatusOK {
			t.Fatalf("write = %d %s", r.status, r.body)
		}
		expect("idle, written", idle, [2]string{"Busy", "OFF_QUEUE"})
		expect("interacting, written", talking, [2]string{"Busy", "INTERACTING"})
		if n, off := statusOf(t, own, busy, "OFF_QUEUE"); n != 2 || off != free+1 {
			t.Errorf("%v agents have the written presence and %v are off queue, want 2 and %v", n, off, free+1)
		}
		<-time.After(3 * time.Hour)
		own, c = loggedOn(t, w, emea), writer(t, w)
		expect("after the interaction", talking, [2]string{"Busy", "OFF_QUEUE"})
		expect("hours later", idle, [2]string{"Busy", "OFF_QUEUE"})
		if r := patch(c, idle, queue); r.status != http.StatusOK {
			t.Fatalf("write = %d %s", r.status, r.body)
		}
		expect("back", idle, [2]string{"On Queue", "IDLE"})
		noViolations(t, w)
	})
}
