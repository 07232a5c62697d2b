package collector

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ccaas-exporter/ccaas_exporter/platform/sip"
)

const millisecond = time.Millisecond

// TestProbeGolden renders a good probe over TLS, and one that was not answered.
func TestProbeGolden(t *testing.T) {
	for name, result := range map[string]sip.Result{
		"probe": {
			Target: "sbc", Success: true, Duration: 912 * millisecond, IP: 6, Addresses: 3, AddressIndex: 2, Code: 404,
			Phases:   map[string]time.Duration{"resolve": 2 * millisecond, "connect": 10 * millisecond, "tls": 30 * millisecond, "response": 20 * millisecond},
			Classes:  map[int]int{2: 3, 4: 1},
			Requests: 5, Answered: 4, Retransmissions: 2,
			RoundTrips: []time.Duration{20 * millisecond, 40 * millisecond}, Jitter: new(1250 * time.Microsecond), Loss: new(0.2),
			Ignored: map[string]int{sip.Duplicate: 1}, Expiry: noon,
		},
		"probe_unanswered": {Target: "sbc", Duration: 2 * time.Second, Phases: map[string]time.Duration{"resolve": 2 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, name, bodyOf(t, checked(ProbePage(result))))
			problems, err := testutil.GatherAndLint(ProbePage(result))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range problems {
				t.Errorf("%s: %s", p.Metric, p.Text)
			}
		})
	}
}

func TestProbeFamilies(t *testing.T) {
	for _, f := range ProbePageFamilies() {
		if !f.Global || f.Type != "gauge" || f.Help == "" {
			t.Errorf("family = %+v, want a gauge without the standard labels, with a help text", f)
		}
	}
}
