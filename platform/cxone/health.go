package cxone

import (
	"context"
	"net/http"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

const (
	opServerTime   = "server_time"
	pathServerTime = "/server-time"
)

// healthFeed returns the feed of the API, the login and discovery. A snapshot of it serves for maxAge.
func (c *client) healthFeed(slow, maxAge time.Duration) feed.Feed {
	return feed.Feed{Name: feed.Health, Class: platform.ClassHealth, Calls: 1, Poll: c.health(slow, maxAge)}
}

// health returns the poll of the health feed. It asks GET server-time, the cheapest call that needs a token: the API has no
// health endpoint. Its components are api, auth, and discovery (the issuer's document about the tenant, hourly; none when
// the area is configured), all of the control plane.
func (c *client) health(slow, maxAge time.Duration) feed.Poll {
	judge := &health.Judge{
		Operation: opServerTime, Request: http.MethodGet + " " + pathServerTime, Login: "login", Slow: slow, MaxAge: maxAge,
	}
	return func(ctx context.Context) (*platform.Snapshot, error) {
		discovered := c.tenancy.refresh(ctx)
		var found anomalies
		snapshot, err := judge.Poll(c.rest, func(ctx context.Context) (answer rest.Response, err error) {
			answer, found, err = c.serverTime(ctx)
			return answer, err
		})(ctx)
		lookup := discovered(ctx)
		if snapshot == nil {
			return nil, err
		}
		c.logTimes(found.times)
		snapshot.Anomalies = found.Anomalies
		if !c.tenancy.fixed {
			known := c.tenancy.known.Load() != nil
			snapshot.Components = append(snapshot.Components, health.Component("discovery", platform.SourceProbe,
				discoveryStatus(lookup, known), health.Evidence(http.MethodGet+" "+pathDiscovery, rest.Response{}, lookup)))
		}
		return snapshot, err
	}
}

// serverTime asks for the platform's clock, and compares it with ours. An answer without a time is a violation.
func (c *client) serverTime(ctx context.Context) (answer rest.Response, found anomalies, err error) {
	var clock scalar
	err = c.get(ctx, request{class: platform.ClassHealth, operation: opServerTime, path: pathServerTime, trial: true}, func(r rest.Response) error {
		answer, clock = r, nil
		changed, err := answerFields{"servertime": clock.into}.read(r)
		if err == nil && !changed {
			err = nothingNew(false)
		}
		return err
	})
	if err != nil {
		return answer, found, err
	}
	if now, ok := found.moment("ServerTime", clock); ok {
		c.rest.ClockSkew(now, answer)
	} else {
		found.Violate("ServerTime")
	}
	return answer, found, nil
}
