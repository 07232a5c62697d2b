package sip

import (
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// line is the value of a header.
func line(request, name string) string {
	for l := range strings.SplitSeq(request, "\r\n") {
		if value, ok := strings.CutPrefix(l, name+": "); ok {
			return value
		}
	}
	return ""
}

var chance = regexp.MustCompile(`(z9hG4bK|=|: )[A-Z2-7]{26}`)

var requests = map[string]struct {
	change func(*Target)
	local  string
	want   string
}{
	"plain": {
		func(t *Target) { t.URI = "sip:sbc.example.org" }, "192.0.2.7:50000",
		`OPTIONS sip:sbc.example.org SIP/2.0
Via: SIP/2.0/UDP 192.0.2.7:50000;branch=z9hG4bK*;rport
Max-Forwards: 70
From: <sip:ccaas-exporter@192.0.2.7>;tag=*
To: <sip:sbc.example.org>
Call-ID: *
CSeq: 1 OPTIONS
Contact: <sip:ccaas-exporter@192.0.2.7:50000;transport=udp>
Accept: application/sdp
User-Agent: ccaas_exporter
Content-Length: 0

`,
	},
	"everything over IPv6": {
		func(t *Target) {
			t.URI, t.OutboundProxy = "sip:ping@[2001:db8::1]:5070", "sip:proxy.example.org:5080;transport=tcp"
			t.FromUser, t.FromDomain, t.UserAgent = "probe", "example.com", "Prober/1 (ops)"
		}, "[2001:db8::7]:50000",
		`OPTIONS sip:ping@[2001:db8::1]:5070 SIP/2.0
Via: SIP/2.0/TCP [2001:db8::7]:50000;branch=z9hG4bK*;rport
Max-Forwards: 70
Route: <sip:proxy.example.org:5080;transport=tcp;lr>
From: <sip:probe@example.com>;tag=*
To: <sip:ping@[2001:db8::1]>
Call-ID: *
CSeq: 1 OPTIONS
Contact: <sip:probe@example.com;transport=tcp>
Accept: application/sdp
User-Agent: Prober/1 (ops)
Content-Length: 0

`,
	},
	"secure": {
		func(t *Target) { t.URI, t.OutboundProxy = "sips:sbc.example.org", "sips:proxy.example.org;lr" }, "192.0.2.7:50000",
		`OPTIONS sips:sbc.example.org SIP/2.0
Via: SIP/2.0/TLS 192.0.2.7:50000;branch=z9hG4bK*;rport
Max-Forwards: 70
Route: <sips:proxy.example.org;lr>
From: <sips:ccaas-exporter@192.0.2.7>;tag=*
To: <sips:sbc.example.org>
Call-ID: *
CSeq: 1 OPTIONS
Contact: <sips:ccaas-exporter@192.0.2.7:50000>
Accept: application/sdp
User-Agent: ccaas_exporter
Content-Length: 0

`,
	},
	"through a secure proxy": {
		func(t *Target) { t.URI, t.OutboundProxy = "sip:sbc.example.org", "sips:proxy.example.org;LR" }, "192.0.2.7:50000",
		`OPTIONS sip:sbc.example.org SIP/2.0
Via: SIP/2.0/TLS 192.0.2.7:50000;branch=z9hG4bK*;rport
Max-Forwards: 70
Route: <sips:proxy.example.org;LR>
From: <sip:ccaas-exporter@192.0.2.7>;tag=*
To: <sip:sbc.example.org>
Call-ID: *
CSeq: 1 OPTIONS
Contact: <sips:ccaas-exporter@192.0.2.7:50000>
Accept: application/sdp
User-Agent: ccaas_exporter
Content-Length: 0

`,
	},
}

func TestRequest(t *testing.T) {
	for name, tc := range requests {
		tgt := DefaultTarget
		tgt.Name = "t"
		tc.change(&tgt)
		if problems := tgt.Validate(); problems != nil {
			t.Fatalf("%s: %v", name, problems)
		}
		requests, err := newTemplate(tgt)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		first, second := requests.write(netip.MustParseAddrPort(tc.local)), requests.write(netip.MustParseAddrPort(tc.local))
		if diff := cmp.Diff(strings.ReplaceAll(tc.want, "\n", "\r\n"), chance.ReplaceAllString(string(first.text), "${1}*")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for _, header := range []string{"Via", "From", "Call-ID"} {
			if line(string(first.text), header) == line(string(second.text), header) {
				t.Errorf("%s: two requests have the same %s", name, header)
			}
		}
		if !strings.Contains(line(string(first.text), "Via"), first.branch) || line(string(first.text), "Call-ID") != first.callID {
			t.Errorf("%s: the branch or the Call-ID kept is not that of the request", name)
		}
	}
}
