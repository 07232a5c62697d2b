package notify

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// Event is a message of a topic.
type Event struct {
	Kind          string          // of the topic, or KindOther
	ID            string          // of the object that the topic is about
	Body          json.RawMessage // a part of the message
	CorrelationID string
	Seen          time.Time // when it was received, by our clock
	Malformed     bool      // it is no message in the documented form
}

type eventWire struct {
	Topic    string    `json:"topicName"`
	Body     rest.Span `json:"eventBody"`
	Metadata struct {
		Correlation string `json:"CorrelationId"`
	} `json:"metadata"`
}

// read reads a message.
func (f topicForms) event(message []byte, seen time.Time) Event {
	var wire eventWire
	if rest.Unmarshal(message, &wire) != nil {
		return Event{Kind: KindOther, Seen: seen, Malformed: true}
	}
	kind, id := f.read(wire.Topic)
	body := wire.Body.In(message)
	return Event{kind, id, body, wire.Metadata.Correlation, seen, wire.Topic == "" && body == nil}
}

// announcements are the messages with which the platform ends a stream. The part of the topic after the prefix is the id
// of a channel or of a user.
var announcements = [...]struct {
	prefix string
	reason endReason
}{
	{"v2.system.socket_closing", endClosing},
	{"v2.system.token_revoked", endRevoked},
	{"v2.system.no_longer_subscribed", endUnsubscribed},
}

var systemMark = []byte("v2.system.")

// announced reports whether a message announces the end of the stream, and why it ends. It costs little for the many
// messages that do not.
func announced(message []byte) (endReason, bool) {
	if !bytes.Contains(message, systemMark) {
		return "", false
	}
	var wire struct {
		Topic string `json:"topicName"`
	}
	if rest.Unmarshal(message, &wire) != nil {
		return "", false
	}
	for _, a := range announcements {
		if strings.HasPrefix(wire.Topic, a.prefix) {
			return a.reason, true
		}
	}
	return "", false
}
