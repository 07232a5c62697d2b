package rest

import (
	"cmp"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// This file reads what an answer says besides its data: error bodies, correlation ids, rate-limit headers.

const (
	errorBodyLimit = 64 << 10 // bytes of an error body that are read

	retryAfterDefault = 15 * time.Second // pause after a 429 that does not say how long
	retryAfterLimit   = 5 * time.Minute  // longest pause that an answer can ask for
)

// errorBody is the union of the forms in use. Genesys: message, code, details (its token host: error, description).
// CXone: error and one of two spellings of the description.
type errorBody struct {
	Message          string `json:"message"`
	Code             string `json:"code"`
	Error            string `json:"error"`
	Description      string `json:"description"`
	ErrorDescription string `json:"error_description"`
	ErrorText        string `json:"errorDescription"`
	Details          []struct {
		ErrorCode string `json:"errorCode"`
	} `json:"details"`
}

// decodeErrorBody takes the code and the message out of an error body. Fields of an unexpected type are passed over.
func decodeErrorBody(body []byte) (code, message string, details []string) {
	var b errorBody
	_ = json.Unmarshal(body, &b) // whatever could be read is better than nothing
	for _, detail := range b.Details {
		if detail.ErrorCode != "" && len(details) < 10 {
			details = append(details, clean(detail.ErrorCode))
		}
	}
	return clean(cmp.Or(b.Code, b.Error)), clean(cmp.Or(b.Message, b.ErrorDescription, b.ErrorText, b.Description)), details
}

// statusError describes an answer that is not a success.
func statusError(resp *http.Response) *Error {
	e := &Error{Status: resp.StatusCode, CorrelationID: correlationID(resp.Header)}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, errorBodyLimit)) // the status says enough when this fails
	e.Code, e.Message, e.Details = decodeErrorBody(body)
	e.Message = cmp.Or(e.Message, clean(resp.Header.Get("icStatusDescription")))
	if location, err := resp.Location(); err == nil && e.Status < 400 {
		e.Message = clean("redirect to " + location.Host + " not followed")
	}
	if e.Message == "" && len(body) > 0 && !isJSON(resp.Header) {
		e.Message = clean("answer of type " + strconv.Quote(resp.Header.Get("Content-Type")))
	}
	wait, told := retryAfter(resp.Header, time.Now())
	if !told && e.Status == http.StatusTooManyRequests {
		wait = retryAfterDefault
	}
	e.RetryAfter = wait
	return e
}

// contentError describes an answer that decode could not use. Its cause is what decode said.
func contentError(resp *http.Response, err error) *Error {
	message := err.Error()
	if contentType := resp.Header.Get("Content-Type"); contentType != "" && !isJSON(resp.Header) {
		message = "answer of type " + strconv.Quote(contentType) + ": " + message
	}
	return &Error{
		Status: resp.StatusCode, CorrelationID: correlationID(resp.Header),
		Message: clean(message), reason: platform.ReasonBadResponse, cause: err,
	}
}

func isJSON(h http.Header) bool {
	contentType, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return contentType == "application/json" || strings.HasSuffix(contentType, "+json")
}

// correlationID is Genesys's or CXone's name for the request, "" when there is none that fits a label.
func correlationID(h http.Header) string {
	id := cmp.Or(h.Get("ININ-Correlation-Id"), h.Get("CorrelationId"))
	if len(id) > 100 || !utf8.ValidString(id) || id != clean(id) {
		return ""
	}
	return id
}

// retryAfter reads Retry-After, a number of seconds or a date, as a wait between one second and five minutes. A date
// is compared with the answer's own Date when there is one, so that our clock does not matter.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	wait := retryAfterLimit
	if seconds, err := strconv.ParseUint(text, 10, 64); err == nil {
		wait = time.Duration(min(seconds, uint64(retryAfterLimit/time.Second))) * time.Second
	} else if strings.Trim(text, "0123456789") != "" { // else a number beyond all limits
		at, err := http.ParseTime(text)
		if err != nil {
			return 0, false
		}
		if theirs, err := http.ParseTime(h.Get("Date")); err == nil {
			now = theirs
		}
		wait = at.Sub(now)
	}
	return min(max(wait, time.Second), retryAfterLimit), true
}

// rateLimit is what Genesys tells on every answer about the budget of the token. CXone sends no such headers.
type rateLimit struct {
	allowed, remaining float64       // requests per window
	reset              time.Duration // until the window ends; 0 = not said
}

// parseRateLimit reads inin-ratelimit-count (used), -allowed, and -reset (seconds left).
func parseRateLimit(h http.Header) (rateLimit, bool) {
	number := func(name string) (float64, bool) {
		n, err := strconv.ParseUint(strings.TrimSpace(h.Get(name)), 10, 31)
		return float64(n), err == nil
	}
	count, counted := number("inin-ratelimit-count")
	allowed, ok := number("inin-ratelimit-allowed")
	if !counted || !ok || allowed == 0 {
		return rateLimit{}, false
	}
	limit := rateLimit{allowed: allowed, remaining: max(allowed-count, 0)}
	if reset, ok := number("inin-ratelimit-reset"); ok {
		limit.reset = min(time.Duration(reset)*time.Second, retryAfterLimit)
	}
	return limit, true
}
