package webhook

import (
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// HeaderTimeout is how long the head of a request, and a TLS handshake, may take.
const HeaderTimeout = 5 * time.Second

// Server returns a server whose timeouts and sizes are strict enough for the open Internet.
func (c *Config) Server(handler http.Handler, log *slog.Logger) *http.Server {
	timeout := time.Duration(c.ReadTimeout)
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: min(HeaderTimeout, timeout),
		ReadTimeout:       timeout,
		WriteTimeout:      timeout + HeaderTimeout,
		IdleTimeout:       time.Duration(c.IdleTimeout),
		MaxHeaderBytes:    16 << 10,
		// HTTP/2 buffers what arrives before a handler reads it, for each connection and for each request in it.
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: 16, MaxReceiveBufferPerConnection: 64 << 10, MaxReceiveBufferPerStream: 64 << 10,
		},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), // any stranger can cause these
	}
}

// limits of requests and connections.
type limits struct {
	body, buffered, bufferedBySource int64
	connections, connectionsBySource int
}

// limits returns those of the configuration at work. Each source has the same share of the memory as of the
// connections, and one body always fits into it.
func (r *Receiver) limits() limits {
	r.mu.RLock()
	defer r.mu.RUnlock()
	c := &r.config
	l := limits{
		body: c.MaxBody, buffered: c.MaxBuffered, connections: c.MaxConnections, connectionsBySource: c.MaxConnectionsPerSource,
	}
	share := float64(l.connectionsBySource) / float64(max(1, l.connections))
	l.bufferedBySource = max(int64(float64(l.buffered)*share), l.body+1)
	return l
}

// Listener returns l without the connections that are too many: of all sources together, or of one source address. A
// quarter of all is kept for sources whose requests were accepted in the last day. A connection that is refused is
// closed at once, so the file descriptors that senders can take are bounded.
func (r *Receiver) Listener(l net.Listener) net.Listener { return &limitedListener{l, r} }

type limitedListener struct {
	net.Listener
	receiver *Receiver
}

// Accept implements net.Listener.
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := sourceOf(accepted.RemoteAddr().String())
		why := l.receiver.admit(from)
		if why == "" {
			return &connection{Conn: accepted, release: sync.OnceFunc(func() { l.receiver.connections.remove(from) })}, nil
		}
		l.receiver.refused.WithLabelValues(why).Inc()
		l.receiver.refusals[why].Do(func() { l.receiver.log.Warn("webhook connections refused", "limit", why) })
		_ = accepted.Close() // there is nothing to lose in it
	}
}

// Why connections are refused: values of label reason.
const (
	allTaken   = "max_connections"
	shareTaken = "max_connections_per_source"
)

// knownFor is how long a source is known by a request that was accepted, at least; maxKnown are known at least.
const (
	knownFor = 24 * time.Hour
	maxKnown = 1000
)

// admit counts a connection, or returns why it is one too many.
func (r *Receiver) admit(from source) (why string) {
	l := r.limits()
	if !r.known.has(from.sum(), time.Now()) {
		l.connections -= l.connections / 4
	}
	return r.connections.add(from, l.connections, l.connectionsBySource)
}

// connection gives its place back when it is closed: just before, so that a sender who sees its end may open the next.
type connection struct {
	net.Conn
	release func()
}

// Close implements net.Conn.
func (c *connection) Close() error {
	c.release()
	return c.Conn.Close()
}

// CloseWrite lets the server end its side first, so that a sender reads its answer before the connection is reset.
func (c *connection) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// connections counts those that are open. The zero value has none.
type connections struct {
	mu       sync.Mutex
	all      int
	bySource map[source]int
}

func (c *connections) add(from source, most, share int) (why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.bySource[from] >= share:
		return shareTaken
	case c.all >= most:
		return allTaken
	}
	if c.bySource == nil {
		c.bySource = map[source]int{}
	}
	c.all++
	c.bySource[from]++
	return ""
}

func (c *connections) remove(from source) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.bySource[from]--; c.bySource[from] == 0 {
		delete(c.bySource, from)
	}
}
