// Events of trunks and edges against what polls read.

package genesys

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

const (
	oneTrunk = `{"id":"i","state":"active","trunkBase":{"id":"b","name":"Carrier"},"inService":true,"enabled":true,
		"connectedStatus":{"connected":true,"connectedStateTime":"2026-03-21T12:00:00Z"},"optionsEnabledStatus":"ENABLED",
		"optionsStatus":[{"proxyAddress":"192.0.2.1:5060","optionState":true,"optionStateTime":"2026-03-21T12:00:00Z"}]}`
	trunkRow = `{"eventTime":"2026-03-21T12:00:00Z","trunk":{"id":"i"},"calls":{"inboundCallCount":3,"outboundCallCount":1},"qos":{"mismatchCount":0}}`
	oneEdge  = `{"id":"e","name":"Edge","state":"active","edgeDeploymentType":"HARDWARE","onlineStatus":"ONLINE","statusCode":"ACTIVE","callDrainingState":"NONE"}`
	edgeRow  = `{"eventTime":"2026-03-21T12:00:00Z","edge":{"id":"e"},"upTimeMsec":1000}`
)

// polledList is a list of one object with its metrics, polled at t0.
func polledList[T identified, R measurement](t testing.TB, tr *inventory[T, R], item string, rows ...string) *inventory[T, R] {
	t.Helper()
	m := listed[T, R](t, entities(item))
	m.metrics, m.answered = rowsOf[R](t, rows...), map[string]bool{m.items[0].wire.identity(): true}
	tr.takeListing(m, t0)
	return tr
}

var t0 = time.Date(2026, 3, 21, 12, 0, 1, 0, time.UTC)

func after(kind, id, body string) event {
	return event{Kind: kind, ID: id, Body: json.RawMessage(body), CorrelationID: "c0ffee", Seen: t0.Add(time.Second)}
}

func TestTrunkEvents(t *testing.T) {
	const down = `"connectedStatus":{"connected":false,"connectedStateTime":"2026-03-21T%s"}`
	const option = `"optionsStatus":[{"proxyAddress":"%s","optionState":%t,"optionStateTime":"2026-03-21T%s"}]`
	for name, c := range map[string]struct {
		event   event
		status  platform.Status
		proxies int
		calls   float64
	}{
		"down":          {after(instanceTopic.Kind, "i", `{"id":"i",`+fmt.Sprintf(down, "12:00:02Z")+`}`), platform.Critical, 1, 3},
		"late":          {after(instanceTopic.Kind, "i", `{"id":"i",`+fmt.Sprintf(down, "11:59:59Z")+`}`), platform.Operational, 1, 3},
		"option down":   {after(instanceTopic.Kind, "i", `{"id":"i",`+fmt.Sprintf(option, "192.0.2.1:5060", false, "12:00:02Z")+`}`), platform.Critical, 1, 3},
		"option late":   {after(instanceTopic.Kind, "i", `{"id":"i",`+fmt.Sprintf(option, "192.0.2.1:5060", false, "11:00:02Z")+`}`), platform.Operational, 1, 3},
		"new proxy":     {after(instanceTopic.Kind, "i", `{"id":"i",`+fmt.Sprintf(option, "192.0.2.2:5060", false, "12:00:02Z")+`}`), platform.Operational, 2, 3},
		"metrics":       {after(instanceMetricsTopic.Kind, "i", `{"eventTime":"2026-03-21T12:00:02Z","trunk":{"id":"i"},"calls":{"inboundCallCount":9,"outboundCallCount":0}}`), platform.Operational, 1, 9},
		"late metrics":  {after(instanceMetricsTopic.Kind, "i", `{"eventTime":"2026-03-21T11:00:02Z","trunk":{"id":"i"},"calls":{"inboundCallCount":9,"outboundCallCount":0}}`), platform.Operational, 1, 3},
		"another trunk": {after(instanceTopic.Kind, "x", `{"id":"x",`+fmt.Sprintf(down, "12:00:02Z")+`}`), platform.Operational, 1, 3},
		"before the poll": {event{
			Kind: instanceTopic.Kind, ID: "i", Body: json.RawMessage(`{"id":"i",` + fmt.Sprintf(down, "12:00:02Z") + `}`), Seen: t0.Add(-time.Second),
		}, platform.Operational, 1, 3},
		"garbage": {after(instanceTopic.Kind, "i", `{"id":7}`), platform.Operational, 1, 3},
	} {
		t.Run(name, func(t *testing.T) {
			tr := polledList(t, newTrunks(&client{}, syncOptions{}), oneTrunk, trunkRow)
			tr.apply(c.event)
			trunk := translateTrunks(tr.listed).Trunks[0]
			if trunk.Status != c.status || len(trunk.Proxies) != c.proxies || *trunk.Inbound != c.calls {
				t.Errorf("trunk is %v with %d proxies and %v calls, want %v, %d, %v", trunk.Status, len(trunk.Proxies), *trunk.Inbound, c.status, c.proxies, c.calls)
			}
			if name == "down" && (trunk.Evidence.CorrelationID != "c0ffee" || string(trunk.Evidence.Payload) != string(c.event.Body)) {
				t.Errorf("evidence = %+v, want the event", trunk.Evidence)
			}
		})
	}
}

