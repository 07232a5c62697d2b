package sip

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// reach finds the next hop and connects to it. Each step has the target's time-out. A stream that is refused by one
// address is tried with the next; over UDP nothing tells, so the first address is the one that is probed.
func (p *Prober) reach(ctx context.Context, b *burst) (wire, error) {
	t, transport := b.template.target, b.template.transport
	b.beginPhase("resolve")
	resolving, cancel := context.WithTimeout(ctx, time.Duration(t.Timeout))
	defer cancel()
	addresses, err := resolve(resolving, p.dns, b.template.nextHop(), transport, t.Prefer)
	if err != nil {
		return nil, fmt.Errorf("resolve: %w", err)
	}
	var failures []error
	for _, address := range addresses {
		b.choose(address)
		var w wire
		switch transport {
		case UDP:
			w, err = dialUDP(ctx, address)
		case TCP:
			w, err = b.dialTCP(ctx, address)
		default:
			w, err = b.dialTLS(ctx, address)
		}
		if err == nil {
			return w, nil
		}
		failures = append(failures, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(failures...)
}

func (b *burst) choose(address netip.AddrPort) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.address = address
}

// dialUDP opens a socket on the address from which the peer is reached: requests name it in Via and Contact.
func dialUDP(ctx context.Context, peer netip.AddrPort) (wire, error) {
	route, err := new(net.Dialer).DialContext(ctx, "udp", peer.String()) // sends nothing
	if err != nil {
		return nil, fmt.Errorf("route: %w", err)
	}
	ours := addrPort(route.LocalAddr()).Addr()
	if err := route.Close(); err != nil {
		return nil, err
	}
	c, err := new(net.ListenConfig).ListenPacket(ctx, "udp", netip.AddrPortFrom(ours, 0).String())
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	return newDatagrams(c, peer), nil
}

func (b *burst) dialTCP(ctx context.Context, peer netip.AddrPort) (wire, error) {
	c, err := b.connect(ctx, peer)
	if err != nil {
		return nil, err
	}
	return newStream(c, time.Duration(b.template.target.Timeout)), nil
}

func (b *burst) connect(ctx context.Context, peer netip.AddrPort) (net.Conn, error) {
	b.beginPhase("connect")
	dialer := net.Dialer{Timeout: time.Duration(b.template.target.Timeout)}
	c, err := dialer.DialContext(ctx, "tcp", peer.String())
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return c, nil
}

func (b *burst) dialTLS(ctx context.Context, peer netip.AddrPort) (wire, error) {
	c, err := b.connect(ctx, peer)
	if err != nil {
		return nil, err
	}
	b.beginPhase("tls")
	secure, err := b.handshake(ctx, c)
	if err != nil {
		_ = c.Close() // the first error is the one to tell
		return nil, fmt.Errorf("tls: %w", err)
	}
	return newStream(secure, time.Duration(b.template.target.Timeout)), nil
}

func (b *burst) handshake(ctx context.Context, c net.Conn) (net.Conn, error) {
	config, err := b.template.target.TLS.client(b.template.nextHop().Host)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(b.template.target.Timeout))
	defer cancel()
	secure := tls.Client(c, config)
	err = secure.HandshakeContext(ctx)
	state := secure.ConnectionState()
	shown := state.PeerCertificates
	if refused, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		shown = refused.UnverifiedCertificates // what has expired is the point
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shownExpiry = earliestExpiry(shown)
	b.expiry = b.shownExpiry
	if len(state.VerifiedChains) > 0 {
		b.expiry = lastExpiry(state.VerifiedChains)
	}
	return secure, err
}

// lastExpiry returns when the last of the chains ends. A chain ends with the first of its certificates.
func lastExpiry(chains [][]*x509.Certificate) (last time.Time) {
	for _, chain := range chains {
		if end := earliestExpiry(chain); end.After(last) {
			last = end
		}
	}
	return last
}

func earliestExpiry(certificates []*x509.Certificate) (expiry time.Time) {
	for _, c := range certificates {
		if expiry.IsZero() || c.NotAfter.Before(expiry) {
			expiry = c.NotAfter
		}
	}
	return expiry
}

// client reads the files and makes a TLS configuration that expects the certificate of host, which RFC 5922 wants to
// be the host of the URI and not what DNS made of it.
func (c TLSConfig) client(host string) (*tls.Config, error) {
	if c.ServerName == "" {
		c.ServerName = unbracket(host)
	}
	return promconfig.NewTLSConfig(&promconfig.TLSConfig{
		CA: c.CA, CAFile: c.CAFile, CertFile: c.CertFile, KeyFile: c.KeyFile,
		ServerName: c.ServerName, MinVersion: c.MinVersion, InsecureSkipVerify: c.Insecure,
	})
}
