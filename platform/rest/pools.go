package rest

import (
	"net/http"
	"slices"
	"sync"

	promconfig "github.com/prometheus/common/config"
)

const (
	// separatePools is how many pools are made before two accounts share one.
	separatePools = 32
	// poolAccounts is how many accounts share a pool at most. Servers should let one connection of HTTP/2 carry 100 requests at
	// once (RFC 9113, section 6.5.2), and so many accounts make hardly more; and a connection that is lost touches no others.
	poolAccounts = 8
)

// Pools lets many accounts share few pools of connections, where these are made with the same settings. The zero value works; nil
// gives each account its own. It is safe for concurrent use.
type Pools struct {
	mu    sync.Mutex
	pools map[poolSettings][]*sharedPool
}

// poolSettings are what connections are made with.
type poolSettings struct {
	proxy string
	tls   promconfig.TLSConfig
}

// sharedPool is a pool of connections and how many accounts use it.
type sharedPool struct {
	http.RoundTripper
	users int
}

// Transport returns a pool for one account, which leaves it with CloseIdleConnections.
func (p *Pools) Transport(h HTTPConfig) (http.RoundTripper, error) {
	if p == nil {
		return h.Transport()
	}
	settings := poolSettings{tls: h.TLSConfig}
	if h.ProxyURL.URL != nil {
		settings.proxy = h.ProxyURL.String() // with the password
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	pools := p.pools[settings]
	var pool *sharedPool
	if len(pools) > 0 {
		pool = slices.MinFunc(pools, func(x, y *sharedPool) int { return x.users - y.users })
	}
	if pool == nil || pool.users > 0 && len(pools) < separatePools || pool.users >= poolAccounts {
		transport, err := h.Transport()
		if err != nil {
			return nil, err
		}
		pool = &sharedPool{RoundTripper: transport}
		if p.pools == nil {
			p.pools = map[poolSettings][]*sharedPool{}
		}
		p.pools[settings] = append(pools, pool)
	}
	pool.users++
	return &membership{RoundTripper: pool.RoundTripper, leave: sync.OnceFunc(func() { p.leave(settings, pool) })}, nil
}

// leave takes one account from a pool, and closes the pool after the last.
func (p *Pools) leave(settings poolSettings, pool *sharedPool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if pool.users--; pool.users > 0 {
		return
	}
	p.pools[settings] = slices.DeleteFunc(p.pools[settings], func(other *sharedPool) bool { return other == pool })
	if len(p.pools[settings]) == 0 {
		delete(p.pools, settings) // which may hold secrets
	}
	closeIdle(pool.RoundTripper)
}

// membership is one account's use of a pool.
type membership struct {
	http.RoundTripper
	leave func()
}

// CloseIdleConnections leaves the pool.
func (m *membership) CloseIdleConnections() { m.leave() }

// closeIdle closes the idle connections of a transport that has any.
func closeIdle(transport http.RoundTripper) {
	if pool, ok := transport.(interface{ CloseIdleConnections() }); ok {
		pool.CloseIdleConnections()
	}
}
