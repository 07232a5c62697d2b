package rest

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"sync"
)

// firstAlone is a pool of connections that lets the first request to a host go alone until it has one. Over HTTP/2 the
// others share it. An http.Transport by itself makes a connection for each request of that moment, with a TLS handshake,
// and then closes all but one: ten of them in the first scrape of an account.
type firstAlone struct {
	*http.Transport

	mu    sync.Mutex
	hosts map[string]chan struct{} // closed once the first request to the host has a connection, or will not get one
}

// RoundTrip sends a request. It returns the context's error when that ends before the host is reached.
func (p *firstAlone) RoundTrip(r *http.Request) (*http.Response, error) {
	host := r.URL.Scheme + "://" + r.URL.Host
	reached, first := p.await(host)
	if !first {
		select {
		case <-reached:
			return p.Transport.RoundTrip(r)
		case <-r.Context().Done():
			return nil, context.Cause(r.Context())
		}
	}
	goOn := sync.OnceFunc(func() { close(reached) })
	defer goOn()
	ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { goOn() }})
	response, err := p.Transport.RoundTrip(r.WithContext(ctx))
	if err != nil {
		p.forget(host)
	}
	return response, err
}

// await returns what is closed when requests to a host may go on; first is true for the one that goes alone.
func (p *firstAlone) await(host string) (reached chan struct{}, first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	reached, known := p.hosts[host]
	if !known {
		reached = make(chan struct{})
		p.hosts[host] = reached
	}
	return reached, !known
}

// forget lets the next request to a host go alone again.
func (p *firstAlone) forget(host string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.hosts, host)
}
