package genesys

import (
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

// This file is one WebSocket: it is opened, read as fast as messages come, and watched.

const (
	// maxMessage bounds one message. Conversations are the large ones.
	maxMessage = 1 << 20
	// maxQueued messages, or that many bytes, may wait to be taken in; what comes beyond is dropped and counted.
	maxQueued      = 1 << 14
	maxQueuedBytes = 32 << 20
)

// pace is how long things take; tests are less patient.
type pace struct {
	look      time.Duration // between two looks at how long a socket has been silent
	ping      time.Duration // of silence: ask for a sign of life
	silent    time.Duration // of silence: the socket is dead. The platform sends a heartbeat every 30 s
	reconcile time.Duration // after dropped events, before a poll makes up for them
}

var usualPace = pace{
	look: 5 * time.Second, ping: 35 * time.Second, silent: 45 * time.Second, reconcile: 5 * time.Second,
}

// cutError ends a stream that served.
type cutError struct {
	reason cutReason
	cause  error // nil when the platform announced it
}

func (e *cutError) Error() string {
	if e.cause == nil {
		return string(e.reason)
	}
	return string(e.reason) + ": " + e.cause.Error()
}

// Unwrap returns what happened to the connection.
func (e *cutError) Unwrap() error { return e.cause }

// Reason classifies the failure for the feed.
func (e *cutError) Reason() string {
	switch e.reason {
	case cutRevoked:
		return string(platform.ReasonAuth)
	case cutOversized:
		return string(platform.ReasonBadResponse)
	}
	return string(platform.ReasonNetwork)
}

// linkError is a connection that failed, with a text that does not show where to.
type linkError struct{ error }

// Reason classifies the failure for the feed.
func (linkError) Reason() string { return string(platform.ReasonNetwork) }

// socket is the connection of a channel.
type socket struct {
	channel *channel
	conn    *websocket.Conn
	heard   atomic.Int64 // when the last message came, in nanoseconds since 1970
}

// connect opens the WebSocket of a channel. There may be one; another ends the first.
func (s *stream) connect(ctx context.Context, c *channel) (*socket, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
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

// arrival is a message and when it came.
type arrival struct {
	message []byte
	seen    time.Time
}

// read hands on messages as they come and never waits for those who take them in.
func (s *stream) read(ctx context.Context, k *socket) error {
	for first := true; ; first = false {
		_, message, err := k.conn.Read(ctx)
		if err != nil {
			return s.cut(ctx, k, err)
		}
		now := time.Now()
		k.heard.Store(now.UnixNano())
		if first {
			s.silent.Add(-1)
		}
		if reason, ends := ending(message); ends {
			s.metrics.count(kindSystem, now)
			return &cutError{reason: reason}
		}
		m := arrival{message, now}
		if s.queued.Add(int64(len(message))) > maxQueuedBytes {
			s.drop(m)
			continue
		}
		select {
		case s.inbox <- m:
		default:
			s.drop(m)
		}
	}
}

// drop leaves a message out. From now on what is known may be wrong, until a poll.
func (s *stream) drop(m arrival) {
	s.queued.Add(-int64(len(m.message)))
	s.metrics.dropped.Inc()
	s.reliableSince.Store(m.seen.UnixNano())
	wake(s.dropped)
}

// cut tells why a connection ended.
func (s *stream) cut(ctx context.Context, k *socket, err error) error {
	switch {
	case ctx.Err() != nil:
		return nil //nolint:nilerr // it was us who ended it
	case errors.Is(err, websocket.ErrMessageTooBig), websocket.CloseStatus(err) == websocket.StatusMessageTooBig:
		return &cutError{cutOversized, k.channel.hide(err)}
	}
	return &cutError{cutClosed, k.channel.hide(err)}
}

// watch ends a connection that has fallen silent: nothing else tells of one that a firewall has forgotten.
func (s *stream) watch(ctx context.Context, k *socket) error {
	look := time.NewTicker(s.pace.look)
	defer look.Stop()
	for err := s.ping(ctx, k); ; {
		if err != nil {
			return s.cut(ctx, k, err)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return nil
		}
		switch quiet := time.Since(time.Unix(0, k.heard.Load())); {
		case quiet > s.pace.silent:
			return &cutError{cutSilent, errSilent}
		case quiet > s.pace.ping:
			err = s.ping(ctx, k)
		}
	}
}

// ping asks for a sign of life.
func (s *stream) ping(ctx context.Context, k *socket) error {
	ctx, cancel := context.WithTimeout(ctx, s.pace.look)
	defer cancel()
	return k.conn.Write(ctx, websocket.MessageText, []byte(`{"message":"ping"}`))
}

var errSilent = errors.New("nothing came, not even a heartbeat")

// wake notes that something is to be done; once is enough.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
