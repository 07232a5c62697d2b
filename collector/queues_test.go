package collector

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// TestQueueLimit drops whole queues, in whichever snapshot they are.
func TestQueueLimit(t *testing.T) {
	v := bare(manyQueues(3), &platform.Snapshot{Queues: []platform.Queue{
		{Name: "queue 9", Channels: []platform.QueueChannel{{Channel: platform.ChannelVoice, Waiting: new(1.0), ServiceLevel: new(0.5)}}},
	}})
	got := nextPage(t, New(accounts(v), Options{SeriesLimit: 8})) // of three channels and five states each
	for family, want := range map[string]int{
		"ccaas_queue_waiting_contacts": 7, "ccaas_queue_alerting_contacts": 6, "ccaas_queue_agents": 5, "ccaas_queue_service_level_ratio": 1,
	} {
		if n := count(got, family); n != want {
			t.Errorf("%d series of %s, want %d", n, family, want)
		}
	}
	want := map[string]string{
		"ccaas_queue_waiting_contacts": "3", "ccaas_queue_active_contacts": "3", "ccaas_queue_alerting_contacts": "3",
		"ccaas_queue_oldest_waiting_timestamp_seconds": "3", "ccaas_queue_agents": "10",
	}
	if diff := cmp.Diff(want, dropped(got)); diff != "" {
		t.Errorf("dropped differs (-want +got):\n%s", diff)
	}
}

// TestWaitLimit holds the one family of a client that grows: what is exported stays, what is not counts once.
func TestWaitLimit(t *testing.T) {
	family := &metric.Family{
		Name: "ccaas_queue_wait_seconds", Type: metric.Histogram, Labels: by("queue", "channel", "outcome"), Buckets: []float64{1}, Grows: true,
	}
	var set metric.Set
	waits := set.Histograms(family)
	wait := func(queues ...int) {
		for _, q := range queues {
			waits.Observe(2, fmt.Sprint(q), "voice", "answered")
		}
	}
	v := cxoneState()
	v.Metrics = &set
	registry := checked(New(accounts(v), Options{SeriesLimit: 3}))
	exported := func() (queues []string) {
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, mf := range families {
			for _, m := range mf.GetMetric() {
				if mf.GetName() == family.Name {
					queues = append(queues, m.GetLabel()[4].GetValue())
				}
			}
		}
		return queues
	}
	for _, step := range []struct {
		name    string
		do      func()
		want    []string
		dropped string
	}{
		{"none", func() {}, nil, ""},
		{"as many as may be", func() { wait(4, 5, 6) }, []string{"4", "5", "6"}, ""},
		{"more", func() { wait(1, 2) }, []string{"4", "5", "6"}, "2"},
		{"again", func() { wait(1, 2) }, []string{"4", "5", "6"}, "2"},
		{"still more", func() { wait(3) }, []string{"4", "5", "6"}, "3"},
		{"some are gone", func() {
			for _, q := range []string{"1", "2", "5"} {
				waits.Delete(q)
			}
		}, []string{"3", "4", "6"}, "3"},
	} {
		step.do()
		if diff := cmp.Diff(step.want, exported()); diff != "" {
			t.Errorf("%s: exported queues differ (-want +got):\n%s", step.name, diff)
		}
		if got := dropped(bodyOf(t, registry))[family.Name]; got != step.dropped {
			t.Errorf("%s: dropped %q, want %q", step.name, got, step.dropped)
		}
	}
}
