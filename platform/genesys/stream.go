package genesys

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// This file is the life of the stream: what polls also learn comes by push, and polls only make sure.
//
// The service promises neither delivery nor replay. So one poll reconciles after every connect and after events were
// dropped, and from then on every StreamConfig.Reconcile.

// subject is what a poll and the stream both learn of.
type subject interface {
	state() *syncState
	topics() []string
	needsPoll() bool // topics do not suffice
	apply(event)
	render() *platform.Snapshot // what events have changed
}

// stream is the feed of that name. Its runs do not overlap.
type stream struct {
	client    *client
	http      *http.Client
	timeout   time.Duration // of opening a WebSocket
	log       *slog.Logger
	metrics   *streamMetrics
	pace      pace
	reconcile time.Duration
	limit     int // of channels
	subjects  []subject
	byKind    map[kind]func(event)
	waits     *waitMeter // nil without conversations

	channels    []*channel // kept for the next run
	endReason   cutReason  // why the last run that served ended; "" when that is settled
	lastWarning string     // what was last logged of topics that polls have to stand in for
	release     func()     // gives the channels up

	reliableSince atomic.Int64 // what is known from before may be out of date; in nanoseconds since 1970, 0 while not connected
	silent        atomic.Int64 // sockets that have not told anything yet
	inbox         chan arrival
	queued        atomic.Int64 // bytes in inbox
	dropped       chan struct{}
	topicsChanged chan struct{}
	anomalies     platform.Anomalies // by reading messages, not published yet
}

func newStream(c *client, config Config, log *slog.Logger) (*stream, error) {
	transport, err := config.HTTP.Transport()
	if err != nil {
		return nil, err
	}
	s := &stream{
		client: c, log: log, metrics: newStreamMetrics(config.Stream.Conversations), pace: usualPace,
		http: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		timeout: time.Duration(config.HTTP.Timeout), reconcile: time.Duration(config.Stream.Reconcile), limit: config.Stream.MaxChannels,
		byKind: map[kind]func(event){}, release: func() {},
		inbox: make(chan arrival, maxQueued), dropped: make(chan struct{}, 1), topicsChanged: make(chan struct{}, 1),
	}
	for _, row := range []struct {
		on      bool
		subject subject
		kinds   []kind
	}{
		{config.Stream.Edges && config.Feeds.Edges != 0, c.edges, []kind{kindEdge, kindEdgeMetrics}},
		{config.Stream.Trunks && config.Feeds.Trunks != 0, c.trunks, []kind{kindTrunk, kindTrunkMetrics}},
		{config.Stream.Queues && config.Feeds.Queues != 0, c.queues, []kind{kindObservations}},
	} {
		if !row.on {
			continue
		}
		s.subjects = append(s.subjects, row.subject)
		row.subject.state().onTopicsChanged = func() { wake(s.topicsChanged) }
		row.subject.state().maxAge = max(row.subject.state().maxAge, feed.DefaultMaxAge(s.reconcile))
		for _, k := range row.kinds {
			s.byKind[k] = row.subject.apply
		}
	}
	if config.Stream.Conversations {
		s.waits = newWaitMeter(s.metrics.waits, c.queues.name)
		s.byKind[kindConversations] = func(e event) { s.waits.apply(e, &s.anomalies) }
		c.queues.forget, c.queues.onTopicsChanged = s.waits.forget, func() { wake(s.topicsChanged) }
	}
	return s, nil
}

// standsIn is the interval of a poll: longer while the stream tells everything that it would, and 0, which leaves the
// interval as it is, from the moment that this is in doubt until a poll has told everything again, and until every
// socket has told something: one that opens and then brings nothing is not trusted.
func (s *stream) standsIn(poll *syncState) func() time.Duration {
	return func() time.Duration {
		if since := s.reliableSince.Load(); since == 0 || s.silent.Load() > 0 || poll.lastPoll.Load() < since || !poll.subscribed.Load() {
			return 0
		}
		return s.reconcile
	}
}

// watches tells whether the stream brings what a feed polls.
func (s *stream) watches(feed string) *syncState {
	for _, subject := range s.subjects {
		if subject.state().feed == feed {
			return subject.state()
		}
	}
	return nil
}

