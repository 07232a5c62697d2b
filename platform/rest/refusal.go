package rest

import (
	"net/http"
	"time"
)

// trust is what the answers of the API show about the token in hand. A 401 may mean that the token has ended before its
// time, or that one call is not allowed for this account whatever the token. The token is given up only when the answers
// speak against it: when the call that is refused had been accepted with it, or when no call has been.
type trust struct {
	accepted map[string]bool // operations that the API accepted with this token
	refused  map[string]bool // operations that the API refused with this token
	doubts   int             // refusals since the last acceptance
	outcasts map[string]bool // operations refused with a token that others were accepted with; kept from token to token
}

// accept records that the API accepted an operation.
func (t *trust) accept(operation string) {
	t.doubts = 0
	if t.accepted[operation] {
		return
	}
	delete(t.outcasts, operation)
	t.accepted = with(t.accepted, operation)
	for refused := range t.refused {
		if !t.accepted[refused] {
			t.outcasts = with(t.outcasts, refused)
		}
	}
}

// refuse records that the API refused an operation. It reports whether that speaks against the token, and whether
// nothing speaks for it.
func (t *trust) refuse(operation string) (suspect, alone bool) {
	t.doubts++
	t.refused = with(t.refused, operation)
	if len(t.accepted) > 0 && !t.accepted[operation] {
		t.outcasts = with(t.outcasts, operation)
	}
	if t.outcasts[operation] {
		return false, false
	}
	return true, len(t.accepted) == 0 || t.doubts > 1
}

// renewed starts over with another token.
func (t *trust) renewed() { *t = trust{outcasts: t.outcasts} }

func with(set map[string]bool, member string) map[string]bool {
	if set == nil {
		set = map[string]bool{}
	}
	set[member] = true
	return set
}

// Answered gives up a token that the API refused, unless another has taken its place already. Logins that are forced so
// come at growing intervals: until the next one is due the token is kept, and the refusal is part of the state.
func (b *bearer) Answered(operation string, r *http.Request, failed *Error) (again bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	access := accessToken(r)
	switch {
	case b.access != access:
		return failed != nil && failed.Status == http.StatusUnauthorized
	case failed == nil || failed.Status > 0 && failed.Status < 500 && failed.Status != http.StatusUnauthorized:
		b.accept(operation)
		return false
	case failed.Status != http.StatusUnauthorized:
		return false
	}
	suspect, alone := b.trust.refuse(operation)
	if !suspect {
		return false
	}
	if now := time.Now(); !now.Before(b.forceAfter) {
		b.forceAfter = now.Add(b.forced.next(now))
		b.access = ""
		return true
	}
	if alone {
		b.refuse(failed)
	}
	return false
}

// accept records a success. The lock is held.
func (b *bearer) accept(operation string) {
	b.trust.accept(operation)
	if b.refused != nil {
		b.logger.Info("API accepts the login again", "operation", operation)
		b.refused = nil
	}
}

// refuse records that the API refuses a good login. The lock is held.
func (b *bearer) refuse(failed *Error) {
	failed.logged = true
	if b.refused == nil {
		b.logger.Warn("API refuses a request although the login succeeded", "request", failed.Request, "err", failed)
		b.refused = new(*failed)
	}
}
