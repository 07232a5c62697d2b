package platform

import (
	"context"
	"errors"
)

// Reason is why a run or a request failed: a bounded set, so that it can be a label.
type Reason string

// The reasons.
const (
	ReasonAuth        Reason = "auth"
	ReasonForbidden   Reason = "forbidden"
	ReasonNotFound    Reason = "not_found"
	ReasonRateLimited Reason = "rate_limited"
	ReasonTimeout     Reason = "timeout"
	ReasonNetwork     Reason = "network"
	ReasonServerError Reason = "server_error"
	ReasonBadResponse Reason = "bad_response"
	ReasonBreakerOpen Reason = "breaker_open"
	ReasonBudget      Reason = "budget"
)

// Reasons lists every Reason.
var Reasons = [...]Reason{
	ReasonAuth, ReasonForbidden, ReasonNotFound, ReasonRateLimited, ReasonTimeout,
	ReasonNetwork, ReasonServerError, ReasonBadResponse, ReasonBreakerOpen, ReasonBudget,
}

// ReasonOf classifies an error: by the method Reason() string of it or of an error that it wraps, else as a time-out when it
// is one, else as a bad response.
func ReasonOf(err error) Reason {
	var known interface{ Reason() string }
	switch {
	case errors.As(err, &known):
		return Reason(known.Reason())
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return ReasonTimeout
	}
	return ReasonBadResponse
}

// RefusalOf returns why a platform refused a write, by the method Refusal() Refusal of the error or of one that it wraps; ""
// when the error is none.
func RefusalOf(err error) Refusal {
	var refused interface{ Refusal() Refusal }
	if errors.As(err, &refused) {
		return refused.Refusal()
	}
	return ""
}
