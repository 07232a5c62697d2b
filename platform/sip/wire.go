package sip

import (
	"net"
	"net/netip"
	"time"
)

// wire carries messages to and from one next hop.
//
// The URIs and the requests are sipgo's, the sockets are ours: sipgo's client transactions report neither when a request
// was first transmitted, nor how often it was repeated, nor which address answered, nor how long each phase of the
// connection took, and these are what a probe is for.
type wire interface {
	local() netip.AddrPort
	reliable() bool // no retransmissions
	send(text []byte) error
	// receive waits for something to arrive. Only one goroutine may call it.
	receive() ([]answer, error)
	// Close ends a send and a receive under way.
	Close() error
}

// datagrams is a wire over UDP. Its socket is not connected: the kernel would hide answers from other addresses, which
// the result counts.
type datagrams struct {
	net.PacketConn
	peer   *net.UDPAddr
	buffer []byte
}

func newDatagrams(c net.PacketConn, peer netip.AddrPort) *datagrams {
	return &datagrams{c, net.UDPAddrFromAddrPort(peer), make([]byte, maxAnswer+1)}
}

func (d *datagrams) local() netip.AddrPort { return addrPort(d.LocalAddr()) }

func (d *datagrams) reliable() bool { return false }

func (d *datagrams) send(text []byte) error {
	_, err := d.WriteTo(text, d.peer)
	return err
}

func (d *datagrams) receive() ([]answer, error) {
	n, from, err := d.ReadFrom(d.buffer)
	at := time.Now()
	if err != nil {
		return nil, err
	}
	a := readDatagram(d.buffer[:n])
	a.at, a.stranger = at, addrPort(from) != d.peer.AddrPort()
	return []answer{a}, nil
}

// stream is a wire over TCP or TLS.
type stream struct {
	net.Conn
	writeTimeout time.Duration // with a peer that takes no bytes
	reader       streamReader
	buffer       []byte
}

func newStream(c net.Conn, writeTimeout time.Duration) *stream {
	return &stream{c, writeTimeout, streamReader{}, make([]byte, 4096)}
}

func (s *stream) local() netip.AddrPort { return addrPort(s.LocalAddr()) }

func (s *stream) reliable() bool { return true }

func (s *stream) send(text []byte) error {
	if err := s.SetWriteDeadline(time.Now().Add(s.writeTimeout)); err != nil {
		return err
	}
	_, err := s.Write(text)
	return err
}

func (s *stream) receive() ([]answer, error) {
	n, err := s.Read(s.buffer)
	at := time.Now()
	answers := s.reader.read(s.buffer[:n])
	for i := range answers {
		answers[i].at = at
	}
	if len(answers) > 0 {
		err = nil // the next call meets it again
	}
	return answers, err
}

func addrPort(a net.Addr) netip.AddrPort {
	known, ok := a.(interface{ AddrPort() netip.AddrPort })
	if !ok {
		return netip.AddrPort{}
	}
	ap := known.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
