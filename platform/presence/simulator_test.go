package presence_test

import (
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/cxone"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/presence"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

const (
	busyDefinition    = "CXone Interaction"
	offlineDefinition = "ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5" // the same in all orgs
)

// simulated starts a world of which each request must be as the vendors document it.
func simulated(t *testing.T, scenario string) *simulator.World {
	t.Helper()
	return simulatedAgents(t, scenario, 60)
}

// simulatedAgents starts a world with so many agents on each platform.
func simulatedAgents(t *testing.T, scenario string, n int) *simulator.World {
	t.Helper()
	w, err := simulator.NewWorld(simulator.Options{Scenario: scenario, Agents: n, Edges: 2, TrunkBases: 3, TrunkInstances: 6, Queues: 4})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, violation := range w.Violations() {
			t.Errorf("request breaks the documented form: %s", violation)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// opened runs a source whose feeds may be asked at any time.
func opened(t *testing.T, s feed.Source, err error) *feed.Account {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.Feeds {
		if s.Feeds[i].Serve == nil {
			s.Feeds[i].MinInterval = 1
		}
	}
	a := feed.NewAccount(t.Context(), s, feed.PlaneLimits{Degraded: 1}, slog.New(slog.DiscardHandler))
	t.Cleanup(a.Close)
	return a
}

// rig is both platforms, both clients and the sync between them.
type rig struct {
	w        *simulator.World
	emea, us *feed.Account
	pair     *presence.Pair
	writer   *feed.Account // the account of the pair
}

// access is where the platforms of a world are, and the credentials.
type access struct {
	EmeaURL, USURL   string
	Emea, US, Writer [2]string // id and secret
}

func accessOf(w *simulator.World) (a access) {
	a.EmeaURL, a.USURL = w.URL("emea"), w.URL("us")
	a.Emea[0], a.Emea[1] = w.Credentials("emea")
	a.US[0], a.US[1] = w.Credentials("us")
	a.Writer[0], a.Writer[1] = w.WriterCredentials("emea")
	return a
}

// kept keeps us and emea of a world in step. Change changes how.
func kept(t *testing.T, w *simulator.World, change func(*presence.Options)) rig {
	t.Helper()
	r := accessOf(w).keep(t, change)
	r.w = w
	return r
}

func (a access) keep(t *testing.T, change func(*presence.Options)) (r rig) {
	t.Helper()
	around := health.Surroundings{Thresholds: settings.DefaultThresholds, Directory: time.Hour, Logger: slog.New(slog.DiscardHandler)}
	g, c := genesys.DefaultConfig(), cxone.DefaultConfig()
	g.Name, g.Region, g.APIURL, g.LoginURL = "emea", "eu-central-1", a.EmeaURL, a.EmeaURL
	g.ClientID, g.ClientSecret, g.RateLimit.Burst = a.Emea[0], promconfig.Secret(a.Emea[1]), 250
	c.Name, c.Issuer, c.AccessKeyID, c.AccessKeySecret = "us", a.USURL, a.US[0], promconfig.Secret(a.US[1])
	c.TokenURL, c.RateLimit.Burst = a.USURL+"/authentication/v1/token/access-key", 1000
	target, err := g.Open(around)
	r.emea = opened(t, target, err)
	source, err := c.Open(around)
	r.us = opened(t, source, err)

	sync := presence.DefaultSyncConfig()
	sync.DryRun, sync.Poll, sync.ReleaseAfter = false, model.Duration(300*time.Millisecond), 0
	sync.ID, sync.Secret = a.Writer[0], promconfig.Secret(a.Writer[1])
	sync.Rules = []presence.Rule{
		{State: platform.AgentEngaged, Presence: busyDefinition},
		{State: platform.AgentReady, Release: presence.ReleasePrevious},
	}
	config := presence.DefaultConfig()
	config.Name, config.Source, config.Target, config.Sync = "us-emea", "us", "emea", &sync
	config.Match = []presence.Key{presence.ByEmail}
	o := presence.Options{Config: config, Source: r.us, Target: r.emea}
	if change != nil {
		change(&o)
	}
	writer, account, err := g.OpenWriter("us-emea", o.Config.Sync.Client, around)
	if err != nil {
		t.Fatal(err)
	}
	reports, reported := o.Writer.(*reporter)
	if o.Writer = writer; reported {
		reports.Writer, o.Writer = writer, reports
	}
	if r.pair, err = presence.New(o); err != nil {
		t.Fatal(err)
	}
	if reported {
		reports.pair = r.pair
		r.pair.Hasten()
	}
	account.Feeds = r.pair.Feeds()
	r.writer = feed.NewAccount(t.Context(), account, feed.PlaneLimits{}, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { r.writer.Close(); r.pair.Close() })
	return r
}

// value returns the value of a counter or gauge of the pair, given its labels; 0 where there is none.
func (r rig) value(t *testing.T, name string, labels ...string) (value float64) {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(r.pair.Metrics())
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			has := map[string]bool{}
			for _, l := range m.GetLabel() {
				has[l.GetValue()] = true
			}
			if f.GetName() == "ccaas_presence_"+name && !slices.ContainsFunc(labels, func(l string) bool { return !has[l] }) {
				value += m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return value
}

// until waits for a condition of a world that moves with the wall clock.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatalf("%s: not before the end", what)
		}
	}
}

// written returns the users whose presence a world has written, and how often a client other than the writer has asked.
func written(w *simulator.World) (users map[string]string, strange int) {
	users = map[string]string{}
	writer, _ := w.WriterCredentials("emea")
	for _, one := range w.Writes("emea") {
		if one.Status == http.StatusOK && !one.Lost {
			users[one.User] = one.Definition
		}
		if one.Client != writer {
			strange++
		}
	}
	return users, strange
}

// TestSimulatedSync runs the clients of both platforms and the sync between them over real sockets: an agent who is double booked is
// taken off queue, except one whom the platform forbids to write, and the reading client never writes.
func TestSimulatedSync(t *testing.T) {
	t.Parallel()
	w := simulated(t, "double-booked")
	persons := w.Persons("emea")[:6]
	forbidden := persons[2].ID
	w.ForbidWrites("emea", forbidden)
	emea := kept(t, w, nil).emea
	until(t, "double booked persons are off queue", func() bool {
		roster := emea.Persons().Roster()
		return roster != nil && !slices.ContainsFunc(persons, func(p simulator.Person) bool {
			return p.ID != forbidden && roster.Activities[p.ID].System != "busy"
		})
	})
	users, strange := written(w)
	if _, wrote := users[forbidden]; wrote || strange != 0 {
		t.Errorf("the forbidden user is written: %t; writes of the reading client: %d, want none", wrote, strange)
	}
	if got := emea.Persons().Roster().Activities[forbidden].State; got != platform.AgentReady {
		t.Errorf("the forbidden user is %v, want %v", got, platform.AgentReady)
	}
	for _, p := range w.Persons("emea") {
		if _, wrote := users[p.ID]; wrote && (!p.Linked || p.Shared) {
			t.Errorf("written: person %d, who is on one platform only or shares a mailbox", p.Number)
		}
	}
}

// TestSimulatedSourceLost takes the states of us away: persons who were at work there get the configured presence.
func TestSimulatedSourceLost(t *testing.T) {
	t.Parallel()
	w := simulated(t, "double-booked")
	emea := kept(t, w, func(o *presence.Options) {
		o.Config.Sync.SourceLost.After, o.Config.Sync.SourceLost.Failures = model.Duration(time.Second), 2
	}).emea
	persons := w.Persons("emea")[:6]
	all := func(definition string) func() bool {
		return func() bool {
			users, _ := written(w)
			return !slices.ContainsFunc(persons, func(p simulator.Person) bool {
				return users[p.ID] == "" || definition != "" && users[p.ID] != definition
			})
		}
	}
	until(t, "double booked persons are written", all(""))
	if err := w.SetScenario("source-lost"); err != nil {
		t.Fatal(err)
	}
	until(t, "the source is lost", all(offlineDefinition))
	until(t, "the next read shows it", func() bool {
		return emea.Persons().Roster().Activities[persons[0].ID].State == platform.AgentOffline
	})
	if _, strange := written(w); strange != 0 {
		t.Errorf("the reading client has asked for %d writes", strange)
	}
}
