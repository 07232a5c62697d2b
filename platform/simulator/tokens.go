// Client secrets, the tokens issued for them, and the requests that each token may make.

package simulator

import (
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"sync"
	"time"
)

// keys are a site's one pair of credentials and the tokens issued for it.
type keys struct {
	world      *World
	name       string
	lifetime   time.Duration
	mu         sync.Mutex
	id, secret string
	serial     int
	issued     map[string]*token
}

// token is one access token.
type token struct {
	value           string
	issued, expires time.Time
	window          window
}

func newKeys(w *World, name, id, secret string, lifetime time.Duration) *keys {
	if w.options.TokenLifetime != 0 {
		lifetime = w.options.TokenLifetime
	}
	return &keys{world: w, name: name, id: id, secret: secret, lifetime: lifetime, issued: map[string]*token{}}
}

func (k *keys) credentials() (id, secret string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.id, k.secret
}

func (k *keys) rotate(secret string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.secret = secret
}

func (k *keys) revoke() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.issued)
}

// shortLife is how long a token is good in the scenario short-tokens: less than the minute at which an alert warns.
const shortLife = 50 * time.Second

// life is how long a token is good that is issued to a call.
func (k *keys) life(c *call) time.Duration {
	if c.in(shortTokens) {
		return min(shortLife, k.lifetime)
	}
	return k.lifetime
}

// issue makes a token; dress turns its random part into what the vendor's tokens look like.
func (k *keys) issue(now time.Time, life time.Duration, format func(random string, t *token) string) *token {
	k.mu.Lock()
	defer k.mu.Unlock()
	for value, old := range k.issued {
		if !now.Before(old.expires) {
			delete(k.issued, value)
		}
	}
	k.serial++
	random := k.world.digest(k.name, "token", k.serial, now.UnixNano())
	t := &token{issued: now, expires: now.Add(life)}
	t.value = format(base64.RawURLEncoding.EncodeToString(random[:]), t)
	k.issued[t.value] = t
	return t
}

// check finds the token of a call; nil when there is none, or one that is unknown, too old or revoked.
func (k *keys) check(c *call) *token {
	scheme, value, _ := strings.Cut(c.request.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || c.in(authBroken) {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	t := k.issued[value]
	if t == nil || !c.now.Before(t.expires) || t.issued.Before(c.changed(authBroken)) || t.issued.Before(c.changed(shortTokens)) {
		return nil
	}
	return t
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// window counts requests in fixed minutes that begin with the first one.
type window struct {
	mu    sync.Mutex
	start time.Time
	count int
}

const windowLength = time.Minute

// take counts one request; left is the time until the count starts anew.
func (w *window) take(now time.Time) (count int, left time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if now.Sub(w.start) >= windowLength {
		w.start, w.count = now, 0
	}
	w.count++
	return w.count, windowLength - now.Sub(w.start)
}
