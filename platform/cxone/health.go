package cxone

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file probes the API, which has no health endpoint, and tells how login and discovery go.

// health is the feed of that name. Its runs do not overlap.
type health struct {
	*client
	slow   time.Duration // latency above which the API is degraded
	maxAge time.Duration

	last   platform.Component // the API as last judged
	judged time.Time          // when it was
}

// run asks GET server-time: the cheapest call that needs a token. Its components are api, auth, and discovery (the
// issuer's document about the tenant, hourly; none when the area is configured), all of the control plane.
func (h *health) run(ctx context.Context, sink platform.Sink) error {
	discovered := h.refresh(ctx)
	var part platform.Part
	var answer rest.Response
	err := h.rest.Authenticate(ctx)
	if err == nil {
		answer, err = h.probe(ctx, &part)
	}
	lookup := discovered()
	if errors.Is(ctx.Err(), context.Canceled) {
		return err // stopped by us: that says nothing about the platform
	}
	now := time.Now()
	evidence := evidenceOf(http.MethodGet+" "+pathServerTime, answer, err)
	if status, known := apiStatus(answer.Latency, h.slow, err); known {
		h.last, h.judged = component("api", platform.SourceProbe, status, evidence), now
	} else if now.Sub(h.judged) > h.maxAge {
		h.last = component("api", platform.SourceProbe, platform.Unknown, evidence)
	}
	login := h.rest.Auth()
	part.Components = append(part.Components, h.last, component("auth", platform.SourceToken,
		authStatus(login), evidenceOf("login", rest.Response{}, login.Err)))
	if !h.tenancy.fixed {
		known := h.tenancy.place.Load() != nil
		part.Components = append(part.Components, component("discovery", platform.SourceProbe,
			discoveryStatus(lookup, known), evidenceOf("GET /.well-known/cxone-configuration", rest.Response{}, lookup)))
	}
	if err == nil {
		part.Latency = &answer.Latency
	}
	sink.Publish(part)
	return err
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

// probe asks for the platform's clock, and compares it with ours.
func (h *health) probe(ctx context.Context, part *platform.Part) (answer rest.Response, err error) {
	var clock scalar
	err = h.get(ctx, platform.ClassHealth, opServerTime, pathServerTime, nil, func(r rest.Response) error {
		answer, clock = r, nil
		_, err := fields{"servertime": clock.into}.read(r)
		return err
	})
	if err != nil {
		return answer, err
	}
	if now, ok := clock.moment(); ok {
		h.rest.ClockSkew(now, answer)
	} else {
		part.Violations++
	}
	return answer, nil
}

func component(name, source string, status platform.Status, evidence platform.Evidence) platform.Component {
	return platform.Component{
		Name: name, Plane: platform.ControlPlane, Source: source,
		Condition: platform.Condition{Status: status, Evidence: evidence},
	}
}

// apiStatus judges a probe. Known is false when it says nothing about the API, because the platform or we ourselves
// held it back: then what was known before stays. Without login or discovery the API has not been asked: its status is
// not guessed.
func apiStatus(latency, slow time.Duration, err error) (status platform.Status, known bool) {
	failed, answered := errors.AsType[*rest.Error](err)
	reason := platform.ReasonOf(err)
	switch {
	case err == nil && latency <= slow:
		return platform.Operational, true
	case err == nil:
		return platform.Degraded, true
	case reason == platform.ReasonRateLimited, reason == platform.ReasonBudget:
		return platform.Unknown, false
	case answered && failed.Operation == opServerTime && !failed.Login && outage(reason):
		return platform.Critical, true
	}
	return platform.Unknown, true
}

// authStatus is critical when the login is refused, or when no token is in hand and none can be had; degraded when
// the token host limits our rate while the token in hand is still good.
func authStatus(state rest.AuthState) platform.Status {
	failed, _ := errors.AsType[*rest.Error](state.Err)
	refused := failed != nil && failed.Status != 0 // by them, not by a secret file of ours that cannot be read
	switch reason := platform.ReasonOf(state.Err); {
	case state.Err == nil && state.Held:
		return platform.Operational
	case state.Err == nil:
		return platform.Unknown
	case reason == platform.ReasonAuth && (refused || !state.Held):
		return platform.Critical
	case reason == platform.ReasonRateLimited && state.Held:
		return platform.Degraded
	case state.Held:
		return platform.Operational
	case outage(reason):
		return platform.Critical
	}
	return platform.Unknown
}

// outage tells whether a failure speaks against the host that was asked.
func outage(reason platform.Reason) bool {
	switch reason {
	case platform.ReasonNetwork, platform.ReasonServerError, platform.ReasonTimeout, platform.ReasonBreakerOpen:
		return true
	}
	return false
}

// failedLogin tells whether a request was not sent because there was no token for it.
func failedLogin(err error) bool {
	failed, ok := errors.AsType[*rest.Error](err)
	return ok && failed.Login
}

// evidenceOf is a request with what came of it.
func evidenceOf(request string, answer rest.Response, err error) platform.Evidence {
	e := platform.Evidence{CorrelationID: answer.CorrelationID}
	outcome := "ok"
	if answer.Status != 0 {
		outcome = fmt.Sprintf("%d after %v", answer.Status, answer.Latency.Round(time.Millisecond))
	}
	if err != nil {
		outcome = string(platform.ReasonOf(err))
		if failed, ok := errors.AsType[*rest.Error](err); ok {
			e.CorrelationID = failed.CorrelationID
			if failed.Status != 0 {
				outcome = fmt.Sprint(failed.Status)
			}
		}
	}
	e.Payload = []byte(request + " " + outcome)
	return e
}
