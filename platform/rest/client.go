package rest

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// Options describe a client.
type Options struct {
	HTTP       HTTPConfig               // zero fields: DefaultHTTPConfig
	RateLimit  settings.RateLimit       // of authorised requests; zero: no limit of our own
	Operations []string                 // names of all operations, so that their series start at 0
	Authorizer func(*Client) Authorizer // such as Bearer(login); nil: every request is anonymous
	Secrets    Secrets                  // whose files the login reads, for their age
	Dialect    Dialect                  // of the vendor's answers
	Logger     *slog.Logger             // nil: nothing is logged
	Pools      *Pools                   // that the client takes its connections from; nil: it has its own
	Transport  http.RoundTripper        // instead of connections as HTTP says; nil: those
}

// Client asks one account's API. It is safe for concurrent use.
type Client struct {
	http      *http.Client
	timeout   time.Duration // of one attempt
	budget    *budget
	pauses    pauses
	breakers  *breakers
	auth      Authorizer
	metrics   *metrics
	dialect   Dialect
	logger    *slog.Logger
	secrets   Secrets
	exactTime atomic.Bool // ClockSkew was called
}

// New returns a client; it sends nothing yet.
func New(o Options) (*Client, error) {
	logger := cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	o.HTTP.Timeout = cmp.Or(o.HTTP.Timeout, DefaultHTTPConfig.Timeout)
	o.HTTP.MaxBody = cmp.Or(o.HTTP.MaxBody, DefaultHTTPConfig.MaxBody)
	if o.Transport == nil {
		transport, err := o.Pools.Transport(o.HTTP)
		if err != nil {
			return nil, err
		}
		o.Transport = transport
	}
	c := &Client{
		http:     newHTTPClient(o.Transport, o.HTTP.MaxBody),
		timeout:  time.Duration(o.HTTP.Timeout),
		breakers: newBreakers(logger),
		dialect:  o.Dialect,
		logger:   logger,
		secrets:  o.Secrets,
	}
	c.metrics = newMetrics(o.Operations, c)
	c.metrics.readSecretAges(c.secrets)
	c.budget = newBudget(o.RateLimit, c.metrics.throttled)
	if o.Authorizer == nil {
		o.Authorizer = Bearer(nil)
	}
	c.auth = o.Authorizer(c)
	return c, nil
}

// Do sends a request and hands a successful answer to decode (nil: the body does not matter). After a failure in the
// middle of a body decode is called again with the next attempt's answer: it must start from scratch. Errors are *Error.
func (c *Client) Do(ctx context.Context, r Request, decode func(Response) error) error {
	call := call{Request: r, client: c, decode: decode}
	failed := call.prepare()
	if failed == nil {
		failed = c.breakers.run(call.endpoint(), r.Trial, func() *Error { return call.withRetries(ctx) })
	}
	if failed == nil {
		return nil
	}
	if failed.Operation == "" {
		failed.Operation = r.Operation
	}
	c.metrics.failures.WithLabelValues(r.Operation, failed.Reason()).Inc()
	return failed
}

// ClockSkew records how far the platform's clock is ahead of ours, from a clock reading found in an answer. From then
// on the Date headers of answers, which are only exact to a second, no longer count.
func (c *Client) ClockSkew(platform time.Time, r Response) {
	c.exactTime.Store(true)
	c.setSkew(platform, r)
}

// setSkew assumes that the platform read its clock when half of the latency had passed.
func (c *Client) setSkew(platform time.Time, r Response) {
	c.metrics.clockSkew.WithLabelValues().Set(platform.Sub(r.Received.Add(-r.Latency / 2)).Seconds())
}

// Metrics returns the client's own metrics, without the labels of the account.
func (c *Client) Metrics() *metric.Set { return &c.metrics.set }

// Close ends a login under way and closes idle connections. Calls of Do end with their contexts, not here.
func (c *Client) Close() {
	c.auth.Close()
	c.http.CloseIdleConnections()
}
