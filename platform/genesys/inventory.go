package genesys

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// This file is the state of trunks and of edges: lists with metrics as last polled, moved on by events. What no event
// tells (whether a trunk is in service, whether an edge drains) is as old as the last poll.

// inventory is a list with metrics that a poll reads and that events change.
type inventory[T identified, R measurement] struct {
	syncState
	read      func(context.Context) (listing[T, R], error)
	translate func(listing[T, R]) platform.Snapshot
	change    func(wire *T, body json.RawMessage, anomalies *platform.Anomalies) bool // by an event about an object itself
	topicsOf  func(T) []string                                                        // topics of an object

	pollSentAt time.Time // when the poll was sent that state is from
	listed     listing[T, R]
	index      map[string]int    // of an object among the items, by its id
	rows       map[string]rowRef // of metrics, by the id of their object
	multiRow   bool              // an object has several rows, one per interface, and events do not tell which one they are about
	polling    int               // polls under way
	pollEvents []event           // that came while polls were under way
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
	if t.onTopicsChanged == nil { // no stream will move it on
		snapshot := t.translate(m)
		return &snapshot, err
	}
	t.takeListing(m, sent)
	if err == nil {
		t.complete(sent)
	}
	snapshot := t.translate(t.listed)
	t.listed.anomalies = platform.Anomalies{} // what reading the list counted is told
	t.takeAnomalies(&snapshot)
	return &snapshot, err
}

func (t *inventory[T, R]) begin() time.Time {
	t.Lock()
	defer t.Unlock()
	t.polling++
	return time.Now()
}

// end forgets the events that no poll under way needs. The caller holds the lock.
func (t *inventory[T, R]) end() {
	if t.polling--; t.polling == 0 {
		t.pollEvents = nil
	}
}

// takeListing replaces the state by that of a poll, and takes over once more the events that came since it was sent.
func (t *inventory[T, R]) takeListing(m listing[T, R], sent time.Time) {
	before := t.topicsWanted()
	t.listed, t.pollSentAt, t.multiRow = m, sent, false
	t.index, t.rows = make(map[string]int, len(m.items)), make(map[string]rowRef, len(m.metrics))
	for i, item := range m.items {
		t.index[item.wire.identity()] = i
	}
	var unread platform.Anomalies // translate counts what is wrong with rows
	for i, row := range m.metrics {
		id := row.wire.objectID()
		if _, met := t.rows[id]; met && id != "" {
			t.multiRow = true
		}
		t.rows[id] = rowRef{i, moment(row.wire.measuredAt(), &unread)}
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

// apply takes an event over.
func (t *inventory[T, R]) apply(e event) {
	t.Lock()
	defer t.Unlock()
	if e.Seen.Before(t.pollSentAt) { // the poll was sent later, so it knows better
		return
	}
	if t.polling > 0 && len(t.pollEvents) < maxPollEvents {
		t.pollEvents = append(t.pollEvents, e)
	}
	t.dirty = t.applyEvent(e, &t.anomalies) || t.dirty
}

// applyEvent tells whether an event of something known changed it.
func (t *inventory[T, R]) applyEvent(e event, anomalies *platform.Anomalies) bool {
	place, known := t.index[e.ID]
	switch {
	case !known:
		return false
	case e.Kind == kindTrunk || e.Kind == kindEdge:
		if !t.change(&t.listed.items[place].wire, e.Body, anomalies) {
			return false
		}
		t.listed.items[place].entity = entity{e.Body, e.CorrelationID}
		return true
	}
	wire, ok := read[R](e.Body, anomalies)
	at := moment(wire.measuredAt(), anomalies)
	old, met := t.rows[e.ID]
	switch {
	case !ok, t.multiRow, met && at.Before(old.measuredAt): // unreadable, not to be told apart, or late
		return false
	case met:
		t.listed.metrics[old.index] = row[R]{wire, true}
	default:
		old.index = len(t.listed.metrics)
		t.listed.metrics = append(t.listed.metrics, row[R]{wire, true})
	}
	t.rows[e.ID] = rowRef{old.index, at}
	t.listed.answered[e.ID] = true
	return true
}

// render returns what events have changed, nil when that cannot be understood.
func (t *inventory[T, R]) render() *platform.Snapshot {
	t.Lock()
	defer t.Unlock()
	if !t.flushable() {
		return nil
	}
	snapshot := t.translate(t.listed)
	snapshot.Anomalies = platform.Anomalies{} // counted when it was polled
	snapshot.AsOf = t.asOf()
	t.takeAnomalies(&snapshot)
	return &snapshot
}

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

// needsPoll tells whether events do not suffice to know everything that polls tell.
func (t *inventory[T, R]) needsPoll() bool {
	t.Lock()
	defer t.Unlock()
	return t.multiRow
}
