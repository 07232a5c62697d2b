package collector

import (
	"reflect"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// fixed is an account that always looks the same.
type fixed feed.AccountState

func (f fixed) Name() string { return f.Account }

func (f fixed) State() feed.AccountState { return feed.AccountState(f) }

func accounts(states ...feed.AccountState) (list []Account) {
	for _, v := range states {
		list = append(list, fixed(v))
	}
	return list
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 250e6, time.UTC)

func condition(s platform.Status) platform.Condition {
	return platform.Condition{Status: s, Since: noon.Add(-time.Hour)}
}

func feedState(name string, failures map[platform.Reason]uint64) feed.State {
	f := feed.State{
		Name: name, MinInterval: 30 * time.Second, Up: len(failures) == 0, Attempted: noon, Succeeded: noon.Add(time.Second),
		Duration: 125 * time.Millisecond, Runs: 7, Failures: failures,
	}
	return f
}

// clientFamilies are all that a client may send.
var clientFamilies = slices.Concat(rest.Families(), genesys.Families())

// newClientMetrics has one series of every family of the clients.
func newClientMetrics() *metric.Set {
	set := &metric.Set{}
	for i, f := range clientFamilies {
		switch values := f.Labels; f.Type { // each label has its own name as its value
		case metric.Histogram:
			set.Histograms(f).Observe(.05, values...)
		case metric.Counter:
			set.Counters(f).WithLabelValues(values...).Add(float64(i))
		case metric.Gauge:
			set.Gauges(f).WithLabelValues(values...).Set(float64(i))
		}
	}
	return set
}

func genesysState() feed.AccountState {
	return feed.AccountState{
		Platform: "genesys", Account: "emea", Cohorts: []string{"emea-support", "emea-sales", "emea-sales"},
		Info:      feed.Info{RegionCode: "eu-central-1", APIHost: "api.mypurecloud.de"},
		Snapshots: []*platform.Snapshot{genesysHealth(), genesysTrunks(), genesysEdges(), genesysAgents(), genesysQueues(), genesysServiceLevel(), genesysProbe(), genesysLimits()},
		Planes:    []feed.PlaneStatus{{Plane: platform.ControlPlane, Status: platform.Operational}, {Plane: platform.DataPlane, Status: platform.Critical}},
		Expected:  []platform.CohortRegion{{Name: "emea-sales"}, {Name: "emea-support", Region: "eu-west-1"}},
		Policies: []platform.Policy{
			{Name: platform.DefaultPolicy, MinimumDown: 1, MinimumDegraded: 2, FlapChanges: 6, FlapWindow: 30 * time.Minute},
			{Name: "gateway", MinimumDown: 3, MinimumDegraded: 4, FlapChanges: 2, FlapWindow: time.Hour, FlapSuppress: true},
		},
		Incidents: map[string]int{"none": 0, "minor": 2, "major": 0, "critical": 1}, Maintenances: new(1),
		Feeds: []feed.State{
			feedState("health", nil),
			feedState("trunks", map[platform.Reason]uint64{platform.ReasonForbidden: 3}),
			{Name: "status_page/genesys", MinInterval: time.Minute, Violations: 4},
		},
		Unknowns: map[string]uint64{"edge_online_status": 0, "trunk_state": 2},
		Metrics:  newClientMetrics(),
	}
}

func genesysHealth() *platform.Snapshot {
	return &platform.Snapshot{
		Latency: new(87 * time.Millisecond),
		Components: []platform.Component{
			{
				Name: "api", Plane: platform.ControlPlane, Source: platform.SourceProbe, Condition: condition(platform.Operational),
				Weight: platform.Weight{Policy: platform.DefaultPolicy, Alone: true},
			},
			{Name: "auth", Plane: platform.ControlPlane, Source: platform.SourceToken, Condition: condition(platform.Unknown)},
			{
				Name: "media_gateway", Plane: platform.DataPlane, Source: platform.SourceDocument,
				Latency: new(123 * time.Millisecond),
				Weight:  platform.Weight{Policy: "gateway", DependsOn: []string{"database", "api"}},
				Condition: platform.Condition{
					Status: platform.Degraded, Known: platform.Degraded, Since: noon.Add(-time.Hour), Changes: 7,
				},
			},
		},
	}
}

func genesysLimits() *platform.Snapshot {
	return &platform.Snapshot{
		Limits: []platform.Limit{
			{Namespace: "platform.api", Key: "token.rate.per.minute", Value: new(300.0)},
			{Namespace: "platform.api", Key: "org.app.user.rate.per.minute", Near: true},
		},
		Credential: &platform.Credential{Expires: noon.Add(240 * time.Hour)},
	}
}

// filled sets every number that an object leaves out, so that the golden page shows a new one.
func filled[T any](object T) T {
	v := reflect.ValueOf(&object).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Type() == reflect.TypeFor[*float64]() && f.IsNil() {
			f.Set(reflect.ValueOf(new(float64(i + 1))))
		}
	}
	return object
}

