package notify

import (
	"encoding/json"
	"os"
	"testing"
	"time"
)

// trunkForms are forms of which one prefix begins with another, and of which some have no suffix.
var trunkForms = newTopicForms([]Topic{
	{"edge", "v2.telephony.providers.edges.", ""},
	{"edge_metrics", "v2.telephony.providers.edges.", ".metrics"},
	{"trunk", "v2.telephony.providers.edges.trunks.", ""},
	{"trunk_metrics", "v2.telephony.providers.edges.trunks.", ".metrics"},
	{"queue_observations", "v2.analytics.queues.", ".observations"},
	{"queue_conversations", "v2.routing.queues.", ".conversations"},
})

func TestTopics(t *testing.T) {
	const id = "9c010000-0000-4000-8000-000000000001"
	for _, topic := range trunkForms[:6] {
		if kind, object := trunkForms.read(topic.Name(id)); kind != topic.Kind || object != id {
			t.Errorf("read(%q) = %s %q, want %s %q", topic.Name(id), kind, object, topic.Kind, id)
		}
	}
	for name, want := range map[string]string{
		"channel.metadata": KindHeartbeat, "v2.system.socket_closing": KindSystem, "v2.system.token_revoked.x": KindSystem,
		"v2.subscription.updated": KindSystem, "v2.users.x.presence": KindOther, "": KindOther,
	} {
		if got, _ := trunkForms.read(name); got != want {
			t.Errorf("read(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestReadEvent(t *testing.T) {
	raw, err := os.ReadFile("../testdata/events.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded map[string]json.RawMessage
	if err := json.Unmarshal(raw, &recorded); err != nil {
		t.Fatal(err)
	}
	for name, message := range recorded {
		if e := trunkForms.event(message, time.Time{}); e.Kind != name || e.Malformed {
			t.Errorf("%s is read as %s, malformed: %t", name, e.Kind, e.Malformed)
		}
	}
	for _, garbage := range []string{``, `null`, `{`, `{}`, `[]`, `"x"`, `{"topicName":7}`, `{"topicName":"v2.analytics.queues.`} {
		if e := trunkForms.event([]byte(garbage), time.Time{}); e.Kind != KindOther || !e.Malformed {
			t.Errorf("event(%s) = %s, malformed: %t, want other, true", garbage, e.Kind, e.Malformed)
		}
	}
}

func TestAnnounced(t *testing.T) {
	for message, want := range map[string]endReason{
		`{"topicName":"v2.system.socket_closing","eventBody":{"message":"x"}}`:    endClosing,
		`{"topicName":"v2.system.token_revoked.a","eventBody":{}}`:                endRevoked,
		`{"eventBody":{},"topicName":"v2.system.no_longer_subscribed.a"}`:         endUnsubscribed,
		`{"topicName":"v2.system.something_new.a","eventBody":{}}`:                "",
		`{"topicName":"channel.metadata","eventBody":"v2.system.socket_closing"}`: "",
		`v2.system.socket_closing`:                                                "",
	} {
		if got, ends := announced([]byte(message)); got != want || ends != (want != "") {
			t.Errorf("announced(%s) = %q, %t, want %q", message, got, ends, want)
		}
	}
}
