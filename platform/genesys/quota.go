package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

const (
	// feedQuota is the name of the feed.
	feedQuota = "quota"
	// quotaPermission is what the query of limits nearly reached needs. The limits themselves need none.
	quotaPermission = "analytics:rateLimitAggregate:view"
	// quotaWindow is the time up to now in which a limit was nearly reached.
	quotaWindow = 15 * time.Minute
	// limitsAgain is how long the limits are good.
	limitsAgain = 24 * time.Hour

	oRateLimitRecorded = "oRateLimitRecorded"
)

type limitWire struct {
	Key       string `json:"key"`
	Namespace string `json:"namespace"`
	Value     any    `json:"value"`
}

func (w limitWire) identity() string { return w.Key }

// rateLimitWire is a limit of which some client used 90 % or more: below that the platform records nothing. Who used it, which
// may be a person, is not asked for.
type rateLimitWire struct {
	Group struct {
		Namespace string `json:"namespace"`
		Limit     string `json:"limitName"`
	} `json:"group"`
	Data []struct {
		Metrics []measureWire `json:"metrics"`
	} `json:"data"`
}

// quota reads how near the clients of the whole organization are to their limits: another integration that uses them up shows.
// Its polls do not overlap.
type quota struct {
	client *client
	offer  offer
	limits []platform.Limit // as last read
	read   time.Time        // when they were
}

func newQuota(c *client, log *slog.Logger) *quota {
	return &quota{client: c, offer: offer{operation: opRateLimits, permission: quotaPermission, log: log}}
}

// feed is the row of the feed: 1 call, and daily 1 for the limits.
func (q *quota) feed() feed.Feed {
	return feed.Feed{Name: feedQuota, Class: platform.ClassDetail, Calls: 1, Poll: q.poll, Permissions: []string{quotaPermission}}
}

// poll is the poll of the feed. What could be read of the two calls is published.
func (q *quota) poll(ctx context.Context) (*platform.Snapshot, error) {
	var snapshot platform.Snapshot
	limitsErr := q.readLimits(ctx, &snapshot.Anomalies)
	snapshot.Limits = slices.Clone(q.limits)
	near, nearErr := q.readNear(ctx, &snapshot.Anomalies)
	snapshot.Limits = append(snapshot.Limits, near...)
	err := errors.Join(limitsErr, nearErr)
	if limitsErr != nil && nearErr != nil {
		return nil, err
	}
	return &snapshot, err
}

// readLimits reads the limits when they are not good any more.
func (q *quota) readLimits(ctx context.Context, anomalies *platform.Anomalies) error {
	if !q.read.IsZero() && time.Since(q.read) < limitsAgain {
		return nil
	}
	answer, err := askPage[limitWire](ctx, q.client, rest.Request{
		Operation: opLimits, URL: q.client.api + pathLimits, Priority: platform.ClassDetail,
	})
	if err != nil {
		return err
	}
	anomalies.Add(answer.Anomalies)
	q.limits, q.read = translateLimits(answer.items, anomalies), time.Now()
	return nil
}

func translateLimits(items []item[limitWire], anomalies *platform.Anomalies) (limits []platform.Limit) {
	for _, item := range distinct(items) {
		if value := optional[float64](item.wire.Value, anomalies, opLimits+": "+pathEntities+".value"); value != nil {
			limits = append(limits, platform.Limit{Namespace: item.wire.Namespace, Key: item.wire.Key, Value: value})
		}
	}
	return limits
}

var errNoRateLimits = errors.New("ratelimits_aggregates: null, expected results")

// readNear reads the limits that were nearly reached within the window.
func (q *quota) readNear(ctx context.Context, anomalies *platform.Anomalies) ([]platform.Limit, error) {
	if !q.offer.due() {
		return nil, nil
	}
	now := time.Now().UTC()
	answer, _, err := ask[*aggregatesWire](ctx, q.client, rest.Request{
		Operation: opRateLimits, Method: http.MethodPost, URL: q.client.api + pathRateLimits, IsQuery: true,
		Body: aggregateQueryWire{
			interval(now.Add(-quotaWindow), now), []string{"namespace", "limitName"}, []string{oRateLimitRecorded},
		},
		Priority: platform.ClassDetail,
	})
	if q.offer.withheld(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if answer == nil {
		return nil, errNoRateLimits
	}
	return translateRateLimits(answer.Results, anomalies), nil
}

// translateRateLimits returns the limits that the platform recorded. A row is what says that a limit was nearly reached: what
// its statistics hold is not documented.
func translateRateLimits(results []json.RawMessage, anomalies *platform.Anomalies) (limits []platform.Limit) {
	for _, raw := range results {
		wire, ok := read[rateLimitWire](raw, anomalies, "results[]")
		if !ok {
			continue
		}
		if wire.Group.Limit == "" {
			anomalies.Violate("results[].group.limitName")
			continue
		}
		limit := platform.Limit{Namespace: wire.Group.Namespace, Key: wire.Group.Limit, Near: true}
		if wire.recorded() && !slices.Contains(limits, limit) {
			limits = append(limits, limit)
		}
	}
	return limits
}

// recorded reports whether the row has a measurement.
func (w *rateLimitWire) recorded() bool {
	for _, piece := range w.Data {
		if slices.ContainsFunc(piece.Metrics, func(m measureWire) bool { return m.Metric == oRateLimitRecorded }) {
			return true
		}
	}
	return false
}
