package cxone

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/probe"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file probes the API, which has no health endpoint, and tells how login and discovery go.

// health is the feed of that name. Its runs do not overlap.
type health struct {
	*client
	judge probe.Judge
}

func newHealth(c *client, slow, maxAge time.Duration) *health {
	return &health{c, probe.Judge{
		Operation: opServerTime, Request: http.MethodGet + " " + pathServerTime, Login: "login", Slow: slow, MaxAge: maxAge,
	}}
}

// poll asks GET server-time: the cheapest call that needs a token. Its components are api, auth, and discovery (the
// issuer's document about the tenant, hourly; none when the area is configured), all of the control plane.
func (h *health) poll(ctx context.Context) (*platform.Snapshot, error) {
	discovered := h.refresh(ctx)
	var answer rest.Response
	var violations int
	err := h.rest.Authenticate(ctx)
	if err == nil {
		answer, violations, err = h.serverTime(ctx)
	}
	lookup := discovered()
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, err // stopped by us: that says nothing about the platform
	}
	snapshot := h.judge.Snapshot(answer, err, h.rest.Auth())
	snapshot.Violations = violations
	if !h.tenancy.fixed {
		known := h.tenancy.place.Load() != nil
		snapshot.Components = append(snapshot.Components, probe.Component("discovery", platform.SourceProbe,
			discoveryStatus(lookup, known), probe.Evidence(http.MethodGet+" "+pathDiscovery, rest.Response{}, lookup)))
	}
	return &snapshot, err
}

// refresh asks discovery, when it is due, while the API is probed. What it returns waits for the end of that.
func (h *health) refresh(ctx context.Context) (wait func() error) {
	timeout := feedTimeout
	if h.tenancy.place.Load() != nil {
		timeout = refreshTimeout
	}
	var asking sync.WaitGroup
	var err error
	asking.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		err = h.tenancy.refresh(ctx)
	})
	return func() error {
		asking.Wait()
		return err
	}
}

// serverTime asks for the platform's clock, and compares it with ours. An answer without a time is a violation.
func (h *health) serverTime(ctx context.Context) (answer rest.Response, violations int, err error) {
	var clock scalar
	err = h.get(ctx, platform.ClassHealth, opServerTime, pathServerTime, nil, func(r rest.Response) error {
		answer, clock = r, nil
		_, err := fields{"servertime": clock.into}.read(r)
		return err
	})
	if err != nil {
		return answer, 0, err
	}
	now, ok := clock.moment()
	if !ok {
		return answer, 1, nil
	}
	h.rest.ClockSkew(now, answer)
	return answer, 0, nil
}
