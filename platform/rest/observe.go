package rest

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Exchange is one request that was sent and its answer. Retries, redirects and logins are exchanges of their own.
type Exchange struct {
	Operation string // "" of a login
	Method    string
	URL       *url.URL
	Sent      time.Time
	Latency   time.Duration // until the headers of the answer, or until the failure
	Status    int           // 0 without an answer
	Header    http.Header   // of the answer
	Body      []byte        // of the answer, as far as it was read and kept
	Cut       bool          // the body was longer than what is kept
	Err       error         // why there is no answer
}

// Observer sees every exchange under a context: those of all clients, with the logins and the shared fetches that the
// exchange's own caller started.
type Observer struct {
	MaxBody int            // bytes of a body that are kept
	Seen    func(Exchange) // called once the answer was read; from any goroutine
}

type (
	observerKey  struct{}
	operationKey struct{}
)

// WithObserver returns a context whose exchanges an observer sees, instead of the one of the parent.
func WithObserver(ctx context.Context, o *Observer) context.Context {
	return context.WithValue(ctx, observerKey{}, o)
}

func observerOf(ctx context.Context) *Observer {
	o, _ := ctx.Value(observerKey{}).(*Observer)
	return o
}

// withOperation names the exchanges under a context.
func withOperation(ctx context.Context, operation string) context.Context {
	if observerOf(ctx) == nil {
		return ctx
	}
	return context.WithValue(ctx, operationKey{}, operation)
}

// observed sends a request, and lets the observer of its context see it.
func observed(r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	o := observerOf(r.Context())
	if o == nil {
		return send(r)
	}
	e := Exchange{Method: r.Method, URL: r.URL, Sent: time.Now()}
	e.Operation, _ = r.Context().Value(operationKey{}).(string)
	resp, err := send(r)
	e.Latency, e.Err = time.Since(e.Sent), err
	if err != nil {
		o.Seen(e)
		return nil, err
	}
	e.Status, e.Header = resp.StatusCode, resp.Header.Clone()
	resp.Body = &observedBody{ReadCloser: resp.Body, observer: o, exchange: e}
	return resp, nil
}

// observedBody keeps what is read, and shows the exchange when it is closed. It is read and closed by one goroutine.
type observedBody struct {
	io.ReadCloser
	observer *Observer
	exchange Exchange
	shown    sync.Once
}

// Read reads and keeps.
func (b *observedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	kept := min(n, b.observer.MaxBody-len(b.exchange.Body))
	b.exchange.Body = append(b.exchange.Body, p[:kept]...)
	b.exchange.Cut = b.exchange.Cut || kept < n
	return n, err
}

// Close closes and shows.
func (b *observedBody) Close() error {
	err := b.ReadCloser.Close()
	b.shown.Do(func() { b.observer.Seen(b.exchange) })
	return err
}
