package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// feedCalls is the name of the feed.
const feedCalls = "calls"

// The deployments for which the platform counts calls, each in a call of its own.
const (
	deploymentCloud    = "cloud"
	deploymentPremises = "premises"
)

// callsPermission is the one that the call needs.
const callsPermission = "telephony:callMetrics:view"

// offeredAgain is how long after a 404 the platform is asked again. The call is not offered to every organization.
const offeredAgain = time.Hour

type callsWire struct {
	InProgress any `json:"concurrentCallCount"`
	Capacity   any `json:"maxCallCapacity"`
}

// calls reads the number of concurrent calls and the capacity of the organization. Its polls do not overlap.
type calls struct {
	client     *client
	log        *slog.Logger
	edges      *ownEdges            // nil when edges are not watched
	notOffered map[string]time.Time // by deployment: when a 404 was answered
}

func newCalls(c *client, edges *ownEdges, log *slog.Logger) *calls {
	return &calls{client: c, log: log, edges: edges, notOffered: map[string]time.Time{}}
}

// callsFeed is the row of the feed. Where edges are watched it may take a second call, for the premises.
func (c *client) callsFeed() feed.Feed {
	f := feed.Feed{Name: feedCalls, Class: platform.ClassDetail, Calls: 1, Poll: c.calls.poll, Permissions: []string{callsPermission}}
	if c.ownEdges != nil {
		f.Calls = 2
	}
	return f
}

// poll is the poll of the feed. What is not offered is left out, which is no failure.
func (c *calls) poll(ctx context.Context) (*platform.Snapshot, error) {
	var (
		snapshot platform.Snapshot
		errs     []error
	)
	for deployment := range c.deployments(ctx) {
		switch read, err := c.read(ctx, deployment, &snapshot.Anomalies); {
		case isNotFound(err):
			c.noteNotOffered(deployment, true)
		case err != nil:
			errs = append(errs, err)
		default:
			c.noteNotOffered(deployment, false)
			snapshot.Calls = append(snapshot.Calls, read)
		}
	}
	if len(errs) > 0 && len(snapshot.Calls) == 0 {
		return nil, errors.Join(errs...)
	}
	return &snapshot, errors.Join(errs...)
}

// deployments are those to ask for now: the cloud, and the premises where the organization has edges of its own.
func (c *calls) deployments(ctx context.Context) iter.Seq[string] {
	offered := func(deployment string) bool {
		since, refused := c.notOffered[deployment]
		return !refused || time.Since(since) >= offeredAgain
	}
	return func(yield func(string) bool) {
		if offered(deploymentCloud) && !yield(deploymentCloud) {
			return
		}
		if offered(deploymentPremises) && c.edges.wait(ctx) {
			yield(deploymentPremises)
		}
	}
}

// noteNotOffered logs when the platform begins or ceases to offer the call.
func (c *calls) noteNotOffered(deployment string, refused bool) {
	_, before := c.notOffered[deployment]
	delete(c.notOffered, deployment)
	if refused {
		c.notOffered[deployment] = time.Now()
	}
	switch {
	case refused && !before:
		c.log.Info("platform does not offer call metrics", "deployment", deployment, "asked_again", offeredAgain.String())
	case before && !refused:
		c.log.Info("platform offers call metrics now", "deployment", deployment)
	}
}

func (c *calls) read(ctx context.Context, deployment string, anomalies *platform.Anomalies) (platform.Calls, error) {
	answer, _, err := ask[json.RawMessage](ctx, c.client, rest.Request{
		Operation: opCallsMetrics, URL: c.client.api + pathCallsMetrics, Query: url.Values{"metricType": {deployment}},
		Priority: platform.ClassDetail,
	})
	if platform.ReasonOf(err) == platform.ReasonForbidden {
		return platform.Calls{}, fmt.Errorf("needs the permission %s: %w", callsPermission, err)
	}
	if err != nil {
		return platform.Calls{}, err
	}
	return translateCalls(deployment, answer, anomalies)
}

var errNoCalls = errors.New("calls_metrics: neither calls nor a capacity in the answer")

func translateCalls(deployment string, answer json.RawMessage, anomalies *platform.Anomalies) (platform.Calls, error) {
	wire, _ := read[callsWire](answer, anomalies, "the answer")
	calls := platform.Calls{
		Deployment: deployment,
		InProgress: optional[float64](wire.InProgress, anomalies, "concurrentCallCount"),
		Capacity:   optional[float64](wire.Capacity, anomalies, "maxCallCapacity"),
	}
	if calls.InProgress == nil && calls.Capacity == nil {
		return platform.Calls{}, errNoCalls
	}
	if wire.InProgress == nil || wire.Capacity == nil { // both are required
		anomalies.Violate("concurrentCallCount or maxCallCapacity")
	}
	return calls, nil
}

// isNotFound reports whether the API answered a request with a 404.
func isNotFound(err error) bool {
	refused, ok := errors.AsType[*rest.Error](err)
	return ok && refused.Status == http.StatusNotFound && !refused.Login
}
