package feed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
)

func TestTransitionsAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		next := apiIs(platform.Operational)
		a := open(t, new(bytes.Buffer), Feed{Name: "health", Poll: func(context.Context) (*platform.Snapshot, error) { s := *next; return &s, nil }})
		a.Refresh(t.Context())
		time.Sleep(15 * time.Second)
		next = apiIs(platform.Critical)
		a.Refresh(t.Context())
		down := began.Add(15 * time.Second)
		want := []Transition{
			{Time: down, Kind: "component", Object: "api", Plane: platform.ControlPlane, Source: platform.SourceProbe, From: "operational", To: "critical"},
			{Time: down, Kind: "platform", Object: "control", Plane: platform.ControlPlane, From: "operational", To: "critical"},
		}
		got := a.Transitions()
		if len(got) == 2 && got[0].Kind == "platform" { // of one moment: the order does not matter
			got[0], got[1] = got[1], got[0]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("transitions (-want +got):\n%s", diff)
		}
		time.Sleep(time.Minute)
		planes := []PlaneStatus{{platform.ControlPlane, platform.Critical, down}, {Plane: platform.DataPlane}}
		if diff := cmp.Diff(planes, a.State().Planes); diff != "" {
			t.Errorf("planes (-want +got):\n%s", diff)
		}
	})
}

func TestTransitionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := open(t, new(bytes.Buffer))
		for i := range 3 * MaxTransitions {
			a.keep(Transition{Time: time.Now(), Object: fmt.Sprint(i)})
			time.Sleep(time.Second)
		}
		got := a.Transitions()
		if len(got) != MaxTransitions || got[0].Object != fmt.Sprint(3*MaxTransitions-1) || got[MaxTransitions-1].Object != fmt.Sprint(2*MaxTransitions) {
			t.Errorf("after %d transitions %d are kept, want the last %d, the latest first:\n%v", 3*MaxTransitions, len(got), MaxTransitions, got)
		}
	})
}

// briefError is an error of a client, with words of the platform that must not be shown.
type briefError struct{ reason, brief string }

func (e briefError) Error() string  { return "the platform says: canary" }
func (e briefError) Reason() string { return e.reason }
func (e briefError) Brief() string  { return e.brief }

func TestExplain(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want string
	}{
		{
			fmt.Errorf("edges: %w", briefError{"forbidden", "edges, status 403"}),
			"forbidden: the client lacks a permission (edges, status 403)",
		},
		{briefError{"budget", ""}, "budget: the account's own budget of calls is used up"},
		{briefError{"network", strings.Repeat("x", maxExplanation+1)}, "network: the host cannot be reached"},
		{briefError{"exotic", ""}, "exotic: the run failed"},
		{context.DeadlineExceeded, "timeout: no complete answer came in time"},
		{errors.New("canary"), "bad_response: the answer is not what the platform documents"},
		{&guard.PanicError{Value: "canary"}, "panic: a fault of the exporter, the log has the details"},
	} {
		if got := explain(tc.err); got != tc.want {
			t.Errorf("explain(%v) = %q, want %q", tc.err, got, tc.want)
		}
	}
	for _, reason := range platform.Reasons {
		if explanations[reason] == "" {
			t.Errorf("reason %s has no explanation", reason)
		}
	}
}

func TestStateNamesErrorAndNextRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failing error = briefError{"timeout", "probe"}
		a := open(t, new(bytes.Buffer), Feed{Name: "health", Poll: func(context.Context) (*platform.Snapshot, error) {
			return apiIs(platform.Operational), failing
		}})
		state := func() State { return a.State().Feeds[0] }
		if s := state(); !s.NextDue.IsZero() || s.LastError != "" {
			t.Errorf("before the first run: next due %v, error %q, want none", s.NextDue, s.LastError)
		}
		a.Refresh(t.Context())
		if got, want := state().LastError, "timeout: no complete answer came in time (probe)"; got != want {
			t.Errorf("error after a failure = %q, want %q", got, want)
		}
		failing = nil
		due := state().NextDue
		time.Sleep(time.Until(due) - time.Millisecond)
		a.Refresh(t.Context())
		if runs := state().Runs; runs != 1 {
			t.Errorf("runs just before %v = %d, want 1", due, runs)
		}
		time.Sleep(time.Until(due))
		a.Refresh(t.Context())
		if s := state(); s.Runs != 2 || s.LastError != "" {
			t.Errorf("at %v: %d runs, error %q, want 2 and none", due, s.Runs, s.LastError)
		}
	})
}
