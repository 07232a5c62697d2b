package rest

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// Error is a request that failed. Its text is bounded and shows neither secrets nor whole answers.
type Error struct {
	Operation     string        // of the request
	Request       string        // method and path that were sent, without ids; empty when nothing was
	Status        int           // 0 without an answer
	Code          string        // the platform's word for the fault, such as missing.permissions
	Details       []string      // codes of the fault's details, such as REFERENCED_KEY_DOES_NOT_EXIST
	Message       string        // what happened, at most 200 characters
	CorrelationID string        // of the answer, empty without one
	RetryAfter    time.Duration // how long it makes no sense to ask again, 0 when unknown
	Login         bool          // it was the login that failed, not the API

	reason platform.Reason // "": by Status
	cause  error
	local  bool // failed before anything was sent, so it says nothing about the host
	logged bool // the client has logged the cause

	unreached bool // no connection to the host was made
}

// HasCode reports whether the fault or one of its details has this code.
func (e *Error) HasCode(code string) bool {
	return e.Code == code || slices.Contains(e.Details, code)
}

// statusReasons are the statuses with a reason of their own; other 5xx are server errors, the rest bad responses.
var statusReasons = map[int]platform.Reason{
	http.StatusUnauthorized:    platform.ReasonAuth,
	http.StatusForbidden:       platform.ReasonForbidden,
	http.StatusNotFound:        platform.ReasonNotFound,
	http.StatusTooManyRequests: platform.ReasonRateLimited,
}

// Reason returns the reason as text, where platform.ReasonOf looks for it.
func (e *Error) Reason() string { return string(e.why()) }

func (e *Error) why() platform.Reason {
	if e.reason != "" {
		return e.reason
	}
	if reason, ok := statusReasons[e.Status]; ok {
		return reason
	}
	if e.Status >= 500 {
		return platform.ReasonServerError
	}
	return platform.ReasonBadResponse
}

// Wait returns how long it makes no sense to ask again, for callers that do not know this type; 0 when unknown.
func (e *Error) Wait() time.Duration { return e.RetryAfter }

// Logged reports whether the client itself has logged the cause of the failure, as it does for a failed login: one line
// is enough for all the calls that fail with it.
func (e *Error) Logged() bool { return e.logged }

// Unwrap returns what caused the failure, nil when the answer itself was the failure.
func (e *Error) Unwrap() error { return e.cause }

// Brief returns the operation and the status, without any word of the platform's: what may be shown to anybody.
func (e *Error) Brief() string {
	brief := e.Operation
	if e.Login {
		brief = strings.TrimPrefix(brief+", login", ", ")
	}
	if e.Status != 0 {
		brief = strings.TrimPrefix(fmt.Sprintf("%s, status %d", brief, e.Status), ", ")
	}
	return brief
}

// Error returns the operation, the reason, and what the platform said.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Operation != "" {
		b.WriteString(e.Operation + ": ")
	}
	if e.Login {
		b.WriteString("login: ")
	}
	b.WriteString(e.Reason())
	if e.Status != 0 {
		fmt.Fprintf(&b, ", status %d", e.Status)
	}
	if e.Code != "" {
		b.WriteString(", " + e.Code)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	return b.String()
}

// retriable reports whether a query may be sent again after this failure.
func (e *Error) retriable() bool {
	if e.Login || e.local {
		return false
	}
	switch e.Status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return e.reason == platform.ReasonNetwork || e.reason == platform.ReasonTimeout
}

// outage reports whether the failure speaks against the platform.
func (e *Error) outage() bool {
	switch e.why() {
	case platform.ReasonNetwork, platform.ReasonTimeout, platform.ReasonServerError:
		return !e.Login && !e.local
	}
	return false
}

// unreachable reports whether the host could not be reached.
func (e *Error) unreachable() bool { return e.unreached && e.outage() }

// travelError classifies a failure to send a request or to read its answer.
func travelError(err error) *Error {
	// A *url.Error repeats the URL, which is of no use to the reader of a log.
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	e := &Error{reason: platform.ReasonNetwork, Message: clean(err.Error()), cause: err}
	var (
		timeout   net.Error
		corrupt   flate.CorruptInputError
		oversized *limitError
	)
	switch {
	case errors.Is(err, context.Canceled):
		e.reason, e.local = platform.ReasonTimeout, true // the caller gave up, which says nothing about the platform
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		e.reason, e.Message = platform.ReasonTimeout, "no complete answer in time"
	case errors.As(err, &oversized), errors.As(err, &corrupt),
		errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		e.reason = platform.ReasonBadResponse
	}
	return e
}

// localError classifies a wait of ours that ended with the caller's context.
func localError(err error) *Error {
	return &Error{reason: platform.ReasonTimeout, Message: "the caller gave up while it waited", cause: err, local: true}
}

// requestName returns method and path of a request. Ids are left out: some give access to what they name.
func requestName(method string, u *url.URL) string {
	const longest = 20 // of a segment with a digit that is no id, such as v33.0
	segments := strings.Split(u.Path, "/")
	for i, segment := range segments {
		if len(segment) > longest && strings.ContainsAny(segment, "0123456789") {
			segments[i] = "{id}"
		}
	}
	return clean(method + " " + strings.Join(segments, "/"))
}

// clean makes text from outside fit for one line of a log: at most 200 characters, none of them a control character.
func clean(s string) string {
	const most = 200
	if len(s) > 8*most { // do not walk through megabytes for the first few characters
		s = s[:8*most]
	}
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "�"), func(r rune) bool {
		return unicode.IsControl(r) || r == ' '
	}), " ")
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}
