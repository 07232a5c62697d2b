// The state of one queue: what polls read, what events change, and which of them counts.

package genesys

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
)

const queueID = "9c010000-0000-4000-8000-000000000001"

// clock is when the recorded answers were read, by the platform's clock and by ours, which is 7 s ahead.
var (
	clock = time.Date(2026, 3, 21, 12, 44, 26, 0, time.UTC)
	ours  = clock.Add(7 * time.Second)
)

// readMessage reads a message of the stream.
func readMessage(message []byte, seen time.Time) event {
	return notify.New(notify.Options{Topics: streamTopics}).Read(message, seen)
}

// polledQueue is a queue as the recorded answer has it.
func polledQueue(t testing.TB, anomalies *platform.Anomalies) *queueState {
	t.Helper()
	q := &queueState{queueName: queueName{queueID, "Sales DE"}}
	told := map[numberKey]reading{}
	if _, err := readObservations(bytes.NewReader(fixture(t, "queues_observations.json")), anomalies, func(result *observationWire, _ bool) {
		result.addTo(told, &origin{at: clock, received: ours}, anomalies)
	}); err != nil {
		t.Fatal(err)
	}
	q.takePoll(told, clock, ours.Add(-time.Second))
	return q
}

var presences = map[string]string{
	"ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5": "OFFLINE", "3fd96123-badb-4f69-bc03-1b1ccc6d8014": "BREAK",
}

func counts(values ...float64) (pointers []*float64) {
	for _, v := range values {
		pointers = append(pointers, &v)
	}
	return pointers
}

func channelOfQueue(name platform.Channel, waiting, active, alerting float64, oldest time.Time) platform.QueueChannel {
	n := counts(waiting, active, alerting)
	return platform.QueueChannel{Channel: name, Waiting: n[0], Active: n[1], Alerting: n[2], OldestWaiting: oldest}
}

func TestPolledQueue(t *testing.T) {
	var anomalies platform.Anomalies
	got := polledQueue(t, &anomalies).build(presences)
	for i := range got.Channels {
		got.Channels[i].OldestWaiting = got.Channels[i].OldestWaiting.UTC()
	}
	none := time.Time{}.UTC()
	diff(t, "queue", got, platform.Queue{
		ID: queueID, Name: "Sales DE",
		Channels: []platform.QueueChannel{
			channelOfQueue(platform.ChannelVoice, 2, 4, 1, ours.Add(-90*time.Second)), // sent as an age
			channelOfQueue(platform.ChannelChat, 0, 0, 0, none),
			channelOfQueue(platform.ChannelEmail, 0, 0, 0, none),
			channelOfQueue(platform.ChannelCallback, 0, 0, 0, none),
			channelOfQueue(platform.ChannelMessage, 1, 0, 0, ours.Add(-clock.Add(time.Second/2).Sub(time.UnixMilli(1774097066000)))), // sent as a moment; the Date leaves out the fraction
		},
		Agents: []platform.AgentCount{
			{State: platform.AgentReady, Count: 2},
			{State: platform.AgentEngaged, Count: 4},
			{State: platform.AgentNotResponding, Count: 0},
			{State: platform.AgentUnavailable, Count: 4},
			{State: platform.AgentOffline, Count: 7},
			{State: platform.AgentUnknown, Count: 1},
		},
	})
	if anomalies.Violations != 0 || len(anomalies.Unknowns) != 0 {
		t.Errorf("violations %d, unknowns %v, want none", anomalies.Violations, anomalies.Unknowns)
	}
}

// observation is an event about the recorded queue.
func observation(medium string, at time.Time, metrics ...string) event {
	group := fmt.Sprintf(`{"queueId":%q}`, queueID)
	if medium != "" {
		group = fmt.Sprintf(`{"queueId":%q,"mediaType":%q}`, queueID, medium)
	}
	stamp := at.Format(time.RFC3339Nano)
	list, _ := json.Marshal(raws(metrics...))
	body := fmt.Sprintf(`{"group":%s,"data":[{"interval":"%s/%s","metrics":%s}]}`, group, stamp, stamp, list)
	return event{Kind: observationsTopic.Kind, ID: queueID, Body: json.RawMessage(body), Seen: at.Add(ours.Sub(clock))}
}

func waiting(n int) string { return fmt.Sprintf(`{"metric":"oWaiting","stats":{"count":%d}}`, n) }

