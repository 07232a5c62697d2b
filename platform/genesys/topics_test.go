package genesys

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

func TestTopics(t *testing.T) {
	const id = "9c010000-0000-4000-8000-000000000001"
	for _, k := range []kind{kindObservations, kindConversations, kindTrunk, kindTrunkMetrics, kindEdge, kindEdgeMetrics} {
		if got, object := readTopic(topicName(k, id)); got != k || object != id {
			t.Errorf("readTopic(%q) = %s %q, want %s %q", topicName(k, id), got, object, k, id)
		}
	}
	for name, want := range map[string]kind{
		"channel.metadata": kindHeartbeat, "v2.system.socket_closing": kindSystem, "v2.system.token_revoked.x": kindSystem,
		"v2.subscription.updated": kindSystem, "v2.users.x.presence": kindOther, "": kindOther,
	} {
		if got, _ := readTopic(name); got != want {
			t.Errorf("readTopic(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestReadEvent(t *testing.T) {
	var anomalies platform.Anomalies
	for name, raw := range decodeFixture[map[string]json.RawMessage](t, "events.json") {
		if e := readEvent(raw, time.Time{}, &anomalies); string(e.Kind) != name {
			t.Errorf("%s is read as %s", name, e.Kind)
		}
	}
	if anomalies.Violations != 0 {
		t.Errorf("violations of good messages = %d, want none", anomalies.Violations)
	}
	for _, garbage := range []string{``, `null`, `{`, `{}`, `[]`, `"x"`, `{"topicName":7}`, `{"topicName":"v2.analytics.queues.`} {
		anomalies = platform.Anomalies{}
		if e := readEvent([]byte(garbage), time.Time{}, &anomalies); e.Kind != kindOther || anomalies.Violations != 1 {
			t.Errorf("readEvent(%s) = %s with %d violations, want other, 1", garbage, e.Kind, anomalies.Violations)
		}
	}
}

func TestEnding(t *testing.T) {
	for message, want := range map[string]cutReason{
		`{"topicName":"v2.system.socket_closing","eventBody":{"message":"x"}}`:    cutClosing,
		`{"topicName":"v2.system.token_revoked.a","eventBody":{}}`:                cutRevoked,
		`{"eventBody":{},"topicName":"v2.system.no_longer_subscribed.a"}`:         cutUnsubscribed,
		`{"topicName":"v2.system.something_new.a","eventBody":{}}`:                "",
		`{"topicName":"channel.metadata","eventBody":"v2.system.socket_closing"}`: "",
		`v2.system.socket_closing`:                                                "",
	} {
		if got, ends := ending([]byte(message)); got != want || ends != (want != "") {
			t.Errorf("ending(%s) = %q, %t, want %q", message, got, ends, want)
		}
	}
}
