package rest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// Authorizer authorises the requests of one client and decides what a refusal means. Bearer makes the one in use. One
// that signs each request, as AWS Signature Version 4 asks for, is another.
type Authorizer interface {
	// Authorize adds to a request what proves whose it is. It waits for a login where one is needed, until ctx ends.
	Authorize(ctx context.Context, r *http.Request) error
	// Answered is called with the outcome of every authorised request: failed is nil after a success. It reports whether
	// the request should be authorised anew and sent again.
	Answered(operation string, r *http.Request, failed *Error) (again bool)
	// Renew logs in where no login is valid, and renews one that is due.
	Renew(ctx context.Context) error
	// State returns the state of the login without asking the platform.
	State() AuthState
	// Close ends a login under way.
	Close()
}

// AuthState is the state of an account's login.
type AuthState struct {
	Held   bool      // a login is valid
	Expiry time.Time // of that login; zero without one
	// Err is an *Error: why the last login failed, which has Login set, or the call that the API refused although the
	// login had just succeeded, which has Operation and Request. It is nil after a success.
	Err error
}

// Credentials fetch a new token each time they are called, and read secrets from their files anew. An error should be an
// *Error or an *oauth2.RetrieveError; nothing of the answer's body is shown.
type Credentials func(ctx context.Context, client *http.Client) (*oauth2.Token, error)

// Bearer returns a constructor for Options.Authorizer: requests carry an access token, which the login fetches and the
// client renews. Without a login every authorised request fails.
func Bearer(login Credentials) func(*Client) Authorizer {
	return func(c *Client) Authorizer {
		return &bearer{login: login, client: c.http, dialect: c.dialect, metrics: c.metrics, logger: c.logger, secrets: c.secrets}
	}
}

// Auth returns the state of the login without asking the platform.
func (c *Client) Auth() AuthState { return c.auth.State() }

// Authenticate makes sure that a login is valid: it logs in when there is none and renews one that is due. While the
// login in hand is still good a failed renewal is no error; Auth shows it. Errors are *Error.
func (c *Client) Authenticate(ctx context.Context) error { return c.auth.Renew(ctx) }

// AccessToken returns the access token in hand after making sure that there is one, for what it says about the account.
func (c *Client) AccessToken(ctx context.Context) (string, error) {
	r := &http.Request{Header: http.Header{}}
	if err := c.auth.Authorize(ctx, r); err != nil {
		return "", err
	}
	return accessToken(r), nil
}

func accessToken(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

// authorise adds the proof to a request and takes the request out of the budget.
func (c *Client) authorise(ctx context.Context, r *http.Request, p platform.Class) *Error {
	if _, refused := c.budget.paused(); refused != nil { // before a login that would be for nothing
		return refused
	}
	if err := c.auth.Authorize(ctx, r); err != nil {
		if failed, ok := errors.AsType[*Error](err); ok {
			return failed
		}
		return &Error{reason: platform.ReasonAuth, Message: clean(err.Error()), cause: err, local: true}
	}
	return c.budget.take(ctx, p)
}
