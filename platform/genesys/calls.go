package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file learns how many calls the organization carries at once, and how many it may. The call is new and not
// offered to every organization: a 403 or a 404 fails this feed alone.

// callsDeployment selects the calls that cloud media carry. The platform answers for premises in a call of its own,
// which is not spent: the edges' own metrics tell what they carry.
const callsDeployment = "cloud"

type callsWire struct {
	InProgress any `json:"concurrentCallCount"`
	Capacity   any `json:"maxCallCapacity"`
}

// feedCalls is the name of the feed.
const feedCalls = "calls"

// callsFeed reads the number of concurrent calls and the capacity of the organization.
func (c *client) callsFeed() feed.Feed {
	return feed.Feed{Name: feedCalls, Class: platform.ClassDetail, Calls: 1, Poll: c.calls}
}

// calls is the poll of the feed.
func (c *client) calls(ctx context.Context) (*platform.Snapshot, error) {
	answer, _, err := ask[json.RawMessage](ctx, c, rest.Request{
		Operation: opCallsMetrics, URL: c.api + pathCallsMetrics, Query: url.Values{"metricType": {callsDeployment}},
		Priority: platform.ClassDetail,
	})
	if err != nil {
		return nil, err
	}
	snapshot, err := translateCalls(answer)
	if err != nil {
		return nil, err
	}
	return &snapshot, nil
}

var errNoCalls = errors.New("calls_metrics: neither calls nor a capacity in the answer")

func translateCalls(answer json.RawMessage) (snapshot platform.Snapshot, err error) {
	wire, _ := read[callsWire](answer, &snapshot.Anomalies)
	calls := platform.Calls{
		Deployment: callsDeployment,
		InProgress: optional[float64](wire.InProgress, &snapshot.Anomalies),
		Capacity:   optional[float64](wire.Capacity, &snapshot.Anomalies),
	}
	if calls.InProgress == nil && calls.Capacity == nil {
		return snapshot, errNoCalls
	}
	if wire.InProgress == nil || wire.Capacity == nil { // both are required
		snapshot.Violate()
	}
	snapshot.Calls = []platform.Calls{calls}
	return snapshot, nil
}
