// Package health judges how a platform is doing, for every vendor alike.
//
// A vendor's package makes a Judge for each account and takes its Poll as the poll of the feed health: it makes sure that
// the account is logged in, sends the vendor's cheapest call that needs a token, and turns what came of both into the
// components api and auth. Only the probe's own outcome speaks about the API, and only the login's own about the login. The
// status pages and health documents that an account follows come with its Surroundings, which every vendor gets.
package health

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// Judge turns the answers to one account's API probe into the statuses of its API and its login: an API that answers
// within Slow is operational, a slower one degraded, one that does not answer critical; a login is operational while a token
// is held and critical while none can be had, or while the API refuses the one in hand. A Judge serves one account, whose
// probes come one after the other: it is not safe for concurrent use.
type Judge struct {
	Operation string        // of the probe's request: the failure of any other says nothing about the API
	Request   string        // method and path of the probe, for the audit trail
	Login     string        // the login, likewise
	Slow      time.Duration // latency above which the API is degraded
	MaxAge    time.Duration // how long the API's last status is kept while we are not let through to ask

	api      platform.Component // as last judged
	judgedAt time.Time
}

// Snapshot returns what a probe shows: the components api and auth of the control plane, and the latency unless it failed.
func (j *Judge) Snapshot(answer rest.Response, err error, login rest.AuthState) platform.Snapshot {
	now := time.Now()
	status, asked := j.apiStatus(answer.Latency, err)
	if asked {
		j.judgedAt = now
	}
	if asked || now.Sub(j.judgedAt) > j.MaxAge {
		j.api = Component("api", platform.SourceProbe, status, Evidence(j.Request, answer, err))
	}
	auth := Component("auth", platform.SourceToken, authStatus(login), platform.Evidence{})
	if login.Held || login.Err != nil {
		request := j.Login
		if failed, ok := errors.AsType[*rest.Error](login.Err); ok && !failed.Login {
			request = cmp.Or(failed.Request, request) // the login succeeded, and this call was refused
		}
		auth.Evidence = Evidence(request, rest.Response{}, login.Err)
	}
	snapshot := platform.Snapshot{Components: []platform.Component{j.api, auth}}
	if err == nil {
		snapshot.Latency = &answer.Latency
	}
	return snapshot
}

// Poll returns the poll of the health feed. Ask sends the API probe: the cheapest call that needs a token.
func (j *Judge) Poll(client *rest.Client, ask func(context.Context) (rest.Response, error)) feed.Poll {
	return func(ctx context.Context) (*platform.Snapshot, error) {
		var answer rest.Response
		err := client.Authenticate(ctx)
		if err == nil {
			answer, err = ask(ctx)
		}
		if errors.Is(ctx.Err(), context.Canceled) {
			return nil, err // stopped by us: that says nothing about the platform
		}
		snapshot := j.Snapshot(answer, err, client.Auth())
		return &snapshot, err
	}
}

// apiStatus returns the status of the API. Asked is false when the platform's rate limit or our own held the probe back: the
// earlier status stays then. Only the probe's own request speaks against the API. When the login, or the search for the
// API's host, fails before it, the status is not guessed.
func (j *Judge) apiStatus(latency time.Duration, err error) (status platform.Status, asked bool) {
	failed, _ := errors.AsType[*rest.Error](err)
	reason := platform.ReasonOf(err)
	switch {
	case err == nil && latency <= j.Slow:
		return platform.Operational, true
	case err == nil:
		return platform.Degraded, true
	case reason == platform.ReasonRateLimited, reason == platform.ReasonBudget:
		return platform.Unknown, false
	case failed != nil && failed.Operation == j.Operation && Outage(err):
		return platform.Critical, true
	}
	return platform.Unknown, true
}

// authStatus returns the status of the login. It is critical when the login is refused, or when no token is in hand and none
// can be had; degraded when the token host limits our rate while the token in hand is still good.
func authStatus(login rest.AuthState) platform.Status {
	failed, _ := errors.AsType[*rest.Error](login.Err)
	refused := failed != nil && failed.Status != 0 // by them, not by a secret file of ours that cannot be read
	switch reason := platform.ReasonOf(login.Err); {
	case login.Err == nil && login.Held:
		return platform.Operational
	case login.Err == nil:
		return platform.Unknown
	case reason == platform.ReasonAuth && (refused || !login.Held):
		return platform.Critical
	case reason == platform.ReasonRateLimited && login.Held:
		return platform.Degraded
	case login.Held:
		return platform.Operational
	case outage(reason):
		return platform.Critical
	}
	return platform.Unknown
}

// Outage reports whether a failed request speaks against the host that it was for. Without a login it was not sent.
func Outage(err error) bool {
	failed, _ := errors.AsType[*rest.Error](err)
	return outage(platform.ReasonOf(err)) && (failed == nil || !failed.Login)
}

func outage(reason platform.Reason) bool {
	switch reason {
	case platform.ReasonNetwork, platform.ReasonServerError, platform.ReasonTimeout, platform.ReasonBreakerOpen:
		return true
	}
	return false
}

// Component returns a component of the control plane.
func Component(name, source string, status platform.Status, evidence platform.Evidence) platform.Component {
	return platform.Component{
		Name: name, Plane: platform.ControlPlane, Source: source,
		Condition: platform.Condition{Status: status, Evidence: evidence},
	}
}

// Evidence returns a request with what came of it: the answer's status and latency (ok when no answer was kept), or the
// status, else the reason, of its failure.
func Evidence(request string, answer rest.Response, err error) platform.Evidence {
	correlation, outcome := answer.CorrelationID, "ok"
	if answer.Status != 0 {
		outcome = fmt.Sprintf("%d after %v", answer.Status, answer.Latency.Round(time.Millisecond))
	}
	if err != nil {
		outcome = string(platform.ReasonOf(err))
	}
	if failed, ok := errors.AsType[*rest.Error](err); ok {
		correlation = failed.CorrelationID
		if failed.Status != 0 {
			outcome = fmt.Sprint(failed.Status)
		}
	}
	return platform.Evidence{CorrelationID: correlation, Payload: []byte(request + " " + outcome)}
}