func genesysTrunks() *platform.Snapshot {
	return &platform.Snapshot{
		Trunks: []platform.Trunk{
			{
				Name: "Carrier A", Instances: 4, Connected: 3, InService: 2, Enabled: 4,
				Proxies: []platform.Proxy{
					{Address: "sbc1.example.org:5061", Instances: 4, OptionsUp: new(3), RegisterUp: new(0), OptionsChanged: noon},
					{Address: "sbc2.example.org:5061", Instances: 2},
				},
				TrunkMetrics: filled(platform.TrunkMetrics{Inbound: new(12.0), Outbound: new(0.0), QoSMismatches: new(5.0), Observed: noon}),
				Condition:    condition(platform.Degraded),
			},
			{Name: "Träger \"B\"\n", Instances: 1, Condition: condition(platform.Critical)},
		},
		Calls: []platform.Calls{
			{Deployment: "cloud", InProgress: new(40.0), Capacity: new(500.0)},
			{Deployment: "premises", InProgress: new(2.0)},
		},
	}
}

func genesysEdges() *platform.Snapshot {
	return &platform.Snapshot{
		Edges: []platform.Edge{
			{
				Name: "edge-fra-1", Site: "Frankfurt", Own: true, Condition: condition(platform.Operational),
				Version: "1.0.0.13312", StatusCode: "active", Draining: "wait", Conversations: new(0), Update: "in_progress",
				Metrics: &platform.EdgeMetrics{
					Observed: noon, Uptime: new(36 * time.Hour), CPU: new(0.25), MemoryAvailable: new(1e9), Memory: new(4e9),
					Disks:      []platform.Disk{{Partition: "/", Available: new(5e9), Total: new(2e10)}},
					Networks:   []platform.Network{{Interface: "eth0", Receive: new(1000.0), Transmit: new(2000.0), Utilization: new(0.01)}},
					Subsystems: []platform.Subsystem{{Name: "media", Delay: new(3 * time.Millisecond)}, {Name: "sip"}},
				},
			},
			{Name: "edge-fra-2", Site: "Frankfurt", Own: true, Condition: condition(platform.Critical)},
			{Name: platform.CloudMedia, Condition: condition(platform.Operational)},
		},
		EdgeCounts: []platform.EdgeCount{
			{Deployment: "hardware", OnlineStatus: "online", Count: 1},
			{Deployment: "hardware", OnlineStatus: "offline", Count: 1},
			{Deployment: "cdm", OnlineStatus: "online", Count: 6},
		},
	}
}

func genesysAgents() *platform.Snapshot {
	return &platform.Snapshot{
		Agents: []platform.AgentCount{
			{State: platform.AgentReady, Count: 11},
			{State: platform.AgentEngaged, Count: 5},
			{State: platform.AgentNotResponding, Count: 0},
		},
		Presences: []platform.PresenceCount{
			{Presence: "on_queue", Definition: "On Queue", Count: 16},
			{Presence: "away", Count: 2},
		},
	}
}

