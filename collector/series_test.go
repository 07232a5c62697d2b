package collector

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// bare is an account of which nothing is known but the snapshot.
func bare(snapshots ...*platform.Snapshot) feed.AccountState {
	return feed.AccountState{Platform: "genesys", Account: "a", Info: feed.Info{RegionCode: "r"}, Snapshots: snapshots}
}

func trunks(n int) *platform.Snapshot {
	p := &platform.Snapshot{}
	for i := range n {
		p.Trunks = append(p.Trunks, platform.Trunk{
			Name:    fmt.Sprint("t", i),
			Proxies: []platform.Proxy{{Address: "p1"}, {Address: "p2"}, {Address: "p3"}},
		})
	}
	return p
}

// nextPage is the page after the first: it says what the first dropped.
func nextPage(t *testing.T, c *Collector) string {
	t.Helper()
	bodyOf(t, checked(c))
	return bodyOf(t, checked(c))
}

// dropped returns the counts above 0 on a page, by family.
func dropped(page string) map[string]string {
	counts := map[string]string{}
	for _, line := range lines(page, "ccaas_series_dropped_total{") {
		_, line, _ = strings.Cut(line, `family="`)
		family, line, _ := strings.Cut(line, `"`)
		if _, value, _ := strings.Cut(line, "} "); value != "0" {
			counts[family] = value
		}
	}
	return counts
}

func count(page, family string) int { return len(lines(page, family+"{")) }

