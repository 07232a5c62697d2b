package webhook

import (
	"net/netip"
	"sync"
)

// source is the address that a sender has, as far as one sender has it alone: an IPv4 address, or the /64 network of an
// IPv6 address. The zero value stands for all that have no such address.
type source netip.Prefix

// sourceOf returns the source of a remote address such as 192.0.2.1:40000.
func sourceOf(remote string) source {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return source{}
	}
	address := at.Addr().Unmap().WithZone("")
	bits := 32
	if address.Is6() {
		bits = 64
	}
	prefix, err := address.Prefix(bits)
	if err != nil {
		return source{}
	}
	return source(prefix)
}

// sum names the source in a memory.
func (s source) sum() sum { return sumOf([]byte(netip.Prefix(s).String())) }

// buffers is the memory that the bodies in hand take. The zero value is empty.
type buffers struct {
	mu       sync.Mutex
	all      int64
	bySource map[source]int64
}

// take adds n bytes for a source, unless all sources would have more than most, or this one more than its share.
func (b *buffers) take(from source, n, most, share int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all+n > most || b.bySource[from]+n > share {
		return false
	}
	if b.bySource == nil {
		b.bySource = map[source]int64{}
	}
	b.all += n
	b.bySource[from] += n
	return true
}

// give returns what was taken.
func (b *buffers) give(from source, n int64) {
	if n == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all -= n
	if b.bySource[from] -= n; b.bySource[from] == 0 {
		delete(b.bySource, from)
	}
}
