package app

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// render returns the page of a status.
func render(t *testing.T, s *status) string {
	t.Helper()
	s.sort()
	var b strings.Builder
	if err := newStatusPage().Execute(&b, statusView{s, "metrics"}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	at   = time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC)
	name = accountName{"genesys", "emea"}

	allFields = cmp.Exporter(func(reflect.Type) bool { return true })
)

// troubled is an account with a trunk down, whose probe contradicts another trunk.
func troubled() feed.AccountState {
	is := func(s platform.Status) platform.Condition { return platform.Condition{Status: s, Since: at} }
	return feed.AccountState{
		Platform: "genesys", Account: "emea", Info: feed.Info{RegionCode: "eu-central-1"},
		Planes: []feed.PlaneStatus{{Plane: platform.ControlPlane, Status: platform.Operational, Since: at}, {Plane: platform.DataPlane, Status: platform.Critical, Since: at}},
		Snapshots: []*platform.Snapshot{
			{
				Components: []platform.Component{
					{Name: "api", Source: platform.SourceProbe, Condition: is(platform.Operational)},
					{Name: "auth", Source: platform.SourceToken, Condition: is(platform.Degraded)},
				},
				Trunks: []platform.Trunk{
					{Name: "North", Instances: 4, Condition: is(platform.Critical)},
					{Name: "South", Instances: 4, Connected: 4, Condition: is(platform.Operational)},
				},
				Edges: []platform.Edge{{Name: "edge 1", Own: true, Condition: is(platform.Critical)}, {Name: "edge 2", Condition: is(platform.Unknown)}},
			},
			{
				Queues: []platform.Queue{
					{Channels: []platform.QueueChannel{
						{Channel: platform.ChannelVoice, Waiting: new(2.0), OldestWaiting: at.Add(-time.Minute)},
						{Channel: platform.ChannelChat, Waiting: new(40.0)},
					}},
					{Channels: []platform.QueueChannel{{Channel: platform.ChannelVoice, Waiting: new(3.0), OldestWaiting: at.Add(-time.Hour)}}},
				},
				Agents: []platform.AgentCount{{State: platform.AgentReady, Count: 7}, {State: platform.AgentOffline, Count: 9}},
			},
			{SIPProbes: []platform.SIPProbe{
				{Target: "north", Trunk: "North", Loss: new(1.0), Condition: is(platform.Critical)},
				{
					Target: "south", Trunk: "South", Code: 503, RoundTrip: new(12500 * time.Microsecond), Jitter: new(time.Millisecond), Loss: new(0.5),
					Condition: is(platform.Critical),
				},
				{Target: "sbc", Condition: is(platform.Operational)},
			}},
		},
		Feeds: []feed.State{
			{Name: "health", MinInterval: time.Minute, Up: true, Attempted: at, Succeeded: at, Runs: 3, NextDue: at.Add(time.Minute)},
			{
				Name: "edges", MinInterval: time.Minute, Attempted: at.Add(time.Second), Runs: 4, Consecutive: 2, LastError: "forbidden: the client lacks a permission",
				Failures: map[platform.Reason]uint64{platform.ReasonForbidden: 2, platform.ReasonTimeout: 1},
			},
			{Name: "stream", Attempted: at.Add(time.Hour)},
		},
	}
}

