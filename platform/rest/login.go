package rest

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// This file classifies failed logins. The errors of oauth2 quote the token host's answer, which may quote what it was
// sent; so nothing of them is shown but the status and the error code.

// loginError turns what Credentials returned into an error that is safe to show.
func (d Dialect) loginError(err error) *Error {
	e := &Error{}
	known, isKnown := errors.AsType[*Error](err)
	retrieve, isRetrieve := errors.AsType[*oauth2.RetrieveError](err)
	_, isNet := errors.AsType[net.Error](err) // *url.Error is one too
	switch {
	case isKnown:
		*e = *known
		e.reason = refusal(known)
	case isRetrieve:
		e = d.retrieveError(retrieve)
	case isNet, errors.Is(err, context.Canceled):
		e = travelError(err)
	default: // the answer was no token, or there was nothing to log in with
		e.reason, e.Message = platform.ReasonBadResponse, clean(err.Error())
		e.cause = err
	}
	e.Operation, e.Login, e.local = "", true, true
	if e.why() == platform.ReasonRateLimited && e.RetryAfter == 0 {
		e.RetryAfter = retryAfterDefault
	}
	return e
}

// refusal is the reason of a login that was answered: a platform that finds fault with it finds fault with the
// credentials, whatever the status.
func refusal(e *Error) platform.Reason {
	fault := e.Status == http.StatusBadRequest || e.Status == http.StatusForbidden || e.Status == http.StatusOK && e.Code != ""
	if fault && e.reason == "" {
		return platform.ReasonAuth
	}
	return e.why()
}

// retrieveError describes an answer of the token host that is no token.
func (d Dialect) retrieveError(r *oauth2.RetrieveError) *Error {
	var header http.Header
	e := &Error{}
	if r.Response != nil {
		header = r.Response.Header
		e.Status = r.Response.StatusCode
		e.CorrelationID = d.correlationID(header)
		e.RetryAfter, _ = retryAfter(header, time.Now())
	}
	fault := d.fault(header, r.Body)
	e.Code = cmp.Or(clean(r.ErrorCode), fault.Code)
	if fault.RateLimited {
		e.reason = platform.ReasonRateLimited
	}
	e.reason = refusal(e)
	return e
}
