package genesys_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// TestUsersOfSimulator reads the users over real sockets, makes one of them act, and reads them again.
func TestUsersOfSimulator(t *testing.T) {
	w := world(t, simulator.Options{})
	o := health.Surroundings{Directory: time.Hour, ExternalIDs: "cxone"}
	a := accountFrom(t, w, w.URL("emea"), o, func(c *genesys.Config) { c.RateLimit.Burst = 280 }) // nothing waits for the budget
	persons := w.Persons("emea")
	read := func() *platform.Roster {
		t.Helper()
		if err := a.Poll(t.Context(), "users"); err != nil {
			t.Fatal(err)
		}
		return a.Persons().Roster()
	}
	want := map[string]platform.Person{}
	for _, p := range persons {
		want[p.ID] = platform.Person{ID: p.ID, Email: p.Email, Username: p.Username}
	}
	read() // external ids are read little by little, after the sweeps
	roster, external := read(), 0
	for i, p := range persons {
		if got := roster.Persons[p.ID]; p.Linked && got.External != "" {
			want[p.ID] = platform.Person{ID: p.ID, Email: p.Email, Username: p.Username, External: w.Persons("us")[i].ID}
			external++
		}
	}
	if diff := cmp.Diff(want, roster.Persons); diff != "" || external == 0 {
		t.Errorf("%d external ids; persons:\n%s", external, diff)
	}
	if len(roster.Activities) != len(persons) {
		t.Errorf("%d users have a presence, want %d", len(roster.Activities), len(persons))
	}
	one := persons[0].ID
	for _, step := range []struct {
		action simulator.Action
		want   platform.AgentState
	}{
		{simulator.LogIn, platform.AgentUnavailable},
		{simulator.GoOnQueue, platform.AgentReady},
		{simulator.TakeContact, platform.AgentEngaged},
		{simulator.Choose("Meal"), platform.AgentEngaged},
		{simulator.LogOut, platform.AgentOffline},
	} {
		if err := w.Act("emea", one, step.action); err != nil {
			t.Fatal(err)
		}
		if got := read().Activities[one].State; got != step.want {
			t.Errorf("after %v the user is %v, want %v", step.action, got, step.want)
		}
	}
}
