package notify

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/prometheus/common/version"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// maxMessage bounds one message. Conversations are the large ones.
const maxMessage = 1 << 20

// endError ends a stream that served.
type endError struct {
	reason endReason
	cause  error // nil when the platform announced it
}

func (e *endError) Error() string {
	if e.cause == nil {
		return string(e.reason)
	}
	return string(e.reason) + ": " + e.cause.Error()
}

// Unwrap returns what happened to the connection.
func (e *endError) Unwrap() error { return e.cause }

// Reason classifies the failure for the feed.
func (e *endError) Reason() string {
	switch e.reason {
	case endRevoked:
		return string(platform.ReasonAuth)
	case endOversized:
		return string(platform.ReasonBadResponse)
	}
	return string(platform.ReasonNetwork)
}

// linkError is a connection that failed, with a text that does not show where to.
type linkError struct{ error }

// Reason classifies the failure for the feed.
func (linkError) Reason() string { return string(platform.ReasonNetwork) }

// socket is the WebSocket of a channel. It is read as fast as messages come, and watched.
type socket struct {
	channel *channel
	conn    *websocket.Conn
	heard   atomic.Int64 // when the last message came, in nanoseconds since 1970
}

// connect opens the WebSocket of a channel. There may be one; another ends the first.
func (s *Stream) connect(ctx context.Context, c *channel) (*socket, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, c.uri, &websocket.DialOptions{ //nolint:bodyclose // the package closes it
		HTTPClient: s.http, HTTPHeader: http.Header{"User-Agent": {"ccaas_exporter/" + version.Version}},
	})
	if err != nil {
		if outer, ok := errors.AsType[*url.Error](err); ok { // its text shows the URI
			err = outer.Err
		}
		return nil, linkError{c.hide(err)}
	}
	conn.SetReadLimit(maxMessage)
	k := &socket{channel: c, conn: conn}
	k.heard.Store(time.Now().UnixNano())
	return k, nil
}

// read hands on messages as they come and never waits for those who take them in.
func (s *Stream) read(ctx context.Context, k *socket) error {
	var buffer bytes.Buffer
	for first := true; ; first = false {
		message, err := k.next(ctx, &buffer)
		if err != nil {
			return s.endOf(ctx, k, err)
		}
		now := time.Now()
		k.heard.Store(now.UnixNano())
		if first {
			s.silent.Add(-1)
		}
		if reason, ends := announced(message); ends {
			s.metrics.count(KindSystem, now)
			return &endError{reason: reason}
		}
		s.enqueue(arrival{message, now})
	}
}

// next returns the next message. It is read into the buffer, so that what is kept is as large as the message.
func (k *socket) next(ctx context.Context, buffer *bytes.Buffer) ([]byte, error) {
	_, content, err := k.conn.Reader(ctx)
	if err != nil {
		return nil, err
	}
	buffer.Reset()
	if _, err := buffer.ReadFrom(content); err != nil {
		return nil, err
	}
	return bytes.Clone(buffer.Bytes()), nil
}

// enqueue hands a message on. One that is too much is left out: from then on what is known may be wrong, until a poll.
func (s *Stream) enqueue(m arrival) {
	if s.inbox.put(m) {
		return
	}
	s.metrics.dropped.Inc()
	s.reliableSince.Store(m.seen.UnixNano())
	s.dropped.Raise()
}

// endOf says why a connection ended.
func (s *Stream) endOf(ctx context.Context, k *socket, err error) error {
	switch {
	case ctx.Err() != nil:
		return nil //nolint:nilerr // it was us who ended it
	case errors.Is(err, websocket.ErrMessageTooBig), websocket.CloseStatus(err) == websocket.StatusMessageTooBig:
		return &endError{endOversized, k.channel.hide(err)}
	}
	return &endError{endClosed, k.channel.hide(err)}
}

// watch ends a connection that has fallen silent: nothing else shows one that a firewall has forgotten.
func (s *Stream) watch(ctx context.Context, k *socket) error {
	look := time.NewTicker(s.Pace.Look)
	defer look.Stop()
	for err := s.ping(ctx, k); ; {
		if err != nil {
			return s.endOf(ctx, k, err)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return nil
		}
		switch quiet := time.Since(time.Unix(0, k.heard.Load())); {
		case quiet > s.Pace.Silent:
			return &endError{endSilent, errSilent}
		case quiet > s.Pace.Ping:
			err = s.ping(ctx, k)
		}
	}
}

// ping asks for a sign of life.
func (s *Stream) ping(ctx context.Context, k *socket) error {
	ctx, cancel := context.WithTimeout(ctx, s.Pace.Look)
	defer cancel()
	return k.conn.Write(ctx, websocket.MessageText, []byte(`{"message":"ping"}`))
}

var errSilent = errors.New("nothing came, not even a heartbeat")
