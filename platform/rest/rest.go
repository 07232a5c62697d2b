// Package rest asks a platform's JSON API over HTTP: authorised, paced, retried, behind a breaker, and measured.
package rest

import (
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// Priority is a class of feeds.
type Priority = platform.Class

// Request is one call. GETs and HEADs are retried; a POST only when it says that it is a query.
type Request struct {
	Operation string // bounded name for metrics and errors, such as edges_metrics
	Method    string // default GET
	URL       string // absolute, without query
	Query     url.Values
	Header    http.Header
	Body      any            // marshalled as JSON when not nil
	IsQuery   bool           // a POST that changes nothing, so that it may be sent again
	Anonymous bool           // not authorised
	Probe     bool           // never held back by a breaker: it finds out whether the platform works again
	Priority  platform.Class // when the budget runs short: each class leaves a larger reserve than the one before it
}

// Response is an answer of status 2xx or 304.
type Response struct {
	Status        int
	Header        http.Header
	Body          io.Reader     // limited; read errors are told apart from errors of the decoder
	Latency       time.Duration // from sending the attempt that succeeded to its headers
	Received      time.Time     // when the headers came
	CorrelationID string
}
