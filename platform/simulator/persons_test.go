package simulator

import (
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const usersPath = "/api/v2/users?state=active&expand=presence&expand=routingStatus&expand=outOfOffice"

// userStates reads what every user does: presence and routing status, by user id.
func userStates(t *testing.T, c caller) map[string][2]string {
	t.Helper()
	states := map[string][2]string{}
	for _, u := range all(t, c, usersPath, "500") {
		definition := u["presence"].(map[string]any)["presenceDefinition"].(map[string]any)
		states[u["id"].(string)] = [2]string{definition["systemPresence"].(string), u["routingStatus"].(map[string]any)["status"].(string)}
	}
	return states
}

// contacts reads who is on a contact in us, by agent id.
func contacts(t *testing.T, c caller) map[string]bool {
	t.Helper()
	on := map[string]bool{}
	for _, r := range items(t, c.ok(services+"/agents/states?fields=agentId,agentStateId"), "agentStates") {
		if state := r["agentStateId"].(float64); state >= 3 && state <= 7 {
			on[strconv.Itoa(int(r["agentId"].(float64)))] = true
		}
	}
	return on
}

// booked counts the persons who are on queue in emea while they are on a contact in us.
func booked(t *testing.T, w *World, emeaCaller, usCaller caller) (n int) {
	t.Helper()
	states, on := userStates(t, emeaCaller), contacts(t, usCaller)
	for i, p := range w.Persons(emea) {
		if p.Linked && states[p.ID][0] == "On Queue" && on[w.Persons(us)[i].ID] {
			n++
		}
	}
	return n
}

// TestPersons reads the persons of both platforms over real sockets.
func TestPersons(t *testing.T) {
	w := started(t, Options{Agents: 600})
	c, cx := loggedOn(t, w, emea), loggedOn(t, w, us)
	var users, agents []Person
	for i, u := range all(t, c, usersPath, "500") {
		users = append(users, Person{Number: i, ID: u["id"].(string), Email: u["email"].(string), Username: u["username"].(string)})
	}
	const fields = "?fields=agentId,emailAddress,userName,isActive&top=10000"
	list := cx.ok(services + "/agents" + fields)
	for _, a := range items(t, list, "agents") {
		if a["isActive"].(bool) {
			agents = append(agents, Person{
				Number: len(agents), ID: strconv.Itoa(int(a["agentId"].(float64))), Email: a["emailAddress"].(string), Username: a["userName"].(string),
			})
		}
	}
	bare := func(persons []Person) []Person {
		for i := range persons {
			persons[i].Linked, persons[i].Shared = false, false
		}
		return persons
	}
	if diff := cmp.Diff(bare(w.Persons(emea)), users) + cmp.Diff(bare(w.Persons(us)), agents); diff != "" {
		t.Errorf("persons differ:\n%s", diff)
	}
	seen := map[string]int{}
	for i, p := range w.Persons(emea) {
		other := w.Persons(us)[i]
		var same, otherCase, shared int
		if strings.EqualFold(p.Email, other.Email) {
			same = 1
			if p.Email != other.Email {
				otherCase = 1
			}
		}
		if p.Shared {
			shared = 1
		}
		seen["same"], seen["other case"], seen["shared"] = seen["same"]+same, seen["other case"]+otherCase, seen["shared"]+shared
	}
	if want := map[string]int{"same": 69, "other case": 23, "shared": 2}; !cmp.Equal(seen, want) {
		t.Errorf("links are %v, want %v", seen, want)
	}
	first := c.get("/api/v2/users/" + users[0].ID + "/externalid").array(t)
	if len(first) != 1 || first[0]["authorityName"] != "cxone" || first[0]["externalKey"] != agents[0].ID {
		t.Errorf("external ids of the first are %v", first)
	}
	if one := c.get("/api/v2/users/" + users[11].ID + "/externalid").array(t); len(one) != 0 {
		t.Errorf("external ids of one who is only in emea are %v", one)
	}
	if r := cx.get(services + "/agents" + fields + "&updateSince=" + list["lastPollTime"].(string)); r.status != 304 {
		t.Errorf("agents changed since the last poll = %d %s", r.status, r.body)
	}
	noViolations(t, w)
}

// TestCalmIsNotDoubleBooked looks at a calm day for hours: who is on a contact in us is not on queue in emea.
func TestCalmIsNotDoubleBooked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 400})
		working := 0
		for range 20 {
			c, cx := loggedOn(t, w, emea), loggedOn(t, w, us)
			if n := booked(t, w, c, cx); n != 0 {
				t.Errorf("%d persons are double booked", n)
			}
			states := userStates(t, c)
			for _, p := range w.Persons(emea) {
				if p.Linked && states[p.ID][0] == "On Queue" {
					working++
				}
			}
			<-time.After(11 * time.Minute)
		}
		if working == 0 {
			t.Error("no linked person is ever on queue in emea")
		}
	})
}