func TestSeriesLimit(t *testing.T) {
	for _, test := range []struct {
		name      string
		limit     int
		snapshots []*platform.Snapshot
		exported  map[string]int
		dropped   map[string]string
	}{
		{
			"exactly full", 8,
			[]*platform.Snapshot{trunks(2)},
			map[string]int{"ccaas_trunk_status": 8, "ccaas_trunk_proxies": 6, "ccaas_trunk_instances": 2},
			map[string]string{},
		},
		{
			"state sets and trunks are dropped whole", 7,
			[]*platform.Snapshot{trunks(3)},
			map[string]int{"ccaas_trunk_status": 4, "ccaas_trunk_proxies": 6, "ccaas_trunk_instances": 3},
			map[string]string{"ccaas_trunk_status": "8", "ccaas_trunk_proxies": "3"},
		},
		{
			"smaller than one object", 2,
			[]*platform.Snapshot{trunks(1)},
			map[string]int{"ccaas_trunk_status": 0, "ccaas_trunk_proxies": 0, "ccaas_trunk_instances": 1},
			map[string]string{"ccaas_trunk_status": "4", "ccaas_trunk_proxies": "3"},
		},
		{
			"over all snapshots, and two of one name are one", 11,
			[]*platform.Snapshot{trunks(2), trunks(3)},
			map[string]int{"ccaas_trunk_status": 8, "ccaas_trunk_proxies": 9, "ccaas_trunk_instances": 3},
			map[string]string{
				"ccaas_trunk_status": "12", "ccaas_trunk_proxies": "6", "ccaas_trunk_instances": "2",
				"ccaas_trunk_instances_connected": "2", "ccaas_trunk_instances_in_service": "2", "ccaas_trunk_instances_enabled": "2",
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := nextPage(t, New(accounts(bare(test.snapshots...)), Options{SeriesLimit: test.limit}))
			for family, want := range test.exported {
				if n := count(got, family); n != want {
					t.Errorf("%d series of %s, want %d", n, family, want)
				}
			}
			if diff := cmp.Diff(test.dropped, dropped(got)); diff != "" {
				t.Errorf("dropped differs (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDroppedOnce follows the count: once for each publication, not for each scrape, and over a reload.
func TestDroppedOnce(t *testing.T) {
	a := &changing{state: bare(trunks(2), &platform.Snapshot{})}
	counts := &Dropped{}
	c := New([]Account{a}, Options{SeriesLimit: 4, Dropped: counts})
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"first scrape", func() {}, "4"},
		{"second scrape", func() {}, "4"},
		{"another snapshot changed", func() { a.publish(1, platform.Snapshot{}) }, "4"},
		{"the snapshot was published anew", func() { a.publish(0, *trunks(2)) }, "8"},
		{"a scrape of one account", func() { c = c.Only("a") }, "8"},
		{"after a reload", func() { c = New([]Account{a}, Options{SeriesLimit: 4, Dropped: counts}) }, "12"},
		{"fits again", func() { a.publish(0, *trunks(1)) }, "12"},
	} {
		step.do()
		if got := dropped(nextPage(t, c))["ccaas_trunk_status"]; got != step.want {
			t.Errorf("%s: dropped %s, want %s", step.name, got, step.want)
		}
	}
	if n := count(bodyOf(t, checked(c)), "ccaas_trunk_status"); n != 4 {
		t.Errorf("%d series of the snapshot published last, want 4", n)
	}
}

// TestRegionNamedLater makes sure that nothing rendered under an earlier region remains.
func TestRegionNamedLater(t *testing.T) {
	a := &changing{state: bare(trunks(1))}
	registry := checked(New([]Account{a}, Options{}))
	for _, region := range []string{"", "na1", "na2"} {
		a.state.Info.RegionCode = region
		var want []string
		if region != "" {
			want = []string{`ccaas_trunk_instances{account="a",platform="genesys",region_code="` + region + `",trunk="t0"} 0`}
		}
		if diff := cmp.Diff(want, lines(bodyOf(t, registry), "ccaas_trunk_instances{")); diff != "" {
			t.Errorf("region %q (-want +got):\n%s", region, diff)
		}
	}
}

// TestDuplicates gives every kind of object twice: the page keeps the first and counts the second.
func TestDuplicates(t *testing.T) {
	twice := func(p *platform.Snapshot) *platform.Snapshot {
		p.Components = append(p.Components, p.Components...)
		p.Trunks = append(p.Trunks, p.Trunks...)
		p.Edges = append(p.Edges, p.Edges...)
		p.EdgeCounts = append(p.EdgeCounts, p.EdgeCounts...)
		p.Calls = append(p.Calls, p.Calls...)
		p.Agents = append(p.Agents, p.Agents...)
		p.Presences = append(p.Presences, p.Presences...)
		p.Queues = append(p.Queues, p.Queues...)
		p.SIPProbes = append(p.SIPProbes, p.SIPProbes...)
		p.Limits = append(p.Limits, p.Limits...)
		return p
	}
	once, doubled := genesysState(), genesysState()
	for i, snapshot := range doubled.Snapshots {
		doubled.Snapshots[i] = twice(snapshot)
	}
	doubled.Feeds = append(doubled.Feeds, doubled.Feeds...)
	want := bodyOf(t, checked(New(accounts(once), Options{})))
	got := nextPage(t, New(accounts(doubled), Options{}))
	const counts = "ccaas_series_dropped_total{"
	for _, f := range snapshotFamilies {
		if n := count(want, f.Name); len(f.Labels) > 0 && dropped(got)[f.Name] != fmt.Sprint(n) {
			t.Errorf("dropped %s of %s, want %d", dropped(got)[f.Name], f.Name, n)
		}
	}
	others := func(page string) (rest []string) {
		for line := range strings.Lines(page) {
			if !strings.HasPrefix(line, counts) {
				rest = append(rest, line)
			}
		}
		return rest
	}
	if diff := cmp.Diff(others(want), others(got)); diff != "" {
		t.Errorf("page differs from that of single objects (-want +got):\n%s", diff)
	}

	inside := bare(&platform.Snapshot{
		Trunks: []platform.Trunk{{Name: "t", Proxies: []platform.Proxy{{Address: "p", Instances: 1}, {Address: "p", Instances: 2}}}},
		Edges: []platform.Edge{{Name: "e", Own: true, Metrics: &platform.EdgeMetrics{
			Disks: []platform.Disk{{Partition: "/", Total: new(1.0)}, {Partition: "/", Total: new(2.0)}},
		}}},
	})
	got = nextPage(t, New(accounts(inside), Options{}))
	wantCounts := map[string]string{"ccaas_trunk_proxies": "1", "ccaas_edge_disk_bytes": "1"}
	if diff := cmp.Diff(wantCounts, dropped(got)); diff != "" {
		t.Errorf("dropped inside one object differs (-want +got):\n%s", diff)
	}
}

// FuzzLabels writes any bytes into every label that people or platforms fill in: the page must stay readable.
func FuzzLabels(f *testing.F) {
	f.Add("a", "b")
	f.Add("\xff", "\xfe")
	f.Add("", "")
	f.Add("\"\n\\", "a\xffb")
	f.Fuzz(func(t *testing.T, x, y string) {
		snapshot := &platform.Snapshot{
			Components: []platform.Component{{Name: x, Source: y}, {Name: y, Source: x}},
			Trunks:     []platform.Trunk{{Name: x, Proxies: []platform.Proxy{{Address: x}, {Address: y}}}, {Name: y}},
			Edges:      []platform.Edge{{Name: x, Site: y}, {Name: y, Site: x}},
			EdgeCounts: []platform.EdgeCount{{Deployment: x, OnlineStatus: y}},
			Agents:     []platform.AgentCount{{State: platform.AgentState(x)}},
			Presences:  []platform.PresenceCount{{Presence: x, Definition: y}, {Presence: y, Definition: x}},
			Queues: []platform.Queue{
				{Name: x, Channels: []platform.QueueChannel{{Channel: platform.Channel(y), Waiting: new(1.0)}, {Waiting: new(2.0)}}},
				{Name: y, Channels: []platform.QueueChannel{{Channel: platform.Channel(x), Waiting: new(3.0)}}},
			},
		}
		state := feed.AccountState{
			Platform: "genesys", Account: x, Info: feed.Info{RegionCode: y + "r", APIHost: x}, Cohorts: []string{x, y},
			Snapshots: []*platform.Snapshot{snapshot}, Incidents: map[string]int{x: 1, y: 2}, Unknowns: map[string]uint64{x: 1, y: 2},
			Feeds:   []feed.State{{Name: x}, {Name: y}},
			Metrics: newClientMetrics(),
		}
		families, err := checked(New(accounts(state), Options{})).Gather()
		if err != nil {
			t.Fatal(err)
		}
		if len(families) < 10 {
			t.Errorf("%d families, want at least 10", len(families))
		}
	})
}
