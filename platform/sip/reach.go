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

// probe finds the addresses of the next hop and makes the burst at the first that answers (RFC 3263, 4.3). Each step has
// the target's time-out. The error names why no connection could be made.
func (p *Prober) probe(ctx context.Context, b *burst) error {
	t := b.template.target
	b.beginPhase("resolve")
	resolving, cancel := context.WithTimeout(ctx, time.Duration(t.Timeout))
	defer cancel()
	addresses, err := resolve(resolving, p.dns, b.template.nextHop(), b.template.transport, t.Prefer)
	if err != nil {
		return fmt.Errorf("resolve: %w", err)
	}
	var failures []error
	for i := range addresses {
		b.tryAddress(addresses, i)
		w, err := b.dial(ctx, addresses[i])
		if err != nil {
			failures = append(failures, err)
		} else if failures = nil; b.run(ctx, w) {
			return nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failures...)
}

// tryAddress turns to one of the addresses. What was sent to the one before is not counted.
func (b *burst) tryAddress(addresses []netip.AddrPort, i int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.exchanges) > 0 {
		b.silent++
	}
	b.address, b.index, b.addresses = addresses[i], i, len(addresses)
	b.exchanges, b.retransmissions, b.over, b.err = nil, 0, false, nil
}

func (b *burst) dial(ctx context.Context, address netip.AddrPort) (wire, error) {
	switch b.template.transport {
	case UDP:
		return dialUDP(ctx, address)
	case TCP:
		return b.dialTCP(ctx, address)
	default:
		return b.dialTLS(ctx, address)
	}
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
		_ = c.Close() // the first error is the one to report
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

// client reads the files and makes a TLS configuration that expects the certificate of host: that of the URI and not what
// DNS made of it (RFC 5922).
func (c TLSConfig) client(host string) (*tls.Config, error) {
	if c.ServerName == "" {
		c.ServerName = unbracket(host)
	}
	return promconfig.NewTLSConfig(&promconfig.TLSConfig{
		CA: c.CA, CAFile: c.CAFile, CertFile: c.CertFile, KeyFile: c.KeyFile,
		ServerName: c.ServerName, MinVersion: c.MinVersion, InsecureSkipVerify: c.Insecure,
	})
}
