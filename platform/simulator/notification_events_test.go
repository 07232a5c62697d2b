package simulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tapped is a channel of a world without sockets, and what would have been sent on it.
type tapped struct {
	caller
	hub   *notificationService
	id    string
	sent  *socket
	turns int
}

// tap makes a channel that is subscribed to topics; it must be called in a bubble.
func tap(t *testing.T, w *World, topics ...string) *tapped {
	t.Helper()
	c := loggedOn(t, w, emea)
	id, _ := opened(t, c)
	if r := put(t, c, id, "", topics...); r.status != 200 {
		t.Fatalf("PUT = %d %s", r.status, r.body)
	}
	s := &tapped{caller: c, hub: w.notifications(emea), id: id, sent: &socket{service: w.notifications(emea), out: make(chan []byte, outLength), ctx: t.Context()}}
	s.hub.channels[0].socket = s.sent
	return s
}

// watch lets the publisher work for a time and returns the events; the time of each is its distance from began.
func (s *tapped) watch(d time.Duration) (events []obj) {
	s.t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); s.turns++ {
		<-time.After(publishTick)
		now := time.Now()
		c := &call{world: s.w, site: s.w.sites[emea], now: now, clock: now, stage: s.w.player.stage(now)}
		s.hub.turn(c, s.turns%publishPhases)
		for len(s.sent.out) > 0 {
			event := obj{}
			if err := json.Unmarshal(<-s.sent.out, &event); err != nil {
				s.t.Fatal(err)
			}
			if event["version"] != "2" || event["metadata"].(map[string]any)["CorrelationId"] == "" {
				s.t.Errorf("event %v", event)
			}
			event["at"] = now
			events = append(events, event)
		}
	}
	return events
}

// TestObservationEvents follows queues by their events alone and compares the result with what a query says.
func TestObservationEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 2000})
		queues := w.Queues(emea)[:8]
		var topics []string
		for _, q := range queues {
			topics = append(topics, queueTopic(q))
		}
		s := tap(t, w, topics...)
		table, last := map[string]int{}, map[any]time.Time{}
		halves := 0
		follow := func(events []obj) {
			for _, event := range events {
				if at, topic := event["at"].(time.Time), event["topicName"]; at.Sub(last[topic]) < time.Second {
					t.Fatalf("%v after %v", topic, at.Sub(last[topic]))
				} else {
					last[topic] = at
				}
				halves += apply(t, table, event)
			}
		}
		follow(s.watch(3 * time.Minute))
		if err := w.SetScenario(queueStalled); err != nil {
			t.Fatal(err)
		}
		follow(s.watch(time.Minute))
		if err := w.SetScenario(calm); err != nil {
			t.Fatal(err)
		}
		follow(s.watch(30 * time.Minute))

		// The clock stands still, so that what is left to send can be sent.
		now := time.Now()
		c := &call{world: w, site: w.sites[emea], now: now, clock: now, stage: w.player.stage(now)}
		for turn := range 8 * publishPhases {
			s.hub.turn(c, turn%publishPhases)
		}
		for len(s.sent.out) > 0 {
			event := obj{}
			if err := json.Unmarshal(<-s.sent.out, &event); err != nil {
				t.Fatal(err)
			}
			halves += apply(t, table, event)
		}
		if diff := cmp.Diff(observe(t, s.caller, queues), trimmed(table)); diff != "" {
			t.Errorf("query and events (-query +events):\n%s", diff)
		}
		if halves < 100 {
			t.Errorf("%d entries of half hours", halves)
		}
		noViolations(t, w)
	})
}

// apply brings one event into the table, keyed as observe does, and counts the entries of half hours in it. The two
// oLongest… are left to age: only the moment of their contact counts.
func apply(t *testing.T, table map[string]int, event obj) (halves int) {
	t.Helper()
	body := obj(event["eventBody"].(map[string]any))
	group := body["group"].(map[string]any)
	medium, _ := group["mediaType"].(string)
	for _, entry := range items(t, body, "data") {
		from, to, err := parseMoments(entry["interval"].(string))
		if err != nil {
			t.Fatal(err)
		}
		if to.Sub(from) == halfHour {
			halves++
			continue
		}
		if to != from {
			t.Errorf("interval %v", entry["interval"])
		}
		for _, m := range items(t, entry, "metrics") {
			qualifier, _ := m["qualifier"].(string)
			stats := m["stats"].(map[string]any)
			key := strings.Trim(fmt.Sprint(group["queueId"], " ", medium, " ", m["metric"], " ", qualifier), " ")
			if count, counted := stats["count"].(float64); counted {
				table[key] = int(count)
			} else {
				table[key] = int(from.UnixMilli() - int64(stats["calculatedMetricValue"].(float64)))
			}
		}
	}
	return halves
}

