package webhook

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// subject is a name that a client certificate must bear, with its type: a name of one type never stands for the same
// text as another. The value is in the form in which namesOf returns it.
type subject struct{ kind, value string }

// subjectKinds are the types of subjects: how a configured value is read, and the names of the type in a certificate.
var subjectKinds = map[string]struct {
	parse   func(value string) (string, error)
	namesOf func(*x509.Certificate) []string
}{
	"cn":      {parsePlain, func(c *x509.Certificate) []string { return []string{c.Subject.CommonName} }},
	"dns":     {parseDNS, func(c *x509.Certificate) []string { return each(c.DNSNames, foldDNS) }},
	"uri":     {parseURI, func(c *x509.Certificate) []string { return each(c.URIs, (*url.URL).String) }},
	"email":   {parseEmail, func(c *x509.Certificate) []string { return each(c.EmailAddresses, foldEmail) }},
	"subject": {parseDN, func(c *x509.Certificate) []string { return []string{c.Subject.String()} }},
	"sha256":  {parseFingerprint, func(c *x509.Certificate) []string { return []string{fingerprint(c)} }},
}

// parseSubject reads TYPE:VALUE.
func parseSubject(text string) (subject, error) {
	kind, value, _ := strings.Cut(strings.TrimLeft(text, " "), ":")
	how, known := subjectKinds[kind]
	if !known {
		return subject{}, fmt.Errorf("%q, expected cn:NAME, dns:NAME, uri:URI, email:ADDRESS, subject:DN or sha256:FINGERPRINT", text)
	}
	value, err := how.parse(trimBlanks(value))
	if err == nil && value == "" {
		err = errors.New("nothing follows the type")
	}
	if err != nil {
		return subject{}, fmt.Errorf("%q: %w", text, err)
	}
	return subject{kind, value}, nil
}

// in reports whether a certificate bears the subject.
func (s subject) in(c *x509.Certificate) bool {
	return slices.Contains(subjectKinds[s.kind].namesOf(c), s.value)
}

func each[T any](list []T, f func(T) string) []string {
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = f(x)
	}
	return texts
}

func parsePlain(value string) (string, error) { return value, nil }

func foldDNS(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

func parseDNS(value string) (string, error) {
	if strings.ContainsAny(value, " /:@*") {
		return "", errors.New("no DNS name")
	}
	return foldDNS(value), nil
}

func parseURI(value string) (string, error) {
	u, err := url.Parse(value)
	if err != nil || u.Scheme == "" {
		return "", errors.New("no URI with a scheme")
	}
	return u.String(), nil
}

// foldEmail writes the domain in lower case. The case of the part before it may matter.
func foldEmail(address string) string {
	at := strings.LastIndexByte(address, '@')
	return address[:at+1] + strings.ToLower(address[at+1:])
}

func parseEmail(value string) (string, error) {
	if local, domain, found := strings.Cut(value, "@"); !found || local == "" || domain == "" {
		return "", errors.New("no mail address")
	}
	return foldEmail(value), nil
}

func fingerprint(c *x509.Certificate) string {
	digest := sha256.Sum256(c.Raw)
	return hex.EncodeToString(digest[:])
}

// parseFingerprint accepts the form of openssl, too: pairs of digits with colons between them.
func parseFingerprint(value string) (string, error) {
	digits := strings.ToLower(strings.ReplaceAll(value, ":", ""))
	if raw, err := hex.DecodeString(digits); err != nil || len(raw) != sha256.Size {
		return "", fmt.Errorf("no SHA-256 fingerprint: expected %d hexadecimal digits", 2*sha256.Size)
	}
	return digits, nil
}

// parseDN reads a distinguished name in the form of RFC 4514, the least significant part first, as certificates are
// written here: blanks around its separators are left out, and attribute types are in capital letters.
func parseDN(value string) (string, error) {
	var b strings.Builder
	for i, pair := range splitDN(value) {
		kind, name, found := strings.Cut(pair.text, "=")
		kind = strings.ToUpper(strings.TrimSpace(kind))
		if !found || kind == "" || strings.ContainsAny(name, `"`) {
			return "", errors.New(`no distinguished name such as CN=gateway,O=Example; a comma in a name is written \,`)
		}
		if i > 0 {
			b.WriteByte(pair.separator)
		}
		b.WriteString(kind + "=" + trimBlanks(name))
	}
	return b.String(), nil
}

// pairDN is an attribute of a distinguished name with the separator before it.
type pairDN struct {
	separator byte
	text      string
}

// splitDN splits a name at the commas and plus signs that no backslash escapes.
func splitDN(name string) (pairs []pairDN) {
	start, separator := 0, byte(0)
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '\\':
			i++
		case ',', '+':
			pairs = append(pairs, pairDN{separator, name[start:i]})
			start, separator = i+1, name[i]
		}
	}
	return append(pairs, pairDN{separator, name[start:]})
}

// trimBlanks removes the blanks around a value, but for one that a backslash escapes.
func trimBlanks(value string) string {
	trimmed := strings.TrimLeft(value, " ")
	rest := strings.TrimRight(trimmed, " ")
	escapes := len(rest) - len(strings.TrimRight(rest, `\`))
	if escapes%2 == 1 && len(rest) < len(trimmed) {
		rest += " "
	}
	return rest
}

// mtls admits verified certificates that bear one of its subjects.
type mtls []subject

func newMTLS(config *MTLSConfig) (mtls, error) {
	var m mtls
	for _, text := range config.Subjects {
		s, err := parseSubject(text)
		if err != nil {
			return nil, fmt.Errorf("mtls subject: %w", err)
		}
		m = append(m, s)
	}
	return m, nil
}

func (m mtls) judgeHead(r *http.Request, now time.Time) reason {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return noCredentials
	}
	leaf := r.TLS.VerifiedChains[0][0]
	if now.After(leaf.NotAfter) { // the connection may be older
		return expired
	}
	if slices.ContainsFunc(m, func(s subject) bool { return s.in(leaf) }) {
		return ""
	}
	return wrongSubject
}

func (m mtls) check(r *http.Request, _ []byte, now time.Time) ([]byte, reason) {
	return nil, m.judgeHead(r, now)
}
