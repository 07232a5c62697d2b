package genesys

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"
	"unique"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// orderStep is an event or the end of a poll, at the moment at which it is processed.
type orderStep struct {
	processed time.Time
	apply     func()
}

// process runs steps in their order.
func process(steps []orderStep) {
	slices.SortStableFunc(steps, func(a, b orderStep) int { return a.processed.Compare(b.processed) })
	for _, s := range steps {
		s.apply()
	}
}

// second is a moment of a history.
func second(n int) time.Time { return clock.Add(time.Duration(n) * time.Second) }

// pollTimes draws polls that do not overlap: when each is sent, answered and received.
func pollTimes(t *rapid.T, length int) (polls [][3]int) {
	sent := 0
	for sent < length {
		answered := sent + rapid.IntRange(1, 5).Draw(t, "duration")
		received := answered + rapid.IntRange(0, 4).Draw(t, "transport")
		polls = append(polls, [3]int{sent, answered, received})
		sent = received + rapid.IntRange(1, 10).Draw(t, "pause")
	}
	return polls
}

// Polls and events of a queue end in the same state in whatever order they are processed: that of the platform.
func TestQueueOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const length = 40
		type number struct {
			medium, metric, qualifier string
		}
		numbers := []number{
			{"voice", oWaiting, ""}, {"voice", oInteracting, ""}, {"video", oWaiting, ""}, {"", oOnQueueUsers, "IDLE"},
		}
		truth := make([]map[number]int, length+20) // after each second
		now := map[number]int{}
		q := &queueState{queueName: queueName{queueID, "Sales DE"}}
		var anomalies platform.Anomalies
		var steps []orderStep
		skew := ours.Sub(clock)
		for n := range truth {
			if n > 0 && n < length && rapid.Bool().Draw(t, "changes") {
				key := rapid.SampledFrom(numbers).Draw(t, "number")
				now[key] = rapid.IntRange(0, 3).Draw(t, "value")
				e := observation(key.medium, second(n), fmt.Sprintf(`{"metric":%q,"qualifier":%q,"stats":{"count":%d}}`, key.metric, key.qualifier, now[key]))
				e.Seen = e.Seen.Add(time.Duration(rapid.IntRange(1, 4000).Draw(t, "delay")) * time.Millisecond)
				wait := time.Duration(rapid.IntRange(0, 4000).Draw(t, "wait")) * time.Millisecond
				steps = append(steps, orderStep{e.Seen.Add(wait), func() { q.applyEvent(e, new(measures), &anomalies) }})
			}
			truth[n] = maps.Clone(now)
		}
		for _, poll := range pollTimes(t, length) {
			sent, answered := second(poll[0]), second(poll[1])
			read := map[numberKey]reading{}
			for key, value := range truth[poll[1]] {
				if value > 0 { // the API leaves zeros out
					read[unique.Make(numberName(key))] = reading{new(float64(value)), &origin{at: answered, received: answered.Add(skew)}}
				}
			}
			steps = append(steps, orderStep{second(poll[2]).Add(skew), func() { q.takePoll(read, answered, sent.Add(skew)) }})
		}
		process(steps)
		got := map[number]int{}
		for key, r := range q.readings {
			if *r.value > 0 {
				got[number(key.Value())] = int(*r.value)
			}
		}
		want := map[number]int{}
		for key, value := range now {
			if value > 0 {
				want[key] = value
			}
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(number{})); diff != "" {
			t.Errorf("numbers differ from the platform's (-want +got):\n%s", diff)
		}
	})
}

// A poll that was sent before another never wins over it.
func TestOlderPoll(t *testing.T) {
	key := unique.Make(numberName{medium: "voice", metric: oWaiting})
	q := &queueState{}
	poll := func(n int) {
		q.takePoll(map[numberKey]reading{key: {new(float64(n)), &origin{at: second(n + 1), received: second(n + 1)}}}, second(n+1), second(n))
	}
	poll(2)
	poll(1)
	if got := *q.readings[key].value; got != 2 {
		t.Errorf("%v wait, want the 2 of the later poll", got)
	}
}

