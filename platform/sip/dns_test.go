package sip

import (
	"context"
	"encoding/binary"
	"maps"
	"net"
	"net/netip"
	"strings"
	"testing"
)

// dnsRecords are the records of a name server: their data in wire form (RFC 1035, section 3.3), by type and name.
type dnsRecords map[string][][]byte

// dnsTypes names the record types that the resolver asks for.
var dnsTypes = map[uint16]string{1: "A", 28: "AAAA", 33: "SRV"}

// ip is the data of an A or AAAA record.
func ip(address string) []byte { return netip.MustParseAddr(address).AsSlice() }

// srv is the data of an SRV record.
func srv(priority, port uint16, target string) []byte {
	data := binary.BigEndian.AppendUint16(nil, priority)
	data = binary.BigEndian.AppendUint16(data, 0) // weight
	data = binary.BigEndian.AppendUint16(data, port)
	for label := range strings.FieldsFuncSeq(target, func(r rune) bool { return r == '.' }) {
		data = append(append(data, byte(len(label))), label...)
	}
	return append(data, 0)
}

// nameServer answers from the zone and from more. SRV queries below broken.test fail, and silent.test has no answer.
func nameServer(tb testing.TB, more dnsRecords) *net.Resolver {
	tb.Helper()
	all := maps.Clone(zone)
	maps.Copy(all, more)
	c, err := new(net.ListenConfig).ListenPacket(tb.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buffer := make([]byte, 1500)
		for {
			n, from, err := c.ReadFrom(buffer)
			if err != nil {
				return
			}
			if reply := all.reply(buffer[:n]); reply != nil {
				_, _ = c.WriteTo(reply, from)
			}
		}
	}()
	tb.Cleanup(func() { _ = c.Close(); <-ended })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", c.LocalAddr().String())
	}}
}

// reply answers a query with one question, as all queries of the resolver are.
func (all dnsRecords) reply(query []byte) []byte {
	const header = 12
	end, name := header, ""
	for query[end] != 0 { // labels with their lengths
		name += string(query[end+1:end+1+int(query[end])]) + "."
		end += 1 + int(query[end])
	}
	number := binary.BigEndian.Uint16(query[end+1:])
	end += 5 // the root's label, type and class
	records := all[dnsTypes[number]+" "+name]

	known := false
	for key := range all {
		known = known || strings.HasSuffix(key, " "+name)
	}
	flags := uint16(0x8400) // an authoritative response
	switch {
	case strings.HasSuffix(name, "silent.test."):
		return nil
	case dnsTypes[number] == "SRV" && strings.HasSuffix(name, "broken.test."):
		flags |= 2 // server failure
	case !known:
		flags |= 3 // no such name
	}
	out := append([]byte{}, query[:2]...)
	for _, n := range []uint16{flags, 1, uint16(len(records)), 0, 0} {
		out = binary.BigEndian.AppendUint16(out, n)
	}
	out = append(out, query[header:end]...)
	for _, data := range records {
		out = append(out, 0xc0, header) // the name of the question
		out = binary.BigEndian.AppendUint16(out, number)
		out = append(out, 0, 1, 0, 0, 0, 1) // class IN, 1 s to live
		out = binary.BigEndian.AppendUint16(out, uint16(len(data)))
		out = append(out, data...)
	}
	return out
}
