package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
	"github.com/ccaas-exporter/ccaas_exporter/platform/presence"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// pairOf is the configuration of a pair; nil for a sync is one that only compares.
func pairOf(sync *presence.SyncConfig) presence.Config {
	return presence.Config{Name: "us-emea", Source: "us", Target: "emea", Sync: sync}
}

// synced is what a pair measures.
func synced(leader, lost float64) *metric.Set {
	set := &metric.Set{}
	family := func(name string, labels ...string) *metric.Family {
		return &metric.Family{Name: name, Labels: append([]string{"pair"}, labels...), Global: true}
	}
	gauge := func(name string, value float64) { set.Gauges(family(name)).WithLabelValues("us-emea").Set(value) }
	agents := set.Gauges(family(pairAgentsFamily, "match"))
	agents.WithLabelValues("us-emea", "matched").Set(90)
	agents.WithLabelValues("us-emea", "ambiguous").Set(2)
	disagreements := set.Gauges(family(pairDisagreementsFamily, "source_state", "target_state"))
	disagreements.WithLabelValues("us-emea", "engaged", "ready").Set(3)
	disagreements.WithLabelValues("us-emea", "ready", "off_queue").Set(4)
	gauge(pairDoubleBookedFamily, 3)
	gauge(pairSourceReadFamily, float64(at.Unix()))
	gauge(pairTargetReadFamily, float64(at.Add(-time.Minute).Unix()))
	gauge(pairPendingFamily, 7)
	gauge(pairLeaderFamily, leader)
	gauge(pairSourceLostFamily, lost)
	return set
}

func TestPairStatus(t *testing.T) {
	full := pairStatus{
		Pair: "us-emea", Source: "us", Target: "emea", Matched: new(90.0), DoubleBooked: new(3.0), Disagreements: new(7.0),
		SourceRead: at, TargetRead: at.Add(-time.Minute), Pending: new(7.0), Writer: writerLeads,
	}
	with := func(change func(*pairStatus)) pairStatus { p := full; change(&p); return p }
	agree := &metric.Set{}
	agree.Gauges(&metric.Family{Name: pairDoubleBookedFamily, Labels: []string{"pair"}}).WithLabelValues("us-emea").Set(0)
	for name, tc := range map[string]struct {
		sync *presence.SyncConfig
		set  *metric.Set
		want pairStatus
	}{
		"the writer":   {&presence.SyncConfig{}, synced(1, 0), full},
		"not leading":  {&presence.SyncConfig{}, synced(0, 0), with(func(p *pairStatus) { p.Writer = writerNot })},
		"a lost one":   {&presence.SyncConfig{}, synced(1, 1), with(func(p *pairStatus) { p.SourceLost = true })},
		"a dry run":    {&presence.SyncConfig{DryRun: true}, synced(1, 0), with(func(p *pairStatus) { p.Writer = writerDry })},
		"nothing read": {nil, nil, pairStatus{Pair: "us-emea", Source: "us", Target: "emea", Writer: writerCompares}},
		"no disagreement": {nil, agree, pairStatus{
			Pair: "us-emea", Source: "us", Target: "emea", Writer: writerCompares, DoubleBooked: new(0.0), Disagreements: new(0.0),
		}},
	} {
		if diff := cmp.Diff(tc.want, readPair(pairOf(tc.sync), tc.set), allFields); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestPairsOnThePage checks that the worst pair is the first, and what is said of each.
func TestPairsOnThePage(t *testing.T) {
	lost := readPair(pairOf(&presence.SyncConfig{}), synced(0, 1))
	lost.Pair = "lost"
	compared := readPair(pairOf(nil), nil)
	compared.Pair = "compared"
	s := &status{Time: at.Add(time.Minute), Configured: true, Accounts: []accountStatus{{accountName: name}}}
	s.Pairs = []pairStatus{compared, readPair(pairOf(&presence.SyncConfig{}), synced(1, 0)), lost}
	page := render(t, s)
	place := 0
	for _, text := range []string{
		"<h2>Presence</h2>", "<bdi>lost</bdi>", `class="level failing">lost`, "not this exporter", "<bdi>us-emea</bdi>", `class="level failing">3`,
		`class="level ok">read`, "1 min 0 s", "2 min 0 s", "this exporter", "<bdi>compared</bdi>", "compared only",
	} {
		n := strings.Index(page[place:], text)
		if n < 0 {
			t.Fatalf("the page lacks %q after what comes before it:\n%s", text, page)
		}
		place += n
	}
}

// TestPairAtWork shows a pair that is compared, beside its accounts and not among them.
func TestPairAtWork(t *testing.T) {
	t.Parallel()
	u := startUnderWith(t, simulator.Options{}, func(*simulator.World) string {
		return "presence: [{name: us-emea, source: us, target: emea}]\n"
	})
	for path, want := range map[string]string{
		"/api/status":              `"pairs":[{"pair":"us-emea","source":"us","target":"emea",`,
		"/api/status?account=emea": `"writer":"compared_only"`,
		"/?account=us-emea":        "compared only",
	} {
		if status, body := u.get(t, path); status != 200 || !strings.Contains(body, want) {
			t.Errorf("GET %s = %d %.900s, want %s", path, status, body, want)
		}
	}
	if _, body := u.get(t, "/"); !strings.Contains(body, "2 of 2 accounts were not asked yet") {
		t.Error("the page counts the pair among the accounts")
	}
	matched := u.until(t, "the pair is compared", func(s samples) bool { return s.count("ccaas_presence_double_booked") > 0 }).
		find(t, "ccaas_presence_agents", `match="matched"`)
	_, body := u.get(t, "/api/status")
	var answer struct {
		Pairs []struct {
			Matched    float64
			SourceRead time.Time `json:"source_last_read"`
			TargetRead time.Time `json:"target_last_read"`
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || len(answer.Pairs) != 1 || fmt.Sprint(answer.Pairs[0].Matched) != matched ||
		matched == "0" || answer.Pairs[0].SourceRead.IsZero() || answer.Pairs[0].TargetRead.IsZero() {
		t.Errorf("GET /api/status = %v, %+v, want %s agents matched and both sides read", err, answer, matched)
	}
}