func TestObservations(t *testing.T) {
	const oldest = `{"metric":"oLongestWaiting","stats":{"calculatedMetricValue":30000}}`
	at := func(seconds int) time.Time { return clock.Add(time.Duration(seconds) * time.Second) }
	for name, c := range map[string]struct {
		events  []event
		waiting float64
		oldest  time.Time
	}{
		"nothing":         {nil, 2, ours.Add(-90 * time.Second)},
		"newer":           {[]event{observation("voice", at(1), waiting(5), oldest)}, 5, ours.Add(-29 * time.Second)},
		"out of order":    {[]event{observation("voice", at(9), waiting(5)), observation("voice", at(8), waiting(7))}, 5, ours.Add(-90 * time.Second)},
		"older than poll": {[]event{observation("voice", at(-1), waiting(9), oldest)}, 2, ours.Add(-90 * time.Second)},
		"same moment":     {[]event{observation("voice", at(1), waiting(5)), observation("voice", at(1), waiting(6))}, 6, ours.Add(-90 * time.Second)},
		"other medium":    {[]event{observation("chat", at(1), waiting(5))}, 2, ours.Add(-90 * time.Second)},
		"none waits":      {[]event{observation("voice", at(1), waiting(0))}, 0, time.Time{}},
		"next to wait":    {[]event{observation("voice", at(1), waiting(0)), observation("voice", at(2), waiting(1))}, 1, time.Time{}},
		"no medium":       {[]event{observation("", at(1), waiting(9))}, 2, ours.Add(-90 * time.Second)},
		"received before the poll": {[]event{{
			Body: observation("voice", at(0), waiting(9)).Body, Seen: ours.Add(-2 * time.Second),
		}}, 2, ours.Add(-90 * time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			var anomalies platform.Anomalies
			q := polledQueue(t, &anomalies)
			for _, e := range c.events {
				q.applyEvent(e, new(measures), &anomalies)
			}
			voice := q.build(presences).Channels[0]
			if *voice.Waiting != c.waiting || !voice.OldestWaiting.Equal(c.oldest) || *voice.Active != 4 {
				t.Errorf("%v wait since %v, %v are served, want %v since %v, 4", *voice.Waiting, voice.OldestWaiting.UTC(), *voice.Active, c.waiting, c.oldest)
			}
			if anomalies.Violations != 0 {
				t.Errorf("violations = %d, want none", anomalies.Violations)
			}
		})
	}
}

// Half hours are the service level feed's; what users do comes by qualifier; other media are one channel.
func TestObservedDetails(t *testing.T) {
	var anomalies platform.Anomalies
	q := polledQueue(t, &anomalies)
	recorded := decodeFixture[map[string]json.RawMessage](t, "events.json")
	q.applyEvent(readMessage(recorded["queue_observations"], ours.Add(time.Second)), new(measures), &anomalies)
	q.applyEvent(observation("", clock.Add(time.Second), `{"metric":"oOnQueueUsers","qualifier":"IDLE","stats":{"count":0}}`), new(measures), &anomalies)
	for _, medium := range []string{"video", "hologram"} {
		q.applyEvent(observation(medium, clock.Add(time.Second), waiting(3)), new(measures), &anomalies)
	}
	built := q.build(presences)
	last := built.Channels[len(built.Channels)-1]
	if *built.Channels[0].Waiting != 5 || last.Channel != platform.ChannelOther || *last.Waiting != 6 || built.Agents[0].Count != 0 || built.Agents[1].Count != 4 {
		t.Errorf("queue = %+v, want 5 on the phone, 6 on other, none ready, 4 engaged", built)
	}
	if anomalies.Unknowns["queue_media_type"] != 1 {
		t.Errorf("unknown media = %v, want one", anomalies.Unknowns)
	}
	q.applyEvent(observation("voice", clock.Add(2*time.Second), `{"metric":"oWaiting","stats":{"count":"many"}}`), new(measures), &anomalies)
	if built := q.build(presences); built.Channels[0].Waiting != nil || anomalies.Violations != 1 {
		t.Errorf("waiting = %v with %d violations, want not known, 1", built.Channels[0].Waiting, anomalies.Violations)
	}
}

