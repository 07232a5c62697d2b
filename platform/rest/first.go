package rest

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"sync"
)

// firstAlone is a pool of connections in which a request to a host goes alone until it has a connection, when no other is under
// way there. Over HTTP/2 those that come meanwhile share it. An http.Transport by itself makes a connection for each request that
// finds none, with a TLS handshake, and then closes all but one: ten of them in the first scrape of an account, and again when the
// platform has closed its idle connections.
type firstAlone struct {
	*http.Transport

	mu    sync.Mutex
	hosts map[string]*underWay
}

// underWay are the requests to a host that have no answer yet.
type underWay struct {
	requests int
	reached  chan struct{} // closed once the first of them has a connection, or will not get one
}

// RoundTrip sends a request. It returns the context's error when that ends before the host is reached.
func (p *firstAlone) RoundTrip(r *http.Request) (*http.Response, error) {
	host := r.URL.Scheme + "://" + r.URL.Host
	reached, first := p.begin(host)
	defer p.end(host)
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
	return p.Transport.RoundTrip(r.WithContext(ctx))
}

// begin counts a request to a host, and returns what is closed when it may go on; first is true for the one that goes alone.
func (p *firstAlone) begin(host string) (reached chan struct{}, first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.hosts[host]
	if first = at == nil; first {
		at = &underWay{reached: make(chan struct{})}
		p.hosts[host] = at
	}
	at.requests++
	return at.reached, first
}

// end forgets a request to a host.
func (p *firstAlone) end(host string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := p.hosts[host]; at.requests > 1 {
		at.requests--
	} else {
		delete(p.hosts, host)
	}
}
