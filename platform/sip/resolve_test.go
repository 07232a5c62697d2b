package sip

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
	"github.com/google/go-cmp/cmp"
)

// zone holds what the test's name server knows, by type and name.
var zone = dnsRecords{
	"SRV _sip._udp.example.test.":  {srv(20, 5070, "backup.example.test."), srv(10, 5080, "main.example.test.")},
	"SRV _sip._tcp.example.test.":  {srv(10, 5090, "main.example.test.")},
	"SRV _sips._tcp.example.test.": {srv(10, 5091, "main.example.test.")},
	"A main.example.test.":         {ip("192.0.2.1")},
	"AAAA main.example.test.":      {ip("2001:db8::1")},
	"A backup.example.test.":       {ip("192.0.2.2")},
	"A example.test.":              {ip("192.0.2.7")},
	"A plain.test.":                {ip("192.0.2.3")},
	"AAAA six.test.":               {ip("2001:db8::6")},
	"SRV _sip._udp.none.test.":     {srv(0, 0, ".")},
	"A none.test.":                 {ip("192.0.2.4")},
	"SRV _sip._udp.dangling.test.": {srv(0, 5060, "missing.test.")},
	"A broken.test.":               {ip("192.0.2.5")},
}

func TestResolve(t *testing.T) {
	dns := nameServer(t, nil)
	for _, tc := range []struct {
		name, uri, transport, prefer string
		want                         []string
	}{
		{"address", "sip:192.0.2.9", UDP, "ip4", []string{"192.0.2.9:5060"}},
		{"address with port", "sip:192.0.2.9:5999", UDP, "ip4", []string{"192.0.2.9:5999"}},
		{"address over TLS", "sips:[2001:db8::9]", TLS, "ip4", []string{"[2001:db8::9]:5061"}},
		{"port given: no SRV", "sip:example.test:5061", UDP, "ip4", []string{"192.0.2.7:5061"}},
		{"port given, both protocols", "sip:main.example.test:5061", UDP, "ip4", []string{"192.0.2.1:5061", "[2001:db8::1]:5061"}},
		{"port given, IPv6 preferred", "sip:main.example.test:5061", UDP, "ip6", []string{"[2001:db8::1]:5061", "192.0.2.1:5061"}},
		{"preferred but not there", "sip:six.test:1", UDP, "ip4", []string{"[2001:db8::6]:1"}},
		{"SRV by priority", "sip:example.test", UDP, "ip4", []string{"192.0.2.1:5080", "[2001:db8::1]:5080", "192.0.2.2:5070"}},
		{"SRV over TCP", "sip:example.test", TCP, "ip4", []string{"192.0.2.1:5090", "[2001:db8::1]:5090"}},
		{"SRV over TLS", "sips:example.test", TLS, "ip4", []string{"192.0.2.1:5091", "[2001:db8::1]:5091"}},
		{"no SRV", "sip:plain.test", UDP, "ip4", []string{"192.0.2.3:5060"}},
		{"no SRV over TLS", "sip:plain.test", TLS, "ip4", []string{"192.0.2.3:5061"}},
		{"SRV says no", "sip:none.test", UDP, "ip4", nil},
		{"SRV names nothing", "sip:dangling.test", UDP, "ip4", nil},
		{"SRV fails: no guess", "sip:broken.test", UDP, "ip4", nil},
		{"no such name", "sip:nowhere.test", UDP, "ip4", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var uri sipgo.Uri
			if err := sipgo.ParseUri(tc.uri, &uri); err != nil {
				t.Fatal(err)
			}
			addresses, err := resolve(t.Context(), dns, uri, tc.transport, tc.prefer)
			var got []string
			for _, a := range addresses {
				got = append(got, a.String())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("addresses (-want +got):\n%s", diff)
			}
			if (err == nil) != (tc.want != nil) {
				t.Errorf("error = %v", err)
			}
		})
	}
}

