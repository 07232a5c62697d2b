package rest

import (
	"io"
	"net/http"
	"net/url"
	"testing"

	promconfig "github.com/prometheus/common/config"
)

// TestPoolsShare: the first accounts have pools of their own, the others share them, and no pool has more than its share.
func TestPoolsShare(t *testing.T) {
	var pools Pools
	users := map[http.RoundTripper]int{}
	join := func() http.RoundTripper {
		t.Helper()
		pool := member(t, &pools, HTTPConfig{}).RoundTripper
		users[pool]++
		return pool
	}
	var first []http.RoundTripper
	for range separatePools {
		first = append(first, join())
	}
	if len(users) != separatePools {
		t.Fatalf("%d accounts have %d pools", separatePools, len(users))
	}
	for n := range separatePools * (poolAccounts - 1) {
		if join() != first[n%separatePools] {
			t.Fatalf("account %d does not share the pool of account %d", separatePools+n+1, n%separatePools+1)
		}
	}
	join()
	if len(users) != separatePools+1 {
		t.Errorf("when all pools are full there are %d, want one more than %d", len(users), separatePools)
	}
	for _, n := range users {
		if n > poolAccounts {
			t.Errorf("%d accounts share a pool", n)
		}
	}
}

// TestPoolsApart: connections that are made differently are not shared, however many accounts there are.
func TestPoolsApart(t *testing.T) {
	var pools Pools
	plain := map[http.RoundTripper]bool{}
	for range separatePools {
		plain[member(t, &pools, HTTPConfig{}).RoundTripper] = true
	}
	through := func(password string) HTTPConfig {
		return HTTPConfig{ProxyURL: promconfig.URL{URL: &url.URL{Scheme: "http", User: url.UserPassword("user", password), Host: "proxy.example.test"}}}
	}
	for range separatePools {
		plain[member(t, &pools, through("one")).RoundTripper] = true
	}
	for name, config := range map[string]HTTPConfig{
		"TLS":               {TLSConfig: promconfig.TLSConfig{InsecureSkipVerify: true}},
		"password of proxy": through("other"),
	} {
		pool := member(t, &pools, config)
		if plain[pool.RoundTripper] {
			t.Errorf("%s: an account shares a pool of other settings", name)
		}
		before := len(pools.pools)
		if pool.CloseIdleConnections(); len(pools.pools) != before-1 {
			t.Errorf("%s: settings that nobody uses any more are kept", name)
		}
	}
	broken := HTTPConfig{TLSConfig: promconfig.TLSConfig{CA: "no certificate"}}
	if _, err := pools.Transport(broken); err == nil {
		t.Error("settings without a usable certificate give a transport")
	}
}

// TestPoolsLeave: connections stay while an account uses them, and are closed with the last, however often one leaves.
func TestPoolsLeave(t *testing.T) {
	url, connections := secureServer(t, false, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") })
	config := HTTPConfig{TLSConfig: promconfig.TLSConfig{InsecureSkipVerify: true}}
	var pools Pools
	one := member(t, &pools, config)
	for range separatePools - 1 {
		member(t, &pools, config)
	}
	other := member(t, &pools, config)
	for _, step := range []struct {
		about string
		do    func()
		want  int64
	}{
		{"at first", func() {}, 1},
		{"after one has left twice", func() { one.CloseIdleConnections(); one.CloseIdleConnections() }, 1},
		{"after both have left", other.CloseIdleConnections, 2},
	} {
		step.do()
		getTogether(t, other.RoundTripper, 1, url)
		if n := connections.Load(); n != step.want {
			t.Errorf("%s there have been %d connections, want %d", step.about, n, step.want)
		}
	}
	if next := member(t, &pools, config); next.RoundTripper == other.RoundTripper {
		t.Error("a pool that everyone has left is used again")
	}
}

func member(t *testing.T, pools *Pools, config HTTPConfig) *membership {
	t.Helper()
	transport, err := pools.Transport(config)
	if err != nil {
		t.Fatal(err)
	}
	return transport.(*membership)
}
