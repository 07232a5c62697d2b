package sip

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
)

// What may stand in a request: anything else could add a header to it.
var (
	uriForm   = regexp.MustCompile(`^[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]{1,255}$`)
	userForm  = regexp.MustCompile(`^[A-Za-z0-9\-_.!~*'()&=+$,;?/%]{1,64}$`)
	hostForm  = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9])?\.?$`)
	agentForm = regexp.MustCompile(`^[\x20-\x7e]{1,128}$`)
)

// Bounds of the settings: Timer F of RFC 3261 is 32 s, and a probe is no load generator.
const (
	maxRequests = 100
	minSpacing  = 10 * time.Millisecond
	maxSpacing  = 10 * time.Second
	minTimeout  = 50 * time.Millisecond
	maxTimeout  = 64 * t1
	minEvery    = time.Second
)

// ValidateTargets returns every problem, each beginning with its path below sip_targets, such as "[0].uri: …".
// accounts are the names of all accounts.
func ValidateTargets(targets []Target, accounts []string) (problems []error) {
	first := map[string]int{}
	for i, t := range targets {
		found := t.Validate()
		if other, taken := first[t.Name]; taken && t.Name != "" {
			found = append(found, fmt.Errorf("name: %q is also the name of sip_targets[%d]", t.Name, other))
		} else {
			first[t.Name] = i
		}
		if t.Account != "" && !slices.Contains(accounts, t.Account) {
			found = append(found, fmt.Errorf("account: there is no account %q", t.Account))
		}
		for _, err := range found {
			problems = append(problems, fmt.Errorf("[%d].%w", i, err))
		}
	}
	return problems
}

// Validate returns every problem, each beginning with its key.
func (t Target) Validate() (problems []error) {
	bad := func(is bool, format string, args ...any) {
		if is {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	bad(strings.TrimSpace(t.Name) == "", "name: missing")
	bad(t.Trunk != "" && t.Account == "", "trunk: only with an account")
	if err := t.checkURI(t.URI); err != nil {
		bad(true, "uri: %w", err)
	} else {
		bad(t.OutboundProxy == "" && strings.HasPrefix(strings.ToLower(t.URI), "sips:") && t.transport() != TLS,
			"transport: %q with a sips: URI, expected tls", t.transport())
	}
	if t.OutboundProxy != "" {
		if err := t.checkURI(t.OutboundProxy); err != nil {
			bad(true, "outbound_proxy: %w", err)
		}
	}
	bad(!slices.Contains([]string{UDP, TCP, TLS}, t.transport()), "transport: %q is not known, expected udp, tcp or tls", t.transport())
	bad(t.Prefer != "ip4" && t.Prefer != "ip6", "preferred_ip_protocol: %q is not known, expected ip4 or ip6", t.Prefer)
	bad(!userForm.MatchString(t.FromUser), "from_user: %q is no user of a SIP URI", t.FromUser)
	bad(t.FromDomain != "" && !isHost(t.FromDomain), "from_domain: %q is no host", t.FromDomain)
	bad(!agentForm.MatchString(t.UserAgent), "user_agent: expected 1 to 128 printable ASCII characters")
	bad(t.TLS.CA != "" && t.TLS.CAFile != "", "tls_config: ca and ca_file, expected at most one")
	bad(t.TLS.CA != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(t.TLS.CA)), "tls_config.ca: expected certificates in PEM form")
	bad((t.TLS.CertFile == "") != (t.TLS.KeyFile == ""), "tls_config: cert_file and key_file are given together or not at all")
	bad(t.Requests < 1 || t.Requests > maxRequests, "requests: %d is not within 1 to %d", t.Requests, maxRequests)
	for _, d := range []struct {
		key        string
		is         time.Duration
		least, max time.Duration
	}{
		{"every", time.Duration(t.Every), minEvery, 24 * time.Hour},
		{"spacing", time.Duration(t.Spacing), minSpacing, maxSpacing},
		{"timeout", time.Duration(t.Timeout), minTimeout, maxTimeout},
	} {
		bad(d.is < d.least || d.is > d.max, "%s: %v is not within %v to %v", d.key, d.is, d.least, d.max)
	}
	return problems
}

func (t Target) checkURI(text string) error {
	var uri sipgo.Uri
	switch {
	case text == "":
		return errors.New("missing")
	case !uriForm.MatchString(text):
		return fmt.Errorf("%q is no SIP URI", text)
	case sipgo.ParseUri(text, &uri) != nil, uri.Scheme != "sip" && uri.Scheme != "sips", uri.HierarhicalSlashes, !isHost(uri.Host):
		return fmt.Errorf("%q is no SIP URI, expected sip:host or sips:host", text)
	case uri.Password != "":
		return errors.New("holds a password, which every hop could read")
	case len(uri.Headers) > 0:
		return errors.New("holds headers, which a request's URI must not")
	case uri.Port < 0 || uri.Port > 65535:
		return fmt.Errorf("%d is no port", uri.Port)
	case uri.UriParams.Has("maddr"):
		return errors.New("maddr is not supported: name the proxy as outbound_proxy")
	}
	if named, ok := uri.UriParams.Get("transport"); ok && t.Transport != "" && !strings.EqualFold(named, t.Transport) {
		return fmt.Errorf("names the transport %q and not %q", named, t.Transport)
	}
	return nil
}

// isHost accepts names and addresses, those of IPv6 with or without brackets.
func isHost(host string) bool {
	_, err := netip.ParseAddr(unbracket(host))
	return err == nil || hostForm.MatchString(host)
}

// unbracket returns a host without the brackets of an IPv6 address.
func unbracket(host string) string { return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]") }
