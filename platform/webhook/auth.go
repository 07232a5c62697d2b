package webhook

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"time"
)

// reason is why a request was refused. "" means that it was not.
type reason string

// The reasons. Those of authentication come first: the sender gets the same answer for all of them.
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

	badEncoding reason = "content_encoding"
	tooLarge    reason = "too_large"
	notRead     reason = "not_read" // ended early or took too long
	busy        reason = "busy"     // the memory set aside for requests is used up
	rateLimited reason = "rate_limited"
	malformed   reason = "malformed_body"
	queueFull   reason = "queue_full"
	panicked    reason = "internal_error" // a mistake of ours; the log has more
)

// reasons are all for which a hook can refuse a request. A request without a hook has unknownHook, and is counted
// without labels.
var reasons = [...]reason{
	notPost, noCredentials, badForm, unknownKey, keyUnavailable, expired, badSignature, badToken, wrongSubject,
	badEncoding, tooLarge, notRead, busy, rateLimited, malformed, queueFull, panicked,
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
	panicked:    http.StatusInternalServerError,
}

func (why reason) status() int {
	if status, listed := statuses[why]; listed {
		return status
	}
	return http.StatusNotFound
}

// authenticator checks that a request comes from the sender for whom the hook is meant.
type authenticator interface {
	// judgeHead returns why the head of a request alone refuses it, or "".
	judgeHead(r *http.Request, now time.Time) reason
	// check checks the whole request. Proof is what makes the request unique, so that a repetition shows; it is nil
	// where the connection itself excludes a repetition by another sender.
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
		return newMTLS(&h.MTLS)
	}
	return newVerifier(&h.Signature)
}

// bearer admits senders that know the content of a file.
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

func (b *bearer) judgeHead(r *http.Request, _ time.Time) reason {
	want, err := b.token.read()
	if err != nil {
		return keyUnavailable
	}
	values := r.Header.Values("Authorization")
	if len(values) == 0 {
		return noCredentials
	}
	scheme, token, found := strings.Cut(values[0], " ")
	if len(values) > 1 || !found || !strings.EqualFold(scheme, "bearer") {
		return badForm
	}
	got := sha256.Sum256([]byte(strings.TrimSpace(token)))
	if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
		return badToken
	}
	return ""
}

func (b *bearer) check(r *http.Request, _ []byte, now time.Time) ([]byte, reason) {
	return nil, b.judgeHead(r, now)
}
