package genesys

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// unexportedOff compares snapshots by what clients fill in.
var unexportedOff = cmp.Options{
	cmpopts.IgnoreUnexported(platform.Snapshot{}),
	cmpopts.EquateApproxTime(0),
	cmp.Transformer("payload", func(e platform.Evidence) [2]string { return [2]string{e.CorrelationID, fmt.Sprint(len(e.Payload) > 0)} }),
}

func TestEdges(t *testing.T) {
	m := recorded[edgeWire, edgeMetricsWire](t, "edges.json", "edges_metrics.json")
	uptime, delay, media := 86400500*time.Millisecond, 12*time.Millisecond, 3*time.Millisecond
	condition := func(s platform.Status) platform.Condition {
		return platform.Condition{Status: s, Evidence: platform.Evidence{CorrelationID: "c0ffee", Payload: []byte("{")}}
	}
	want := platform.Snapshot{
		Edges: []platform.Edge{
			{
				ID: "3f0a6c1e-5d0b-4c55-9c0e-0a1b2c3d4e01", Name: "berlin-edge-1", Site: "Berlin", Own: true,
				Condition: condition(platform.Operational), Version: "1.0.0.13312", StatusCode: "active", Draining: "none",
				Metrics: &platform.EdgeMetrics{
					Observed: time.Date(2026, 3, 21, 12, 44, 26, 259e6, time.UTC), Uptime: &uptime, CPU: new(0.125),
					MemoryAvailable: new(6442450944.0), Memory: new(17179869184.0),
					Disks: []platform.Disk{
						{Partition: "/", Available: new(10737418240.0), Total: new(53687091200.0)},
						{Partition: "/var", Available: new(21474836480.0), Total: new(107374182400.0)},
					},
					Networks: []platform.Network{
						{Interface: "Port 1 (WAN)", Receive: new(250000.0), Transmit: new(125000.0), Utilization: new(0.005)},
					},
					Subsystems: []platform.Subsystem{{Name: "edge", Delay: &delay}, {Name: "media", Delay: &media}},
				},
			},
			{
				ID: "3f0a6c1e-5d0b-4c55-9c0e-0a1b2c3d4e02", Name: "berlin-edge-2", Site: "Berlin", Own: true,
				Condition: condition(platform.Degraded), Version: "1.0.0.13298", StatusCode: "active", Draining: "wait",
				Conversations: new(3), Update: "in_progress",
				Metrics: &platform.EdgeMetrics{Observed: time.Date(2026, 3, 21, 12, 44, 20, 0, time.UTC)},
			},
			{
				ID: "3f0a6c1e-5d0b-4c55-9c0e-0a1b2c3d4e03", Name: "munich-edge-1", Site: "Munich", Own: true,
				Condition: condition(platform.Critical), StatusCode: "inactive",
			},
			{ID: "cloud-media", Name: "cloud-media", Condition: condition(platform.Degraded)},
		},
	}
	counts := map[string]int{"hardware online": 2, "ldm offline": 1, "cdm online": 1, "cdm offline": 1}
	for _, deployment := range []string{"hardware", "ldm", "cdm", "chs", "unknown"} {
		for _, online := range []string{"online", "offline", "unknown"} {
			want.EdgeCounts = append(want.EdgeCounts, platform.EdgeCount{
				Deployment: deployment, OnlineStatus: online, Count: counts[deployment+" "+online],
			})
		}
	}
	diff(t, "translateEdges", translateEdges(m), want)
}

func TestEdgeStatus(t *testing.T) {
	for name, c := range map[string]struct {
		edge       string
		want       platform.Status
		unknowns   map[string]int
		violations int
	}{
		"spelling":              {`"onlineStatus":"Online","statusCode":"active"`, platform.Operational, nil, 0},
		"not active":            {`"onlineStatus":"ONLINE","statusCode":"AWAITING_BOOTSTRAP"`, platform.Degraded, nil, 0},
		"drained":               {`"onlineStatus":"ONLINE","statusCode":"ACTIVE","callDrainingState":"COMPLETE"`, platform.Degraded, nil, 0},
		"offline while drained": {`"onlineStatus":"OFFLINE","statusCode":"ACTIVE","callDrainingState":"WAIT"`, platform.Critical, nil, 0},
		"no online status":      {`"statusCode":"ACTIVE"`, platform.Unknown, nil, 0},
		"no status code":        {`"onlineStatus":"ONLINE"`, platform.Unknown, nil, 0},
		"new words": {
			`"onlineStatus":"DREAMING","statusCode":"LIMBO","callDrainingState":"SIPHON","state":"limbo","edgeDeploymentType":"XDM"`, platform.Unknown,
			map[string]int{
				"edge_online_status": 1, "edge_status_code": 1, "edge_call_draining_state": 1, "edge_state": 1, "edge_deployment_type": 1,
			},
			0,
		},
		"new status code": {`"onlineStatus":"ONLINE","statusCode":"LIMBO"`, platform.Degraded, map[string]int{"edge_status_code": 1}, 0},
		"wrong type":      {`"onlineStatus":1,"statusCode":"ACTIVE"`, platform.Unknown, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			snapshot := translateEdges(edgesOf(t, `{"id":"e1","name":"edge",`+c.edge+`}`))
			if len(snapshot.Edges) != 1 {
				t.Fatalf("translateEdges(%s) has %d edges, want 1", c.edge, len(snapshot.Edges))
			}
			if got := snapshot.Edges[0].Status; got != c.want {
				t.Errorf("status of %s = %v, want %v", c.edge, got, c.want)
			}
			diff(t, "unknowns", snapshot.Unknowns, c.unknowns)
			diff(t, "violations", snapshot.Violations, c.violations)
		})
	}
}

