package cxone_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

var instant = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z`)

// TestQueues reads the skills of a tenant whose clock is three minutes behind: waits are right all the same.
func TestQueues(t *testing.T) {
	w := world(t, 2000)
	w.Inject("us", simulator.Fault{Path: services + "/skills/activity", Rewrite: func(body []byte) []byte {
		return instant.ReplaceAllFunc(body, func(text []byte) []byte {
			at, err := time.Parse(time.RFC3339Nano, string(text))
			if err != nil {
				t.Error(err)
			}
			return at.Add(-3*time.Minute).AppendFormat(nil, time.RFC3339Nano)
		})
	}})
	s := source(t, account(w))
	snapshot := must(t, s, "queues")
	now := time.Now()
	if snapshot.Violations != 0 || len(snapshot.Unknowns) != 0 || len(w.Violations()) > 0 {
		t.Errorf("violations = %d, unknown = %v, undocumented: %v", snapshot.Violations, snapshot.Unknowns, w.Violations())
	}
	channels, waits := map[platform.Channel]int{}, 0
	for _, q := range snapshot.Queues {
		c := q.Channels[0]
		channels[c.Channel]++
		if len(q.Channels) != 1 || len(q.Agents) != 3 || c.Waiting == nil || c.Active == nil || c.Alerting != nil || c.ServiceLevel == nil || *c.ServiceLevelTarget != 0.8 {
			t.Errorf("queue = %+v", q)
		}
		if none := c.OldestWaiting.IsZero(); none != (*c.Waiting == 0) {
			t.Errorf("%s: %v wait, the oldest since %v", q.Name, *c.Waiting, c.OldestWaiting)
		} else if waited := now.Sub(c.OldestWaiting); !none && (waited < -time.Second || waited > 3*time.Minute) {
			t.Errorf("%s: the oldest waits for %v, want up to two minutes", q.Name, waited)
		} else if waited > time.Second {
			waits++
		}
	}
	want := map[platform.Channel]int{"voice": 16, "chat": 4, "email": 4, "digital": 4, "voicemail": 3, "workitem": 3, "social": 1, "message": 1}
	if diff := cmp.Diff(want, channels); diff != "" || waits == 0 {
		t.Errorf("%d queues with waits, want some; channels (-want +got):\n%s", waits, diff)
	}
}

// TestQueueDeltaAgainstFull: after some changes the merged deltas say the same as a full read.
func TestQueueDeltaAgainstFull(t *testing.T) {
	w := world(t, 500)
	c := account(w)
	c.RateLimit = settings.RateLimit{RequestsPerMinute: 60_000, Burst: 1000} // no pauses in which skills move on
	delta, notes := source(t, c), &notebook{}
	for deadline := time.Now().Add(20 * time.Second); len(notes.snapshots) < 2 && time.Now().Before(deadline); {
		if err := run(t, delta, "queues", notes); err != nil {
			t.Fatal(err)
		}
	}
	if len(notes.snapshots) < 2 || notes.kept == 0 {
		t.Fatalf("%d changes and %d answers without in 20 s, want 2 and some", len(notes.snapshots), notes.kept)
	}
	for range 50 { // skills may change between the two reads
		if err := run(t, delta, "queues", notes); err != nil {
			t.Fatal(err)
		}
		want := must(t, source(t, c), "queues")
		if cmp.Equal(want, notes.last(t), cmpopts.EquateApproxTime(time.Second)) {
			return
		}
	}
	t.Errorf("full and delta never agree, last (-full +delta):\n%s", cmp.Diff(must(t, source(t, c), "queues"), notes.last(t)))
}
