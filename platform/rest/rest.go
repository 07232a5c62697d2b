// Package rest sends requests to a platform's JSON API: authorised, paced, retried, held back when they would fail, and
// measured. It knows no vendor: what a vendor's answers say besides the data is described by a Dialect, and how requests
// are authorised by an Authorizer.
//
// An account has one Client from its start to its Close. Where there are many, a few share a pool of connections. The life of a
// request in Client.Do:
//
//  1. The breakers let it pass, unless its operation or its host has failed again and again.
//  2. The Authorizer adds a token, and logs in first where there is none. Many requests share one login.
//  3. The budget lets it go: at once, after a wait that fits the caller's deadline, or not at all while the account
//     pauses as the platform asked with a 429.
//  4. The answer is decoded as a stream, up to a size. Its headers slow the budget down before a limit is met.
//  5. A token that the API refuses is replaced where the answers speak against it. A query is sent again after a failure
//     that may pass, as long as the caller's deadline allows.
//  6. A failure is an *Error with one of platform.Reasons. It never shows a secret or a whole answer, and it is counted.
package rest

import (
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// Request is one call. A GET or HEAD is sent again after a failure that may pass, a POST only when it is a query.
type Request struct {
	Operation string // bounded name for metrics and errors, such as edges_metrics
	Method    string // default GET
	URL       string // absolute, without query
	Query     url.Values
	Header    http.Header
	Body      any            // marshalled as JSON when not nil
	IsQuery   bool           // a POST that changes nothing, so that it may be sent again
	Anonymous bool           // not authorised
	Trial     bool           // never held back by a breaker: it finds out whether the platform works again
	Personal  bool           // about persons: what the platform says of a failure is dropped, but for its codes, because it may name one
	Priority  platform.Class // when the budget runs short: each class leaves a larger reserve than the one before it
}

// Response is an answer of status 2xx or 304.
type Response struct {
	Status        int
	Header        http.Header
	Body          io.Reader     // limited; errors of reading are kept apart from errors of the decoder
	Latency       time.Duration // from sending the attempt that succeeded to its headers
	Received      time.Time     // when the headers came
	CorrelationID string        // the platform's name for the request; empty without one
}
