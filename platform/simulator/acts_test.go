package simulator

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// TestAct makes a person do things on both platforms, over real sockets.
func TestAct(t *testing.T) {
	w := started(t, Options{})
	c, cx := loggedOn(t, w, emea), loggedOn(t, w, us)
	user, agent := w.Persons(emea)[12].ID, w.Persons(us)[12].ID
	for _, step := range []struct {
		site   string
		action Action
		want   [2]string
		code   float64
	}{
		{emea, LogIn, [2]string{"Available", "OFF_QUEUE"}, -1},
		{emea, GoOnQueue, [2]string{"On Queue", "IDLE"}, -1},
		{us, LogIn, [2]string{"On Queue", "IDLE"}, 2},
		{us, BeAvailable, [2]string{"On Queue", "IDLE"}, 1},
		{us, TakeContact, [2]string{"On Queue", "IDLE"}, 3},
		{emea, TakeContact, [2]string{"On Queue", "INTERACTING"}, 3},
		{emea, Choose("Meal"), [2]string{"Meal", "INTERACTING"}, 3},
		{emea, EndContact, [2]string{"Meal", "OFF_QUEUE"}, 3},
		{emea, GoIdle, [2]string{"Idle", "OFF_QUEUE"}, 3},
		{us, EndContact, [2]string{"Idle", "OFF_QUEUE"}, 1},
		{us, BePaused, [2]string{"Idle", "OFF_QUEUE"}, 2},
		{us, LogOut, [2]string{"Idle", "OFF_QUEUE"}, 0},
		{emea, LogOut, [2]string{"Offline", "OFF_QUEUE"}, 0},
	} {
		person := user
		if step.site == us {
			person = agent
		}
		if err := w.Act(step.site, person, step.action); err != nil {
			t.Fatal(err)
		}
		var code float64
		for _, row := range items(t, cx.ok(services+"/agents/states?fields=agentId,agentStateId"), "agentStates") {
			if strconv.Itoa(int(row["agentId"].(float64))) == agent {
				code = row["agentStateId"].(float64)
			}
		}
		if got := userStates(t, c)[user]; got != step.want || step.code >= 0 && code != step.code {
			t.Errorf("%s, %v: %v and %v, want %v and %v", step.site, step.action, got, code, step.want, step.code)
		}
	}
	if w.Act(us, agent, GoOnQueue) == nil || w.Act(emea, user, Choose("Nap")) == nil || w.Act(emea, "nobody", LogIn) == nil {
		t.Error("an impossible action succeeds")
	}
}

// TestOutOfOffice writes the presence of a person whose status others cannot change.
func TestOutOfOffice(t *testing.T) {
	w := started(t, Options{})
	c, own := writer(t, w), loggedOn(t, w, emea)
	user := w.Persons(emea)[12].ID
	for _, action := range []Action{LogIn, LeaveOffice} {
		if err := w.Act(emea, user, action); err != nil {
			t.Fatal(err)
		}
	}
	patch(c, user, definition(t, c, "Busy", "FALSE"))
	shown := all(t, own, usersPath, "500")[12]
	if shown["outOfOffice"].(map[string]any)["active"] != true || userStates(t, own)[user][0] != "Available" {
		t.Errorf("the person is shown as %v", shown)
	}
}

// TestDoubleBooked plays the scenario until presences are written.
func TestDoubleBooked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 300, Scenario: doubleBooked})
		<-time.After(10 * time.Minute)
		own, cx, c := loggedOn(t, w, emea), loggedOn(t, w, us), writer(t, w)
		if n := booked(t, w, own, cx); n != doubleBookedPersons {
			t.Errorf("%d persons are double booked, want %d", n, doubleBookedPersons)
		}
		var users []string
		for _, p := range w.Persons(emea)[:doubleBookedPersons] {
			users = append(users, p.ID)
		}
		if r := putAll(c, definition(t, c, "CXone Interaction", "FALSE"), users...); r.status != http.StatusOK {
			t.Fatalf("write = %d %s", r.status, r.body)
		}
		if n := booked(t, w, own, cx); n != 0 {
			t.Errorf("%d persons are double booked after the write", n)
		}
	})
}

func TestSourceLost(t *testing.T) {
	w := started(t, Options{Scenario: sourceLost})
	c, cx := loggedOn(t, w, emea), loggedOn(t, w, us)
	if r := cx.get(services + "/agents/states"); r.status != http.StatusServiceUnavailable {
		t.Errorf("agents/states = %d %s", r.status, r.body)
	}
	cx.ok(services + "/agents")
	c.ok(usersPath)
	noViolations(t, w)
}