// Events are decoded into the same memory, one after the other. What the one before said is not said again.
func TestEventsShareMemory(t *testing.T) {
	var anomalies platform.Anomalies
	q, entry := polledQueue(t, &anomalies), new(measures)
	q.applyEvent(observation("voice", clock.Add(1*time.Second), waiting(5), `{"metric":"oAlerting","stats":{"count":3}}`), entry, &anomalies)
	q.applyEvent(observation("voice", clock.Add(2*time.Second), `{"metric":"oWaiting"}`), entry, &anomalies)
	voice := q.build(presences).Channels[0]
	if voice.Waiting != nil || *voice.Alerting != 3 {
		t.Errorf("voice = %+v, want an unknown number that wait, and 3 alerting", voice)
	}
	q.applyEvent(event{Body: json.RawMessage(`{"data":[{"interval":"x/x","metrics":[7]},{"interval":"x/x","metrics":null},{"interval":"x/x"}]}`)}, entry, &anomalies)
	diff(t, "places", anomalies.Places, []platform.Place{
		{Path: pathStats + ".count", Count: 1}, {Path: "eventBody.data[].metrics[]", Count: 1}, {Path: "eventBody.data[].interval", Count: 2},
	})
}

// A poll replaces what events brought, but for events that came after it was sent and are not older than its answer. What it
// leaves out is 0.
func TestPollAfterEvents(t *testing.T) {
	for name, c := range map[string]struct {
		event, sent, answered time.Duration // after the first poll
		want                  float64
	}{
		"event before the poll was sent": {1 * time.Second, 2 * time.Second, 3 * time.Second, 0},
		"event while it was under way":   {3 * time.Second, 2 * time.Second, 3 * time.Second, 5},
		"event older than its answer":    {3 * time.Second, 2 * time.Second, 4 * time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var anomalies platform.Anomalies
			q := polledQueue(t, &anomalies)
			q.applyEvent(observation("voice", clock.Add(c.event), waiting(5)), new(measures), &anomalies)
			q.takePoll(map[numberKey]reading{}, clock.Add(c.answered), ours.Add(c.sent))
			if got := *q.build(presences).Channels[0].Waiting; got != c.want {
				t.Errorf("%v wait, want %v", got, c.want)
			}
			if n := *q.build(presences).Channels[4].Waiting; n != 0 {
				t.Errorf("%v messages wait, want the 0 that the poll left out", n)
			}
		})
	}
}

func TestReadingsAreBounded(t *testing.T) {
	var anomalies platform.Anomalies
	q := polledQueue(t, &anomalies)
	for i := range 2 * maxReadings {
		q.applyEvent(observation("", clock.Add(time.Second), fmt.Sprintf(`{"metric":"oOffQueueUsers","qualifier":"%d","stats":{"count":1}}`, i)), new(measures), &anomalies)
	}
	if len(q.readings) > maxReadings {
		t.Errorf("%d readings, want at most %d", len(q.readings), maxReadings)
	}
}

// Results are read into the same value, but nothing of one is left in the next, and a broken one harms no other.
func TestReadObservations(t *testing.T) {
	type result struct {
		Wire     observationWire
		Readable bool
	}
	for name, c := range map[string]struct {
		answer  string
		want    []result
		broken  int
		wantErr bool
	}{
		"less than the one before": {
			`{"results":[{"group":{"queueId":"a","mediaType":"voice"},"data":[{"metric":"m","qualifier":"q","stats":{"count":1}},{"metric":"n"}]},{"group":{"queueId":"b"},"data":[{"metric":"o"},{}]}]}`,
			[]result{
				{observationWire{groupWire{"a", "voice"}, []measureWire{{"m", "q", statsWire{Count: 1.0}}, {Metric: "n"}}}, true},
				{observationWire{groupWire{QueueID: "b"}, []measureWire{{Metric: "o"}, {}}}, true},
			},
			0, false,
		},
		"broken": {
			`{"Results":[7,{"group":{"queueId":"a"},"data":[{"metric":7,"stats":{"count":"x"}}]}]}`,
			[]result{{}, {observationWire{groupWire{QueueID: "a"}, []measureWire{{Stats: statsWire{Count: "x"}}}}, false}},
			2, false,
		},
		"none":          {`{"results":[]}`, nil, 0, false},
		"nothing":       {`{}`, nil, 0, true},
		"null":          {`null`, nil, 0, true},
		"a list":        {`[]`, nil, 0, true},
		"breaks off":    {`{"results":[`, nil, 0, true},
		"mappings only": {`{"systemToOrganizationMappings":{}}`, nil, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			var got []result
			var anomalies platform.Anomalies
			_, err := readObservations(strings.NewReader(c.answer), &anomalies, func(w *observationWire, readable bool) {
				kept := *w
				kept.Data = slices.Clone(w.Data)
				got = append(got, result{kept, readable})
			})
			if (err != nil) != c.wantErr || anomalies.Violations != c.broken {
				t.Errorf("readObservations(%s) = %v with %d violations, want an error: %t, %d", c.answer, err, anomalies.Violations, c.wantErr, c.broken)
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("results differ (-want +got):\n%s", diff)
			}
		})
	}
}