// What an edge reports about its software and its draining, with and without the fields that come and go.
func TestEdgeSoftware(t *testing.T) {
	own := platform.Edge{ID: "e1", Name: "edge", Own: true}
	for name, c := range map[string]struct {
		edge       string
		want       platform.Edge
		unknowns   map[string]int
		violations int
	}{
		"nothing":         {`"softwareStatus":null,"conversationCount":null`, own, nil, 0},
		"drained to zero": {`"callDrainingState":"WAIT_TIMEOUT","conversationCount":0`, with(own, func(e *platform.Edge) { e.Draining, e.Conversations = "wait_timeout", new(0) }), nil, 0},
		"not draining":    {`"callDrainingState":"NONE","conversationCount":0`, with(own, func(e *platform.Edge) { e.Draining = "none" }), nil, 0},
		"no draining":     {`"conversationCount":7`, own, nil, 0},
		"no count":        {`"callDrainingState":"TERMINATE"`, with(own, func(e *platform.Edge) { e.Draining = "terminate" }), nil, 0},
		"updated":         {`"softwareVersion":"1.2","softwareStatus":{"status":"SUCCEEDED"}`, with(own, func(e *platform.Edge) { e.Version, e.Update = "1.2", "succeeded" }), nil, 0},
		"update unsaid":   {`"softwareStatus":{}`, with(own, func(e *platform.Edge) { e.Update = "unknown" }), nil, 0},
		"new words": {
			`"statusCode":"LIMBO","callDrainingState":"SIPHON","conversationCount":2,"softwareStatus":{"status":"PONDERING"}`,
			with(own, func(e *platform.Edge) { e.Conversations, e.Update = new(2), "unknown" }),
			map[string]int{"edge_status_code": 1, "edge_call_draining_state": 1, "edge_software_status": 1},
			0,
		},
		"broken": {`"softwareVersion":12,"callDrainingState":"WAIT","conversationCount":-1`, with(own, func(e *platform.Edge) { e.Draining = "wait" }), nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			snapshot := translateEdges(edgesOf(t, `{"id":"e1","name":"edge",`+c.edge+`}`))
			for i := range snapshot.Edges {
				snapshot.Edges[i].Condition = platform.Condition{}
			}
			diff(t, "edges", snapshot.Edges, []platform.Edge{c.want})
			diff(t, "unknowns", snapshot.Unknowns, c.unknowns)
			diff(t, "violations", snapshot.Violations, c.violations)
		})
	}
}

func with(e platform.Edge, change func(*platform.Edge)) platform.Edge {
	change(&e)
	return e
}

func TestCloudMediaStatus(t *testing.T) {
	for statuses, want := range map[[2]string]platform.Status{
		{"ONLINE", "ONLINE"}:   platform.Operational,
		{"ONLINE", "OFFLINE"}:  platform.Degraded,
		{"OFFLINE", "OFFLINE"}: platform.Critical,
		{"ONLINE", ""}:         platform.Operational,
		{"", ""}:               platform.Unknown,
	} {
		var m listing[edgeWire, edgeMetricsWire]
		for i, online := range statuses {
			m.items = append(m.items, item[edgeWire]{wire: edgeWire{ID: fmt.Sprint(i), DeploymentType: "cdm", OnlineStatus: online}})
		}
		snapshot := translateEdges(m)
		if len(snapshot.Edges) != 1 || snapshot.Edges[0].Name != platform.CloudMedia || snapshot.Edges[0].Own {
			t.Fatalf("translateEdges(%v) = %v, want one row of cloud media", statuses, snapshot.Edges)
		}
		if got := snapshot.Edges[0].Status; got != want {
			t.Errorf("status of cloud media %v = %v, want %v", statuses, got, want)
		}
	}
}

// A broken row of metrics costs what it broke, and nothing else.
func TestEdgeMetricsBroken(t *testing.T) {
	snapshot := platform.Snapshot{}
	metrics := edgeMetricsByID(rowsOf[edgeMetricsWire](t,
		`{"edge":{"id":"a"},"upTimeMsec":"long","processors":[{"cpuId":"TOTAL","activeTimePct":null}],"memory":[{"type":"PHYSICAL","totalBytes":8}],
		  "disks":[{"partitionName":"/","totalBytes":1},{"partitionName":"/","totalBytes":2},{"totalBytes":3}],"eventTime":"yesterday"}`,
		`{"edge":null}`, `null`, `7`,
	), &snapshot.Anomalies)
	want := map[string]*platform.EdgeMetrics{"a": {
		Memory: new(8.0), Disks: []platform.Disk{{Partition: "/", Total: new(1.0)}},
	}}
	diff(t, "readEdgeMetrics", metrics, want)
	diff(t, "violations", snapshot.Violations, 7) // a: type, time, two disks; and three rows without an edge
}
