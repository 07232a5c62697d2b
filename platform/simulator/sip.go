// The carriers at the other end of the trunks: they answer SIP OPTIONS.

package simulator

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// transports are those of an org's carriers that answer SIP: the proxies of its first trunk bases.
var transports = [...]string{"udp", "tcp", "tls"}

// Carrier is a SIP peer of the simulation.
type Carrier struct {
	Trunk     string // name of the trunk base whose proxy it is
	Address   string // host:port
	Transport string // udp, tcp or tls
}

// Carriers are the SIP peers of a Genesys Cloud org, "emea" or "americas"; there are none before Start. The scenarios
// trunk-outage, voice-down and bad-carriers change how those of emea answer.
func (w *World) Carriers(name string) (list []Carrier) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.carriers {
		if c.site.name == name {
			list = append(list, c.Carrier)
		}
	}
	return list
}

// CarrierCA is the certificate, in PEM form, of the authority that signed those of the carriers over TLS.
func (w *World) CarrierCA() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.carrierCA.Certificate[0]}))
}

// carrier is a Carrier at work.
type carrier struct {
	Carrier
	site   *site
	number int            // index among the carriers of its org
	udp    net.PacketConn // or
	tcp    net.Listener   // under TLS, if that is the transport
}

// openCarriers listens for all carriers. A fixed port p of the world takes p+len(names) and on, org by org.
func (w *World) openCarriers(ctx context.Context, listen string) error {
	for i, o := range w.orgs {
		for j, transport := range transports {
			c := &carrier{Carrier: Carrier{Trunk: carriers[j], Transport: transport}, site: o.site, number: j}
			if err := c.open(ctx, listen, len(names)+i*len(transports)+j, w.carrierCA); err != nil {
				w.closeCarriers()
				return err
			}
			w.carriers = append(w.carriers, c)
		}
	}
	return nil
}

func (w *World) closeCarriers() {
	for _, c := range w.carriers {
		c.close()
	}
	w.carriers = nil
}

func (c *carrier) open(ctx context.Context, listen string, n int, authority *tls.Certificate) error {
	if c.Transport == "udp" {
		address, err := portAfter(ctx, listen, n)
		if err != nil {
			return err
		}
		if c.udp, err = new(net.ListenConfig).ListenPacket(ctx, "udp", address); err != nil {
			return fmt.Errorf("simulator: %w", err)
		}
		c.Address = c.udp.LocalAddr().String()
		return nil
	}
	l, err := listenLoopback(ctx, listen, n)
	if err != nil {
		return err
	}
	c.tcp, c.Address = l, l.Addr().String()
	if c.Transport == "tls" {
		certificate, err := issue(authority, &x509.Certificate{
			Subject: pkix.Name{CommonName: c.Trunk}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		})
		if err != nil {
			return errors.Join(err, l.Close())
		}
		c.tcp = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12})
	}
	return nil
}

func (c *carrier) close() {
	if c.udp != nil {
		_ = c.udp.Close() // nothing is lost with it
	} else {
		_ = c.tcp.Close()
	}
}

// serve answers until ctx ends.
func (c *carrier) serve(ctx context.Context, w *World) {
	defer context.AfterFunc(ctx, c.close)()
	for c.udp == nil {
		connection, err := c.tcp.Accept()
		if err != nil {
			return
		}
		w.serving.Go(func() { c.serveConnection(ctx, connection) })
	}
	buffer := make([]byte, 65535)
	for {
		n, from, err := c.udp.ReadFrom(buffer)
		if err != nil {
			return
		}
		if reply := c.respond(string(buffer[:n]), from); reply != "" {
			_, _ = c.udp.WriteTo([]byte(reply), from)
		}
	}
}

// serveConnection answers the requests on one connection. It leaves an idle one after a minute.
func (c *carrier) serveConnection(ctx context.Context, connection net.Conn) {
	defer context.AfterFunc(ctx, func() { _ = connection.Close() })()
	defer connection.Close()
	in := bufio.NewReader(connection)
	for n := 0; ; n++ {
		_ = connection.SetReadDeadline(time.Now().Add(time.Minute))
		var request strings.Builder
		for !strings.HasSuffix(request.String(), "\r\n\r\n") {
			queue, err := in.ReadString('\n')
			if err != nil || request.Len() > maxBody {
				return
			}
			request.WriteString(queue)
		}
		reply := c.respond(request.String(), connection.RemoteAddr())
		if delay, lost := c.treatment(n); reply != "" && !lost {
			time.AfterFunc(delay, func() { _, _ = connection.Write([]byte(reply)) }) // a prober that has left is its own business
		}
	}
}

// lateAnswer is the delay that every other answer of an uneven carrier has. Jitter counts the differences between answers in
// the order of their arrival, so it exceeds 400 ms only in a burst that lasts longer than this: 20 requests in 4 s, for
// example. All of them are answered within two seconds.
const lateAnswer = 1900 * time.Millisecond

// treatment is what becomes of the answer to the n-th request on a connection: in the scenario bad-carriers it is late or lost.
func (c *carrier) treatment(n int) (delay time.Duration, lost bool) {
	if n%2 == 0 || c.scenario() != badCarriers {
		return 0, false
	}
	switch c.number {
	case unevenCarrier:
		return lateAnswer, false
	case lossyCarrier:
		return 0, true
	}
	return 0, false
}

// The carriers of the scenario bad-carriers, by index in those of an org: over UDP, TCP and TLS.
const (
	silentCarrier = iota
	unevenCarrier
	lossyCarrier
)

// scenario is the one that is played if it touches the carrier, calm otherwise.
func (c *carrier) scenario() string {
	if name, _ := c.site.world.Scenario(); touches(name, c.site.name) {
		return name
	}
	return calm
}

// silent reports whether the carrier hears nothing.
func (c *carrier) silent() bool {
	switch c.scenario() {
	case voiceDown:
		return true
	case trunkOutage, badCarriers:
		return c.number == silentCarrier
	}
	return false
}

// respond reads a request and writes the response to it, or "" when there is none.
func (c *carrier) respond(text string, from net.Addr) string {
	if c.silent() {
		return ""
	}
	r, complaint := readSIP(text, strings.ToUpper(c.Transport))
	if complaint != "" {
		c.site.complain(fmt.Sprintf("%s: SIP over %s: %s", c.site.name, c.Transport, complaint))
	}
	if r.header["via"] == nil { // no way back
		return ""
	}
	code, reason := 200, "OK"
	switch {
	case complaint != "":
		code, reason = 400, "Bad Request"
	case r.method != "OPTIONS":
		code, reason = 405, "Method Not Allowed"
	}
	host, port, _ := net.SplitHostPort(from.String())
	via := slices.Clone(r.header["via"])
	via[0] = strings.Replace(via[0], ";rport", ";received="+host+";rport="+port, 1)
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %d %s\r\n", code, reason)
	for _, v := range via {
		fmt.Fprintf(&b, "Via: %s\r\n", v)
	}
	fmt.Fprintf(&b, "From: %s\r\nTo: %s;tag=%s\r\nCall-ID: %s\r\nCSeq: %s\r\n",
		r.first("from"), r.first("to"), strings.ReplaceAll(c.Trunk, " ", ""), r.first("call-id"), r.first("cseq"))
	b.WriteString("Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\nAccept: application/sdp\r\nServer: simulator\r\nContent-Length: 0\r\n\r\n")
	return b.String()
}
