package rest

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// utf8BOM begins texts that were written on Windows.
var utf8BOM = []byte("\xef\xbb\xbf")

const errorBodyLimit = 64 << 10 // bytes of an error body that are read

// statusError describes an answer that is not a success.
func (d Dialect) statusError(resp *http.Response) *Error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, errorBodyLimit)) // the status says enough when this fails
	fault := d.fault(resp.Header, bytes.TrimPrefix(body, utf8BOM))
	e := &Error{
		Status: resp.StatusCode, CorrelationID: d.correlationID(resp.Header),
		Code: fault.Code, Message: fault.Message, Details: fault.Details,
	}
	if fault.RateLimited {
		e.reason = platform.ReasonRateLimited
	}
	if to, err := resp.Location(); err == nil && e.Status < 400 && resp.Request != nil {
		from := resp.Request.URL
		e.Message = clean("redirect from " + from.Scheme + "://" + from.Host + " to " + to.Scheme + "://" + to.Host + " not followed")
	}
	if e.Message == "" && len(body) > 0 && !isJSON(resp.Header) {
		e.Message = clean("answer of type " + strconv.Quote(resp.Header.Get("Content-Type")))
	}
	wait, asked := retryAfter(resp.Header, time.Now())
	if !asked && e.why() == platform.ReasonRateLimited {
		wait = retryAfterDefault
	}
	e.RetryAfter = wait
	return e
}

// contentError describes an answer that decode could not use. Its cause is what decode said.
func (d Dialect) contentError(resp *http.Response, err error) *Error {
	message := err.Error()
	if contentType := resp.Header.Get("Content-Type"); contentType != "" && !isJSON(resp.Header) {
		message = "answer of type " + strconv.Quote(contentType) + ": " + message
	}
	return &Error{
		Status: resp.StatusCode, CorrelationID: d.correlationID(resp.Header),
		Message: clean(message), reason: platform.ReasonBadResponse, cause: err,
	}
}

func isJSON(h http.Header) bool {
	contentType, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return contentType == "application/json" || strings.HasSuffix(contentType, "+json")
}
