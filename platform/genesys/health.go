package genesys

import (
	"context"
	"net/http"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// healthFeed probes the API with HEAD /api/v2/tokens/me: no body, no permission needed.
func (c *client) healthFeed(slow, maxAge time.Duration) feed.Feed {
	judge := &health.Judge{
		Operation: opTokensMe, Request: http.MethodHead + " " + pathTokensMe, Login: http.MethodPost + " " + pathToken,
		Slow: slow, MaxAge: maxAge,
	}
	poll := judge.Poll(c.rest, func(ctx context.Context) (answer rest.Response, err error) {
		err = c.rest.Do(ctx, rest.Request{
			Operation: opTokensMe, Method: http.MethodHead, URL: c.api + pathTokensMe, Priority: platform.ClassHealth, Trial: true,
		}, func(r rest.Response) error { answer = r; return nil })
		return answer, err
	})
	return feed.Feed{Name: feed.Health, Class: platform.ClassHealth, Calls: 1, Poll: poll}
}
