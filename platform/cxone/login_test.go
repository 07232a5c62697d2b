package cxone

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// jwt makes a token of claims; its signature signs nothing.
func jwt(claims []byte) string {
	snapshot := base64.RawURLEncoding.EncodeToString
	return snapshot([]byte(`{"alg":"RS256"}`)) + "." + snapshot(claims) + "." + snapshot([]byte("signature"))
}

func TestTenantOf(t *testing.T) {
	claims := load[map[string]json.RawMessage](t, "token-claims")
	for token, want := range map[string]string{
		jwt(claims["accessToken"]):                 "11eb660f-4c6d-34a0-8733-0242ac110002",
		jwt(claims["idToken"]):                     "00000000-0000-0000-0000-000000000002",
		jwt(claims["refreshToken"]):                "",
		jwt([]byte(`{"tenantId":"x&tenantId=y"}`)): "",
		jwt([]byte(`{"tenantId":7}`)):              "",
		jwt([]byte(`{`)):                           "",
		"opaque":                                   "",
		"a.!!.c":                                   "",
		strings.Repeat(".", 2):                     "",
		"a." + base64.URLEncoding.EncodeToString([]byte(`{"tenantId":"ab-1"}`)) + ".c": "ab-1", // padded
	} {
		got, err := tenantOf(token)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("tenantOf(%s) = %q, %v, want %q", token, got, err, want)
		}
	}
}

func FuzzTenantOf(f *testing.F) {
	f.Add("a.b.c")
	f.Add(jwt([]byte(`{"tenantId":"11eb660f-4c6d-34a0-8733-0242ac110002"}`)))
	f.Fuzz(func(t *testing.T, token string) {
		if tenant, err := tenantOf(token); err == nil && !hasForm(tenantForm, tenant) {
			t.Errorf("tenantOf(%q) = %q", token, tenant)
		}
	})
}

func TestDecodeToken(t *testing.T) {
	for body, lifetime := range map[string]int64{
		string(sample(t, "token-response")):                      3600,
		`{"access_token":"a","expires_in":"1800"}`:               1800,
		`{"access_token":"a","token_type":"bearer"}`:             0,
		`{"access_token":"a","expires_in":{"seconds":"ninety"}}`: 0,
	} {
		if token, err := decodeToken([]byte(body)); err != nil || token.AccessToken == "" || token.ExpiresIn != lifetime {
			t.Errorf("decodeToken(%s) = %+v, %v, want a lifetime of %d s", body, token, err, lifetime)
		}
	}
	for _, body := range []string{``, `{}`, `null`, `{"access_token":null}`, `{"access_token":5}`, `<html>canary`, `{"access_token":"canary"`} {
		if token, err := decodeToken([]byte(body)); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("decodeToken(%s) = %+v, %v, want an error that does not quote it", body, token, err)
		}
	}
}

func FuzzToken(f *testing.F) {
	seeds(f, "token-response")
	f.Fuzz(func(t *testing.T, body []byte) {
		if token, err := decodeToken(body); err == nil && token.AccessToken == "" {
			t.Errorf("decodeToken(%q) is no token", body)
		}
	})
}

// TestAccessKeyURL: without token_url the host is that of the area, which is na1 until discovery has named it.
func TestAccessKeyURL(t *testing.T) {
	c := DefaultConfig()
	for _, test := range []struct {
		area, tokenURL, found, want string
	}{
		{"", "", "", "https://na1.nice-incontact.com/authentication/v1/token/access-key"},
		{"", "", "uk1", "https://uk1.nice-incontact.com/authentication/v1/token/access-key"},
		{"eu1", "", "", "https://eu1.nice-incontact.com/authentication/v1/token/access-key"},
		{"eu1", "https://login.example.org/key", "", "https://login.example.org/key"},
	} {
		c.Area, c.TokenURL = test.area, test.tokenURL
		asks := &client{config: c, tenancy: newTenancy(c, nil)}
		if test.found != "" {
			asks.tenancy.known.Store(&location{region: test.found})
		}
		if got := asks.accessKeyURL(); got != test.want {
			t.Errorf("%+v: accessKeyURL() = %s", test, got)
		}
	}
}

// TestTokenEndpoint: the issuer may name an endpoint on its own host, no other. Secrets would go there.
func TestTokenEndpoint(t *testing.T) {
	var document string
	var visitors []string
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(document))
	})
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		visitors = append(visitors, r.Host+r.URL.Path)
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":"invalid_client","error_description":"canary+/secret===="}`))
	})
	issuer := httptest.NewServer(mux)
	defer issuer.Close()
	elsewhere := httptest.NewServer(mux)
	defer elsewhere.Close()

	c := account(issuer.URL)
	c.Auth, c.TokenURL, c.ClientID, c.ClientSecret = AuthPassword, "", "app", "canary-application"
	for _, test := range []struct {
		document string
		visited  bool
		reason   platform.Reason
	}{
		{`{"token_endpoint":"` + issuer.URL + `/auth/token"}`, true, platform.ReasonAuth},
		{`{"token_endpoint":"` + elsewhere.URL + `/auth/token"}`, false, platform.ReasonBadResponse},
		{`{"token_endpoint":"` + strings.Replace(issuer.URL, "http://", "http://user@", 1) + `/auth/token"}`, false, platform.ReasonBadResponse},
		{string(sample(t, "openid-configuration")), false, platform.ReasonBadResponse}, // names the real issuer
		{`{}`, false, platform.ReasonBadResponse},
		{`[]`, false, platform.ReasonBadResponse},
	} {
		document, visitors = test.document, nil
		err := record(t.Context(), feedNamed(t, source(t, c), "health").Poll, &notebook{})
		if got := platform.ReasonOf(err); err == nil || got != test.reason {
			t.Errorf("%s: health = %v, want reason %s", test.document, err, test.reason)
		}
		if (len(visitors) > 0) != test.visited {
			t.Errorf("%s: the secrets went to %v", test.document, visitors)
		}
		if err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the error quotes a secret: %v", test.document, err)
		}
	}
}

// TestOpenIDSample reads the recorded document of the real issuer.
func TestOpenIDSample(t *testing.T) {
	var endpoint scalar
	if _, err := (answerFields{"token_endpoint": endpoint.into}).read(rest.Response{Status: 200, Body: strings.NewReader(string(sample(t, "openid-configuration")))}); err != nil {
		t.Fatal(err)
	}
	if got, _ := endpoint.text(); wholeURL(got) != nil || !sameHost(got, DefaultIssuer) {
		t.Errorf("token endpoint = %s, want one on the issuer's host", got)
	}
}
