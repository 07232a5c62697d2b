package cxone_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// TestRosterOfSimulator reads the agents as persons over real sockets, makes one of them act, and reads the changes.
func TestRosterOfSimulator(t *testing.T) {
	w := world(t, 100)
	s, err := account(w).Open(health.Surroundings{Thresholds: settings.DefaultThresholds, Directory: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	a := feed.NewAccount(t.Context(), s, feed.PlaneLimits{Degraded: 1}, slog.New(slog.DiscardHandler))
	t.Cleanup(a.Close)
	read := func() *platform.Roster {
		t.Helper()
		for _, name := range []string{"directory", "agents"} {
			if err := a.Poll(t.Context(), name); err != nil {
				t.Fatal(err)
			}
		}
		return a.Persons().Roster()
	}
	want := map[string]platform.Person{}
	for _, p := range w.Persons("us") {
		want[p.ID] = platform.Person{ID: p.ID, Email: p.Email, Username: p.Username}
	}
	for range 2 { // everyone, then only changes
		if diff := cmp.Diff(want, read().Persons); diff != "" {
			t.Errorf("persons:\n%s", diff)
		}
	}
	one := w.Persons("us")[0].ID
	for _, step := range []struct {
		action simulator.Action
		want   platform.AgentState
	}{
		{simulator.LogIn, platform.AgentUnavailable},
		{simulator.BeAvailable, platform.AgentReady},
		{simulator.TakeContact, platform.AgentEngaged},
		{simulator.EndContact, platform.AgentReady},
		{simulator.LogOut, platform.AgentOffline},
	} {
		if err := w.Act("us", one, step.action); err != nil {
			t.Fatal(err)
		}
		if got := read().Activities[one].State; got != step.want {
			t.Errorf("after %v the agent is %v, want %v", step.action, got, step.want)
		}
	}
	if violations := w.Violations(); len(violations) > 0 {
		t.Errorf("requests break the documented form: %v", violations)
	}
}
