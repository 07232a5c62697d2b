package rest

import (
	"net/http"
	"time"
	"unicode/utf8"
)

// Dialect reads what a vendor's answers hold besides the data: names of requests, rate limits, explanations of errors. Each
// vendor's package has one. The zero value reads what HTTP itself defines, such as Retry-After, and nothing else.
type Dialect struct {
	// CorrelationHeaders may hold the platform's own name for the request. The first one present is read.
	CorrelationHeaders []string
	// Window reads what an answer says about the rate limit; nil when the vendor's answers say nothing about it.
	Window func(http.Header) (Window, bool)
	// Fault reads an answer that is not a success, whose body may be cut off; nil when only the status counts.
	Fault func(h http.Header, body []byte) Fault
}

// Window is a period for which the platform limits the number of requests.
type Window struct {
	Allowed, Remaining float64       // requests
	Reset              time.Duration // until the next window begins; 0 when the platform does not say
}

// Fault is the platform's explanation of an error. The client shortens it before it shows it.
type Fault struct {
	Code        string   // the platform's word for the error, such as missing.permissions
	Message     string   // never shown after a failed login, because it may repeat the secrets
	Details     []string // further codes
	RateLimited bool     // a rate limit was hit, whatever the status says
}

const (
	maxDetails       = 10  // of a fault that are kept
	maxCorrelationID = 100 // bytes; a longer one does not fit an exemplar
)

// correlationID returns the platform's name for a request, "" when there is none or it does not fit a label.
func (d Dialect) correlationID(h http.Header) string {
	for _, name := range d.CorrelationHeaders {
		id := h.Get(name)
		if id == "" {
			continue
		}
		if len(id) > maxCorrelationID || !utf8.ValidString(id) || id != clean(id) {
			return ""
		}
		return id
	}
	return ""
}

// window returns what an answer says about the rate limit, within bounds.
func (d Dialect) window(h http.Header) (Window, bool) {
	if d.Window == nil {
		return Window{}, false
	}
	w, ok := d.Window(h)
	if !ok || !(w.Allowed > 0) {
		return Window{}, false
	}
	w.Remaining = min(max(w.Remaining, 0), w.Allowed)
	w.Reset = min(max(w.Reset, 0), retryAfterLimit)
	return w, true
}

// fault returns the platform's explanation of an error, fit for one line of a log.
func (d Dialect) fault(h http.Header, body []byte) Fault {
	if d.Fault == nil {
		return Fault{}
	}
	f := d.Fault(h, body)
	f.Code, f.Message = clean(f.Code), clean(f.Message)
	var details []string
	for _, detail := range f.Details {
		if detail = clean(detail); detail != "" && len(details) < maxDetails {
			details = append(details, detail)
		}
	}
	f.Details = details
	return f
}
