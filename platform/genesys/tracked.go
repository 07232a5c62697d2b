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

// tracked is a list with metrics that a poll reads and that events change.
type tracked[T identified, R measurement] struct {
	shared
	read      func(context.Context) (measured[T, R], error)
	translate func(measured[T, R]) platform.Snapshot
	change    func(wire *T, body json.RawMessage, snapshot *platform.Snapshot) bool // by an event about an object itself
	names     func(T) []string                                                      // topics of an object

	sent    time.Time // when the poll was sent that state is from
	state   measured[T, R]
	place   map[string]int  // of an object among the items, by its id
	rows    map[string]held // of metrics, by the id of their object
	several bool            // an object has several rows, one per interface, and events do not tell which one they are about
	polling int             // polls under way
	during  []event         // that came while polls were under way
}

// held is where the metrics of an object are, and when the platform measured them.
type held struct {
	place int
	at    time.Time
}

// maxDuring bounds the events remembered while a poll is under way.
const maxDuring = 10_000

// poll is the poll of the feed.
func (t *tracked[T, R]) poll(ctx context.Context) (*platform.Snapshot, error) {
	sent := t.begin()
	m, err := t.read(ctx)
	t.Lock()
	defer t.Unlock()
	defer t.end()
	if m.items == nil {
		return nil, err
	}
	if t.moved == nil { // no stream will move it on
		snapshot := t.translate(m)
		return &snapshot, err
	}
	t.take(m, sent)
	if err == nil {
		t.complete(sent)
	}
	snapshot := t.translate(t.state)
	t.state.snapshot = platform.Snapshot{} // what reading the list counted is told
	t.count(&snapshot)
	return &snapshot, err
}

func (t *tracked[T, R]) begin() time.Time {
	t.Lock()
	defer t.Unlock()
	t.polling++
	return time.Now()
}

// end forgets the events that no poll under way needs. The caller holds the lock.
func (t *tracked[T, R]) end() {
	if t.polling--; t.polling == 0 {
		t.during = nil
	}
}

// take replaces the state by that of a poll, and takes over once more the events that came since it was sent.
func (t *tracked[T, R]) take(m measured[T, R], sent time.Time) {
	before := t.wanted()
	t.state, t.sent, t.several = m, sent, false
	t.place, t.rows = make(map[string]int, len(m.items)), make(map[string]held, len(m.metrics))
	for i, item := range m.items {
		t.place[item.wire.identity()] = i
	}
	var unread platform.Snapshot // translate counts what is wrong with rows
	for i, row := range m.metrics {
		id := row.wire.of()
		if _, met := t.rows[id]; met && id != "" {
			t.several = true
		}
		t.rows[id] = held{i, moment(row.wire.at(), &unread)}
	}
	for _, e := range t.during {
		if e.seen.After(sent) {
			t.move(e, &unread) // counted when it came
		}
	}
	if !slices.Equal(before, t.wanted()) {
		t.changed()
	}
}

// apply takes an event over.
func (t *tracked[T, R]) apply(e event) {
	t.Lock()
	defer t.Unlock()
	if e.seen.Before(t.sent) { // the poll was sent later, so it knows better
		return
	}
	if t.polling > 0 && len(t.during) < maxDuring {
		t.during = append(t.during, e)
	}
	t.dirty = t.move(e, &t.counted) || t.dirty
}

// move tells whether an event of something known changed it.
func (t *tracked[T, R]) move(e event, snapshot *platform.Snapshot) bool {
	place, known := t.place[e.id]
	switch {
	case !known:
		return false
	case e.kind == kindTrunk || e.kind == kindEdge:
		if !t.change(&t.state.items[place].wire, e.body, snapshot) {
			return false
		}
		t.state.items[place].entity = entity{e.body, e.correlation}
		return true
	}
	wire, ok := read[R](e.body, snapshot)
	at := moment(wire.at(), snapshot)
	old, met := t.rows[e.id]
	switch {
	case !ok, t.several, met && at.Before(old.at): // unreadable, not to be told apart, or late
		return false
	case met:
		t.state.metrics[old.place] = row[R]{wire, true}
	default:
		old.place = len(t.state.metrics)
		t.state.metrics = append(t.state.metrics, row[R]{wire, true})
	}
	t.rows[e.id] = held{old.place, at}
	t.state.answered[e.id] = true
	return true
}

// render returns what events have changed, nil when that cannot be understood.
func (t *tracked[T, R]) render() *platform.Snapshot {
	t.Lock()
	defer t.Unlock()
	if !t.flushable() {
		return nil
	}
	snapshot := t.translate(t.state)
	snapshot.Anomalies = platform.Anomalies{} // counted when it was polled
	snapshot.AsOf = t.asOf()
	t.count(&snapshot)
	return &snapshot
}

// topics are those of the objects in the list.
func (t *tracked[T, R]) topics() []string {
	t.Lock()
	defer t.Unlock()
	return t.wanted()
}

func (t *tracked[T, R]) wanted() (topics []string) {
	for _, item := range t.state.items {
		topics = append(topics, t.names(item.wire)...)
	}
	slices.Sort(topics)
	return topics
}

// unclear tells whether events do not suffice to know everything that polls tell.
func (t *tracked[T, R]) unclear() bool {
	t.Lock()
	defer t.Unlock()
	return t.several
}
