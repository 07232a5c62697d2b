package rest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// call is a request on its way.
type call struct {
	Request
	client       *Client
	decode       func(Response) error
	url          *url.URL // with the query
	body         []byte
	reauthorised bool // after a refusal
}

// prepare builds what all attempts have in common.
func (c *call) prepare() *Error {
	c.Method = cmp.Or(c.Method, http.MethodGet)
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" {
		return &Error{reason: platform.ReasonBadResponse, Message: "request has no usable URL", cause: err}
	}
	if len(c.Query) > 0 {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += c.Query.Encode()
	}
	c.url = u
	if c.Body != nil {
		if c.body, err = json.Marshal(c.Body); err != nil {
			return &Error{reason: platform.ReasonBadResponse, Message: clean("request body: " + err.Error()), cause: err}
		}
	}
	return nil
}

func (c *call) endpoint() endpoint { return endpoint{c.url.Host, c.Operation} }

// request builds the request of one attempt.
func (c *call) request(ctx context.Context) (*http.Request, *Error) {
	req, err := http.NewRequestWithContext(ctx, c.Method, c.url.String(), bytes.NewReader(c.body))
	if err != nil {
		return nil, &Error{reason: platform.ReasonBadResponse, Message: clean("request: " + err.Error()), cause: err, local: true}
	}
	if c.body == nil {
		req.Body, req.GetBody = nil, nil
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, values := range c.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	return req, nil
}

// send sends the request of one attempt and reads its answer.
func (c *call) send(ctx context.Context, req *http.Request) *Error {
	if err := ctx.Err(); err != nil {
		return localError(err)
	}
	attempt, cancel := context.WithTimeout(withOperation(ctx, c.Operation), c.client.timeout)
	defer cancel()
	var connected atomic.Bool
	attempt = httptrace.WithClientTrace(attempt, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	started, id := time.Now(), ""
	var failed *Error
	resp, err := c.client.http.Do(req.WithContext(attempt))
	if err != nil {
		failed = travelError(err)
		failed.unreached = !connected.Load()
	} else {
		defer finish(resp.Body)
		received := time.Now()
		id = c.client.dialect.correlationID(resp.Header)
		failed = c.read(resp, Response{
			Status: resp.StatusCode, Header: resp.Header, Latency: received.Sub(started), Received: received, CorrelationID: id,
		})
	}
	c.client.metrics.observe(c.Operation, time.Since(started), id)
	if failed == nil {
		return nil
	}
	if err := ctx.Err(); errors.Is(err, context.Canceled) { // however the transport put it
		failed = localError(err)
	}
	failed.Operation, failed.Request, failed.CorrelationID = c.Operation, requestName(c.Method, c.url), id
	return failed
}

// read decodes an answer, or describes the failure that it is.
func (c *call) read(resp *http.Response, r Response) *Error {
	if !c.Anonymous {
		c.client.readHeaders(r)
	}
	if resp.StatusCode/100 != 2 && resp.StatusCode != http.StatusNotModified {
		failed := c.client.dialect.statusError(resp)
		if c.Personal {
			failed.Message = ""
		}
		switch {
		case failed.why() != platform.ReasonRateLimited:
		case c.Anonymous:
			c.client.pauses.set(c.endpoint(), failed.RetryAfter)
		default:
			c.client.metrics.rateLimited.Inc()
			c.client.budget.pause(failed.RetryAfter)
		}
		return failed
	}
	if c.decode == nil {
		return nil
	}
	body := &watchedBody{Reader: resp.Body}
	r.Body = body
	err := c.decode(r)
	switch {
	case err == nil:
		return nil
	case body.err != nil:
		return travelError(body.err)
	}
	return c.client.dialect.contentError(resp, err)
}

// readHeaders reads what the headers of an authorised answer say about the whole account: rate limit and clock.
func (c *Client) readHeaders(r Response) {
	if window, ok := c.dialect.window(r.Header); ok {
		c.metrics.allowed.WithLabelValues().Set(window.Allowed)
		c.metrics.remaining.WithLabelValues().Set(window.Remaining)
		c.budget.adapt(window)
	}
	if date, err := http.ParseTime(r.Header.Get("Date")); err == nil && !c.exactTime.Load() {
		c.setSkew(date.Add(time.Second/2), r) // a Date leaves out the fraction of its second
	}
}

// JSON decodes one JSON value of the body into v. An empty body is an error.
func JSON(v any) func(Response) error {
	return func(r Response) error { return NotEmpty(Decode(NewDecoder(r.Body), v)) }
}

// NotEmpty replaces the decoder's error about an empty body by one that says so.
func NotEmpty(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("empty body, expected JSON")
	}
	return err
}
