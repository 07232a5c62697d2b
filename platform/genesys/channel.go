package genesys

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file keeps notification channels over the REST API. A channel lives 24 hours from when it was made or last
// subscribed. The API has no call that deletes one: a channel without subscriptions and without a connection is the first
// to go when the platform makes room.

const (
	channelLife = 24 * time.Hour // when the platform tells no other
	// channelMargin before its end a channel is not taken for a new connection any more.
	channelMargin = 10 * time.Minute
)

// channel is one that the platform keeps for us. It is used again when the stream starts anew.
type channel struct {
	id       string // part of uri, and as secret
	uri      string // of the WebSocket: whoever knows it can listen
	topics   []string
	rejected []topicWire // of the topics
	life     time.Duration
	expires  time.Time // by our clock
	refusals int       // connections in a row that failed
}

// renewed notes that the channel was made or subscribed just now.
func (c *channel) renewed() { c.expires = time.Now().Add(c.life) }

type channelWire struct {
	ID      string `json:"id"`
	URI     string `json:"connectUri"`
	Expires string `json:"expires"`
}

// wantedWire is a topic to subscribe to, topicWire what became of it.
type wantedWire struct {
	ID string `json:"id"`
}

type topicWire struct {
	ID      string   `json:"id"`
	State   string   `json:"state"` // Permitted or Rejected
	Reason  string   `json:"rejectionReason"`
	Missing []string `json:"missingPermissions"`
}

type topicsWire struct {
	Entities []topicWire `json:"entities"`
}

// channelRequest is one about a channel, or about channels when it has no id.
func (s *stream) channelRequest(operation, method string, path ...string) rest.Request {
	return rest.Request{
		Operation: operation, Method: method, URL: s.client.api + strings.Join(append([]string{pathChannels}, path...), "/"),
		Priority: rest.Priority(platform.ClassTrunks),
	}
}

// open makes a channel.
func (s *stream) open(ctx context.Context) (*channel, error) {
	wire, about, err := askDated[channelWire](ctx, s.client, s.channelRequest(opChannels, http.MethodPost))
	if err != nil {
		return nil, err
	}
	uri, err := url.Parse(wire.URI)
	plain := strings.HasPrefix(s.client.api, "http:") && err == nil && uri.Scheme == "ws" // a test, or a private link
	if wire.ID == "" || err != nil || uri.Host == "" || uri.Scheme != "wss" && !plain {
		return nil, errNoChannel // the error of the parser would show the URI
	}
	c := &channel{id: wire.ID, uri: wire.URI, life: channelLife}
	var unread platform.Anomalies
	if life := moment(wire.Expires, &unread).Sub(about.at); life > 0 {
		c.life = min(life, channelLife)
	}
	c.renewed()
	return c, nil
}

var errNoChannel = errors.New("notifications_channels: answer without id and wss address of a channel")

// alive asks whether the platform still has the channel.
func (s *stream) alive(ctx context.Context, c *channel) (bool, error) {
	if time.Until(c.expires) < min(channelMargin, c.life/2) {
		return false, nil
	}
	err := s.client.rest.Do(ctx, s.channelRequest(opChannel, http.MethodHead, c.id), nil)
	if isGone(err) {
		return false, nil
	}
	return err == nil, c.hide(err)
}

// subscribe replaces the channel's topics, which also renews it. A topic that the platform rejects costs no other.
func (s *stream) subscribe(ctx context.Context, c *channel, topics []string) error {
	r := s.channelRequest(opSubscriptions, http.MethodPut, c.id, "subscriptions")
	r.Query = url.Values{"ignoreErrors": {"true"}}
	body := make([]wantedWire, len(topics))
	for i, topic := range topics {
		body[i].ID = topic
	}
	r.Body = body
	c.topics, c.rejected = nil, nil // unknown until the answer is there
	answer, _, err := ask[topicsWire](ctx, s.client, r)
	if err != nil {
		return c.hide(err)
	}
	c.renewed()
	c.topics = topics
	for _, topic := range answer.Entities {
		if strings.EqualFold(topic.State, "rejected") {
			c.rejected = append(c.rejected, topic)
		}
	}
	return nil
}

// releaseChannel takes the topics away from a channel that is not needed any more.
func (s *stream) releaseChannel(ctx context.Context, c *channel) error {
	err := s.client.rest.Do(ctx, s.channelRequest(opSubscriptions, http.MethodDelete, c.id, "subscriptions"), nil)
	if isGone(err) {
		return nil
	}
	return c.hide(err)
}

// isGone tells whether the API has no such channel (404), or none that this token may use.
func isGone(err error) bool {
	refused, ok := errors.AsType[*rest.Error](err)
	return ok && !refused.Login && (refused.Status == http.StatusNotFound || refused.Status == http.StatusForbidden)
}

// hiddenError is an error whose text must not show a channel.
type hiddenError struct {
	error
	text string
}

// hide keeps the channel's id and URI out of an error's text, where the platform or the network may have put them.
func (c *channel) hide(err error) error {
	if err == nil {
		return nil
	}
	text := strings.NewReplacer(c.uri, "<channel>", url.QueryEscape(c.uri), "<channel>", c.id, "<channel>").Replace(err.Error())
	return &hiddenError{err, text}
}

// Error is the text without the channel.
func (h *hiddenError) Error() string { return h.text }

// Unwrap leads to the reason of the failure.
func (h *hiddenError) Unwrap() error { return h.error }
