// How long contacts waited, from whole conversations.

package genesys

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

func newTestWaits() *waitMeter {
	return newWaitMeter(new(metric.Set))
}

// at is a moment of the conversation below: seconds after the wait began.
func at(seconds float64) string {
	return clock.Add(time.Duration(seconds * float64(time.Second))).Format(time.RFC3339Nano)
}

// leg is a participant with one call; negative times are not there.
func leg(id, purpose, queue, state string, from, to float64) string {
	var times string
	if from >= 0 {
		times += fmt.Sprintf(`,"connectedTime":%q`, at(from))
	}
	if to >= 0 {
		times += fmt.Sprintf(`,"disconnectedTime":%q`, at(to))
	}
	return fmt.Sprintf(`{"id":%q,"purpose":%q,"queueId":%q,"calls":[{"state":%q%s}]}`, id, purpose, queue, state, times)
}

func conversation(seen float64, legs ...string) event {
	return event{
		Kind: conversationsTopic.Kind, ID: "q", Seen: clock.Add(time.Duration(seen * float64(time.Second))),
		Body: json.RawMessage(`{"id":"c","participants":[` + strings.Join(legs, ",") + `]}`),
	}
}

func TestWaits(t *testing.T) {
	customer := leg("1", "customer", "", "connected", 0, -1)
	gone := leg("1", "customer", "", "disconnected", 0, 30)
	acd := leg("2", "acd", "q", "disconnected", 0, 30)
	for name, c := range map[string]struct {
		events []event
		want   map[string]float64 // seconds by outcome
	}{
		"answered":         {[]event{conversation(31, customer, acd, leg("3", "agent", "q", "connected", 29.5, -1))}, map[string]float64{answered: 29.5}},
		"abandoned":        {[]event{conversation(31, gone, acd)}, map[string]float64{abandoned: 30}},
		"flowed out":       {[]event{conversation(31, customer, acd, leg("4", "voicemail", "", "connected", 30, -1))}, map[string]float64{flowedOut: 30}},
		"refused by one":   {[]event{conversation(31, customer, acd, leg("3", "agent", "q", "disconnected", -1, 10), leg("5", "agent", "q", "connected", 30, -1))}, map[string]float64{answered: 30}},
		"still waiting":    {[]event{conversation(20, customer, leg("2", "acd", "q", "connected", 0, -1))}, nil},
		"alerting":         {[]event{conversation(31, customer, acd, leg("3", "agent", "q", "alerting", -1, -1))}, nil},
		"in another queue": {[]event{conversation(31, gone, leg("2", "acd", "x", "disconnected", 0, 30))}, nil},
		"an old story":     {[]event{conversation(3000, gone, acd)}, nil},
		"sent twice":       {[]event{conversation(31, gone, acd), conversation(40, gone, acd)}, map[string]float64{abandoned: 30}},
		"alerting, then answered": {[]event{
			conversation(31, customer, acd, leg("3", "agent", "q", "alerting", -1, -1)),
			conversation(32, customer, acd, leg("3", "agent", "q", "connected", 31, -1)),
		}, map[string]float64{answered: 31}},
		"back in the queue": {[]event{conversation(
			61, customer, acd, leg("3", "agent", "q", "disconnected", 30, 40), leg("4", "acd", "q", "disconnected", 40, 60),
		)}, map[string]float64{answered: 30, flowedOut: 20}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestWaits()
			var anomalies platform.Anomalies
			for _, e := range c.events {
				w.apply(e, "Sales", &anomalies)
			}
			got := map[string]float64{}
			for _, outcome := range []string{answered, abandoned, flowedOut} {
				if n, sum := observedWaits(t, w, "Sales", "voice", outcome); n > 0 {
					got[outcome] = sum
				}
			}
			if c.want == nil {
				c.want = map[string]float64{}
			}
			diff(t, "waits", got, c.want)
			if anomalies.Violations != 0 {
				t.Errorf("violations = %d, want none", anomalies.Violations)
			}
		})
	}
}

// observedWaits is how many waits were counted, and their sum in seconds. It makes the series when it is not there.
func observedWaits(t *testing.T, w *waitMeter, labels ...string) (count uint64, sum float64) {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(w.histograms)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			have := map[string]string{}
			for _, pair := range m.GetLabel() {
				have[pair.GetName()] = pair.GetValue()
			}
			if have["queue"] == labels[0] && have["channel"] == labels[1] && have["outcome"] == labels[2] {
				return m.GetHistogram().GetSampleCount(), m.GetHistogram().GetSampleSum()
			}
		}
	}
	return 0, 0
}

func TestRecordedWait(t *testing.T) {
	w, snapshot := newTestWaits(), platform.Snapshot{}
	raw := decodeFixture[map[string]json.RawMessage](t, "events.json")["queue_conversations"]
	w.apply(readMessage(raw, clock.Add(time.Second)), "Sales DE", &snapshot.Anomalies)
	if n, sum := observedWaits(t, w, "Sales DE", "voice", answered); n != 1 || sum != 24 {
		t.Errorf("%d waits of %v s, want one of 24", n, sum)
	}
	w.forget("Sales DE")
	if n := testutil.CollectAndCount(w.histograms); n != 0 {
		t.Errorf("%d series of a queue that is not watched any more, want none", n)
	}
}

func TestRecent(t *testing.T) {
	r, now := newIDSet(), clock
	remembered := func() (n int) {
		for _, known := range r.known {
			n += len(known)
		}
		return n
	}
	for i := range 2 * maxContacts {
		if !r.add(now, fmt.Sprint(i)) {
			t.Fatalf("%d is not new", i)
		}
		if n := remembered(); n > maxContacts {
			t.Fatalf("%d contacts are remembered, want at most %d", n, maxContacts)
		}
	}
	if r.add(now, fmt.Sprint(2*maxContacts-maxContacts/2)) {
		t.Error("a contact counts twice")
	}
	if !r.add(now, "a", "bc") || !r.add(now, "ab", "c") || r.add(now, "a", "bc") {
		t.Error("an id is taken for another of the same letters")
	}
	if now = now.Add(3 * waitWindow); !r.add(now, "x") || remembered() != 1 {
		t.Errorf("%d contacts are remembered after a while, want 1", remembered())
	}
	// One each second, over and over: each is known for two windows, and new after three.
	for second := range int(4 * waitWindow / time.Second) {
		now = now.Add(time.Second)
		if !r.add(now, "second", fmt.Sprint(second)) {
			t.Fatalf("second %d is not new", second)
		}
		if before := second - int(2*waitWindow/time.Second); before >= 0 && r.add(now, "second", fmt.Sprint(before)) {
			t.Fatalf("second %d is forgotten after two windows", before)
		}
		if before := second - int(3*waitWindow/time.Second); before >= 0 && !r.add(now, "second", fmt.Sprint(before)) {
			t.Fatalf("second %d is known after three windows", before)
		}
	}
}
