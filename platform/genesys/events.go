package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

const (
	// feedEvents is the name of the feed.
	feedEvents = "events"
	// eventsPermission is the one that both calls need.
	eventsPermission = "usage:events:view"
	// eventsSettle is how long ago an interval has to have ended before it is asked for. The platform does not document how late
	// an event may come; one that comes later is not counted.
	eventsSettle = 2 * time.Minute
	// eventsFirst is the interval that the first run asks for. It lies before the start, so nothing of it is counted.
	eventsFirst = 5 * time.Minute
	// eventsGap is the longest interval that one run asks for, after failures or without scrapes. What is older is given up.
	eventsGap = 24 * time.Hour
	// eventNamesAgain is how long names are good.
	eventNamesAgain = 24 * time.Hour
	// maxEventNames is how many definitions have a series of their own.
	maxEventNames = 200
	// otherEvent is the label of events of all other definitions.
	otherEvent = "other"
	// tooOld is the code of an answer about an interval that the platform has forgotten.
	tooOld = "usage.events.too.old"
)

var operationalEventsFamily = &metric.Family{
	Name: "ccaas_operational_events_total", Type: metric.Counter, Labels: []string{"event"}, Grows: true,
	Help: "Operational events that the platform recorded since the exporter started, by the platform's name for their kind; other stands for " +
		"kinds that it does not list, and for those beyond the first 200. Each minute is counted once, 2 minutes after its end at the earliest; " +
		"an event that the platform records later is not counted. Absent until the kinds have been read, without the permission " + eventsPermission +
		", and on CXone.",
}

type eventDefinitionWire struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (d eventDefinitionWire) identity() string { return d.ID }

type eventsQueryWire struct {
	Interval string `json:"interval"`
}

type eventsWire struct {
	Interval   string            `json:"interval"`
	Aggregates []json.RawMessage `json:"eventDefinitionAggregates"`
}

type eventAggregateWire struct {
	Definition struct {
		ID string `json:"id"`
	} `json:"eventDefinition"`
	Count any `json:"eventCount"`
}

// operationalEvents counts what the platform recorded about itself and the organization: a limit that was hit, an integration
// that failed. Its polls do not overlap.
type operationalEvents struct {
	client  *client
	log     *slog.Logger
	offer   offer
	counter *prometheus.CounterVec

	names map[string]string // labels of definitions by id; nil before they are read
	read  time.Time         // when they were
	until time.Time         // the end of what is counted; the zero time before the first answer
}

func newOperationalEvents(c *client, log *slog.Logger) *operationalEvents {
	return &operationalEvents{
		client: c, log: log, counter: c.set.Counters(operationalEventsFamily),
		offer: offer{operation: opEvents, permission: eventsPermission, log: log},
	}
}

// feed is the row of the feed: 1 call, and daily 1 for the names.
func (e *operationalEvents) feed() feed.Feed {
	return feed.Feed{Name: feedEvents, Class: platform.ClassDetail, Calls: 1, Poll: e.poll, Permissions: []string{eventsPermission}}
}

// poll is the poll of the feed. An interval counts once its answer is there, so that a failed run leaves it to the next.
func (e *operationalEvents) poll(ctx context.Context) (*platform.Snapshot, error) {
	var snapshot platform.Snapshot
	if !e.offer.due() {
		return &snapshot, nil
	}
	namesErr := e.readNames(ctx, &snapshot.Anomalies)
	if e.names == nil {
		if e.offer.withheld(namesErr) {
			return &snapshot, nil
		}
		return nil, namesErr
	}
	err := e.count(ctx, &snapshot.Anomalies)
	if e.offer.withheld(err) {
		e.until = time.Time{} // what happens meanwhile is not counted afterwards
		return &snapshot, nil
	}
	snapshot.EventKinds = len(e.names)
	return &snapshot, errors.Join(err, namesErr)
}

// readNames reads the definitions when they are not good any more. Their series begin at 0.
func (e *operationalEvents) readNames(ctx context.Context, anomalies *platform.Anomalies) error {
	if e.names != nil && time.Since(e.read) < eventNamesAgain {
		return nil
	}
	answer, err := askPage[eventDefinitionWire](ctx, e.client, rest.Request{
		Operation: opEventDefinitions, URL: e.client.api + pathEventDefinitions, Priority: platform.ClassDetail,
	})
	if err != nil {
		return err
	}
	anomalies.Add(answer.Anomalies)
	e.names, e.read = eventNames(answer.items, e.names, anomalies), time.Now()
	for _, name := range e.names {
		e.counter.WithLabelValues(name)
	}
	e.counter.WithLabelValues(otherEvent)
	return nil
}

