// Package notify receives events from the notification service of Genesys Cloud. It knows channels, sockets and topics,
// and nothing of what topics are about.
//
// A Stream subscribes to the topics that its Subscriber names, on as few channels as they need, opens a WebSocket for each
// channel, and hands the events on, one at a time. Serve returns when the stream is cut off; channels are kept and used
// again by the next call.
//
// The service promises neither delivery nor replay. So the Subscriber is asked to reconcile what it knows after every
// connect, after events were dropped, and when topics were added; ReliableSince says since when no event can have been
// missed.
package notify

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// Subscriber uses the events of a stream.
type Subscriber interface {
	// Topics returns the topics to subscribe to, the most important first.
	Topics() []string
	// Subscribed is called with the topics that are subscribed to whenever they may have changed.
	Subscribed(topics map[string]bool)
	// Handle uses an event. It is called for one event at a time.
	Handle(Event)
	// Reconcile makes right what is known from before that moment: events may have been missed.
	Reconcile(ctx context.Context, since time.Time)
}

// Pace is how long things take. Tests are less patient than UsualPace.
type Pace struct {
	Look      time.Duration // between two looks at how long a socket has been silent
	Ping      time.Duration // of silence: ask for a sign of life
	Silent    time.Duration // of silence: the socket is dead. The platform sends a heartbeat every 30 s
	Reconcile time.Duration // after dropped events, before the subscriber reconciles
}

// UsualPace fits the service.
var UsualPace = Pace{Look: 5 * time.Second, Ping: 35 * time.Second, Silent: 45 * time.Second, Reconcile: 5 * time.Second}

// Options say how a Stream works. All are required.
type Options struct {
	Client      *rest.Client
	API         string // scheme and host
	Transport   http.RoundTripper
	Timeout     time.Duration // of opening a WebSocket
	MaxChannels int
	Topics      []Topic // the forms that the subscriber's topics have
	// Changed is signalled when Subscriber.Topics may return others than before.
	Changed Signal
	Pace    Pace
	Log     *slog.Logger
}

// Signal notes that something is to be done; to note it once is enough. A nil Signal ignores it.
type Signal chan struct{}

// NewSignal returns a signal.
func NewSignal() Signal { return make(Signal, 1) }

// Raise notes that something is to be done.
func (s Signal) Raise() {
	select {
	case s <- struct{}{}:
	default:
	}
}

// Stream is a connection to the notification service. Calls of Serve must not overlap.
type Stream struct {
	Options
	http    *http.Client
	forms   topicForms
	metrics *metrics

	channels    []*channel // kept for the next run
	endReason   endReason  // why the last run that served ended; "" when a connection has followed
	lastWarning string     // what was last logged of topics that are not subscribed to
	release     func()     // releases the channels

	reliableSince atomic.Int64 // no event since was missed; in nanoseconds since 1970, 0 while not connected
	silent        atomic.Int64 // sockets that have not delivered anything yet
	inbox         inbox
	dropped       Signal
}

// New returns a stream that is not connected.
func New(o Options) *Stream {
	forms := newTopicForms(o.Topics)
	return &Stream{
		Options: o, forms: forms, metrics: newMetrics(forms),
		http: &http.Client{
			Transport:     o.Transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		release: func() {}, inbox: inbox{filled: NewSignal()}, dropped: NewSignal(),
	}
}

// Metrics returns the instruments of the stream.
func (s *Stream) Metrics() *metric.Set { return &s.metrics.set }

// ReliableSince returns since when no event can have been missed. It returns the zero time while the stream is not
// connected, and until every socket has delivered something: a socket that has opened but delivered nothing is not trusted
// yet.
func (s *Stream) ReliableSince() time.Time {
	since := s.reliableSince.Load()
	if since == 0 || s.silent.Load() > 0 {
		return time.Time{}
	}
	return time.Unix(0, since)
}

// Serve connects, and hands events to the subscriber until the stream is cut off. It returns nil when the platform
// announced the end. Connected is called when the stream is connected and when it no longer is.
func (s *Stream) Serve(ctx context.Context, to Subscriber, connected func(bool)) error {
	s.release = func() { s.releaseAll(context.WithoutCancel(ctx)) }
	sockets, err := s.establish(ctx, to)
	defer func() {
		for _, k := range sockets {
			_ = k.conn.CloseNow() // it is over, however it ends
		}
	}()
	if err != nil {
		return err
	}
	s.silent.Store(int64(len(sockets)))
	s.begin()
	connected(true)
	defer func() { s.stop(); connected(false) }()
	return s.end(s.serve(ctx, to, sockets))
}

// begin notes that the stream is connected.
func (s *Stream) begin() {
	if s.endReason != "" {
		s.metrics.reconnects.WithLabelValues(string(s.endReason)).Inc()
		s.endReason = ""
	}
	s.metrics.connected.Set(1)
	s.reliableSince.Store(time.Now().UnixNano())
}

// stop notes that the stream is not connected any more, and forgets events that were not handled.
func (s *Stream) stop() {
	s.metrics.connected.Set(0)
	s.reliableSince.Store(0)
	s.inbox.clear()
}

// serve reads the sockets until one ends.
func (s *Stream) serve(ctx context.Context, to Subscriber, sockets []*socket) error {
	group, ctx := errgroup.WithContext(ctx)
	start := func(f func() error) { group.Go(guard.Func(f)) }
	for _, k := range sockets {
		start(func() error { return s.read(ctx, k) })
		start(func() error { return s.watch(ctx, k) })
	}
	start(func() error { s.consume(ctx, to); return nil })
	start(func() error { return s.maintain(ctx, to) })
	return group.Wait()
}

// consume hands events on as they arrive.
func (s *Stream) consume(ctx context.Context, to Subscriber) {
	for {
		select {
		case <-s.inbox.filled:
			for m, ok := s.inbox.take(); ok && ctx.Err() == nil; m, ok = s.inbox.take() {
				to.Handle(s.Read(m.message, m.seen))
			}
		case <-ctx.Done():
			return
		}
	}
}

// Read reads and counts a message.
func (s *Stream) Read(message []byte, seen time.Time) Event {
	e := s.forms.event(message, seen)
	s.metrics.count(e.Kind, seen)
	return e
}

// end records why a run ended and drops channels that can no longer be used. An end that the platform announced is no
// failure.
func (s *Stream) end(err error) error {
	ended, ok := errors.AsType[*endError](err)
	if !ok {
		return err
	}
	s.endReason = ended.reason
	if ended.reason == endRevoked || ended.reason == endUnsubscribed { // as the vendor's own client does
		s.channels = nil
	}
	if ended.cause == nil {
		s.Log.Info("stream ends and starts anew", "reason", string(ended.reason))
		return nil
	}
	return err
}

// Close releases the channels and the connections. No run may be under way.
func (s *Stream) Close() {
	s.release()
	s.http.CloseIdleConnections()
}

// releaseAll takes all topics away from all channels.
func (s *Stream) releaseAll(ctx context.Context) {
	const longest = 3 * time.Second // the program has 10 s to end
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	var group errgroup.Group
	for _, c := range s.channels {
		group.Go(guard.Func(func() error { return s.releaseChannel(ctx, c) }))
	}
	s.logUnreleased(group.Wait())
	s.channels = nil
}

func (s *Stream) logUnreleased(err error) {
	if err != nil {
		s.Log.Info("channel not released", "reason", string(platform.ReasonOf(err)), "err", err)
	}
}
