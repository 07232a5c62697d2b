package genesys

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// This file reads the messages of a notification channel.

// event is a message of a topic.
type event struct {
	Kind          kind
	ID            string // of the object that the topic is about
	Body          json.RawMessage
	CorrelationID string
	Seen          time.Time // by our clock
}

type eventWire struct {
	Topic    string          `json:"topicName"`
	Body     json.RawMessage `json:"eventBody"`
	Metadata struct {
		Correlation string `json:"CorrelationId"`
	} `json:"metadata"`
}

// readEvent reads a message. One that cannot be read is counted as a violation.
func readEvent(message []byte, now time.Time, anomalies *platform.Anomalies) event {
	wire, ok := read[eventWire](message, anomalies)
	if !ok {
		return event{Kind: kindOther, Seen: now}
	}
	if wire.Topic == "" && wire.Body == nil {
		anomalies.Violate()
	}
	k, id := readTopic(wire.Topic)
	return event{k, id, wire.Body, wire.Metadata.Correlation, now}
}

// systemWords are what the platform tells a client that its stream is about to end, and how to take it. The part of the
// topic after them is the id of a channel or of a user.
var systemWords = [...]struct {
	prefix string
	reason cutReason
}{
	{"v2.system.socket_closing", cutClosing},
	{"v2.system.token_revoked", cutRevoked},
	{"v2.system.no_longer_subscribed", cutUnsubscribed},
}

var systemMark = []byte("v2.system.")

// ending tells whether a message announces the end of the stream. It costs little for the many that do not.
func ending(message []byte) (cutReason, bool) {
	if !bytes.Contains(message, systemMark) {
		return "", false
	}
	var wire struct {
		Topic string `json:"topicName"`
	}
	if json.Unmarshal(message, &wire) != nil {
		return "", false
	}
	for _, word := range systemWords {
		if bytes.HasPrefix([]byte(wire.Topic), []byte(word.prefix)) {
			return word.reason, true
		}
	}
	return "", false
}