func genesysQueues() *platform.Snapshot {
	return &platform.Snapshot{Queues: []platform.Queue{
		{
			ID: "1", Name: "Sales",
			Channels: []platform.QueueChannel{
				{Channel: platform.ChannelVoice, Waiting: new(3.0), Active: new(5.0), Alerting: new(1.0), OldestWaiting: noon},
				{Channel: platform.ChannelEmail, Waiting: new(0.0), Active: new(0.0), Alerting: new(0.0)},
			},
			Cohorts: []platform.QueueCohort{
				{Name: "emea-sales", Account: "emea", Expected: true}, {Name: "night", Account: "americas", Region: "us-east-1"},
			},
			Agents: []platform.AgentCount{{State: platform.AgentReady, Count: 0}, {State: platform.AgentEngaged, Count: 5}},
		},
		{ID: "2", Name: "Claims \"C\"", Channels: []platform.QueueChannel{{Channel: platform.ChannelVoice, Waiting: new(0.0)}}},
	}}
}

// genesysServiceLevel is of the same queues as genesysQueues, by another feed.
func genesysServiceLevel() *platform.Snapshot {
	return &platform.Snapshot{Queues: []platform.Queue{
		{ID: "1", Name: "Sales", Cohorts: []platform.QueueCohort{{Name: "emea-sales", Account: "emea", Expected: true}}, Channels: []platform.QueueChannel{
			{Channel: platform.ChannelVoice, ServiceLevel: new(0.75), ServiceLevelTarget: new(0.8)},
			{Channel: platform.ChannelEmail, ServiceLevelTarget: new(0.5)},
		}},
	}}
}

func genesysProbe() *platform.Snapshot {
	return &platform.Snapshot{SIPProbes: []platform.SIPProbe{{
		Target: "carrier-a", Trunk: "Carrier A", Success: true, Duration: 912 * time.Millisecond, Code: 200,
		Phases:    map[string]time.Duration{"resolve": 2 * time.Millisecond, "response": 20 * time.Millisecond},
		RoundTrip: new(21 * time.Millisecond), Jitter: new(time.Millisecond), Loss: new(0.2), Expiry: noon,
		Condition: condition(platform.Operational),
	}}}
}

func cxoneState() feed.AccountState {
	return feed.AccountState{
		Platform: "cxone", Account: "us",
		Info: feed.Info{RegionCode: "na1", APIHost: "api-na1.niceincontact.com"},
		Snapshots: []*platform.Snapshot{
			{
				Components: []platform.Component{
					{Name: "api", Plane: platform.ControlPlane, Source: platform.SourceProbe, Condition: condition(platform.Critical)},
				},
			},
			{
				Agents:    []platform.AgentCount{{State: platform.AgentAfterContactWork, Count: 3}},
				Presences: []platform.PresenceCount{{Presence: "unavailable", Definition: "Lunch", Count: 4}},
			},
			{Calls: []platform.Calls{{Deployment: "cloud", InProgress: new(9.0), Capacity: new(100.0)}}},
			{Queues: []platform.Queue{{
				ID: "88100", Name: "Billing Phone",
				Channels: []platform.QueueChannel{{
					Channel: platform.ChannelVoice, Waiting: new(2.0), Active: new(4.0), OldestWaiting: noon.Add(-time.Minute),
					ServiceLevel: new(0.91), ServiceLevelTarget: new(0.8),
				}},
				Agents: []platform.AgentCount{{State: platform.AgentReady, Count: 3}},
			}}},
		},
		Planes:   []feed.PlaneStatus{{Plane: platform.ControlPlane, Status: platform.Critical}, {Plane: platform.DataPlane}},
		Feeds:    []feed.State{feedState("health", map[platform.Reason]uint64{platform.ReasonNetwork: 1})},
		Unknowns: map[string]uint64{"agent_state": 1},
		Metrics:  newClientMetrics(),
	}
}
