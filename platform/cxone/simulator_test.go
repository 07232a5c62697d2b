// Tests named simulator_* run the feeds over real sockets against the simulator, which is another reading of the same
// documents.

package cxone_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/health"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	promconfig "github.com/prometheus/common/config"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/cxone"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

const services = "/incontactapi/services/v33.0"

// notebook is a sink that writes down what it is given.
type notebook struct {
	snapshots []platform.Snapshot
	kept      int
}

func (n *notebook) last(t *testing.T) platform.Snapshot {
	t.Helper()
	if len(n.snapshots) == 0 {
		t.Fatal("nothing was published")
	}
	return n.snapshots[len(n.snapshots)-1]
}

// world starts a calm simulator.
func world(t *testing.T, agents int) *simulator.World {
	t.Helper()
	w, err := simulator.NewWorld(simulator.Options{Scenario: "calm", Agents: agents})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// account is the simulated tenant's, found through discovery.
func account(w *simulator.World) cxone.Config {
	c := cxone.DefaultConfig()
	id, secret := w.Credentials("us")
	c.Name, c.Issuer, c.AccessKeyID, c.AccessKeySecret = "us", w.URL("us"), id, promconfig.Secret(secret)
	c.TokenURL = w.URL("us") + "/authentication/v1/token/access-key"
	return c
}

func source(t *testing.T, c cxone.Config) feed.Source {
	t.Helper()
	s, err := c.Open(health.Surroundings{Thresholds: settings.DefaultThresholds})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// run runs a feed once.
func run(t *testing.T, s feed.Source, name string, sink *notebook) error {
	t.Helper()
	for _, f := range s.Feeds {
		if f.Name == name {
			ctx, cancel := context.WithTimeout(t.Context(), f.Timeout)
			defer cancel()
			return record(ctx, f.Poll, sink)
		}
	}
	t.Fatalf("no feed %q", name)
	return nil
}

// must runs a feed that has to succeed, and returns what it published.
func must(t *testing.T, s feed.Source, name string) platform.Snapshot {
	t.Helper()
	notes := &notebook{}
	if err := run(t, s, name, notes); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return notes.last(t)
}

func statuses(p platform.Snapshot) map[string]string {
	got := map[string]string{}
	for _, c := range p.Components {
		got[c.Name] = c.Status.String()
	}
	return got
}

func agentCounts(p platform.Snapshot) (counts map[platform.AgentState]int, sum int) {
	counts = map[platform.AgentState]int{}
	for _, a := range p.Agents {
		counts[a.State] = a.Count
		sum += a.Count
	}
	return counts, sum
}

// TestEveryFeed runs all feeds by both logins, and demands that every request was a documented one.
func TestEveryFeed(t *testing.T) {
	for _, auth := range []string{cxone.AuthAccessKey, cxone.AuthPassword} {
		for _, delta := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, delta %v", auth, delta), func(t *testing.T) {
				w := world(t, 500)
				c := account(w)
				c.Auth, c.Agents.Delta = auth, delta
				if auth == cxone.AuthPassword {
					id, secret := w.Application()
					c.TokenURL, c.ClientID, c.ClientSecret = "", id, promconfig.Secret(secret)
				}
				s := source(t, c)
				everyFeed(t, w, s)
			})
		}
	}
}

func everyFeed(t *testing.T, w *simulator.World, s feed.Source) {
	health := must(t, s, "health")
	want := map[string]string{"api": "operational", "auth": "operational", "discovery": "operational"}
	if diff := cmp.Diff(want, statuses(health)); diff != "" || health.Latency == nil || health.Violations != 0 {
		t.Errorf("components (-want +got):\n%s", diff)
	}
	host := strings.TrimPrefix(w.URL("us"), "http://")
	if got := s.Info(); got != (feed.Info{RegionCode: "na1", APIHost: host}) {
		t.Errorf("info = %+v", got)
	}
	agents := must(t, s, "agents")
	if counts, sum := agentCounts(agents); sum != 500 || counts["unknown"] != 0 || counts["engaged"] == 0 || counts["offline"] == 0 {
		t.Errorf("agents = %v, want 500 and no unknown", counts)
	}
	if agents.Violations != 0 || len(agents.Unknowns) != 0 {
		t.Errorf("violations = %d, unknown = %v", agents.Violations, agents.Unknowns)
	}
	if calls := must(t, s, "calls").Calls; len(calls) != 1 || calls[0].InProgress == nil || *calls[0].InProgress == 0 || calls[0].Capacity != nil {
		t.Errorf("calls = %+v", calls)
	}
	if capacity := must(t, s, "capacity").Calls; len(capacity) != 1 || capacity[0].Capacity == nil || capacity[0].InProgress != nil {
		t.Errorf("capacity = %+v", capacity)
	}
	if queues := must(t, s, "queues"); len(queues.Queues) == 0 || queues.Violations != 0 || len(queues.Unknowns) != 0 {
		t.Errorf("queues = %+v", queues)
	}
	if violations := w.Violations(); len(violations) > 0 {
		t.Errorf("undocumented requests:\n%s", strings.Join(violations, "\n"))
	}
	if calls := w.Calls("us"); calls["GET /.well-known/cxone-configuration"] != 1 {
		t.Errorf("calls = %v, want discovery once", calls)
	}
	if n := testutil.CollectAndCount(s.Metrics, "ccaas_clock_skew_seconds"); n != 1 {
		t.Errorf("%d clock skews, want one", n)
	}
}

// TestDeltaAgainstFull: after some changes the merged deltas say the same as a full read.
func TestDeltaAgainstFull(t *testing.T) {
	w := world(t, 2000)
	c := account(w)
	c.RateLimit = settings.RateLimit{RequestsPerMinute: 60_000, Burst: 1000} // no pauses in which agents move on
	full := source(t, c)
	c.Agents.Delta = true
	delta := source(t, c)
	must(t, delta, "agents")
	notes := &notebook{}
	for deadline := time.Now().Add(20 * time.Second); len(notes.snapshots) < 3 && time.Now().Before(deadline); {
		if err := run(t, delta, "agents", notes); err != nil {
			t.Fatal(err)
		}
	}
	if len(notes.snapshots) < 3 {
		t.Fatalf("%d changes and %d answers without in 20 s, want 3 changes", len(notes.snapshots), notes.kept)
	}
	for range 50 { // agents may change between the two reads
		want := must(t, full, "agents")
		if err := run(t, delta, "agents", notes); err != nil {
			t.Fatal(err)
		}
		if cmp.Equal(want, notes.last(t)) {
			return
		}
	}
	t.Errorf("full and delta never agree, last (-full +delta):\n%s", cmp.Diff(must(t, full, "agents"), notes.last(t)))
}

// record polls once, and notes what the poll returned.
func record(ctx context.Context, poll feed.Poll, into *notebook) error {
	snapshot, err := poll(ctx)
	if errors.Is(err, feed.Unchanged) {
		into.kept++
		return nil
	}
	if snapshot != nil {
		into.snapshots = append(into.snapshots, *snapshot)
	}
	return err
}
