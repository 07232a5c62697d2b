package sip

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"

	sipgo "github.com/emiago/sipgo/sip"
)

// The default ports of RFC 3261.
const (
	port    = 5060
	tlsPort = 5061
)

// maxAddresses bounds what a DNS answer can make us try.
const maxAddresses = 16

// resolve finds the addresses of a next hop, best first, as RFC 3263 wants it: an address as it is; a name
// with a port by its A and AAAA records; another by its SRV records for the transport, and by A and AAAA when it has
// none. NAPTR only chooses a transport, which is always known here.
func resolve(ctx context.Context, dns *net.Resolver, uri sipgo.Uri, transport, prefer string) ([]netip.AddrPort, error) {
	scheme, proto, number := "sip", transport, uint16(port)
	if transport == TLS {
		scheme, proto, number = "sips", TCP, tlsPort
	}
	explicit := uri.Port != 0
	if explicit {
		number = uint16(uri.Port)
	}
	host := unbracket(uri.Host)
	if address, err := netip.ParseAddr(host); err == nil {
		return []netip.AddrPort{netip.AddrPortFrom(address.Unmap(), number)}, nil
	}
	if explicit {
		return lookup(ctx, dns, host, number, prefer)
	}
	_, records, err := dns.LookupSRV(ctx, scheme, proto, host)
	if missing, ok := errors.AsType[*net.DNSError](err); ok && missing.IsNotFound {
		return lookup(ctx, dns, host, number, prefer)
	}
	if err != nil && len(records) == 0 { // with records: some of them had names that are none
		return nil, err
	}
	var all []netip.AddrPort
	var last error
	for _, r := range records { // in the order of priority and weight
		if r.Target == "." {
			return nil, fmt.Errorf("%s offers no SIP over %s: its SRV record says so", host, transport)
		}
		some, err := lookup(ctx, dns, r.Target, r.Port, prefer)
		if err != nil {
			last = err
		}
		if all = append(all, some...); len(all) >= maxAddresses {
			break
		}
	}
	if len(all) == 0 {
		return nil, last
	}
	return all[:min(len(all), maxAddresses)], nil
}

// lookup finds the addresses of a host, those of the preferred protocol first.
func lookup(ctx context.Context, dns *net.Resolver, host string, number uint16, prefer string) ([]netip.AddrPort, error) {
	addresses, err := dns.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	all := make([]netip.AddrPort, len(addresses))
	for i, a := range addresses {
		all[i] = netip.AddrPortFrom(a.Unmap(), number)
	}
	rank := func(a netip.AddrPort) int {
		if a.Addr().Is4() == (prefer == "ip4") {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(all, func(x, y netip.AddrPort) int { return rank(x) - rank(y) })
	return all[:min(len(all), maxAddresses)], nil
}
