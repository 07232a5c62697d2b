package sip

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

// peer is a SIP answerer on loopback. It reads requests as text, with nothing of the code under test.
type peer struct {
	udp, elsewhere net.PacketConn
	address        string
	answer         func(n int, request string) []reply // of the n-th transmission, from 0

	mu       sync.Mutex
	requests []string
	serving  sync.WaitGroup
	closing  chan struct{}
}

// reply is what a peer sends: text, or an end of the connection.
type reply struct {
	text      string
	after     time.Duration
	elsewhere bool // from another port (UDP)
	hangUp    bool // closes the connection (TCP)
}

func newPeer(tb testing.TB, answer func(int, string) []reply) *peer {
	p := &peer{answer: answer, closing: make(chan struct{})}
	tb.Cleanup(func() {
		close(p.closing)
		p.serving.Wait()
	})
	return p
}

// overUDP serves datagrams.
func overUDP(tb testing.TB, answer func(int, string) []reply) *peer {
	tb.Helper()
	p := newPeer(tb, answer)
	for _, c := range []*net.PacketConn{&p.udp, &p.elsewhere} {
		var err error
		if *c, err = new(net.ListenConfig).ListenPacket(tb.Context(), "udp", "127.0.0.1:0"); err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = (*c).Close() })
	}
	p.address = p.udp.LocalAddr().String()
	p.serving.Go(func() {
		buffer := make([]byte, 65535)
		for {
			n, from, err := p.udp.ReadFrom(buffer)
			if err != nil {
				return
			}
			p.serve(string(buffer[:n]), func(r reply) {
				c := p.udp
				if r.elsewhere {
					c = p.elsewhere
				}
				_, _ = c.WriteTo([]byte(r.text), from)
			})
		}
	})
	p.serving.Go(func() { <-p.closing; _ = p.udp.Close() })
	return p
}

// overStream serves TCP, or TLS when there is a configuration for it.
func overStream(tb testing.TB, secure *tls.Config, answer func(int, string) []reply) *peer {
	tb.Helper()
	p := newPeer(tb, answer)
	l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	p.address = l.Addr().String()
	p.serving.Go(func() { <-p.closing; _ = l.Close() })
	p.serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			gone := make(chan struct{})
			p.serving.Go(func() {
				select {
				case <-p.closing:
				case <-gone:
				}
				_ = c.Close()
			})
			p.serving.Go(func() { defer close(gone); p.converse(c) })
		}
	})
	return p
}

// converse reads requests, which have no bodies.
func (p *peer) converse(c net.Conn) {
	in := bufio.NewReader(c)
	for {
		var request strings.Builder
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			request.WriteString(line)
			if line == "\r\n" {
				break
			}
		}
		p.serve(request.String(), func(r reply) {
			if r.hangUp {
				_ = c.Close()
				return
			}
			_, _ = c.Write([]byte(r.text))
		})
	}
}

func (p *peer) serve(request string, send func(reply)) {
	p.mu.Lock()
	n := len(p.requests)
	p.requests = append(p.requests, request)
	p.mu.Unlock()
	for _, r := range p.answer(n, request) {
		if r.after == 0 {
			send(r)
			continue
		}
		p.serving.Go(func() {
			select {
			case <-time.After(r.after):
				send(r)
			case <-p.closing:
			}
		})
	}
}

func (p *peer) seen() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}

// respond writes a response to a request; the lines replace or add headers, or take one away when they end in a colon.
func respond(request string, code int, lines ...string) string {
	header := map[string]string{"Content-Length:": "Content-Length: 0"}
	order := []string{"Via:", "From:", "To:", "Call-ID:", "CSeq:", "Content-Length:"}
	for line := range strings.SplitSeq(request, "\r\n") {
		name, _, _ := strings.Cut(line, " ")
		switch name {
		case "To:":
			line += ";tag=peer"
			fallthrough
		case "Via:", "From:", "Call-ID:", "CSeq:":
			header[name] = line
		}
	}
	for _, line := range lines {
		name, _, _ := strings.Cut(line, " ")
		if _, known := header[name]; !known {
			order = append(order, name)
		}
		header[name] = line
	}
	out := fmt.Sprintf("SIP/2.0 %d Reason\r\n", code)
	for _, name := range order {
		if header[name] != name {
			out += header[name] + "\r\n"
		}
	}
	return out + "\r\n"
}

// always answers each transmission with a code.
func always(code int) func(int, string) []reply {
	return func(_ int, request string) []reply { return []reply{{text: respond(request, code)}} }
}

func silent(int, string) []reply { return nil }

// target is a quick one.
func target(uri string) Target {
	t := DefaultTarget
	t.Name, t.URI = "sbc", uri
	t.Spacing, t.Timeout = model.Duration(10*time.Millisecond), model.Duration(300*time.Millisecond)
	return t
}

func probe(tb testing.TB, t Target) Result {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), 20*time.Second)
	defer cancel()
	r, err := NewProber(new(net.Resolver)).Probe(ctx, t)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}
