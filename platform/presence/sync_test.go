package presence

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// TestSync follows one agent through a contact.
func TestSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(3)
		p := syncing(t, w, syncConfig(), nil)
		time.Sleep(time.Minute)
		if got := w.written(); len(got) != 0 {
			t.Fatalf("written while all agree: %v, want nothing", got)
		}
		w.does(1, platform.AgentEngaged)
		began := time.Now()
		time.Sleep(7 * time.Second)
		if got := w.shows(1); got != "cxone" {
			t.Errorf("on a contact: %s, want cxone", got)
		}
		if got := w.written(); len(got) != 1 || !got[0].bulk || got[0].at.Sub(began) > 6*time.Second {
			t.Errorf("written = %v, want one in bulk within 6 s", got)
		}
		w.does(1, platform.AgentAfterContactWork)
		time.Sleep(time.Minute)
		w.does(1, platform.AgentReady)
		time.Sleep(4 * time.Second)
		if got := w.shows(1); got != "cxone" {
			t.Errorf("ready for 4 s: %s, want cxone still", got)
		}
		time.Sleep(20 * time.Second)
		if got := w.shows(1); got != "on_queue" {
			t.Errorf("ready: %s, want on_queue again", got)
		}
		time.Sleep(10 * time.Minute)
		want := []struct {
			definition string
			bulk       bool
		}{{"cxone", true}, {"on_queue", false}}
		got := w.written()
		for i, one := range want {
			if i >= len(got) || got[i].user != "user-1" || got[i].definition != one.definition || got[i].bulk != one.bulk {
				t.Fatalf("written = %v, want %v for user-1 and nothing else", got, want)
			}
		}
		if len(got) != len(want) {
			t.Errorf("written = %v, want %d writes", got, len(want))
		}
		counts := map[string]float64{
			"protect": testutil.ToFloat64(p.metrics.changes.WithLabelValues("protect", "written")),
			"release": testutil.ToFloat64(p.metrics.changes.WithLabelValues("release", "written")),
			"pending": testutil.ToFloat64(p.metrics.pending), "leader": testutil.ToFloat64(p.metrics.leader),
		}
		if diff := cmp.Diff(map[string]float64{"protect": 1, "release": 1, "pending": 0, "leader": 1}, counts); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
	})
}
