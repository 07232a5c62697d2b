package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// serviceWindow is the time over which the service level is counted, up to now.
const serviceWindow = 30 * time.Minute

type aggregateQueryWire struct {
	Interval string   `json:"interval"` // without a granularity it is one piece
	GroupBy  []string `json:"groupBy"`
	Metrics  []string `json:"metrics"`
}

// aggregatesWire may lack its results when no contact counted.
type aggregatesWire struct {
	Results []json.RawMessage `json:"results"`
}

type aggregateWire struct {
	Group groupWire `json:"group"`
	Data  []struct {
		Interval string        `json:"interval"`
		Metrics  []measureWire `json:"metrics"`
	} `json:"data"`
}

const oServiceLevel = "oServiceLevel"

var errNoAggregates = errors.New("conversations_aggregates: null, expected results")

// feedServiceLevel is the name of the feed.
const feedServiceLevel = "service_level"

// serviceLevelFeed reads the share of contacts that were answered in time. It comes from aggregates of conversations, which
// the platform computes with some delay and corrects later: no use to ask more often than every few minutes.
func (c *client) serviceLevelFeed() feed.Feed {
	return feed.Feed{
		Name: feedServiceLevel, Class: platform.ClassDetail, Calls: 1, Poll: c.serviceLevel, Fields: fieldsOf(queueMedium),
		Permissions: []string{"analytics:conversationAggregate:view"},
	}
}

// serviceLevel is the poll of the feed: 1 call for all queues, and hourly those for their names.
func (c *client) serviceLevel(ctx context.Context) (*platform.Snapshot, error) {
	var snapshot platform.Snapshot
	watched, err := c.queues.names.get(ctx, &snapshot.Anomalies)
	if err != nil && watched == nil {
		return nil, err
	}
	now := time.Now().UTC().Truncate(time.Minute)
	answer, _, failed := ask[*aggregatesWire](ctx, c, rest.Request{
		Operation: opAggregates, Method: http.MethodPost, URL: c.api + pathAggregates, IsQuery: true,
		Body: aggregateQueryWire{
			now.Add(-serviceWindow).Format(time.RFC3339) + "/" + now.Format(time.RFC3339),
			[]string{"queueId", "mediaType"},
			[]string{oServiceLevel},
		},
		Priority: platform.ClassDetail,
	})
	if failed != nil {
		return nil, failed
	}
	if answer == nil {
		return nil, errNoAggregates
	}
	snapshot.Queues = translateServiceLevels(answer.Results, watched, &snapshot.Anomalies)
	return &snapshot, err
}

// translateServiceLevels leaves out queues that are not watched, and channels in which no contact counted. The queues
// are all there, so that they bear the same names as in the queue feed.
func translateServiceLevels(results []json.RawMessage, watched []queueName, anomalies *platform.Anomalies) []platform.Queue {
	queues, place := make([]platform.Queue, len(watched)), make(map[string]int, len(watched))
	for i, queue := range watched {
		queues[i] = platform.Queue{ID: queue.id, Name: queue.name}
		place[queue.id] = i
	}
	for _, raw := range results {
		wire, _ := read[aggregateWire](raw, anomalies, "results[]")
		i, known := place[wire.Group.QueueID]
		channel, usual := channelOf[wire.Group.medium(anomalies)]
		if !known || !usual { // other media are several, and shares of them cannot be added up
			continue
		}
		for _, piece := range wire.Data {
			for _, m := range piece.Metrics {
				if m.Metric != oServiceLevel {
					continue
				}
				if slices.ContainsFunc(queues[i].Channels, func(c platform.QueueChannel) bool { return c.Channel == channel }) {
					anomalies.Violate("results[].data") // one window was asked for
					continue
				}
				queues[i].Channels = append(queues[i].Channels, platform.QueueChannel{
					Channel: channel, ServiceLevel: m.Stats.ratio(anomalies), ServiceLevelTarget: share(m.Stats.Target, anomalies, pathServiceStats+".target"),
				})
			}
		}
	}
	return queues
}

// pathServiceStats is where the numbers of a metric stand.
const pathServiceStats = "results[].data[].metrics[].stats"

// ratio is nil when it is about no contact: then the platform sends a 0 that says nothing.
func (s statsWire) ratio(anomalies *platform.Anomalies) *float64 {
	if about := optional[float64](s.Denominator, anomalies, pathServiceStats+".denominator"); about != nil && *about == 0 {
		return nil
	}
	return share(s.Ratio, anomalies, pathServiceStats+".ratio")
}

// share is a ratio from 0 to 1; nil when it is missing or no such, which counts.
func share(value any, anomalies *platform.Anomalies, path string) *float64 {
	ratio := optional[float64](value, anomalies, path)
	if ratio != nil && (*ratio < 0 || *ratio > 1) {
		anomalies.Violate(path)
		return nil
	}
	return ratio
}
