package genesys

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// queueBatch is how many queues the platform lets one query name.
const queueBatch = 200

// feedQueues is the name of the feed.
const feedQueues = "queues"

// observationsTopic is about the numbers of a queue. Its kind is a label.
var observationsTopic = notify.Topic{Kind: "queue_observations", Prefix: "v2.analytics.queues.", Suffix: ".observations"}

// queues is the state of all queues that are watched: who waits, who is served, what the members do.
type queues struct {
	syncState
	client *client
	names  *queueNames
	waits  *waitMeter // forgets a queue that is not watched any more; may be nil

	watched   []queueName // by id
	byID      map[string]*queueState
	presences map[string]string // system presence by the id of the organization's
	entry     measures          // of events
}

func newQueues(c *client, names *queueNames, waits *waitMeter, o syncOptions) *queues {
	return &queues{
		syncState: syncState{syncOptions: o}, client: c, names: names, waits: waits,
		byID: map[string]*queueState{}, presences: map[string]string{},
	}
}

// queuesFeed reads the numbers of queues.
func (c *client) queuesFeed() feed.Feed {
	return feed.Feed{
		Name: feedQueues, Class: platform.ClassQueues, Calls: 1, Poll: c.queues.poll, Stretch: c.queues.stretched(),
		Fields: fieldsOf(queueMedium, systemPresence), Permissions: []string{"analytics:queueObservation:view", "routing:queue:search"},
	}
}

// poll is the poll of the feed: 1 call per 200 queues, and hourly 1 per 500 for their names.
func (q *queues) poll(ctx context.Context) (*platform.Snapshot, error) {
	var snapshot platform.Snapshot
	watched, err := q.names.get(ctx, &snapshot.Anomalies)
	if err != nil && watched == nil {
		return nil, err
	}
	q.watch(watched)
	sent := time.Now()
	var (
		group  errgroup.Group // without a context: a batch that fails costs no other
		failed atomic.Int64
	)
	group.SetLimit(parallel)
	for batch := range slices.Chunk(watched, queueBatch) {
		group.Go(func() error {
			err := guard.Func(func() error { return q.ask(ctx, batch) })()
			if err != nil {
				failed.Add(1)
			}
			return err
		})
	}
	err = errors.Join(err, group.Wait())
	if failed.Load() == 0 {
		q.complete(sent)
	}
	// A queue of a batch that failed is left out while it is still fresh, if it would not be when the next poll ends.
	interval, maxAge := q.ages()
	limit := time.Now().Add(interval - maxAge)
	if sent.Before(limit) {
		limit = sent
	}
	q.Lock()
	defer q.Unlock()
	if q.build(&snapshot, limit); len(snapshot.Queues) == 0 && failed.Load() > 0 {
		return nil, err // no queue is known
	}
	q.takeAnomalies(&snapshot)
	return &snapshot, err
}

// readNames reads which queues are watched, without asking for their numbers.
func (q *queues) readNames(ctx context.Context) error {
	var snapshot platform.Snapshot
	watched, err := q.names.get(ctx, &snapshot.Anomalies)
	if watched != nil {
		q.watch(watched)
	}
	return err
}

// watch sets which queues are watched.
func (q *queues) watch(watched []queueName) {
	q.Lock()
	defer q.Unlock()
	if slices.Equal(q.watched, watched) {
		return
	}
	before := q.byID
	q.watched, q.byID = watched, make(map[string]*queueState, len(watched))
	for _, queue := range watched {
		state := before[queue.id]
		if state == nil || state.queueName != queue {
			state = &queueState{queueName: queue}
		}
		q.byID[queue.id] = state
	}
	for id, state := range before {
		if q.byID[id] != state {
			q.waits.forget(state.name)
		}
	}
	q.topicsChanged()
}

