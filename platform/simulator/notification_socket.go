// One WebSocket of the notification service.

package simulator

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// socket is the connection of a channel. One goroutine writes what is in out, another reads.
type socket struct {
	service *notificationService
	conn    *websocket.Conn
	opened  time.Time
	ctx     context.Context //nolint:containedctx // it is the life of the connection
	drop    context.CancelFunc
	out     chan []byte
	ending  chan websocket.StatusCode
	closes  sync.Once
	notice  chan struct{} // an announced end has begun
}

// The ways to end a connection properly.
const (
	normal    = websocket.StatusNormalClosure
	goingAway = websocket.StatusGoingAway
)

// The sizes of a connection.
const (
	outLength    = 4096    // messages that wait for a slow reader
	messageLimit = 1 << 20 // of what a client sends
)

// connect answers the opening of a WebSocket. The channel has it before the client knows, so that a test that has
// connected can act on it at once.
func (n *notificationService) connect(c *call) answer {
	n.mu.Lock()
	ch := n.find(c)
	n.mu.Unlock()
	if ch == nil {
		return genesysError(c, http.StatusNotFound, "not.found", "The requested resource was not found.")
	}
	return answer{status: http.StatusSwitchingProtocols, take: func(w http.ResponseWriter) {
		n.org.world.serving.Add(1) // a taken connection is no longer the server's to wait for
		defer n.org.world.serving.Done()
		s := &socket{
			service: n, opened: c.now, out: make(chan []byte, outLength),
			ending: make(chan websocket.StatusCode, 1), notice: make(chan struct{}, 1),
		}
		s.ctx, s.drop = context.WithCancel(c.request.Context())
		defer s.drop()
		n.attach(ch, s)
		defer n.detach(ch, s)
		conn, err := websocket.Accept(w, c.request, nil)
		if err != nil {
			n.org.violate(c, "websocket: %v", err)
			return
		}
		defer func() { _ = conn.CloseNow() }()
		conn.SetReadLimit(messageLimit)
		s.conn = conn
		s.run(c, ch)
	}}
}

// attach gives a channel its connection; one that it has ends, and so does one that comes when the channel is gone.
func (n *notificationService) attach(ch *channel, s *socket) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if ch.socket != nil {
		ch.socket.end(normal)
	}
	ch.socket, ch.used = s, s.opened
	if !slices.Contains(n.channels, ch) {
		s.end(normal)
	}
}

func (n *notificationService) detach(ch *channel, s *socket) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if ch.socket == s {
		ch.socket, ch.used = nil, time.Now()
	}
}

// run serves a connection until it ends.
func (s *socket) run(c *call, ch *channel) {
	var reading sync.WaitGroup
	reading.Go(func() {
		defer s.drop()
		for {
			_, message, err := s.conn.Read(s.ctx)
			if err != nil {
				return
			}
			s.receive(c, ch, message)
		}
	})
	defer reading.Wait()
	defer s.drop()
	heartbeat := time.NewTicker(s.service.org.world.options.Heartbeat)
	defer heartbeat.Stop()
	var closing <-chan time.Time
	for {
		var err error
		select {
		case <-s.ctx.Done():
			return
		case code := <-s.ending:
			_ = s.conn.Close(code, "") // a peer that does not answer has lost the connection all the same
			return
		case <-closing:
			_ = s.conn.Close(goingAway, "")
			return
		case <-s.notice:
			closing = time.After(s.service.org.world.options.ClosingNotice)
		case <-heartbeat.C:
			s.send(systemMessage("channel.metadata", obj{"message": "WebSocket Heartbeat"}))
		case message := <-s.out:
			err = s.conn.Write(s.ctx, websocket.MessageText, message)
		}
		if err != nil {
			return
		}
	}
}

// receive handles what a client may send: a ping, or a subscription in band.
func (s *socket) receive(c *call, ch *channel, message []byte) {
	var request struct {
		Message, CorrelationID string
		Topics                 []string
	}
	if err := json.Unmarshal(message, &request); err != nil {
		s.service.org.violate(c, "message: %v", err)
		return
	}
	switch request.Message {
	case "ping":
		s.send(systemMessage("channel.metadata", obj{"message": "pong"}))
	case "subscribe":
		s.send(s.service.inBand(ch, request.Topics))
	default:
		s.service.org.violate(c, "message %q is not known", request.Message)
	}
}

// inBand adds subscriptions that were asked for over the socket.
func (n *notificationService) inBand(ch *channel, names []string) []byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	chosen, _, refusal := n.choose(names, ch.subscriptions, ch.subscriptions)
	if refusal != "" {
		return reply(obj{"result": "400", "status": "failure"}).body
	}
	ch.subscriptions = chosen
	return reply(obj{"result": "200", "status": "subscribed"}).body
}

// end closes the connection with a close frame; only the first call counts.
func (s *socket) end(code websocket.StatusCode) { s.closes.Do(func() { s.ending <- code }) }

// announce closes the connection after the notice.
func (s *socket) announce() {
	select {
	case s.notice <- struct{}{}:
	default:
	}
}

// send queues a message, or loses it when the reader is far behind or the service is mute: delivery is not guaranteed.
func (s *socket) send(message []byte) {
	if s.service.mute.Load() {
		return
	}
	select {
	case s.out <- message:
	default:
	}
}

// put queues a message even when the service is mute, and waits for a reader that is behind.
func (s *socket) put(message []byte) {
	select {
	case s.out <- message:
	case <-s.ctx.Done():
	}
}

// putUntil is put that gives up with ctx; it reports whether the message was queued.
func (s *socket) putUntil(ctx context.Context, message []byte) bool {
	if s.service.mute.Load() {
		return false
	}
	select {
	case s.out <- message:
		return true
	case <-s.ctx.Done():
	case <-ctx.Done():
	}
	return false
}

// systemMessage is a message about the channel itself.
func systemMessage(topic string, body obj) []byte {
	return reply(obj{"topicName": topic, "eventBody": body}).body
}
