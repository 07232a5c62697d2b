package rest

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// This file keeps the account's access token: one for all requests, renewed before it expires.

const (
	loginTimeout    = 10 * time.Second  // of one login
	loginHoldOff    = 10 * time.Second  // no second login sooner than this after a failure
	renewalMargin   = 300 * time.Second // renewed this long before expiry, or a quarter of the lifetime if that is less
	defaultLifetime = 300 * time.Second // when the platform names none
)

// tokens caches the access token. Lifetimes run on our monotonic clock from the moment of the login, so that it does
// not matter how right the clocks of either side are.
type tokens struct {
	login   Credentials // nil: there is no account
	client  *http.Client
	metrics *metrics
	dialect Dialect
	logger  *slog.Logger

	mu        sync.Mutex
	access    string // "": no token
	expiry    time.Time
	renewAt   time.Time
	renewal   *renewal  // under way, nil when none is
	failure   *Error    // of the last login, nil after a success
	refused   *Error    // the API refused a token fresh from the login, nil after a success
	holdUntil time.Time // no login before
	closed    bool
	logins    sync.WaitGroup
}

// renewal is one login that all who need it wait for.
type renewal struct {
	done   chan struct{}
	cancel context.CancelFunc
}

// get returns a token that has not expired. It waits for a login only when there is none: with a token that is due for
// renewal the renewal runs in the background.
func (t *tokens) get(ctx context.Context) (string, *Error) {
	t.mu.Lock()
	access, running, err := t.prepare(ctx)
	t.mu.Unlock()
	if access != "" || err != nil {
		return access, err
	}
	if err := running.wait(ctx); err != nil {
		return "", err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held() {
		return t.access, nil
	}
	return "", t.lastFailure()
}

// renew is get, but also waits for a renewal that is due.
func (t *tokens) renew(ctx context.Context) *Error {
	t.mu.Lock()
	access, running, err := t.prepare(ctx)
	t.mu.Unlock()
	if err != nil {
		return err
	}
	if running != nil {
		if err := running.wait(ctx); err != nil && access == "" {
			return err
		}
	}
	_, err = t.get(ctx)
	return err
}

// prepare returns the token in hand and the login that is under way, after starting one when it is due.
func (t *tokens) prepare(ctx context.Context) (access string, running *renewal, err *Error) {
	now := time.Now()
	if t.held() {
		access = t.access
		if now.Before(t.renewAt) {
			return access, nil, nil
		}
	}
	if t.renewal == nil && !now.Before(t.holdUntil) {
		t.start(ctx)
	}
	if access == "" && t.renewal == nil {
		return "", nil, t.lastFailure()
	}
	return access, t.renewal, nil
}

// start begins a login. It outlives the request that needs it, because others may wait for it too.
func (t *tokens) start(ctx context.Context) {
	if t.login == nil || t.closed {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loginTimeout)
	running := &renewal{done: make(chan struct{}), cancel: cancel}
	t.renewal = running
	t.logins.Go(func() {
		defer close(running.done)
		defer cancel()
		t.run(ctx)
	})
}

// run logs in and keeps the result.
func (t *tokens) run(ctx context.Context) {
	started := time.Now()
	token, err := t.login(ctx, t.client)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.renewal = nil
	if err == nil && (token == nil || token.AccessToken == "") {
		err = errors.New("no access token in the answer")
	}
	t.metrics.refreshes.Inc()
	if err != nil {
		t.fail(t.dialect.loginError(err))
		return
	}
	if t.failure != nil {
		t.logger.Info("login recovered")
	}
	lifetime := lifetime(token, started)
	t.access, t.failure, t.holdUntil = token.AccessToken, nil, time.Time{}
	t.expiry = started.Add(lifetime)
	t.renewAt = t.expiry.Add(-min(renewalMargin, lifetime/4))
	t.metrics.tokenExpiry.WithLabelValues().Set(unix(t.expiry))
}

func (t *tokens) fail(err *Error) {
	if t.failure == nil && !t.closed {
		t.logger.Warn("login failed", "reason", err.Reason(), "err", err)
	}
	t.failure = err
	hold := loginHoldOff
	if err.why() == platform.ReasonRateLimited {
		hold = max(err.RetryAfter, time.Second)
	}
	t.holdUntil = time.Now().Add(hold)
	t.metrics.refreshFailures.WithLabelValues(err.Reason()).Inc()
}

// lastFailure is the error of those who cannot have a token now.
func (t *tokens) lastFailure() *Error {
	last := cmp.Or(t.failure, t.refused)
	if last == nil {
		return &Error{Login: true, reason: platform.ReasonAuth, Message: "nobody to log in as", local: true}
	}
	err := *last
	err.Operation = "" // of whoever noticed first
	err.Login, err.local, err.RetryAfter = true, true, max(time.Until(t.holdUntil), 0)
	return &err
}

func (t *tokens) held() bool { return t.access != "" && time.Now().Before(t.expiry) }

// drop forgets a token that the API refused, unless another has taken its place already. After a fresh token was
// refused too it keeps what it has for a while, so that a call that always answers 401 does not log in every time.
// It returns whether another try makes sense.
func (t *tokens) drop(access string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.access != access {
		return true
	}
	if t.refused != nil && time.Now().Before(t.holdUntil) {
		return false
	}
	t.access = ""
	return true
}

// accepted notes that the API took the token.
func (t *tokens) accepted(access string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.access == access {
		t.refused = nil
	}
}

// rejected notes that the API refused a token fresh from the login.
func (t *tokens) rejected(access string, err *Error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.access == access {
		t.refused, t.holdUntil = err, time.Now().Add(loginHoldOff)
	}
}

func (t *tokens) state() AuthState {
	t.mu.Lock()
	defer t.mu.Unlock()
	var s AuthState
	if s.Held = t.held(); s.Held {
		s.Expiry = t.expiry
	}
	if last := cmp.Or(t.failure, t.refused); last != nil { // a nil *Error is no nil error
		s.Err = last
	}
	return s
}

// close ends the login under way and waits for it.
func (t *tokens) close() {
	t.mu.Lock()
	t.closed = true
	if t.renewal != nil {
		t.renewal.cancel()
	}
	t.mu.Unlock()
	t.logins.Wait()
}

func (r *renewal) wait(ctx context.Context) *Error {
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		err := localError(ctx.Err())
		err.Login = true
		return err
	}
}

// lifetime of a token from the start of its login.
func lifetime(token *oauth2.Token, started time.Time) time.Duration {
	if token.ExpiresIn > 0 {
		return time.Duration(min(token.ExpiresIn, 1<<31)) * time.Second
	}
	if d := token.Expiry.Sub(started); !token.Expiry.IsZero() && d > 0 {
		return d
	}
	return defaultLifetime
}
