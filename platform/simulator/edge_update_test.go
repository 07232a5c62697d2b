package simulator

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestEdgeUpdate follows the software of an edge through its update.
func TestEdgeUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{})
		c := loggedOn(t, w, americas)
		seen := func() (states []string) {
			for _, e := range all(t, c, telephony+"?showCloudMedia=false", "100") {
				status, _ := e["softwareStatus"].(map[string]any)
				states = append(states, fmt.Sprint(e["softwareVersion"], " ", status["status"]))
			}
			return states
		}
		calmly := seen()
		if err := w.SetScenario(maintenance); err != nil {
			t.Fatal(err)
		}
		want := func(second string) {
			t.Helper()
			states := slices.Clone(calmly)
			states[updatedEdge] = second
			if diff := cmp.Diff(states, seen()); diff != "" {
				t.Errorf("edges (-want +got):\n%s", diff)
			}
		}
		want("1.0.0.12345 INIT")
		<-time.After(20 * time.Second)
		want("1.0.0.12345 IN_PROGRESS")
		<-time.After(time.Minute)
		want("1.0.0.12410 SUCCEEDED")
		if err := w.SetScenario(calm); err != nil {
			t.Fatal(err)
		}
		want("1.0.0.12345 <nil>")
	})
}