// eventNames returns the labels of definitions by id. Those that had a label keep it, and others get one as long as there are few.
func eventNames(items []item[eventDefinitionWire], before map[string]string, anomalies *platform.Anomalies) map[string]string {
	names, labels := map[string]string{}, map[string]bool{}
	for id, name := range before {
		names[id], labels[name] = name, true
	}
	for _, item := range distinct(items) {
		name := strings.TrimSpace(nameOr(item.wire.Name, item.wire.ID, anomalies, opEventDefinitions+": "+pathEntities+".name"))
		if _, known := names[item.wire.ID]; known {
			continue
		}
		if !labels[name] && len(labels) >= maxEventNames {
			name = otherEvent
		}
		names[item.wire.ID] = name
		if name != otherEvent {
			labels[name] = true
		}
	}
	return names
}

// count counts the events of the minutes that have passed since the last answer. Of the first answer it only keeps the end.
func (e *operationalEvents) count(ctx context.Context, anomalies *platform.Anomalies) error {
	from, to := e.next(time.Now().UTC())
	if !from.Before(to) {
		return nil
	}
	answer, _, err := ask[*eventsWire](ctx, e.client, rest.Request{
		Operation: opEvents, Method: http.MethodPost, URL: e.client.api + pathEvents, IsQuery: true,
		Body: eventsQueryWire{interval(from, to)}, Priority: platform.ClassDetail,
	})
	if failed, ok := errors.AsType[*rest.Error](err); ok && failed.HasCode(tooOld) && to.Sub(from) > eventsFirst {
		e.giveUp(from, to.Add(-eventsFirst))
		e.until = to.Add(-eventsFirst)
		return nil
	}
	if err != nil {
		return err
	}
	end, counts, err := translateEvents(answer, from, to, anomalies)
	if err != nil {
		return err
	}
	if !e.until.IsZero() {
		e.giveUp(e.until, from)
		for id, n := range counts {
			e.counter.WithLabelValues(e.label(id)).Add(float64(n))
		}
	}
	e.until = end
	return nil
}

// giveUp logs that events of an interval are not counted, unless it is empty.
func (e *operationalEvents) giveUp(from, to time.Time) {
	if from.Before(to) {
		e.log.Warn("operational events are not counted: they are too old to ask for", "from", from, "to", to)
	}
}

// next returns the interval to ask for, whole minutes from the end of what is counted; an empty one when none has passed.
func (e *operationalEvents) next(now time.Time) (from, to time.Time) {
	to = now.Add(-eventsSettle).Truncate(time.Minute)
	if e.until.After(now) { // our clock was set back
		e.until = time.Time{}
	}
	if e.until.IsZero() {
		return to.Add(-eventsFirst), to
	}
	if oldest := to.Add(-eventsGap); e.until.Before(oldest) {
		return oldest, to
	}
	return e.until, to
}

func (e *operationalEvents) label(id string) string {
	if name, known := e.names[id]; known {
		return name
	}
	return otherEvent
}

var (
	errNoEvents      = errors.New("usage_events: neither an interval nor aggregates in the answer")
	errOtherInterval = errors.New("usage_events: the answer is about another interval than the one asked for")
)

// pathEventAggregates is where the numbers of events stand.
const pathEventAggregates = "eventDefinitionAggregates[]"

// translateEvents returns the number of events by definition, and the end of the interval that they are of. An answer about
// another interval than the one asked for cannot be counted once; one that ends earlier leaves the rest to the next run.
func translateEvents(answer *eventsWire, from, to time.Time, anomalies *platform.Anomalies) (end time.Time, counts map[string]int, err error) {
	if answer == nil || answer.Interval == "" && answer.Aggregates == nil {
		return end, nil, errNoEvents
	}
	if end, err = answer.end(from, to, anomalies); err != nil {
		return end, nil, err
	}
	counts = map[string]int{}
	for _, raw := range answer.Aggregates {
		wire, ok := read[eventAggregateWire](raw, anomalies, pathEventAggregates)
		if !ok {
			continue
		}
		if wire.Definition.ID == "" {
			anomalies.Violate(pathEventAggregates, ".eventDefinition.id")
		}
		if n := countOf(wire.Count, anomalies, pathEventAggregates+".eventCount"); n != nil {
			counts[wire.Definition.ID] += *n
		}
	}
	return end, counts, nil
}

// end returns until when an answer counts. One that does not say so counts the interval that was asked for.
func (w *eventsWire) end(from, to time.Time, anomalies *platform.Anomalies) (time.Time, error) {
	first, second, _ := strings.Cut(w.Interval, "/")
	begins, ends := moment(first, anomalies, "interval"), moment(second, anomalies, "interval")
	if begins.IsZero() || ends.IsZero() {
		return to, nil
	}
	const apart = time.Second // a platform may write the last millisecond of an interval as its end
	switch {
	case begins.Sub(from).Abs() >= apart, ends.Sub(to) >= apart, !ends.After(from):
		return time.Time{}, errOtherInterval
	case to.Sub(ends) < apart:
		return to, nil
	}
	return ends.UTC().Truncate(time.Second), nil
}

// interval writes an interval as the platform reads it.
func interval(from, to time.Time) string {
	return from.Format(time.RFC3339) + "/" + to.Format(time.RFC3339)
}
