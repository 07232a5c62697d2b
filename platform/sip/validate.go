package sip

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What may stand in a request. Another character could add a header to it.
var (
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

// Validate returns every problem, each beginning with its key. It quotes neither a URI nor a part of one: a password may
// be in it.
func (t Target) Validate() (problems []error) {
	bad := func(is bool, format string, args ...any) {
		if is {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	bad(strings.TrimSpace(t.Name) == "", "name: missing")
	bad(t.Trunk != "" && t.Account == "", "trunk: only with an account")
	_, unroutable := t.route()
	problems = append(problems, unroutable...)
	bad(t.Prefer != "ip4" && t.Prefer != "ip6", "preferred_ip_protocol: not known, expected ip4 or ip6")
	bad(!userForm.MatchString(t.FromUser), "from_user: no user of a SIP URI")
	bad(t.FromDomain != "" && !isHost(t.FromDomain), "from_domain: no host")
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

// isHost reports whether host is a name or an address, those of IPv6 with or without brackets.
func isHost(host string) bool {
	_, err := netip.ParseAddr(unbracket(host))
	return err == nil || hostForm.MatchString(host)
}

// unbracket returns a host without the brackets of an IPv6 address.
func unbracket(host string) string { return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]") }
