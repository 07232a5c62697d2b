package simulator

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestWriteFaults lets one of three users be treated otherwise, in batches and alone, over real sockets.
func TestWriteFaults(t *testing.T) {
	w := started(t, Options{})
	c, own := writer(t, w), loggedOn(t, w, emea)
	busy := definition(t, c, "CXone Interaction", "FALSE")
	type outcome struct {
		Batch, Shown, Single int
		Code                 any
		Lost                 bool // the batch did not write the user
	}
	for i, tt := range []struct {
		fault WriteFault
		want  outcome
	}{
		{0, outcome{200, 3, 200, nil, false}},
		{WriteForbidden, outcome{403, 0, 403, "missing.division.permission", true}},
		{WriteBusy, outcome{409, 0, 409, "presenceservice.conflict", true}},
		{WriteGone, outcome{404, 0, 404, "presenceservice.usernotfound", true}},
		{WriteLeftOut, outcome{200, 2, 200, nil, true}},
		{WriteUnshown, outcome{200, 2, 200, nil, false}},
		{WriteStranger, outcome{200, 3, 200, nil, true}},
	} {
		users := []string{w.Persons(emea)[10*i].ID, w.Persons(emea)[10*i+1].ID, w.Persons(emea)[10*i+2].ID}
		w.FailWrites(emea, users[1], tt.fault, 2)
		batch := putAll(c, busy, users...)
		got := outcome{Batch: batch.status, Lost: userStates(t, own)[users[1]][0] != "Busy"}
		single := patch(c, users[1], busy)
		got.Single = single.status
		if batch.status == 200 {
			got.Shown = len(batch.array(t))
		} else {
			got.Code = batch.json(t)["code"]
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("fault %d (-want +got):\n%s", tt.fault, diff)
		}
		if r := putAll(c, busy, users...); r.status != 200 || len(r.array(t)) != 3 {
			t.Errorf("fault %d, used up = %d %s, want 200 with all", tt.fault, r.status, r.body)
		}
	}
}

// TestLateEcho writes a presence that reads show after a while only.
func TestLateEcho(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 20})
		c, own := writer(t, w), loggedOn(t, w, emea)
		busy, user := definition(t, c, "CXone Interaction", "FALSE"), w.Persons(emea)[15].ID
		w.DelayEchoes(emea, 5*time.Second)
		before := userStates(t, own)[user]
		if r := putAll(c, busy, user); r.status != 200 {
			t.Fatalf("write = %d %s", r.status, r.body)
		}
		<-time.After(4 * time.Second)
		if got := userStates(t, own)[user]; got != before {
			t.Errorf("after 4 s: %v, want %v still", got, before)
		}
		<-time.After(2 * time.Second)
		if got := userStates(t, own)[user][0]; got != "Busy" {
			t.Errorf("after 6 s: %v, want Busy", got)
		}
	})
}