// run is the run of the feed. It returns when the stream has ended.
func (s *stream) run(ctx context.Context, to feed.Stream) error {
	s.release = func() { s.releaseAll(context.WithoutCancel(ctx)) }
	if s.waits != nil {
		_ = s.client.queues.learn(ctx) // an error is the poll's to report
	}
	if err := s.poll(ctx, to, func(p *syncState) bool { return p.lastPoll.Load() == 0 }); err != nil && len(s.plan()) == 0 {
		return err // without a list there is nothing to subscribe to
	}
	sockets, err := s.establish(ctx)
	defer func() {
		for _, k := range sockets {
			_ = k.conn.CloseNow() // it is over, however it ends
		}
	}()
	if err != nil {
		return err
	}
	s.silent.Store(int64(len(sockets)))
	s.serving(to, true)
	defer s.serving(to, false)
	return s.end(s.serve(ctx, to, sockets))
}

func (s *stream) serving(to feed.Stream, up bool) {
	if up {
		if s.endReason != "" {
			s.metrics.reconnects.WithLabelValues(string(s.endReason)).Inc()
			s.endReason = ""
		}
		s.metrics.connected.Set(1)
		s.reliableSince.Store(time.Now().UnixNano())
	} else {
		s.metrics.connected.Set(0)
		s.reliableSince.Store(0)
		for len(s.inbox) > 0 { // a poll will tell
			s.queued.Add(-int64(len((<-s.inbox).message)))
		}
	}
	to.Connected(up)
}

// serve reads the sockets until one ends.
func (s *stream) serve(ctx context.Context, to feed.Stream, sockets []*socket) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, k := range sockets {
		group.Go(func() error { return s.read(ctx, k) })
		group.Go(func() error { return s.watch(ctx, k) })
	}
	group.Go(func() error { s.consume(ctx, to); return nil })
	group.Go(func() error { return s.maintain(ctx, to) })
	return group.Wait()
}

// end draws the consequences of how a run ended. What the platform announced is no failure.
func (s *stream) end(err error) error {
	cut, ok := errors.AsType[*cutError](err)
	if !ok {
		return err
	}
	s.endReason = cut.reason
	switch cut.reason {
	case cutRevoked:
		s.channels = nil
	case cutUnsubscribed:
		for _, c := range s.channels {
			c.topics = nil
		}
	}
	if cut.cause == nil {
		s.log.Info("stream ends and starts anew", "reason", string(cut.reason))
		return nil
	}
	return err
}

// poll runs the polls that are due, so that what is known is right again.
func (s *stream) poll(ctx context.Context, to feed.Stream, due func(*syncState) bool) error {
	ctx, cancel := context.WithTimeout(ctx, feedTimeout)
	defer cancel()
	var group errgroup.Group // without a context: one that fails costs no other
	for _, subject := range s.subjects {
		if core := subject.state(); due(core) {
			group.Go(func() error { return to.Poll(ctx, core.feed) })
		}
	}
	return group.Wait()
}

// consume applies events as they arrive and offers what they change.
func (s *stream) consume(ctx context.Context, to feed.Stream) {
	for {
		select {
		case m := <-s.inbox:
			s.handle(m)
			s.offer(to)
		case <-ctx.Done():
			return
		}
	}
}

func (s *stream) handle(m arrival) {
	s.queued.Add(-int64(len(m.message)))
	e := readEvent(m.message, m.seen, &s.anomalies)
	s.metrics.count(e.Kind, m.seen)
	if apply := s.byKind[e.Kind]; apply != nil {
		apply(e)
	}
}

// offer offers every subject that events have changed.
func (s *stream) offer(to feed.Stream) {
	for _, subject := range s.subjects {
		core := subject.state()
		core.addAnomalies(&s.anomalies) // the first reports messages that belong to no subject
		if core.isDirty() {
			to.Offer(core.feed, subject.render)
		}
	}
}

// close gives the channels up and releases the connections. No run may be under way.
func (s *stream) close() {
	s.release()
	s.http.CloseIdleConnections()
}

// releaseAll takes all topics away from all channels.
func (s *stream) releaseAll(ctx context.Context) {
	const goodbye = 3 * time.Second // the program has 10 s to end
	ctx, cancel := context.WithTimeout(ctx, goodbye)
	defer cancel()
	var group errgroup.Group
	for _, c := range s.channels {
		group.Go(func() error { return s.releaseChannel(ctx, c) })
	}
	if err := group.Wait(); err != nil {
		s.log.Info("channel not released", "reason", string(platform.ReasonOf(err)), "err", err)
	}
	s.channels = nil
}
