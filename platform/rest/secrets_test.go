package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"
	"golang.org/x/oauth2"
)

const (
	canary      = "CANARY-7f3a"
	tokenAnswer = `{"access_token":"` + canary + `-token","expires_in":3600}`
)

// leaks looks for the canary in everything that v can be printed as.
func leaks(t *testing.T, what string, v any) {
	t.Helper()
	inYAML, _ := yaml.Marshal(v)
	for _, text := range []string{fmt.Sprintf("%v", v), fmt.Sprintf("%+v", v), string(inYAML)} {
		if strings.Contains(text, canary) {
			t.Errorf("%s shows a secret: %s", what, text)
		}
	}
}

func TestConfigShowsNoSecret(t *testing.T) {
	h := DefaultHTTPConfig
	h.ProxyURL = promconfig.URL{URL: &url.URL{Scheme: "http", Host: "proxy", User: url.UserPassword("u", canary)}}
	h.TLSConfig.Key = canary
	leaks(t, "HTTPConfig", h)
	leaks(t, "Secret", Secret{Value: canary})
	leaks(t, "Secrets in a struct", struct{ S Secret }{Secret{Value: canary}})
	o := Options{HTTP: h}
	leaks(t, "Options", fmt.Sprintf("%v %+v", o, &o))
}

// failures are the ways in which a platform can fail while it repeats what it was sent.
var failures = []struct {
	name                  string
	loginStatus, status   int
	loginBody, body, kind string
}{
	{"login refused", 401, 200, `{"error":"invalid_client","error_description":"` + canary + `"}`, "", "application/json"},
	{"login refused in text", 400, 200, "secret " + canary + " is wrong", "", "text/plain"},
	{"login answers nonsense", 200, 200, canary + `{"`, "", "application/json"},
	{"login answers a broken form", 200, 200, canary + "%zz" + canary, "", "text/plain"},
	{"login drops the connection", 0, 200, "", "", ""},
	{"token refused", 200, 401, tokenAnswer, "token " + canary, "text/html"},
	{"server error", 200, 500, tokenAnswer, canary, "text/plain"},
	{"no JSON", 200, 200, tokenAnswer, canary, "application/json"},
	{"another type", 200, 200, tokenAnswer, `"` + canary + `"`, "application/json"},
	{"broken under a name", 200, 200, tokenAnswer, `{"` + canary + `":[tru]}`, "application/json"},
	{"broken escape", 200, 200, tokenAnswer, `"\u` + canary + `"`, "application/json"},
	{"connection dropped", 200, 0, tokenAnswer, "", ""},
	{"redirect", 200, 302, tokenAnswer, canary, "text/html"},
}

// TestNothingShowsSecrets lets a platform repeat every secret it was sent, in each way in which it can fail.
func TestNothingShowsSecrets(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(canary+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range failures {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				status, body := test.status, test.body
				if r.URL.Path == "/login" {
					status, body = test.loginStatus, test.loginBody
				}
				if status == 0 {
					panic(http.ErrAbortHandler)
				}
				w.Header().Set("Content-Type", test.kind)
				w.Header().Set("Location", "http://elsewhere.test/?token="+canary)
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			}))
			defer server.Close()
			server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
			var log bytes.Buffer
			o := Options{
				Logger: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
				Authorizer: Bearer(func(ctx context.Context, client *http.Client) (*oauth2.Token, error) {
					secret, err := Secret{File: file}.Read()
					if err != nil || secret != canary {
						return nil, fmt.Errorf("client_secret_file: %w", errors.Join(err, os.ErrInvalid))
					}
					return clientCredentials(server.URL+"/login", secret)(ctx, client)
				}),
			}
			c, err := New(o)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			for range 6 { // opens the breaker where the host fails
				err := c.Do(t.Context(), Request{Operation: "things", Method: http.MethodPost, URL: server.URL}, JSON(new(int)))
				if err == nil {
					t.Fatal("no error")
				}
				for e := err; e != nil; e = errors.Unwrap(e) {
					leaks(t, "error", e)
				}
				leaks(t, "Auth", c.Auth())
				leaks(t, "error's fields", fmt.Sprintf("%+v", *asError(t, err)))
				inJSON, _ := json.Marshal(err)
				leaks(t, "error as JSON", string(inJSON))
			}
			leaks(t, "Client", fmt.Sprintf("%+v", c))
			leaks(t, "log", log.String())
		})
	}
}
