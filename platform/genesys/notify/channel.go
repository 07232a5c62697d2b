package notify

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

// The names of the calls in metrics and errors, and their path.
const (
	opChannels      = "notifications_channels"
	opChannel       = "notifications_channel"
	opSubscriptions = "notifications_subscriptions"

	pathChannels = "/api/v2/notifications/channels"
)

// Operations returns the names of the calls in metrics and errors.
func Operations() []string { return []string{opChannels, opChannel, opSubscriptions} }

const (
	channelLife = 24 * time.Hour // unless the platform names another
	// channelMargin before its end a channel is not taken for a new connection any more.
	channelMargin = 10 * time.Minute
)

// channel is a notification channel, which the platform keeps for us over its REST API. It lives 24 hours from when it was
// made or last subscribed, and is used again when the stream starts anew. The API has no call that deletes a channel: one
// without subscriptions and without a connection is the first to go when the platform makes room.
type channel struct {
	id       string // part of uri, and as secret
	uri      string // of the WebSocket: who knows it can listen
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
func (s *Stream) channelRequest(operation, method string, path ...string) rest.Request {
	return rest.Request{
		Operation: operation, Method: method, URL: s.API + strings.Join(append([]string{pathChannels}, path...), "/"),
		Priority: platform.ClassTrunks,
	}
}

// open makes a channel.
func (s *Stream) open(ctx context.Context) (*channel, error) {
	var wire channelWire
	var answered time.Time // by the platform's clock where it says so
	err := s.Client.Do(ctx, s.channelRequest(opChannels, http.MethodPost), func(r rest.Response) error {
		answered = r.Received
		if date, err := http.ParseTime(r.Header.Get("Date")); err == nil {
			answered = date
		}
		wire = channelWire{} // a new attempt starts from scratch
		return rest.JSON(&wire)(r)
	})
	if err != nil {
		return nil, err
	}
	uri, err := url.Parse(wire.URI)
	plain := strings.HasPrefix(s.API, "http:") && err == nil && uri.Scheme == "ws" // a test, or a private link
	if wire.ID == "" || err != nil || uri.Host == "" || uri.Scheme != "wss" && !plain {
		return nil, errNoChannel // the error of the parser would show the URI
	}
	c := &channel{id: wire.ID, uri: wire.URI, life: channelLife}
	if expires, err := time.Parse(time.RFC3339Nano, wire.Expires); err == nil && expires.After(answered) {
		c.life = min(expires.Sub(answered), channelLife)
	}
	c.renewed()
	return c, nil
}

var errNoChannel = errors.New("notifications_channels: answer without id and wss address of a channel")

// alive asks whether the platform still has the channel.
func (s *Stream) alive(ctx context.Context, c *channel) (bool, error) {
	if time.Until(c.expires) < min(channelMargin, c.life/2) {
		return false, nil
	}
	err := s.Client.Do(ctx, s.channelRequest(opChannel, http.MethodHead, c.id), nil)
	if isGone(err) || hasStatus(err, http.StatusForbidden) {
		return false, nil
	}
	return err == nil, c.hide(err)
}

// subscribe replaces the channel's topics, which also renews it. A topic that the platform rejects costs no other.
func (s *Stream) subscribe(ctx context.Context, c *channel, topics []string) error {
	r := s.channelRequest(opSubscriptions, http.MethodPut, c.id, "subscriptions")
	r.Query = url.Values{"ignoreErrors": {"true"}}
	body := make([]wantedWire, len(topics))
	for i, topic := range topics {
		body[i].ID = topic
	}
	r.Body = body
	c.topics, c.rejected = nil, nil // unknown until the answer is there
	var answer topicsWire
	if err := s.Client.Do(ctx, r, func(r rest.Response) error {
		answer = topicsWire{}
		return rest.JSON(&answer)(r)
	}); err != nil {
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
func (s *Stream) releaseChannel(ctx context.Context, c *channel) error {
	err := s.Client.Do(ctx, s.channelRequest(opSubscriptions, http.MethodDelete, c.id, "subscriptions"), nil)
	if isGone(err) {
		return nil
	}
	return c.hide(err)
}

// isGone reports whether the API has no such channel (404). A refusal (403) is about topics, or about a channel of another
// token: see alive.
func isGone(err error) bool { return hasStatus(err, http.StatusNotFound) }

func hasStatus(err error, status int) bool {
	refused, ok := errors.AsType[*rest.Error](err)
	return ok && !refused.Login && refused.Status == status
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