func TestSilentNameServer(t *testing.T) {
	r, err := NewProber(nameServer(t, nil)).Probe(t.Context(), target("sip:silent.test"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(outcome{Loss: -1, Phases: "resolve"}, outcomeOf(r)); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	if r.Err == nil {
		t.Error("no error, want one after the target's time-out")
	}
}

// where is what a result says about addresses, and what came of the one that was probed.
type where struct {
	Success          bool
	Requests         int
	Loss             float64
	Address          string
	Addresses, Index int
}

// TestNextAddress: an address that refuses a connection, hangs up or answers nothing is left for the next one.
func TestNextAddress(t *testing.T) {
	good := map[string]*peer{UDP: overUDP(t, always(200)), TCP: overStream(t, nil, always(200))}
	trying := overUDP(t, always(100))
	mute := map[string]*peer{UDP: overUDP(t, silent), TCP: overStream(t, nil, silent)}
	rude := overStream(t, nil, func(int, string) []reply { return []reply{{hangUp: true}} })
	for _, tc := range []struct {
		name, transport string
		addresses       []string
		deadline        time.Duration
		want            where
	}{
		{"closed, then open", TCP, []string{"127.0.0.2:9", good[TCP].address}, time.Minute, where{true, 5, 0, good[TCP].address, 2, 2}},
		{"silent over UDP", UDP, []string{mute[UDP].address, good[UDP].address}, time.Minute, where{true, 5, 0, good[UDP].address, 2, 2}},
		{"silent over TCP", TCP, []string{mute[TCP].address, good[TCP].address}, time.Minute, where{true, 5, 0, good[TCP].address, 2, 2}},
		{"hangs up", TCP, []string{rude.address, good[TCP].address}, time.Minute, where{true, 5, 0, good[TCP].address, 2, 2}},
		{"the first answers", UDP, []string{good[UDP].address, mute[UDP].address}, time.Minute, where{true, 5, 0, good[UDP].address, 2, 1}},
		{"the first is at work", UDP, []string{trying.address, good[UDP].address}, time.Minute, where{false, 5, 1, trying.address, 2, 1}},
		{"all silent", UDP, []string{mute[UDP].address, "127.0.0.2:9", mute[UDP].address}, time.Minute, where{false, 5, 1, mute[UDP].address, 3, 3}},
		{"silent, then closed", TCP, []string{mute[TCP].address, "127.0.0.2:9"}, time.Minute, where{false, 0, 1, "127.0.0.2:9", 2, 2}},
		{"until the deadline", UDP, []string{mute[UDP].address, mute[UDP].address, mute[UDP].address, mute[UDP].address, mute[UDP].address, mute[UDP].address}, 700 * time.Millisecond, where{false, 5, 1, mute[UDP].address, 6, 3}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			records := dnsRecords{}
			service := "SRV _sip._" + tc.transport + ".many.test."
			for i, address := range tc.addresses {
				ap, host := netip.MustParseAddrPort(address), fmt.Sprintf("a%d.many.test.", i)
				records[service] = append(records[service], srv(uint16(i), ap.Port(), host))
				records["A "+host] = [][]byte{ap.Addr().AsSlice()}
			}
			tgt := target("sip:many.test;transport=" + tc.transport)
			ctx, cancel := context.WithTimeout(t.Context(), tc.deadline)
			defer cancel()
			r, err := NewProber(nameServer(t, records)).Probe(ctx, tgt)
			if err != nil {
				t.Fatal(err)
			}
			got := where{r.Success, r.Requests, -1, r.Address, r.Addresses, r.AddressIndex}
			if r.Loss != nil {
				got.Loss = *r.Loss
			}
			if tc.deadline < time.Minute { // how far it comes is the machine's business
				if got.Index < 1 || got.Index > tc.want.Index {
					t.Errorf("index = %d, want 1 to %d", got.Index, tc.want.Index)
				}
				got.Index, got.Requests = tc.want.Index, tc.want.Requests
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s\n%v", diff, r)
			}
		})
	}
}

// TestOutboundProxy: the request goes to the proxy and is for the target.
func TestOutboundProxy(t *testing.T) {
	p := overUDP(t, always(200))
	tgt := target("sip:carrier.invalid")
	tgt.OutboundProxy = "sip:" + p.address
	if r := probe(t, tgt); !r.Success {
		t.Errorf("result = %v, want a success", r)
	}
	for _, request := range p.seen() {
		if !strings.HasPrefix(request, "OPTIONS sip:carrier.invalid SIP/2.0\r\n") || line(request, "Route") != "<sip:"+p.address+";lr>" {
			t.Errorf("request = %q, want one for the target with the proxy as its route", request)
		}
	}
}
