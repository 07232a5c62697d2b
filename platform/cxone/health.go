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

// health returns the poll of the health feed. It asks GET server-time, the cheapest call that needs a token: the API has no
// health endpoint. Its components are api, auth, and discovery (the issuer's document about the tenant, hourly; none when
// the area is configured), all of the control plane.
func (c *client) health(slow, maxAge time.Duration) feed.Poll {
	judge := &health.Judge{
		Operation: opServerTime, Request: http.MethodGet + " " + pathServerTime, Login: "login", Slow: slow, MaxAge: maxAge,
	}
	return func(ctx context.Context) (*platform.Snapshot, error) {
		discovered := c.tenancy.refresh(ctx)
		violations := 0
		snapshot, err := judge.Poll(c.rest, func(ctx context.Context) (answer rest.Response, err error) {
			answer, violations, err = c.serverTime(ctx)
			return answer, err
		})(ctx)
		lookup := discovered(ctx)
		if snapshot == nil {
			return nil, err
		}
		snapshot.Violations = violations
		if !c.tenancy.fixed {
			known := c.tenancy.known.Load() != nil
			snapshot.Components = append(snapshot.Components, health.Component("discovery", platform.SourceProbe,
				discoveryStatus(lookup, known), health.Evidence(http.MethodGet+" "+pathDiscovery, rest.Response{}, lookup)))
		}
		return snapshot, err
	}
}

// serverTime asks for the platform's clock, and compares it with ours. An answer without a time is a violation.
func (c *client) serverTime(ctx context.Context) (answer rest.Response, violations int, err error) {
	var clock scalar
	err = c.get(ctx, platform.ClassHealth, opServerTime, pathServerTime, nil, func(r rest.Response) error {
		answer, clock = r, nil
		_, err := answerFields{"servertime": clock.into}.read(r)
		return err
	})
	if err != nil {
		return answer, 0, err
	}
	now, ok := clock.moment()
	if !ok {
		return answer, 1, nil
	}
	c.rest.ClockSkew(now, answer)
	return answer, 0, nil
}
