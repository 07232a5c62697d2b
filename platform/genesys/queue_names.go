package genesys

import (
	"cmp"
	"context"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

const (
	// queuePage is the largest page of this list.
	queuePage = 500
	// namesEvery is how often the list is read.
	namesEvery = time.Hour
)

// queueName is a queue that is watched, under the name that its series have.
type queueName struct{ id, name string }

type queueNameWire struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (q queueNameWire) identity() string { return q.ID }

// queueNames are the queues that are watched, as last read: of all that the client may see, those that the filter chooses.
// The API answers only for divisions that the client's role covers, without an error: a missing division looks like missing
// queues, so their number is logged.
type queueNames struct {
	client *client
	filter settings.QueueFilter
	log    *slog.Logger

	turn      chan struct{} // holds one value while the fields below are in use: their user may wait for the list
	chosen    []queueName   // by id
	visible   int
	read      time.Time
	unmatched settings.UnmatchedLog
}

func newQueueNames(c *client, filter settings.QueueFilter, log *slog.Logger) *queueNames {
	return &queueNames{client: c, filter: filter, log: log, turn: make(chan struct{}, 1)}
}

// get returns the queues that are watched. They are read anew every hour; when that fails those known before are
// returned beside the error. Anomalies takes what reading the list counted.
func (n *queueNames) get(ctx context.Context, anomalies *platform.Anomalies) ([]queueName, error) {
	select {
	case n.turn <- struct{}{}:
		defer func() { <-n.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if !n.read.IsZero() && time.Since(n.read) < namesEvery {
		return n.chosen, nil
	}
	all, err := list[queueNameWire](ctx, n.client, rest.Request{
		Operation: opQueues, URL: n.client.api + pathQueues, Query: url.Values{"pageSize": {strconv.Itoa(queuePage)}},
		Priority: platform.ClassQueues,
	}, anomalies)
	if err != nil {
		return n.chosen, err
	}
	n.choose(all)
	n.read = time.Now()
	return n.chosen, nil
}

// choose applies the filter.
func (n *queueNames) choose(all []item[queueNameWire]) {
	before, seen := len(n.chosen), n.visible
	n.chosen, n.visible = nil, len(all)
	for _, queue := range all {
		if name := cmp.Or(strings.TrimSpace(queue.wire.Name), queue.wire.ID); n.filter.Chooses(queue.wire.ID, name) {
			n.chosen = append(n.chosen, queueName{queue.wire.ID, name})
		}
	}
	slices.SortFunc(n.chosen, func(a, b queueName) int { return cmp.Compare(a.id, b.id) })
	distinguish(n.chosen)
	if len(n.chosen) != before || n.visible != seen {
		n.log.Info("queues chosen", "visible", n.visible, "chosen", len(n.chosen))
	}
	names := make(map[string]string, len(all))
	for _, queue := range all {
		names[queue.wire.ID] = queue.wire.Name
	}
	n.unmatched.Report(n.log, n.filter, names)
}

// distinguish gives the second of two queues of one name the beginning of its id, as the account does: the series that
// are counted from the stream must bear the same names.
func distinguish(queues []queueName) {
	names := feed.UniqueNames{}
	for i := range queues {
		queues[i].name = names.Add(queues[i].name, queues[i].id)
	}
}
