package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
)

const channels = "/api/v2/notifications/channels"

// opened makes a channel and returns its id and address.
func opened(t *testing.T, c caller) (id, address string) {
	t.Helper()
	r := c.do("POST", channels, "")
	if r.status != http.StatusOK {
		t.Fatalf("POST channels = %d %s", r.status, r.body)
	}
	ch := r.json(t)
	expires, err := time.Parse(time.RFC3339, ch["expires"].(string))
	if left := time.Until(expires); err != nil || left < 23*time.Hour || left > 24*time.Hour {
		t.Errorf("channel expires at %v", ch["expires"])
	}
	return ch["id"].(string), ch["connectUri"].(string)
}

// put subscribes a channel to topics and nothing else.
func put(t *testing.T, c caller, id, query string, topics ...string) read {
	t.Helper()
	return c.do("PUT", channels+"/"+id+"/subscriptions"+query, topicList(t, topics...))
}

func topicList(t *testing.T, topics ...string) string {
	t.Helper()
	all := list{}
	for _, topic := range topics {
		all = append(all, obj{"id": topic})
	}
	body, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// dialed connects to a channel.
func dialed(t *testing.T, address string) *websocket.Conn {
	t.Helper()
	conn, response, err := websocket.Dial(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if response.Body != nil {
		_ = response.Body.Close()
	}
	conn.SetReadLimit(1 << 25)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn
}

// next reads messages until one is on a topic that begins with prefix.
func next(t *testing.T, conn *websocket.Conn, prefix string) obj {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		_, message, err := conn.Read(ctx)
		if err != nil {
			t.Fatalf("waiting for %s: %v", prefix, err)
		}
		event := obj{}
		if err := json.Unmarshal(message, &event); err != nil {
			t.Fatalf("%q: %v", message, err)
		}
		if topic, _ := event["topicName"].(string); strings.HasPrefix(topic, prefix) {
			return event
		}
	}
}

// ended reads until the connection ends, and returns how: -1 is without a close frame.
func endOf(t *testing.T, conn *websocket.Conn) websocket.StatusCode {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		if _, _, err := conn.Read(ctx); errors.Is(err, context.DeadlineExceeded) {
			t.Fatal("the connection goes on")
		} else if err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

func queueTopic(q QueueName) string { return "v2.analytics.queues." + q.ID + ".observations" }

func TestSubscriptions(t *testing.T) {
	w := started(t, Options{Queues: maxQueues})
	c := loggedOn(t, w, emea)
	id, _ := opened(t, c)
	path := channels + "/" + id + "/subscriptions"
	queues := w.Queues(emea)
	var many []string
	for _, q := range queues[:maxTopics] {
		many = append(many, queueTopic(q))
	}
	a, b := many[0], many[1]
	both := "v2.telephony.providers.edges." + queues[0].ID + "?metrics&softwareupdate"
	w.RejectTopics(emea, "v2.telephony.providers.edges.trunks.*")
	trunk := "v2.telephony.providers.edges.trunks." + queues[0].ID
	topics := func() (ids []string) { return column(items(t, c.ok(path), "entities"), "id") }
	for _, step := range []struct {
		name, method, query string
		topics              []string
		status              int
		code                string
		want                []string // nil: not looked at
	}{
		{"set", "PUT", "", []string{a, a}, 200, "", []string{a}},
		{"add", "POST", "", []string{b, both}, 200, "", []string{a, b, both}},
		{"replace", "PUT", "?ignoreErrors=true", []string{b}, 200, "", []string{b}},
		{"unknown", "PUT", "", []string{"v2.queues.1"}, 400, invalidTopic, []string{b}},
		{"unknown, errors ignored", "PUT", "?ignoreErrors=true", []string{"notifications.queues"}, 400, invalidTopic, []string{b}},
		{"no id", "POST", "", []string{"v2.analytics.queues.*.observations"}, 400, invalidTopic, []string{b}},
		{"too long", "POST", "", []string{a + "?" + strings.Repeat("&observations", 20)}, 400, invalidTopic, []string{b}},
		{"forbidden", "PUT", "", []string{a, trunk}, 403, forbiddenTopic, []string{b}},
		{"forbidden, errors ignored", "PUT", "?ignoreErrors=true", []string{a, trunk}, 200, "", []string{a}},
		{"1001", "PUT", "", append([]string{both}, many...), 400, tooManyTopics, []string{a}},
		{"1000", "PUT", "", many, 200, "", many},
		{"one more", "POST", "", []string{both}, 400, tooManyTopics, many},
	} {
		r := c.do(step.method, path+step.query, topicList(t, step.topics...))
		code, _ := r.json(t)["code"].(string)
		if r.status != step.status || code != step.code {
			t.Errorf("%s = %d %s, want %d %s", step.name, r.status, code, step.status, step.code)
		}
		if diff := cmp.Diff(step.want, topics()); diff != "" {
			t.Errorf("%s: subscriptions (-want +got):\n%s", step.name, diff)
		}
	}
	r := put(t, c, id, "?ignoreErrors=true", a, trunk)
	if got := fmt.Sprint(column(items(t, r.json(t), "entities"), "state")); got != "[Permitted Rejected]" {
		t.Errorf("states %s of %s", got, r.body)
	}
	if r := c.do("DELETE", path, ""); r.status != 200 || topics() != nil {
		t.Errorf("DELETE = %d, left %v", r.status, topics())
	}
}

func TestChannelLife(t *testing.T) {
	w := started(t, Options{})
	c := loggedOn(t, w, emea)
	head := func(id string) int { return c.do("HEAD", channels+"/"+id, "").status }
	var ids []string
	var conns []*websocket.Conn
	for range maxChannels {
		id, address := opened(t, c)
		ids = append(ids, id)
		if len(ids) <= 2 {
			conns = append(conns, dialed(t, address))
		}
	}
	if r := put(t, c, ids[2], "", "channel.metadata"); r.status != 200 { // ids[3] is now the one unused for longest
		t.Fatalf("PUT = %d %s", r.status, r.body)
	}
	other := loggedOn(t, w, emea)
	newest, _ := opened(t, other)
	for id, want := range map[string]int{ids[0]: 200, ids[2]: 200, ids[3]: 404, ids[4]: 200, newest: 200} {
		if got := head(id); got != want {
			t.Errorf("HEAD %s = %d, want %d", id, got, want)
		}
	}
	if mine, hers := items(t, other.ok(channels), "entities"), items(t, other.ok(channels+"?includechannels=oauthclient"), "entities"); len(mine) != 1 ||
		mine[0]["id"] != newest || len(hers) != maxChannels || hers[0]["id"] != nil {
		t.Errorf("channels of the token %v, of the client %v", mine, hers)
	}
	calls := w.Calls(emea)
	if calls["POST "+channels] != maxChannels+1 || calls["PUT "+channels+"/{id}/subscriptions"] != 1 || calls["GET /channels/{id}"] != 2 {
		t.Errorf("calls: %v", calls)
	}
	w.ExpireChannel(emea)
	if code := endOf(t, conns[0]); code != normal {
		t.Errorf("connection of the expired channel ended with %v", code)
	}
	if r := put(t, c, ids[0], ""); r.status != 404 || r.json(t)["code"] != "entity.not.found" || head(ids[0]) != 404 {
		t.Errorf("PUT on an expired channel = %d %s", r.status, r.body)
	}
	_, response, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(w.URL(emea), "http")+"/channels/"+ids[0], nil)
	if err == nil || response.StatusCode != http.StatusNotFound {
		t.Errorf("connecting to an expired channel: %v", err)
	}
	noViolations(t, w)
}

// TestTwoSockets connects twice to one channel.
func TestTwoSockets(t *testing.T) {
	w := started(t, Options{Heartbeat: 20 * time.Millisecond})
	_, address := opened(t, loggedOn(t, w, emea))
	first := dialed(t, address)
	next(t, first, "channel.metadata")
	second := dialed(t, address)
	if code := endOf(t, first); code != normal {
		t.Errorf("the first connection ended with %v", code)
	}
	event := next(t, second, "channel.metadata")
	if diff := cmp.Diff(obj{"topicName": "channel.metadata", "eventBody": map[string]any{"message": "WebSocket Heartbeat"}}, event); diff != "" {
		t.Errorf("heartbeat (-want +got):\n%s", diff)
	}
	for request, want := range map[string]string{
		`{"message":"ping"}`: `{"eventBody":{"message":"pong"},"topicName":"channel.metadata"}`,
		`{"message":"subscribe","topics":["channel.metadata"],"correlationId":"1"}`: `{"result":"200","status":"subscribed"}`,
		`{"message":"subscribe","topics":["v2.what"]}`:                              `{"result":"400","status":"failure"}`,
	} {
		if err := second.Write(t.Context(), websocket.MessageText, []byte(request)); err != nil {
			t.Fatal(err)
		}
		for {
			if _, message, err := second.Read(t.Context()); err != nil {
				t.Fatal(err)
			} else if string(message) == want {
				break
			} else if !strings.Contains(string(message), "Heartbeat") {
				t.Fatalf("%s → %s, want %s", request, message, want)
			}
		}
	}
	if w.Sockets(emea) != 1 || w.Topics(emea) != 1 {
		t.Errorf("%d sockets, %d topics", w.Sockets(emea), w.Topics(emea))
	}
	noViolations(t, w)
}
