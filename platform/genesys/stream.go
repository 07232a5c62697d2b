package genesys

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
)

// feedStream is the name of the feed.
const feedStream = "stream"

// event is a message of the stream.
type event = notify.Event

// subject is what a poll reads and the stream changes: queues, trunks or edges.
type subject interface {
	state() *syncState
	kinds() []string // of topics
	topics() []string
	needsPoll() bool // topics do not suffice
	apply(event)
	render() *platform.Snapshot // what events have changed
}

// stream hands the events of the notification service to the subjects that it carries, and reconciles these by polls:
// once after every connect and after events were dropped, and from then on every StreamConfig.Reconcile.
type stream struct {
	link      *notify.Stream
	subjects  []subject
	contacts  *queues    // whose contacts are watched; nil without conversations
	waits     *waitMeter // nil without conversations
	byKind    map[string]func(event)
	anomalies platform.Anomalies // by reading messages, not published yet
}

// streamTopics are the forms of all topics that a stream may carry.
var streamTopics = []notify.Topic{
	observationsTopic, conversationsTopic, instanceTopic, instanceMetricsTopic, edgeTopic, edgeMetricsTopic,
}

// newStream makes a stream of the subjects that the link carries.
func newStream(link *notify.Stream, waits *waitMeter, contacts *queues, subjects ...subject) *stream {
	s := &stream{link: link, byKind: map[string]func(event){}}
	for _, subject := range subjects {
		if subject.state().link == nil {
			continue
		}
		s.subjects = append(s.subjects, subject)
		for _, kind := range subject.kinds() {
			s.byKind[kind] = subject.apply
		}
	}
	if waits != nil {
		s.contacts, s.waits = contacts, waits
		s.byKind[conversationsTopic.Kind] = func(e event) { s.waits.apply(e, contacts.name(e.ID), &s.anomalies) }
	}
	return s
}

// feed is the row of the stream.
func (s *stream) feed() feed.Feed {
	return feed.Feed{Name: feedStream, Class: platform.ClassTrunks, Serve: s.serve}
}

// serve is the run of the feed. It returns when the stream has ended.
func (s *stream) serve(ctx context.Context, to feed.Stream) error {
	if s.contacts != nil {
		_ = s.contacts.readNames(ctx) // an error is the poll's to report
	}
	run := streamRun{s, to}
	if err := run.poll(ctx, func(of *syncState) bool { return of.lastPoll.Load() == 0 }); err != nil && len(run.Topics()) == 0 {
		return err // without a list there is nothing to subscribe to
	}
	return s.link.Serve(ctx, run, to.Connected)
}

// streamRun is the notify.Subscriber of one run.
type streamRun struct {
	*stream
	to feed.Stream
}

// Topics returns those of edges first, then of trunks, of queues, and of contacts.
func (s streamRun) Topics() (topics []string) {
	for _, subject := range s.subjects {
		topics = append(topics, subject.topics()...)
	}
	if s.contacts != nil {
		topics = append(topics, s.contacts.conversationTopics()...)
	}
	return topics
}

// Subscribed notes which subjects the stream carries as a whole.
func (s streamRun) Subscribed(held map[string]bool) {
	for _, subject := range s.subjects {
		all := !subject.needsPoll()
		for _, topic := range subject.topics() {
			all = all && held[topic]
		}
		subject.state().subscribed.Store(all)
	}
}

// Handle applies an event and offers what it changes, to be rendered when a scrape asks for it.
func (s streamRun) Handle(e event) {
	if e.Malformed {
		s.anomalies.Violate(pathEvent)
	}
	if apply := s.byKind[e.Kind]; apply != nil {
		apply(e)
	}
	for _, subject := range s.subjects {
		of := subject.state()
		of.addAnomalies(&s.anomalies) // the first reports messages that belong to no subject
		if of.isDirty() {
			s.to.Offer(of.feed, subject.render)
		}
	}
}

// Reconcile runs the polls whose last run is from before that moment. A failure is reported by the feed's own run, whose
// interval is short again.
func (s streamRun) Reconcile(ctx context.Context, since time.Time) {
	_ = s.poll(ctx, func(of *syncState) bool { return of.lastPoll.Load() < since.UnixNano() })
}

// poll runs the polls that are due.
func (s streamRun) poll(ctx context.Context, due func(*syncState) bool) error {
	ctx, cancel := context.WithTimeout(ctx, feedTimeout)
	defer cancel()
	var group errgroup.Group // without a context: one that fails costs no other
	for _, subject := range s.subjects {
		if of := subject.state(); due(of) {
			group.Go(guard.Func(func() error { return s.to.Poll(ctx, of.feed) }))
		}
	}
	return group.Wait()
}
