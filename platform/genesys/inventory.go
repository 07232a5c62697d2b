package genesys

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
)

// inventory is a list of objects (trunk instances, edges) with metrics, which a poll reads and events change. What no event
// says (whether a trunk is in service, whether an edge drains) is as old as the last poll.
type inventory[T identified, R measurement] struct {
	syncState
	read      func(context.Context) (listing[T, R], error)
	translate func(listing[T, R]) platform.Snapshot
	change    func(wire *T, body json.RawMessage, anomalies *platform.Anomalies) bool // by an event about an object itself
	about     notify.Topic                                                            // of an object itself
	metrics   notify.Topic                                                            // of its metrics
	topicsOf  func(T) []string                                                        // of one object
	partOf    func(T) string                                                          // the objects of a part are translated together; nil = all are one part

	pollSentAt time.Time // when the poll was sent that listed is from
	listed     listing[T, R]
	parts      []*part           // in the order of their keys
	index      map[string]place  // of an object, by its id
	rows       map[string]rowRef // of metrics, by the id of their object
	multiRow   bool              // an object has several rows, one per interface, and events do not tell which one they are about
	polling    bool              // a poll is under way: the engine never runs two at once
	pollEvents []event           // that came since it began
}

// place is where an object is: among the items, and in which part.
type place struct {
	item int
	part *part
}

// rowRef is where the metrics of an object are, and when the platform measured them.
type rowRef struct {
	index      int
	measuredAt time.Time
}

// maxPollEvents bounds the events remembered while a poll is under way.
const maxPollEvents = 10_000

// poll is the poll of the feed.
func (t *inventory[T, R]) poll(ctx context.Context) (*platform.Snapshot, error) {
	sent := t.begin()
	m, err := t.read(ctx)
	t.Lock()
	defer t.Unlock()
	defer t.end()
	if m.items == nil {
		return nil, err
	}
	if t.link == nil { // no event will change it
		snapshot := t.translate(m)
		return &snapshot, err
	}
	t.takeListing(m, sent)
	if err == nil {
		t.complete(sent)
	}
	snapshot := t.snapshot()
	snapshot.AsOf = sent
	snapshot.Add(t.listed.anomalies)
	t.listed.anomalies = platform.Anomalies{} // published just now
	t.takeAnomalies(&snapshot)
	return &snapshot, err
}

func (t *inventory[T, R]) begin() time.Time {
	t.Lock()
	defer t.Unlock()
	t.polling = true
	return time.Now()
}

// end forgets the events that only the poll needed. The caller holds the lock.
func (t *inventory[T, R]) end() {
	t.polling, t.pollEvents = false, nil
}

// takeListing replaces the state by that of a poll, and applies once more the events that came since it was sent. A
// poll that was sent before the last one changes nothing.
func (t *inventory[T, R]) takeListing(m listing[T, R], sent time.Time) {
	if sent.Before(t.pollSentAt) {
		return
	}
	before := t.topicsWanted()
	t.listed, t.pollSentAt, t.multiRow = m, sent, false
	t.index, t.rows = make(map[string]place, len(m.items)), make(map[string]rowRef, len(m.metrics))
	rest := t.divide()            // of the rows of what is not listed
	var unread platform.Anomalies // translate counts what is wrong with rows
	for i, row := range m.metrics {
		id := row.wire.objectID()
		if _, met := t.rows[id]; met && id != "" {
			t.multiRow = true
		}
		t.rows[id] = rowRef{i, moment(row.wire.measuredAt(), &unread, "")}
		of := t.index[id].part
		if of == nil { // of an object that is not listed
			of = rest
		}
		of.rows = append(of.rows, i)
	}
	for _, e := range t.pollEvents {
		if e.Seen.After(sent) {
			t.applyEvent(e, &unread) // counted when it came
		}
	}
	if !slices.Equal(before, t.topicsWanted()) {
		t.topicsChanged()
	}
}

// apply applies an event.
func (t *inventory[T, R]) apply(e event) {
	t.Lock()
	defer t.Unlock()
	if !e.Seen.After(t.pollSentAt) { // the poll was sent later, so it knows better
		return
	}
	if t.polling && len(t.pollEvents) < maxPollEvents {
		t.pollEvents = append(t.pollEvents, e)
	}
	t.dirty = t.applyEvent(e, &t.anomalies) || t.dirty
}

// applyEvent reports whether an event about a known object changed it.
func (t *inventory[T, R]) applyEvent(e event, anomalies *platform.Anomalies) bool {
	known, listed := t.index[e.ID]
	switch {
	case !listed:
		return false
	case e.Kind == t.about.Kind:
		if !t.change(&t.listed.items[known.item].wire, e.Body, anomalies) {
			return false
		}
		t.listed.items[known.item].entity = entity{e.Body[:min(len(e.Body), feed.MaxPayload)], e.CorrelationID}
		known.part.translated = nil
		return true
	}
	wire, ok := read[R](e.Body, anomalies, pathEvent)
	at := moment(wire.measuredAt(), anomalies, pathEvent+".eventTime")
	old, met := t.rows[e.ID]
	switch {
	case !ok, t.multiRow, met && at.Before(old.measuredAt): // unreadable, not to be told apart, or late
		return false
	case met:
		t.listed.metrics[old.index] = row[R]{wire: wire, readable: true}
	default:
		old.index = len(t.listed.metrics)
		t.listed.metrics = append(t.listed.metrics, row[R]{wire: wire, readable: true})
		known.part.rows = append(known.part.rows, old.index)
	}
	known.part.translated = nil
	t.rows[e.ID] = rowRef{old.index, at}
	t.listed.answered[e.ID] = true
	return true
}

// render returns what events have changed; nil when nothing, or when the last poll is too long ago to build on.
func (t *inventory[T, R]) render() *platform.Snapshot {
	t.Lock()
	defer t.Unlock()
	if _, maxAge := t.ages(); !t.dirty || time.Since(t.pollSentAt) > maxAge {
		return nil
	}
	snapshot := t.snapshot()
	snapshot.Anomalies = platform.Anomalies{} // counted when it was polled
	snapshot.AsOf = t.pollSentAt
	t.takeAnomalies(&snapshot)
	return &snapshot
}

// kinds are those of the topics.
func (t *inventory[T, R]) kinds() []string { return []string{t.about.Kind, t.metrics.Kind} }

// topics are those of the objects in the list.
func (t *inventory[T, R]) topics() []string {
	t.Lock()
	defer t.Unlock()
	return t.topicsWanted()
}

func (t *inventory[T, R]) topicsWanted() (topics []string) {
	for _, item := range t.listed.items {
		topics = append(topics, t.topicsOf(item.wire)...)
	}
	slices.Sort(topics)
	return topics
}

// needsPoll reports whether events do not suffice to know everything that polls read.
func (t *inventory[T, R]) needsPoll() bool {
	t.Lock()
	defer t.Unlock()
	return t.multiRow
}