// What an event says before the first poll of a queue is answered is not lost.
func TestEventBeforeFirstPoll(t *testing.T) {
	var anomalies platform.Anomalies
	q := &queueState{}
	q.applyEvent(observation("voice", second(3), waiting(5)), new(measures), &anomalies)
	q.takePoll(map[numberKey]reading{}, second(2), ours.Add(time.Second))
	if got := *q.build(presences).Channels[0].Waiting; got != 5 {
		t.Errorf("%v wait, want the 5 of the event", got)
	}
}

// Polls and events of trunks end in the same state in whatever order they are processed: that of the platform.
func TestInstanceOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const length = 40
		type facts struct {
			connected, option bool
			since, optionAt   int
		}
		instance := func(f facts) string {
			return fmt.Sprintf(`{"id":"i","state":"active","trunkBase":{"id":"b","name":"Carrier"},"inService":true,"enabled":true,
				"connectedStatus":{"connected":%t,"connectedStateTime":%q},"optionsEnabledStatus":"ENABLED",
				"optionsStatus":[{"proxyAddress":"192.0.2.1:5060","optionState":%t,"optionStateTime":%q}]}`,
				f.connected, second(f.since).Format(time.RFC3339), f.option, second(f.optionAt).Format(time.RFC3339))
		}
		now := facts{connected: true, option: true}
		truth := make([]facts, length+20)
		trunks := newTrunks(&client{}, syncOptions{})
		var steps []orderStep
		for n := range truth {
			if n > 0 && n < length && rapid.Bool().Draw(t, "changes") {
				var body string
				if rapid.Bool().Draw(t, "connection") {
					now.connected, now.since = !now.connected, n
					body = fmt.Sprintf(`{"id":"i","connectedStatus":{"connected":%t,"connectedStateTime":%q}}`, now.connected, second(n).Format(time.RFC3339))
				} else {
					now.option, now.optionAt = !now.option, n
					body = fmt.Sprintf(`{"id":"i","optionsStatus":[{"proxyAddress":"192.0.2.1:5060","optionState":%t,"optionStateTime":%q}]}`, now.option, second(n).Format(time.RFC3339))
				}
				e := event{Kind: instanceTopic.Kind, ID: "i", Body: json.RawMessage(body), Seen: second(n).Add(time.Duration(rapid.IntRange(1, 4000).Draw(t, "delay")) * time.Millisecond)}
				wait := time.Duration(rapid.IntRange(0, 4000).Draw(t, "wait")) * time.Millisecond
				steps = append(steps, orderStep{e.Seen.Add(wait), func() { trunks.apply(e) }})
			}
			truth[n] = now
		}
		for _, poll := range pollTimes(t, length) {
			steps = append(steps, orderStep{second(poll[0]), func() { trunks.begin() }}, orderStep{second(poll[2]), func() {
				trunks.takeListing(readEntities[instanceWire, instanceMetricsWire](instance(truth[poll[1]])), second(poll[0]))
				trunks.end()
			}})
		}
		process(steps)
		got := translateTrunks(trunks.listed).Trunks[0]
		want := translateTrunks(readEntities[instanceWire, instanceMetricsWire](instance(now))).Trunks[0]
		got.Evidence, want.Evidence = platform.Evidence{}, platform.Evidence{}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("trunk differs from the platform's (-want +got):\n%s", diff)
		}
	})
}

// readEntities is a list as it is read.
func readEntities[T identified, R measurement](texts ...string) (m listing[T, R]) {
	p, _ := readPage[T](bytes.NewReader(entities(texts...)), "c0ffee")
	m.items = p.items
	m.answered = map[string]bool{}
	return m
}

// The same for lists with metrics.
func TestOlderListing(t *testing.T) {
	edges := polledList(t, newEdges(&client{}, syncOptions{}), oneEdge, edgeRow)
	edges.takeListing(listing[edgeWire, edgeMetricsWire]{items: []item[edgeWire]{}}, t0.Add(-time.Second))
	if n := len(edges.listed.items); n != 1 {
		t.Errorf("%d edges, want the one of the later poll", n)
	}
}