func TestStatusOfAnAccount(t *testing.T) {
	s := &status{Configured: true, Time: at.Add(time.Minute)}
	s.add(troubled(), []feed.Transition{
		{Time: at, Kind: "trunk", Object: "North", Plane: platform.DataPlane, From: "operational", To: "critical"},
	})
	s.sort()
	critical, operational := level(platform.Critical), level(platform.Operational)
	want := &status{
		Configured: true, Time: at.Add(time.Minute), LastPoll: at.Add(time.Second),
		Accounts: []accountStatus{{
			accountName: name, Region: "eu-central-1", Control: planeStatus{operational, at}, Data: planeStatus{critical, at},
			Waiting: new(5.0), OldestWaiting: at.Add(-time.Hour), AgentsReady: new(7), FeedsFailing: 1, LastPoll: at.Add(time.Second),
		}},
		Changes: []changeStatus{{name, at, "trunk", "North", "", "operational", "critical"}},
		Unwell: []objectStatus{
			{accountName: name, Kind: "trunk", Object: "North", Status: critical, Since: at, Connected: new(0), Instances: new(4), Probed: &critical},
			{accountName: name, Kind: "edge", Object: "edge 1", Status: critical, Since: at},
			{accountName: name, Kind: "component", Object: "auth", Source: "token", Status: level(platform.Degraded), Since: at},
		},
		Probes: []probeStatus{
			{
				accountName: name, Target: "south", Trunk: "South", Status: critical, Since: at, Says: &operational, Contradicts: true,
				Code: 503, RoundTrip: new(0.0125), Jitter: new(0.001), Loss: new(0.5), Poor: true,
			},
			{accountName: name, Target: "north", Trunk: "North", Status: critical, Since: at, Says: &critical, Loss: new(1.0), Poor: true},
			{accountName: name, Target: "sbc", Status: operational, Since: at},
		},
		Feeds: []feedStatus{
			{
				accountName: name, Feed: "edges", State: feedFailing, LastError: "forbidden: the client lacks a permission",
				Runs: 4, Failures: 3, Consecutive: 2,
			},
			{accountName: name, Feed: "health", State: feedOK, Succeeded: at, NextDue: at.Add(time.Minute), Runs: 3},
			{accountName: name, Feed: "stream", Stream: true, State: feedWaiting},
		},
	}
	if diff := cmp.Diff(want, s, allFields, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
	page := render(t, s)
	for _, text := range []string{
		"<title>emea is critical – ccaas_exporter</title>", "0 of 4", "<strong>contradicts</strong>", "12.5 ms", "50 %",
		"forbidden: the client lacks a permission", "2 in a row", "1 h 1 min",
	} {
		if !strings.Contains(page, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
}

// hostile is the name of an attack.
const hostile = `"><script>alert(1)</script><img src=x onerror='a()'>{{.}}</style>` + "\u202e"

// hostileStatus gives everything that the platform names the name of an attack.
func hostileStatus() *status {
	state := troubled()
	state.Account, state.Platform, state.Info.RegionCode = hostile, hostile, hostile
	for i := range state.Feeds {
		state.Feeds[i].Name, state.Feeds[i].LastError = hostile, hostile
	}
	for _, snapshot := range state.Snapshots {
		for i := range snapshot.Components {
			snapshot.Components[i].Name, snapshot.Components[i].Source = hostile, hostile
		}
		for i := range snapshot.Trunks {
			snapshot.Trunks[i].Name = hostile
		}
		for i := range snapshot.Edges {
			snapshot.Edges[i].Name = hostile
		}
		for i := range snapshot.SIPProbes {
			snapshot.SIPProbes[i].Target, snapshot.SIPProbes[i].Trunk = hostile, hostile
		}
	}
	s := &status{
		Time: at, Version: hostile, Configured: true, Demo: &demoStatus{Scenario: hostile, Since: at, Scenarios: []string{hostile}},
		Clients: []clientStatus{{accountName: accountName{hostile, hostile}}}, Webhooks: []webhookStatus{{accountName: accountName{hostile, hostile}, Hook: hostile}},
		Pairs: []pairStatus{{Pair: hostile, Source: hostile, Target: hostile}},
	}
	s.add(state, []feed.Transition{{Time: at, Kind: hostile, Object: hostile, Source: hostile, From: hostile, To: hostile}})
	return s
}

func TestStatusEscapesNames(t *testing.T) {
	s := hostileStatus()
	page := render(t, s)
	if strings.Contains(s.Headline(), "\u202e") {
		t.Errorf("headline = %q, want nothing in it that turns the text around", s.Headline())
	}
	if found := regexp.MustCompile(`(?i)<script|<img|onerror='`).FindString(page); found != "" {
		t.Errorf("the page holds %q, unescaped", found)
	}
	if styles := strings.Count(page, "</style>"); styles != 1 {
		t.Errorf("the page ends %d styles, want 1", styles)
	}
	if text, err := json.Marshal(s); err != nil || strings.Contains(string(text), "<script") {
		t.Errorf("JSON: %v, or a name that a browser might run:\n%s", err, text)
	}
}

// fleetStatus is that of 200 accounts in trouble, of which account-077 is the worst.
func fleetStatus() *status {
	s := &status{Time: at, Configured: true}
	for i := range 200 {
		state := troubled()
		state.Account = fmt.Sprintf("account-%03d", i)
		if i != 77 {
			state.Planes[1].Status = platform.Operational
		}
		s.add(state, slices.Repeat([]feed.Transition{{Time: at.Add(time.Duration(i) * time.Second), Kind: "trunk", Object: "North"}}, feed.MaxTransitions))
		s.Clients = append(s.Clients, clientStatus{accountName: accountName{"genesys", state.Account}})
	}
	return s
}

// TestStatusOf200Accounts checks that every account is on the page, the worst first, and that no other table grows without bounds.
func TestStatusOf200Accounts(t *testing.T) {
	s := fleetStatus()
	page := render(t, s)
	for i := range 200 {
		if account := fmt.Sprintf("<bdi>account-%03d</bdi></a> <small>", i); strings.Count(page, account) != 1 {
			t.Errorf("the page lacks %s", account)
		}
	}
	if got, want := s.Headline(), "account-077 is critical, 199 accounts are operational"; got != want {
		t.Errorf("headline = %q, want %q", got, want)
	}
	if first := s.Accounts[0].Account; first != "account-077" {
		t.Errorf("first account = %s, want the worst", first)
	}
	if rows, want := strings.Count(page, "<tr>"), 200+feed.MaxTransitions+4*most+5+1; rows != want { // with the heads
		t.Errorf("rows = %d, want %d", rows, want)
	}
	if !strings.Contains(page, "500 more are in") { // 600 feeds
		t.Error("the page does not say that it leaves rows out")
	}
}

// TestStatusReadsKnownFamilies checks that each family that the status reads is declared.
func TestStatusReadsKnownFamilies(t *testing.T) {
	for _, name := range statusFamilies() {
		if !slices.ContainsFunc(families(), func(f *metric.Family) bool { return f.Name == name }) {
			t.Errorf("the status reads %s, which is not declared", name)
		}
	}
}

func TestClientStatus(t *testing.T) {
	var set metric.Set
	family := func(name string, labels ...string) *metric.Family { return &metric.Family{Name: name, Labels: labels} }
	set.Gauge(family(pausedFamily)).Set(float64(at.Add(time.Minute).Unix()))
	set.Gauge(family(breakerFamily)).Set(1)
	set.Gauge(family(connectedFamily)).Set(0)
	set.Gauges(family(remainingFamily)) // not known yet
	failures := set.Counters(family(loginFailuresFamily, "reason"))
	failures.WithLabelValues("auth").Add(2)
	failures.WithLabelValues("timeout").Add(3)
	got := readClient(name, feed.Budget{PerMinute: 240, Limit: 300}, &set)
	want := clientStatus{
		accountName: name, Budget: 240, Limit: 300, PausedUntil: at.Add(time.Minute), BreakerOpen: true, LoginFailures: new(5.0), Connected: new(false),
	}
	if diff := cmp.Diff(want, got, allFields); diff != "" {
		t.Errorf("client (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(clientStatus{accountName: name}, readClient(name, feed.Budget{}, nil), allFields); diff != "" {
		t.Errorf("client without instruments (-want +got):\n%s", diff)
	}
}

func TestSpell(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 59 * time.Second: "59 s", 61 * time.Second: "1 min 1 s", 90 * time.Minute: "1 h 30 min", 50 * time.Hour: "2 d 2 h",
	} {
		if got := spell(d); got != want {
			t.Errorf("spell(%v) = %q, want %q", d, got, want)
		}
	}
}
