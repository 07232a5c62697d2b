package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

const maxTokenBytes = 64 << 10 // of a login's answer that are read

// FetchToken sends a login and reads the access token of its answer. Credentials use it.
func FetchToken(client *http.Client, login *http.Request) (*oauth2.Token, error) {
	answer, err := client.Do(login) //nolint:gosec // the login host is the configuration's
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxTokenBytes))
	success := answer.StatusCode/100 == 2
	if err != nil && success {
		return nil, &url.Error{Op: "Post", URL: login.URL.Host, Err: err}
	}
	token, code := decodeToken(body)
	switch {
	case !success || code != "":
		return nil, &oauth2.RetrieveError{Response: answer, Body: body, ErrorCode: code}
	case token.AccessToken == "":
		return nil, errors.New("login answer holds no access_token")
	}
	return token, nil
}

// decodeToken reads a token, or the code of an error that took its place. A lifetime that is no number is left out.
func decodeToken(body []byte) (token *oauth2.Token, code string) {
	var b struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   any    `json:"expires_in"`
		Error       string `json:"error"`
	}
	_ = Unmarshal(bytes.TrimPrefix(body, utf8BOM), &b) // an answer that is no JSON holds no token
	token = &oauth2.Token{AccessToken: b.AccessToken}
	seconds, _ := strconv.ParseFloat(fmt.Sprint(b.ExpiresIn), 64) // "3600" is in use too
	if seconds >= 1 {
		token.ExpiresIn = int64(min(seconds, 1<<31))
	}
	return token, b.Error
}

// loginError turns what Credentials returned into an error that is safe to show. The errors of oauth2 quote the token
// host's answer, which may quote what it was sent, so nothing of them is shown but the status and the error code.
func (d Dialect) loginError(err error) *Error {
	e := &Error{}
	known, isKnown := errors.AsType[*Error](err)
	retrieve, isRetrieve := errors.AsType[*oauth2.RetrieveError](err)
	_, isNet := errors.AsType[net.Error](err) // *url.Error is one too
	switch {
	case isKnown:
		*e = *known
		e.reason = refusal(known)
	case isRetrieve:
		e = d.retrieveError(retrieve)
	case isNet, errors.Is(err, context.Canceled):
		e = travelError(err)
	default: // the answer was no token, or there was nothing to log in with
		e.reason, e.Message = platform.ReasonBadResponse, clean(err.Error())
		e.cause = err
	}
	e.Operation, e.Login, e.local = "", true, true
	if e.why() == platform.ReasonRateLimited && e.RetryAfter == 0 {
		e.RetryAfter = retryAfterDefault
	}
	return e
}

// refusal is the reason of a login that was answered: a platform that finds fault with it finds fault with the
// credentials, whatever the status.
func refusal(e *Error) platform.Reason {
	fault := e.Status == http.StatusBadRequest || e.Status == http.StatusForbidden || e.Status == http.StatusOK && e.Code != ""
	if fault && e.reason == "" {
		return platform.ReasonAuth
	}
	return e.why()
}

// retrieveError describes an answer of the token host that is no token.
func (d Dialect) retrieveError(r *oauth2.RetrieveError) *Error {
	var header http.Header
	e := &Error{}
	if r.Response != nil {
		header = r.Response.Header
		e.Status = r.Response.StatusCode
		e.CorrelationID = d.correlationID(header)
		e.RetryAfter, _ = retryAfter(header, time.Now())
	}
	fault := d.fault(header, bytes.TrimPrefix(r.Body, utf8BOM))
	e.Code = cmp.Or(clean(r.ErrorCode), fault.Code)
	if fault.RateLimited {
		e.reason = platform.ReasonRateLimited
	}
	e.reason = refusal(e)
	return e
}