// ask polls a batch of queues.
func (q *queues) ask(ctx context.Context, batch []queueName) error {
	query := observationQueryWire{Filter: filterWire{Type: "or"}, Metrics: slices.Sorted(maps.Keys(observed))}
	for _, queue := range batch {
		query.Filter.Predicates = append(query.Filter.Predicates, predicateWire{"dimension", "queueId", "matches", queue.id})
	}
	var (
		sent      = time.Now()
		polled    map[string]map[numberKey]reading
		mappings  map[string][]string
		anomalies platform.Anomalies
		about     *origin
	)
	err := q.client.rest.Do(ctx, rest.Request{
		Operation: opObservations, Method: http.MethodPost, URL: q.client.api + pathObservations, Body: query, IsQuery: true,
		Priority: platform.ClassQueues,
	}, func(response rest.Response) (err error) {
		about, anomalies, polled = new(originOf(response)), platform.Anomalies{}, make(map[string]map[numberKey]reading, len(batch))
		for _, queue := range batch {
			polled[queue.id] = map[numberKey]reading{}
		}
		mappings, err = readObservations(response.Body, &anomalies, func(result *observationWire, readable bool) {
			switch readings := polled[result.Group.QueueID]; {
			case readings != nil:
				result.addTo(readings, about, &anomalies)
			case readable: // of a queue that was not asked for
				anomalies.Violate("results[].group.queueId")
			}
		})
		return rest.NotEmpty(err)
	})
	if err != nil {
		return err
	}
	q.Lock()
	defer q.Unlock()
	q.anomalies.Add(anomalies)
	q.mapPresences(mappings)
	for id, readings := range polled {
		if state := q.byID[id]; state != nil {
			state.takePoll(readings, about.at, sent)
		}
	}
	return nil
}

// addTo adds the numbers of a result.
func (w *observationWire) addTo(readings map[numberKey]reading, about *origin, anomalies *platform.Anomalies) {
	medium := w.Group.medium(anomalies)
	for _, m := range w.Data {
		if key, value, ok := m.number(medium, about.at.Add(time.Second/2), about.received, anomalies); ok { // a Date leaves out the fraction
			readings[key] = reading{value, about}
		}
	}
}

// mapPresences notes which system presences the organization's own presences belong to. The caller holds the lock.
func (q *queues) mapPresences(mappings map[string][]string) {
	for system, ids := range mappings {
		system = systemPresence.read(system, &q.anomalies, "systemToOrganizationMappings")
		for _, id := range ids {
			if system != "" && len(q.presences) < maxReadings {
				q.presences[id] = system
			}
		}
	}
	for _, d := range q.client.names.list() {
		if _, mapped := q.presences[d.id]; !mapped && d.presence != "" {
			q.presences[d.id] = systemPresence.read(d.presence, &q.anomalies, opDefinitions+": "+pathEntities+".systemPresence")
		}
	}
}

// build adds the queues whose numbers were polled since that moment, and the age of the oldest: what no event mentions is
// as old as the poll. The caller holds the lock.
func (q *queues) build(snapshot *platform.Snapshot, since time.Time) {
	snapshot.Queues = make([]platform.Queue, 0, len(q.watched))
	for _, queue := range q.watched {
		state := q.byID[queue.id]
		if state.pollSentAt.IsZero() || state.pollSentAt.Before(since) {
			continue
		}
		snapshot.Queues = append(snapshot.Queues, state.build(q.presences))
		snapshot.AsOf = oldest(snapshot.AsOf, state.pollSentAt)
	}
}

// render returns what events have changed, nil when nothing that can be published.
func (q *queues) render() *platform.Snapshot {
	_, maxAge := q.ages()
	q.Lock()
	defer q.Unlock()
	if !q.dirty {
		return nil
	}
	var snapshot platform.Snapshot
	if q.build(&snapshot, time.Now().Add(-maxAge)); len(snapshot.Queues) == 0 {
		return nil
	}
	q.takeAnomalies(&snapshot)
	return &snapshot
}

// apply applies an event.
func (q *queues) apply(e event) {
	q.Lock()
	defer q.Unlock()
	if state := q.byID[e.ID]; state != nil {
		state.applyEvent(e, &q.entry, &q.anomalies)
		q.dirty = true
	}
}

// kinds are those of the topics.
func (*queues) kinds() []string { return []string{observationsTopic.Kind} }

// needsPoll is false: events say all that polls read.
func (*queues) needsPoll() bool { return false }

// name of a queue that is watched, "" of any other.
func (q *queues) name(id string) string {
	q.Lock()
	defer q.Unlock()
	if state := q.byID[id]; state != nil {
		return state.name
	}
	return ""
}

// topics are those of the queues that are watched.
func (q *queues) topics() (topics []string) {
	q.Lock()
	defer q.Unlock()
	for _, queue := range q.watched {
		topics = append(topics, observationsTopic.Name(queue.id))
	}
	return topics
}

// conversationTopics are the topics of the contacts of the queues that are watched.
func (q *queues) conversationTopics() (topics []string) {
	q.Lock()
	defer q.Unlock()
	for _, queue := range q.watched {
		topics = append(topics, conversationsTopic.Name(queue.id))
	}
	return topics
}
