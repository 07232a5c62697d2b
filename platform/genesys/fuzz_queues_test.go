// Fuzz targets of what queues and the stream are read from.

package genesys

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
)

// whole checks that a queue holds together.
func whole(t *testing.T, q platform.Queue) {
	channels := map[platform.Channel]bool{}
	for _, c := range q.Channels {
		for _, n := range []*float64{c.Waiting, c.Active, c.Alerting} {
			if n != nil && *n < 0 {
				t.Errorf("negative number of contacts: %+v", c)
			}
		}
		if channels[c.Channel] {
			t.Errorf("channel %s is there twice", c.Channel)
		}
		channels[c.Channel] = true
	}
	states := map[platform.AgentState]bool{}
	for _, a := range q.Agents {
		if a.Count < 0 || states[a.State] {
			t.Errorf("state %s is there twice or negative: %+v", a.State, q.Agents)
		}
		states[a.State] = true
	}
}

func FuzzObservations(f *testing.F) {
	f.Add(fixture(f, "queues_observations.json"))
	f.Add([]byte(`{"results":[{"group":{"queueId":"q","mediaType":"voice"},"data":[{"metric":"oLongestWaiting","stats":{"calculatedMetricValue":1e300}}]},null,7]}`))
	f.Add([]byte(`{"results":[{"data":[{"metric":"oWaiting","stats":{"count":1}}]},{"group":{"queueId":"q","mediaType":"voice"},"data":[{"metric":"oWaiting"}]}]}`))
	f.Add([]byte(`{"results":[{"group":{"queueId":"q","mediaType":"holo"},"data":[{"metric":"oWaiting","stats":{"count":-1}}]}]}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		var anomalies platform.Anomalies
		q := &queueState{}
		told := map[numberKey]reading{}
		if _, err := readObservations(bytes.NewReader(answer), &anomalies, func(result *observationWire, _ bool) {
			result.addTo(told, &origin{at: clock, received: ours}, &anomalies)
		}); err != nil {
			return
		}
		q.takePoll(told, clock, ours)
		whole(t, q.build(presences))
	})
}

// A message is read, and its event applied by everything that takes any.
func FuzzEvents(f *testing.F) {
	for _, raw := range decodeFixture[map[string]json.RawMessage](f, "events.json") {
		f.Add([]byte(raw))
	}
	f.Add([]byte(`{"topicName":"v2.routing.queues.q.conversations","eventBody":{"participants":[{"purpose":"acd","queueId":"q","calls":[{"connectedTime":"x"}]}]}}`))
	f.Fuzz(func(t *testing.T, message []byte) {
		var anomalies platform.Anomalies
		e := readMessage(message, ours.Add(time.Second))
		if e.Kind == notify.KindOther && e.ID != "" {
			t.Errorf("an event of nothing is about %q", e.ID)
		}
		q := polledQueue(t, &anomalies)
		q.applyEvent(e, new(measures), &anomalies)
		whole(t, q.build(presences))
		newTestWaits().apply(e, "Sales", &anomalies)
		trunks, edges := polledList(t, newTrunks(&client{}, syncOptions{}), oneTrunk, trunkRow), polledList(t, newEdges(&client{}, syncOptions{}), oneEdge, edgeRow)
		for _, k := range []string{instanceTopic.Kind, instanceMetricsTopic.Kind, edgeTopic.Kind, edgeMetricsTopic.Kind} {
			e.Kind, e.ID, e.Seen = k, "i", t0.Add(time.Second)
			trunks.apply(e)
			e.ID = "e"
			edges.apply(e)
		}
		if n := len(translateTrunks(trunks.listed).Trunks); n != 1 {
			t.Errorf("%d trunks, want one whatever comes", n)
		}
		if n := len(translateEdges(edges.listed).Edges); n != 1 {
			t.Errorf("%d edges, want one whatever comes", n)
		}
	})
}

func FuzzServiceLevels(f *testing.F) {
	f.Add(fixture(f, "conversations_aggregates.json"))
	const twice = `{"group":{"queueId":"9c010000-0000-4000-8000-000000000001","mediaType":"voice"},"data":[{"metrics":[{"metric":"oServiceLevel","stats":{"ratio":1}}]}]}`
	f.Add([]byte(`{"results":[` + twice + "," + twice + `]}`))
	f.Add([]byte(`{"results":[{"group":{"queueId":"9c010000-0000-4000-8000-000000000001","mediaType":"voice"},"data":[{"metrics":[{"metric":"oServiceLevel","stats":{"ratio":7}}]}]}]}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		wire, ok := fuzzed[aggregatesWire](answer)
		if !ok {
			return
		}
		var anomalies platform.Anomalies
		queues := translateServiceLevels(wire.Results, []queueName{{queueID, "Sales DE"}}, &anomalies)
		if len(queues) != 1 {
			t.Fatalf("%d queues, want the one that is watched", len(queues))
		}
		whole(t, queues[0])
		for _, c := range queues[0].Channels {
			if c.ServiceLevel != nil && (*c.ServiceLevel < 0 || *c.ServiceLevel > 1) {
				t.Errorf("service level %v is no ratio", *c.ServiceLevel)
			}
		}
	})
}
