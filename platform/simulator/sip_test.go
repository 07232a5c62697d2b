package simulator

import (
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

const options = "OPTIONS sip:carrier.example.org SIP/2.0\r\n" +
	"Via: SIP/2.0/T 127.0.0.1:5060;branch=z9hG4bK77;rport\r\n" +
	"Max-Forwards: 70\r\nFrom: <sip:probe@127.0.0.1>;tag=1\r\nTo: <sip:carrier.example.org>\r\nCall-ID: 1\r\n" +
	"CSeq: 1 OPTIONS\r\nContact: <sip:probe@127.0.0.1>\r\nContent-Length: 0\r\n\r\n"

// askSIP sends a request and returns the answer; "" when none comes within the patience.
func askSIP(t *testing.T, network, address, request string, patience time.Duration) string {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), network, address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte(strings.Replace(request, "/T ", "/"+strings.ToUpper(network)+" ", 1))); err != nil {
		t.Fatal(err)
	}
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 4096)
	n, err := c.Read(buffer)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	return string(buffer[:n])
}

func TestCarriers(t *testing.T) {
	w := started(t, Options{})
	if got := w.Carriers(us); got != nil {
		t.Errorf("carriers of us = %v, want none", got)
	}
	for _, org := range []string{emea, americas} {
		list := w.Carriers(org)
		if len(list) != carriersPerOrg || list[0].Trunk != carriers[0] || list[1].Trunk != carriers[1] {
			t.Fatalf("carriers of %s = %v, want the first %d", org, list, carriersPerOrg)
		}
		for _, c := range list {
			for _, network := range []string{"udp", "tcp"} {
				answer := askSIP(t, network, c.Address, options, 10*time.Second)
				for _, want := range []string{
					"SIP/2.0 200 OK\r\n", ";branch=z9hG4bK77;received=127.0.0.1;rport=", "From: <sip:probe@127.0.0.1>;tag=1\r\n",
					"To: <sip:carrier.example.org>;tag=", "Call-ID: 1\r\n", "CSeq: 1 OPTIONS\r\n", "Content-Length: 0\r\n\r\n",
				} {
					if !strings.Contains(answer, want) {
						t.Errorf("%s over %s answers %q, want %q in it", c.Trunk, network, answer, want)
					}
				}
			}
		}
	}
	if v := w.Violations(); v != nil {
		t.Errorf("violations = %q, want none", v)
	}
}

func TestCarrierOutage(t *testing.T) {
	w := started(t, Options{Scenario: trunkOutage})
	answers := map[string]bool{}
	for _, org := range []string{emea, americas} {
		for _, c := range w.Carriers(org) {
			patience := 10 * time.Second
			if org == emea && c.Trunk == carriers[0] {
				patience = 200 * time.Millisecond
			}
			answers[org+" "+c.Trunk] = askSIP(t, "udp", c.Address, options, patience) != ""
		}
	}
	for name, answered := range answers {
		if want := name != emea+" "+carriers[0]; answered != want {
			t.Errorf("%s answers = %v, want %v", name, answered, want)
		}
	}
	if err := w.SetScenario(calm); err != nil {
		t.Fatal(err)
	}
	if askSIP(t, "udp", w.Carriers(emea)[0].Address, options, 10*time.Second) == "" {
		t.Error("the carrier stays silent after the outage")
	}
}

func TestBadSIP(t *testing.T) {
	w := started(t, Options{})
	address := w.Carriers(emea)[1].Address
	for i, tc := range []struct{ old, bad, answer string }{
		{"OPTIONS sip:", "OPTIONS http:", "SIP/2.0 400 "},
		{"z9hG4bK77", "77", "SIP/2.0 400 "},
		{"Max-Forwards: 70", "Max-Forwards: 700", "SIP/2.0 400 "},
		{";tag=1", "", "SIP/2.0 400 "},
		{"To: <sip:carrier.example.org>", "To: <sip:carrier.example.org>;tag=2", "SIP/2.0 400 "},
		{"CSeq: 1 OPTIONS", "CSeq: 1 INVITE", "SIP/2.0 400 "},
		{"Contact: <sip:probe@127.0.0.1>\r\n", "", "SIP/2.0 400 "},
		{"Via:", "X:", ""},
	} {
		patience := 10 * time.Second
		if tc.answer == "" {
			patience = 100 * time.Millisecond
		}
		answer := askSIP(t, "udp", address, strings.Replace(options, tc.old, tc.bad, 1), patience)
		if !strings.HasPrefix(answer, tc.answer) || tc.answer == "" && answer != "" {
			t.Errorf("%s: answer = %q, want %q", tc.bad, answer, tc.answer)
		}
		if v := w.Violations(); len(v) != i+1 {
			t.Errorf("%s: violations = %q, want %d", tc.bad, v, i+1)
		}
	}
	invite := strings.ReplaceAll(options, "OPTIONS", "INVITE")
	if answer := askSIP(t, "udp", address, invite, 10*time.Second); !strings.HasPrefix(answer, "SIP/2.0 405 ") {
		t.Errorf("INVITE is answered %q, want 405", answer)
	}
}
