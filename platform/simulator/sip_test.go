package simulator

import (
	"crypto/tls"
	"crypto/x509"
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
func askSIP(t *testing.T, w *World, to Carrier, request string, patience time.Duration) string {
	t.Helper()
	dial := new(net.Dialer).DialContext
	network := to.Transport
	if network == "tls" {
		trusted := x509.NewCertPool()
		trusted.AppendCertsFromPEM([]byte(w.CarrierCA()))
		dial, network = (&tls.Dialer{Config: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}}).DialContext, "tcp"
	}
	c, err := dial(t.Context(), network, to.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte(strings.Replace(request, "/T ", "/"+strings.ToUpper(to.Transport)+" ", 1))); err != nil {
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
		if len(list) != len(transports) {
			t.Fatalf("carriers of %s = %v, want %d", org, list, len(transports))
		}
		for i, c := range list {
			if c.Trunk != carriers[i] || c.Transport != transports[i] {
				t.Errorf("carrier %d of %s = %v, want %s over %s", i, org, c, carriers[i], transports[i])
			}
			answer := askSIP(t, w, c, options, 10*time.Second)
			for _, want := range []string{
				"SIP/2.0 200 OK\r\n", ";branch=z9hG4bK77;received=127.0.0.1;rport=", "From: <sip:probe@127.0.0.1>;tag=1\r\n",
				"To: <sip:carrier.example.org>;tag=", "Call-ID: 1\r\n", "CSeq: 1 OPTIONS\r\n", "Content-Length: 0\r\n\r\n",
			} {
				if !strings.Contains(answer, want) {
					t.Errorf("%v answers %q, want %q in it", c, answer, want)
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
			answers[org+" "+c.Trunk] = askSIP(t, w, c, options, patience) != ""
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
	if askSIP(t, w, w.Carriers(emea)[0], options, 10*time.Second) == "" {
		t.Error("the carrier stays silent after the outage")
	}
}

func TestBadSIP(t *testing.T) {
	w := started(t, Options{})
	carrier := w.Carriers(americas)[0]
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
		answer := askSIP(t, w, carrier, strings.Replace(options, tc.old, tc.bad, 1), patience)
		if !strings.HasPrefix(answer, tc.answer) || tc.answer == "" && answer != "" {
			t.Errorf("%s: answer = %q, want %q", tc.bad, answer, tc.answer)
		}
		if v := w.Violations(); len(v) != i+1 {
			t.Errorf("%s: violations = %q, want %d", tc.bad, v, i+1)
		}
	}
	invite := strings.ReplaceAll(options, "OPTIONS", "INVITE")
	if answer := askSIP(t, w, carrier, invite, 10*time.Second); !strings.HasPrefix(answer, "SIP/2.0 405 ") {
		t.Errorf("INVITE is answered %q, want 405", answer)
	}
}
