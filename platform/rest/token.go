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
	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

const (
	loginTimeout    = 10 * time.Second  // of one login
	loginHoldOff    = 10 * time.Second  // no second login sooner than this after a failure
	longestHoldOff  = 5 * time.Minute   // to which it grows while the platform refuses what we log in with
	renewalMargin   = 300 * time.Second // renewed this long before expiry, or a quarter of the lifetime if that is less
	defaultLifetime = 300 * time.Second // when the platform names none
)

// bearer is the Authorizer of accounts with an access token: one for all requests, renewed before it expires. Lifetimes
// run on our monotonic clock from the moment of the login, so that neither side's clock needs to be right.
type bearer struct {
	login   Credentials // nil: there is no account
	client  *http.Client
	dialect Dialect
	metrics *metrics
	logger  *slog.Logger
	secrets Secrets // of the login

	mu         sync.Mutex
	access     string // "": no token
	expiry     time.Time
	renewAt    time.Time
	renewal    *renewal // under way, nil when none is
	failure    *Error   // of the last login, nil after a success
	holdUntil  time.Time
	holdOff    holdOff   // between logins that the platform refuses
	trust      trust     // in the token in hand
	refused    *Error    // the API refused a call although the login had just succeeded; nil after a success
	forceAfter time.Time // a token that the API refuses is kept until then
	forced     holdOff   // between logins because of such a token
	closed     bool
	logins     sync.WaitGroup
}

// holdOff is a wait that doubles each time, and starts over after a quiet period.
type holdOff struct {
	wait time.Duration
	last time.Time
}

func (h *holdOff) next(now time.Time) time.Duration {
	if now.Sub(h.last) > 2*longestHoldOff {
		h.wait = 0
	}
	h.wait, h.last = min(max(2*h.wait, loginHoldOff), longestHoldOff), now
	return h.wait
}

// renewal is one login that all who need it wait for.
type renewal struct {
	done   chan struct{}
	cancel context.CancelFunc
}

// Authorize adds a token that has not expired.
func (b *bearer) Authorize(ctx context.Context, r *http.Request) error {
	access, err := b.get(ctx)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+access)
	return nil
}

// get returns a token that has not expired. It waits for a login only when there is none: with a token that is due for
// renewal the renewal runs in the background.
func (b *bearer) get(ctx context.Context) (string, *Error) {
	b.mu.Lock()
	access, running, err := b.prepare(ctx)
	b.mu.Unlock()
	if access != "" || err != nil {
		return access, err
	}
	if err := running.wait(ctx); err != nil {
		return "", err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held() {
		return b.access, nil
	}
	return "", b.lastFailure()
}

// Renew is get, but also waits for a renewal that is due.
func (b *bearer) Renew(ctx context.Context) error {
	b.mu.Lock()
	access, running, err := b.prepare(ctx)
	b.mu.Unlock()
	if err != nil {
		return err
	}
	if running != nil {
		if err := running.wait(ctx); err != nil && access == "" {
			return err
		}
	}
	if _, err = b.get(ctx); err != nil {
		return err
	}
	return nil
}

// prepare returns the token in hand and the login that is under way, after starting one when it is due.
func (b *bearer) prepare(ctx context.Context) (access string, running *renewal, err *Error) {
	now := time.Now()
	if b.held() {
		access = b.access
		if now.Before(b.renewAt) {
			return access, nil, nil
		}
	}
	if b.renewal == nil && !now.Before(b.holdUntil) {
		b.start(ctx)
	}
	if access == "" && b.renewal == nil {
		return "", nil, b.lastFailure()
	}
	return access, b.renewal, nil
}

// start begins a login. It outlives the request that needs it, because others may wait for it too.
func (b *bearer) start(ctx context.Context) {
	if b.login == nil || b.closed {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loginTimeout)
	running := &renewal{done: make(chan struct{}), cancel: cancel}
	b.renewal = running
	b.logins.Go(func() {
		defer close(running.done)
		defer cancel()
		b.run(ctx)
	})
}

// run logs in and keeps the result.
func (b *bearer) run(ctx context.Context) {
	started := time.Now()
	b.metrics.readSecretAges(b.secrets)
	var token *oauth2.Token
	err := guard.Func(func() (err error) {
		token, err = b.login(ctx, b.client)
		return err
	})()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.renewal = nil
	if err == nil && (token == nil || token.AccessToken == "") {
		err = errors.New("no access token in the answer")
	}
	b.metrics.refreshes.Inc()
	if err != nil {
		b.fail(b.dialect.loginError(err))
		return
	}
	if b.failure != nil {
		b.logger.Info("login recovered")
	}
	lifetime := lifetime(token, started)
	b.access, b.failure, b.holdUntil, b.holdOff = token.AccessToken, nil, time.Time{}, holdOff{}
	b.trust.renewed()
	b.expiry = started.Add(lifetime)
	b.renewAt = b.expiry.Add(-min(renewalMargin, lifetime/4))
	b.metrics.tokenExpiry.WithLabelValues().Set(metric.Unix(b.expiry))
}

// fail records a failed login and how long the next one has to wait.
func (b *bearer) fail(err *Error) {
	if !b.closed && (b.failure == nil || b.failure.why() != err.why()) {
		b.logger.Warn("login failed", "reason", err.Reason(), "err", err)
	}
	err.logged = true
	b.failure = err
	hold, now := loginHoldOff, time.Now()
	switch {
	case err.why() == platform.ReasonRateLimited:
		hold = max(err.RetryAfter, time.Second)
	case err.why() == platform.ReasonAuth && err.Status != 0:
		hold = b.holdOff.next(now)
	}
	b.holdUntil = now.Add(hold)
	b.metrics.refreshFailures.WithLabelValues(err.Reason()).Inc()
}

// lastFailure is the error of a caller who cannot have a token now.
func (b *bearer) lastFailure() *Error {
	last := cmp.Or(b.failure, b.refused)
	if last == nil {
		return &Error{Login: true, reason: platform.ReasonAuth, Message: "no account to log in to", local: true}
	}
	err := *last
	err.Operation = "" // the caller's is another
	err.Login, err.local, err.RetryAfter = true, true, max(time.Until(b.holdUntil), 0)
	return &err
}

func (b *bearer) held() bool { return b.access != "" && time.Now().Before(b.expiry) }

// State returns what is known of the login.
func (b *bearer) State() AuthState {
	b.mu.Lock()
	defer b.mu.Unlock()
	var s AuthState
	if s.Held = b.held(); s.Held {
		s.Expiry = b.expiry
	}
	if last := cmp.Or(b.failure, b.refused); last != nil { // a nil *Error is no nil error
		s.Err = last
	}
	return s
}

// Close ends the login under way and waits for it.
func (b *bearer) Close() {
	b.mu.Lock()
	b.closed = true
	if b.renewal != nil {
		b.renewal.cancel()
	}
	b.mu.Unlock()
	b.logins.Wait()
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

// lifetime returns how long a token is valid, from the start of its login.
func lifetime(token *oauth2.Token, started time.Time) time.Duration {
	if token.ExpiresIn > 0 {
		return time.Duration(min(token.ExpiresIn, 1<<31)) * time.Second
	}
	if d := token.Expiry.Sub(started); !token.Expiry.IsZero() && d > 0 {
		return d
	}
	return defaultLifetime
}
