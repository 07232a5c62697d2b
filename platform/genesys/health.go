package genesys

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/probe"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file probes the API and tells how the login goes.

// health is the feed of that name. Its runs do not overlap.
type health struct {
	*client
	judge probe.Judge
}

func newHealth(c *client, slow, maxAge time.Duration) *health {
	return &health{c, probe.Judge{
		Operation: opTokensMe, Request: http.MethodHead + " " + pathTokensMe, Login: http.MethodPost + " " + pathToken,
		Slow: slow, MaxAge: maxAge,
	}}
}

// run asks HEAD /api/v2/tokens/me: no body, no permission needed.
func (h *health) run(ctx context.Context, sink feed.Sink) error {
	var answer rest.Response
	err := h.rest.Authenticate(ctx)
	if err == nil {
		err = h.rest.Do(ctx, rest.Request{
			Operation: opTokensMe, Method: http.MethodHead, URL: h.api + pathTokensMe, Priority: platform.ClassHealth, Probe: true,
		}, func(r rest.Response) error { answer = r; return nil })
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return err // stopped by us: that says nothing about the platform
	}
	sink.Publish(h.judge.Snapshot(answer, err, h.rest.Auth()))
	return err
}
