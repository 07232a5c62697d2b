package simulator

// The carriers at the far ends of the trunks: they answer SIP OPTIONS over UDP and TCP, both on one port.

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// carriersPerOrg is how many of an org's carriers answer SIP: those of its first trunk bases.
const carriersPerOrg = 2

// Carrier is a SIP peer of the simulation.
type Carrier struct {
	Trunk   string // name of the trunk base whose far end it is
	Address string // host:port, over UDP and TCP
}

// Carriers are the SIP peers of a Genesys Cloud org, "emea" or "americas"; there are none before Start. In the scenario
// trunk-outage the first one of emea hears nothing.
func (w *World) Carriers(name string) (list []Carrier) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.carriers {
		if c.site.name == name {
			list = append(list, Carrier{c.trunk, c.udp.LocalAddr().String()})
		}
	}
	return list
}

// carrier is a Carrier at work.
type carrier struct {
	site  *site
	trunk string
	first bool // of its org
	udp   net.PacketConn
	tcp   net.Listener
}

// openCarriers listens for all carriers. A fixed port p of the world takes p+len(names) and on, org by org.
func (w *World) openCarriers(ctx context.Context, listen string) error {
	for i, o := range w.orgs {
		for j := range carriersPerOrg {
			c, err := openCarrier(ctx, listen, len(names)+i*carriersPerOrg+j)
			if err != nil {
				w.closeCarriers()
				return err
			}
			c.site, c.first, c.trunk = o.site, j == 0, carriers[j]
			w.carriers = append(w.carriers, c)
		}
	}
	return nil
}

func (w *World) closeCarriers() {
	for _, c := range w.carriers {
		_, _ = c.udp.Close(), c.tcp.Close() // nothing is lost with them
	}
	w.carriers = nil
}

func openCarrier(ctx context.Context, listen string, n int) (*carrier, error) {
	const attempts = 20 // to find a port that is free over both
	var last error
	for range attempts {
		tcp, err := listenLoopback(ctx, listen, n)
		if err != nil {
			return nil, err
		}
		udp, err := new(net.ListenConfig).ListenPacket(ctx, "udp", tcp.Addr().String())
		if err == nil {
			return &carrier{udp: udp, tcp: tcp}, nil
		}
		last = errors.Join(err, tcp.Close())
	}
	return nil, fmt.Errorf("simulator: %w", last)
}

// serve answers until ctx ends.
func (c *carrier) serve(ctx context.Context, w *World) {
	stop := context.AfterFunc(ctx, func() { _, _ = c.udp.Close(), c.tcp.Close() })
	defer stop()
	w.serving.Go(func() {
		for {
			connection, err := c.tcp.Accept()
			if err != nil {
				return
			}
			w.serving.Go(func() { c.converse(ctx, connection) })
		}
	})
	buffer := make([]byte, 65535)
	for {
		n, from, err := c.udp.ReadFrom(buffer)
		if err != nil {
			return
		}
		if reply := c.hear(string(buffer[:n]), "UDP", from); reply != "" {
			_, _ = c.udp.WriteTo([]byte(reply), from)
		}
	}
}

// converse answers the requests on one connection. It leaves an idle one after a minute.
func (c *carrier) converse(ctx context.Context, connection net.Conn) {
	defer context.AfterFunc(ctx, func() { _ = connection.Close() })()
	defer connection.Close()
	in := bufio.NewReader(connection)
	for {
		_ = connection.SetReadDeadline(time.Now().Add(time.Minute))
		var request strings.Builder
		for !strings.HasSuffix(request.String(), "\r\n\r\n") {
			line, err := in.ReadString('\n')
			if err != nil || request.Len() > maxBody {
				return
			}
			request.WriteString(line)
		}
		if reply := c.hear(request.String(), "TCP", connection.RemoteAddr()); reply != "" {
			_, _ = connection.Write([]byte(reply))
		}
	}
}

// hear reads a request and writes the response to it, or "" when there is none.
func (c *carrier) hear(text, transport string, from net.Addr) string {
	if c.first && c.site.name == emea && c.site.world.director.stage(time.Now()).name == trunkOutage {
		return ""
	}
	r, complaint := readSIP(text, transport)
	if complaint != "" {
		c.site.complain(fmt.Sprintf("%s: SIP over %s: %s", c.site.name, transport, complaint))
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
		r.first("from"), r.first("to"), strings.ReplaceAll(c.trunk, " ", ""), r.first("call-id"), r.first("cseq"))
	b.WriteString("Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\nAccept: application/sdp\r\nServer: simulator\r\nContent-Length: 0\r\n\r\n")
	return b.String()
}
