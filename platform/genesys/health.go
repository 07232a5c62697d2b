package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file probes the API and tells how the login goes.

// health is the feed of that name. Its runs do not overlap.
type health struct {
	*client
	slow   time.Duration // latency above which the API is degraded
	maxAge time.Duration

	last   platform.Component // the API as last judged
	judged time.Time          // when it was
}

// run asks HEAD /api/v2/tokens/me: no body, no permission needed.
func (h *health) run(ctx context.Context, sink platform.Sink) error {
	var answer rest.Response
	err := h.rest.Authenticate(ctx)
	if err == nil {
		err = h.rest.Do(ctx, rest.Request{
			Operation: opTokensMe, Method: http.MethodHead, URL: h.api + pathTokensMe, Priority: rest.Priority(platform.ClassHealth),
		}, func(r rest.Response) error { answer = r; return nil })
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return err // stopped by us: that says nothing about the platform
	}
	now := time.Now()
	if status, known := apiStatus(answer.Latency, h.slow, err); known {
		h.last, h.judged = h.component("api", platform.SourceProbe, status, apiEvidence(answer, err)), now
	} else if now.Sub(h.judged) > h.maxAge {
		h.last = h.component("api", platform.SourceProbe, platform.Unknown, apiEvidence(answer, err))
	}
	state := h.rest.Auth()
	part := platform.Part{Components: []platform.Component{
		h.last, h.component("auth", platform.SourceToken, authStatus(state), authEvidence(state)),
	}}
	if err == nil {
		part.Latency = &answer.Latency
	}
	sink.Publish(part)
	return err
}

func (*health) component(name, source string, status platform.Status, evidence platform.Evidence) platform.Component {
	return platform.Component{
		Name: name, Plane: platform.ControlPlane, Source: source,
		Condition: platform.Condition{Status: status, Evidence: evidence},
	}
}

// apiStatus judges a probe. Known is false when it says nothing about the API, because the platform or we ourselves
// held it back: then what was known before stays. A login that failed leaves the API unasked, so its status is not
// guessed.
func apiStatus(latency, slow time.Duration, err error) (status platform.Status, known bool) {
	failed, _ := errors.AsType[*rest.Error](err)
	reason := platform.ReasonOf(err)
	switch login := failed != nil && failed.Login; {
	case err == nil && latency <= slow:
		return platform.Operational, true
	case err == nil:
		return platform.Degraded, true
	case reason == platform.ReasonRateLimited, reason == platform.ReasonBudget:
		return platform.Unknown, false
	case login:
		return platform.Unknown, true
	case reason == platform.ReasonNetwork, reason == platform.ReasonServerError,
		reason == platform.ReasonTimeout, reason == platform.ReasonBreakerOpen:
		return platform.Critical, true
	}
	return platform.Unknown, true
}

// authStatus is critical when the login is refused, or when no token is in hand and none can be had; degraded when
// the token host limits our rate while the token in hand is still good.
func authStatus(state rest.AuthState) platform.Status {
	if state.Err == nil {
		if state.Held {
			return platform.Operational
		}
		return platform.Unknown
	}
	failed, ok := errors.AsType[*rest.Error](state.Err)
	refused := ok && failed.Status != 0 // not by our own secret file
	switch reason := platform.ReasonOf(state.Err); {
	case reason == platform.ReasonAuth && (refused || !state.Held):
		return platform.Critical
	case reason == platform.ReasonRateLimited && state.Held:
		return platform.Degraded
	case reason == platform.ReasonRateLimited:
		return platform.Unknown
	case state.Held:
		return platform.Operational
	case reason == platform.ReasonNetwork, reason == platform.ReasonServerError,
		reason == platform.ReasonTimeout, reason == platform.ReasonBreakerOpen:
		return platform.Critical
	}
	return platform.Unknown
}

// apiEvidence is the request with what came of it, since the probe's answer has no body.
func apiEvidence(answer rest.Response, err error) platform.Evidence {
	e := platform.Evidence{CorrelationID: answer.CorrelationID}
	outcome := fmt.Sprintf("%d after %v", answer.Status, answer.Latency.Round(time.Millisecond))
	if err != nil {
		e.CorrelationID, outcome = outcomeOf(err)
	}
	e.Payload = []byte(http.MethodHead + " " + pathTokensMe + " " + outcome)
	return e
}

func authEvidence(state rest.AuthState) platform.Evidence {
	if state.Err == nil {
		return platform.Evidence{}
	}
	correlation, outcome := outcomeOf(state.Err)
	return platform.Evidence{CorrelationID: correlation, Payload: []byte("POST /oauth/token " + outcome)}
}

// outcomeOf is the status code of a failed request, or why there is none.
func outcomeOf(err error) (correlation, outcome string) {
	outcome = string(platform.ReasonOf(err))
	if failed, ok := errors.AsType[*rest.Error](err); ok {
		correlation = failed.CorrelationID
		if failed.Status != 0 {
			outcome = fmt.Sprint(failed.Status)
		}
	}
	return correlation, outcome
}