func TestEdgeEvents(t *testing.T) {
	ed := polledList(t, newEdges(&client{}, syncOptions{}), oneEdge, edgeRow)
	diff(t, "topics", ed.topicsWanted(), []string{"v2.telephony.providers.edges.e", "v2.telephony.providers.edges.e.metrics"})
	ed.apply(after(edgeTopic.Kind, "e", `{"id":"e","onlineStatus":"OFFLINE"}`))
	ed.apply(after(edgeMetricsTopic.Kind, "e", `{"eventTime":"2026-03-21T12:00:02Z","edge":{"id":"e"},"upTimeMsec":2000}`))
	edge := translateEdges(ed.listed).Edges[0]
	if edge.Status != platform.Critical || *edge.Metrics.Uptime != 2*time.Second {
		t.Errorf("edge is %v, up for %v, want critical, 2s", edge.Status, *edge.Metrics.Uptime)
	}
	ed.apply(after(edgeTopic.Kind, "e", `{"id":"e","onlineStatus":"DREAMING"}`))
	ed.apply(after(edgeTopic.Kind, "e", `{"id":"e"}`))
	if edge := translateEdges(ed.listed).Edges[0]; edge.Status != platform.Unknown || ed.anomalies.Unknowns["edge_online_status"] != 1 {
		t.Errorf("edge is %v, unknown values %v, want unknown, 1", edge.Status, ed.anomalies.Unknowns)
	}
}

// An event that comes while a poll is under way may be newer than its answer.
func TestEventsDuringPoll(t *testing.T) {
	ed := polledList(t, newEdges(&client{}, syncOptions{}), oneEdge, edgeRow)
	sent := ed.begin()
	for seen, status := range map[time.Time]string{sent.Add(-time.Millisecond): "ONLINE", sent.Add(time.Millisecond): "OFFLINE"} {
		e := after(edgeTopic.Kind, "e", fmt.Sprintf(`{"id":"e","onlineStatus":%q}`, status))
		e.Seen = seen
		ed.apply(e)
	}
	ed.takeListing(edgesOf(t, oneEdge), sent)
	ed.end()
	if edge := translateEdges(ed.listed).Edges[0]; edge.Status != platform.Critical || len(ed.pollEvents) != 0 {
		t.Errorf("edge is %v, %d events remembered, want critical, 0", edge.Status, len(ed.pollEvents))
	}
}

// Events do not name the interface that they are about.
func TestSeveralInterfaces(t *testing.T) {
	tr := polledList(t, newTrunks(&client{}, syncOptions{}), oneTrunk, trunkRow, trunkRow)
	tr.apply(after(instanceMetricsTopic.Kind, "i", `{"eventTime":"2026-03-21T12:00:02Z","trunk":{"id":"i"},"calls":{"inboundCallCount":9}}`))
	if trunk := translateTrunks(tr.listed).Trunks[0]; *trunk.Inbound != 6 || !tr.needsPoll() {
		t.Errorf("%v calls, unclear %t, want the 6 of the poll, true", *trunk.Inbound, tr.needsPoll())
	}
}
