package webhook

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

// This file holds the ways of authentication that look at the head of a request only, and why requests are refused.

// reason is why a request was refused. "" means that it was not.
type reason string

// The reasons. Those of authentication come first; the caller is told the same for all of them.
const (
	unknownHook    reason = "unknown_hook"
	notPost        reason = "method"
	noCredentials  reason = "no_credentials"
	badForm        reason = "malformed_credentials"
	unknownKey     reason = "unknown_key"
	keyUnavailable reason = "key_unavailable" // our own file cannot be used
	expired        reason = "expired"
	badSignature   reason = "bad_signature"
	badToken       reason = "bad_token"
	wrongSubject   reason = "wrong_subject"
	replayed       reason = "replayed"

	badEncoding reason = "content_encoding"
	tooLarge    reason = "too_large"
	notRead     reason = "not_read" // ended early or took too long
	busy        reason = "busy"     // the memory set aside for requests is used up
	rateLimited reason = "rate_limited"
	malformed   reason = "malformed_body"
	queueFull   reason = "queue_full"
)

// reasons are all that a hook can refuse for. A request without a hook has no labels to be counted under, but for
// unknownHook.
var reasons = [...]reason{
	notPost, noCredentials, badForm, unknownKey, keyUnavailable, expired, badSignature, badToken, wrongSubject, replayed,
	badEncoding, tooLarge, notRead, busy, rateLimited, malformed, queueFull,
}

// statuses of the answers, for all reasons that are not answered as if there were no such hook.
var statuses = map[reason]int{
	"":          http.StatusOK,
	badEncoding: http.StatusUnsupportedMediaType,
	tooLarge:    http.StatusRequestEntityTooLarge,
	notRead:     http.StatusBadRequest,
	busy:        http.StatusServiceUnavailable,
	rateLimited: http.StatusTooManyRequests,
	malformed:   http.StatusBadRequest,
	queueFull:   http.StatusServiceUnavailable,
}

func (why reason) status() int {
	if status, told := statuses[why]; told {
		return status
	}
	return http.StatusNotFound
}

// authenticator tells whether a request comes from whom it should. Proof is what makes the request unique, for the
// detection of replays; nil where the connection itself excludes them.
type authenticator interface {
	check(r *http.Request, body []byte, now time.Time) (proof []byte, why reason)
}

// newAuthenticator makes the one that is configured, and reads its keys for the first time.
func newAuthenticator(h *HookConfig) (authenticator, error) {
	switch {
	case h.Bearer.File != "":
		b := &bearer{watched[[sha256.Size]byte]{path: h.Bearer.File, parse: parseToken}}
		_, err := b.token.read()
		return b, err
	case len(h.MTLS.Subjects) > 0:
		return mtls(h.MTLS.Subjects), nil
	}
	return newVerifier(&h.Signature)
}

// mtls admits verified certificates of these subjects.
type mtls []string

func (m mtls) check(r *http.Request, _ []byte, now time.Time) ([]byte, reason) {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return nil, noCredentials
	}
	leaf := r.TLS.VerifiedChains[0][0]
	if now.After(leaf.NotAfter) { // the connection may be older
		return nil, expired
	}
	for _, name := range namesIn(leaf) {
		if slices.Contains(m, name) {
			return nil, ""
		}
	}
	return nil, wrongSubject
}

// namesIn are the names by which a certificate can be allowed.
func namesIn(c *x509.Certificate) []string {
	names := slices.Concat([]string{c.Subject.String(), c.Subject.CommonName}, c.DNSNames, c.EmailAddresses)
	for _, u := range c.URIs {
		names = append(names, u.String())
	}
	return names
}

// bearer admits those who know the content of a file.
type bearer struct {
	token watched[[sha256.Size]byte]
}

// leastSecret is the least length of a token or an HMAC secret, in bytes.
const leastSecret = 16

func parseToken(content []byte) (sum [sha256.Size]byte, err error) {
	token := strings.TrimSpace(string(content))
	if len(token) < leastSecret {
		return sum, errors.New("shorter than 16 characters")
	}
	return sha256.Sum256([]byte(token)), nil
}

func (b *bearer) check(r *http.Request, _ []byte, _ time.Time) ([]byte, reason) {
	want, err := b.token.read()
	if err != nil {
		return nil, keyUnavailable
	}
	values := r.Header.Values("Authorization")
	if len(values) == 0 {
		return nil, noCredentials
	}
	scheme, token, found := strings.Cut(values[0], " ")
	if len(values) > 1 || !found || !strings.EqualFold(scheme, "bearer") {
		return nil, badForm
	}
	got := sha256.Sum256([]byte(strings.TrimSpace(token)))
	if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
		return nil, badToken
	}
	return nil, ""
}