func parseMoments(interval string) (from, to time.Time, err error) {
	a, b, _ := strings.Cut(interval, "/")
	if from, err = parseMoment(a); err == nil {
		to, err = parseMoment(b)
	}
	return from, to, err
}

// trimmed drops zeros and the oLongest… of no contact, and turns moments back into ages.
func trimmed(table map[string]int) map[string]int {
	kept := maps.Clone(table)
	maps.DeleteFunc(kept, func(key string, n int) bool {
		gauge := strings.NewReplacer("Longest", "").Replace(key)
		return n == 0 || gauge != key && table[gauge] == 0
	})
	for key := range kept {
		if strings.Contains(key, "oLongest") {
			kept[key] = int(time.Now().UnixMilli()) - kept[key]
		}
	}
	return kept
}

// TestPlantEvents plays the scenarios that change trunks and edges.
func TestPlantEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{})
		c := loggedOn(t, w, emea)
		trunks := all(t, c, telephony+"/trunks?trunkType=EXTERNAL", "100")
		edges := all(t, c, telephony+"?showCloudMedia=false", "100")
		var topics []string
		for _, id := range column(trunks, "id") {
			topics = append(topics, "v2.telephony.providers.edges.trunks."+id)
		}
		for _, id := range column(edges, "id") {
			topics = append(topics, "v2.telephony.providers.edges."+id)
		}
		own := edges[0]["id"].(string)
		topics = append(topics, "v2.telephony.providers.edges."+own+".metrics", topics[0]+".metrics")
		s := tap(t, w, topics...)
		kinds := func(events []obj) map[string]int {
			n := map[string]int{}
			for _, e := range events {
				body := e["eventBody"].(map[string]any)
				for _, key := range []string{"onlineStatus", "connectedStatus", "processors", "calls"} {
					if body[key] != nil {
						n[key]++
					}
				}
			}
			return n
		}
		if diff := cmp.Diff(map[string]int{"processors": 3, "calls": 3}, kinds(s.watch(30*time.Second))); diff != "" {
			t.Errorf("in calm (-want +got):\n%s", diff)
		}
		if err := w.SetScenario(trunkOutage); err != nil {
			t.Fatal(err)
		}
		if got := kinds(s.watch(2 * time.Second))["connectedStatus"]; got != 10 {
			t.Errorf("%d instances show the outage, want two bases of five", got)
		}
		if err := w.SetScenario(edgeOffline); err != nil {
			t.Fatal(err)
		}
		events := s.watch(2 * time.Second)
		offline := slices.DeleteFunc(events, func(e obj) bool { return e["eventBody"].(map[string]any)["onlineStatus"] == nil })
		want := map[string]any{"id": edges[offlineEdge]["id"], "onlineStatus": "OFFLINE"}
		if len(offline) != 1 || cmp.Diff(want, offline[0]["eventBody"]) != "" {
			t.Errorf("offline: %v, want %v", offline, want)
		}
		noViolations(t, w)
	})
}

// TestConversationEvents follows contacts from their arrival to their end.
func TestConversationEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 2000})
		queues := map[any]bool{}
		var topics []string
		for _, q := range w.Queues(emea)[:10] {
			queues[q.ID] = true
			topics = append(topics, "v2.routing.queues."+q.ID+".conversations")
		}
		s := tap(t, w, topics...)
		type life struct {
			wait           time.Duration
			answered, gone bool
			purposes       string
		}
		lives := map[any]*life{}
		for _, event := range s.watch(20 * time.Minute) {
			body := obj(event["eventBody"].(map[string]any))
			l := lives[body["id"]]
			if l == nil {
				l = &life{}
				lives[body["id"]] = l
			}
			l.purposes = ""
			for _, p := range items(t, body, "participants") {
				purpose := p["purpose"].(string)
				l.purposes += purpose + " "
				if purpose == "acd" && !queues[p["queueId"]] {
					t.Errorf("acd participant of %v", p["queueId"])
				}
				from, _ := parseMoment(fmt.Sprint(p["connectedTime"]))
				to, err := parseMoment(fmt.Sprint(p["endTime"]))
				switch {
				case purpose == "acd" && err == nil:
					l.wait = to.Sub(from)
				case purpose == "agent" && !from.IsZero():
					l.answered = true
				case purpose == "customer" && err == nil:
					l.gone = true
				}
			}
		}
		answered, lost := 0, 0
		for id, l := range lives {
			switch {
			case l.gone && l.answered:
				answered++
			case l.gone:
				lost++
			}
			if (l.gone || l.answered) && l.wait <= 0 || l.answered && l.purposes != "customer acd agent " {
				t.Errorf("contact %v: %+v", id, *l)
			}
		}
		if answered < 200 || lost == 0 || lost > answered/2 {
			t.Errorf("%d contacts were handled and %d lost, of %d", answered, lost, len(lives))
		}
	})
}
