package rest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// clientCredentials logs in with the grant of that name.
func clientCredentials(tokenURL, secret string) Credentials {
	return func(ctx context.Context, client *http.Client) (*oauth2.Token, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, tokenURL, nil)
		if err != nil {
			return nil, err
		}
		request.SetBasicAuth("id", secret)
		return FetchToken(client, request)
	}
}

func TestLoginAnswers(t *testing.T) {
	for _, test := range []struct {
		name, body  string
		status      int
		contentType string
		want        platform.Reason
		text        string
	}{
		{"unknown client", `{"error":"invalid_client","description":"client not found: CANARY","error_description":"client not found: CANARY"}`, 400, "application/json", platform.ReasonAuth, "login: auth, status 400, invalid_client"},
		{"wrong secret", `{"error":"invalid_client","error_description":"CANARY"}`, 401, "application/json", platform.ReasonAuth, "login: auth, status 401, invalid_client"},
		{"forbidden", `{}`, 403, "application/json", platform.ReasonAuth, "login: auth, status 403"},
		{"rate limit as 400", `{"error":"invalid_request","text":"too fast"}`, 400, "application/json", platform.ReasonRateLimited, "login: rate_limited, status 400, invalid_request"},
		{"another bad request", `{"error":"invalid_request","error_description":"CANARY"}`, 400, "application/json", platform.ReasonAuth, "login: auth, status 400, invalid_request"},
		{"429", `CANARY`, 429, "text/plain", platform.ReasonRateLimited, "login: rate_limited, status 429"},
		{"not there", `<p>CANARY`, 404, "text/html", platform.ReasonNotFound, "login: not_found, status 404"},
		{"down", `CANARY`, 503, "text/plain", platform.ReasonServerError, "login: server_error, status 503"},
		{"error with 200", `{"error":"invalid_client","error_description":"CANARY"}`, 200, "application/json", platform.ReasonAuth, "login: auth, status 200, invalid_client"},
		{"no token", `{"expires_in":60}`, 200, "application/json", platform.ReasonBadResponse, "login: bad_response: login answer holds no access_token"},
		{"truncated", `{"access_token":"CANARY`, 200, "application/json", platform.ReasonBadResponse, "login: bad_response: login answer holds no access_token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", test.contentType)
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			}))
			defer server.Close()
			c, err := New(Options{Authorizer: Bearer(clientCredentials(server.URL, "CANARY")), Dialect: dialect})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			err = c.Authenticate(t.Context())
			wantReason(t, err, test.want)
			if err != nil && err.Error() != test.text {
				t.Errorf("error = %q, want %q", err, test.text)
			}
			wantValue(t, c, 1, "ccaas_token_refresh_failures_total", "reason", string(test.want))
		})
	}
}

func TestLoginErrors(t *testing.T) {
	_, missing := Secret{File: filepath.Join(t.TempDir(), "none")}.Read()
	if !errors.Is(missing, os.ErrNotExist) {
		t.Errorf("error = %v, want that the file does not exist", missing)
	}
	for _, test := range []struct {
		name string
		err  error
		want platform.Reason
	}{
		{"secret file", fmt.Errorf("client_secret_file: %w", missing), platform.ReasonAuth},
		{"connection", &url.Error{Op: "Post", URL: "https://x", Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}, platform.ReasonNetwork},
		{"time-out", &url.Error{Op: "Post", URL: "https://x", Err: context.DeadlineExceeded}, platform.ReasonTimeout},
		{"bare time-out", context.DeadlineExceeded, platform.ReasonTimeout},
		{"server error", &Error{Status: 500}, platform.ReasonServerError},
		{"bad request", &Error{Status: 400}, platform.ReasonAuth},
		{"no answer kept", &oauth2.RetrieveError{ErrorCode: "x"}, platform.ReasonBadResponse},
		{"anything else", errors.New("no token"), platform.ReasonBadResponse},
	} {
		got := dialect.loginError(test.err)
		wantReason(t, got, test.want)
		if !got.Login || got.outage() || got.retriable() {
			t.Errorf("%s: %+v speaks against the API", test.name, *got)
		}
	}
}

func TestLoginIsNotRedirectedElsewhere(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the secret went to another host")
	}))
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	c, err := New(Options{Authorizer: Bearer(clientCredentials(server.URL, "CANARY")), Dialect: dialect})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	wantReason(t, c.Authenticate(t.Context()), platform.ReasonBadResponse)
}

func TestDecodeToken(t *testing.T) {
	for body, lifetime := range map[string]int64{
		`{"access_token":"a","expires_in":3600}`:                    3600,
		"\xef\xbb\xbf" + `{"access_token":"a","expires_in":"1800"}`: 1800,
		`{"access_token":"a","expires_in":86399.0,"new":[1]}`:       86399,
		`{"access_token":"a","token_type":"bearer"}`:                0,
		`{"access_token":"a","expires_in":{"seconds":90}}`:          0,
		`{"access_token":"a","expires_in":-1}`:                      0,
		`{"access_token":"a","expires_in":1e99}`:                    1 << 31,
	} {
		want := &oauth2.Token{AccessToken: "a", ExpiresIn: lifetime}
		if token, code := decodeToken([]byte(body)); *token != *want || code != "" {
			t.Errorf("decodeToken(%s) = %+v, %q, want %+v", body, token, code, want)
		}
	}
	for _, body := range []string{``, `{}`, `null`, `{"access_token":5}`, `<html>`, `{"access_token":"a"`} {
		if token, _ := decodeToken([]byte(body)); token.AccessToken != "" {
			t.Errorf("decodeToken(%s) = %+v, want none", body, token)
		}
	}
}

func FuzzDecodeToken(f *testing.F) {
	f.Add([]byte(`{"access_token":"a","expires_in":3600}`))
	f.Add([]byte(`{"access_token":"a","expires_in":"NaN","error":"e"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if token, _ := decodeToken(body); token.ExpiresIn < 0 || token.ExpiresIn > 1<<31 {
			t.Errorf("decodeToken(%q) = %+v", body, token)
		}
	})
}
