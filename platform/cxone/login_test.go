package cxone

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
		if tenant, err := tenantOf(token); err == nil && !tenantForm.MatchString(tenant) {
			t.Errorf("tenantOf(%q) = %q", token, tenant)
		}
	})
}

// TestAccessKeyURL: without token_url the host is the one that the issuer names, and the first area's until it has named
// one. A host is never made up of the area that the issuer names.
func TestAccessKeyURL(t *testing.T) {
	c := DefaultConfig()
	for _, test := range []struct {
		area, tokenURL string
		found          *location
		want           string
	}{
		{"", "", nil, "https://na1.nice-incontact.com/authentication/v1/token/access-key"},
		{"", "", &location{region: "uk1"}, "https://na1.nice-incontact.com/authentication/v1/token/access-key"},
		{"", "", &location{"uk1", "https://a", "https://l"}, "https://l/authentication/v1/token/access-key"},
		{"eu1", "", nil, "https://eu1.nice-incontact.com/authentication/v1/token/access-key"},
		{"eu1", "https://login.example.org/key", nil, "https://login.example.org/key"},
		{"", "https://login.example.org/key", &location{"uk1", "https://a", "https://l"}, "https://login.example.org/key"},
	} {
		c.Area, c.TokenURL = test.area, test.tokenURL
		asks := &client{config: c, tenancy: newTenancy(c, nil)}
		if test.found != nil {
			asks.tenancy.known.Store(test.found)
		}
		if got := asks.accessKeyURL(t.Context()); got != test.want {
			t.Errorf("%+v: accessKeyURL() = %s", test, got)
		}
	}
}

// TestLoginMoves follows the short login over a discovery: to the host that the issuer names, back to the one that worked
// when that one fails, and there first from then on.
func TestLoginMoves(t *testing.T) {
	const first, named, other = "na1.nice-incontact.com", "login.example.org", "other.example.org"
	working, asked := map[string]bool{first: true}, []string(nil)
	via := &http.Client{Transport: transport(func(r *http.Request) (int, string) {
		asked = append(asked, r.URL.Host)
		if r.URL.Path != pathAccessKey || !working[r.URL.Host] {
			return http.StatusNotFound, "{}"
		}
		return http.StatusOK, `{"access_token":"TOKEN","expires_in":3600}`
	})}
	c := &client{config: DefaultConfig()}
	c.tenancy = newTenancy(c.config, nil)
	for _, step := range []struct {
		named   string // by the issuer before the login
		working map[string]bool
		asked   []string
		fails   bool
	}{
		{"", map[string]bool{}, []string{first}, true},
		{"", map[string]bool{first: true}, []string{first}, false},
		{named, map[string]bool{first: true}, []string{named, first}, false},
		{named, map[string]bool{first: true, named: true}, []string{first}, false},
		{named, map[string]bool{named: true}, []string{first, named}, false},
		{named, map[string]bool{named: true}, []string{named}, false},
		{other, map[string]bool{}, []string{other, named}, true},
		{other, map[string]bool{other: true}, []string{named, other}, false},
		{"", map[string]bool{other: true}, []string{first, other}, false},
	} {
		working, asked = step.working, nil
		at := &location{region: "uk1", api: "https://api"}
		if step.named != "" {
			at.login = "https://" + step.named
		}
		c.tenancy.known.Store(at)
		token, err := c.accessKeyLogin(t.Context(), via, "secret")
		if diff := cmp.Diff(step.asked, asked); diff != "" || (err != nil) != step.fails || err == nil && token.AccessToken != "TOKEN" {
			t.Errorf("%+v: login = %v, %v, asked (-want +got):\n%s", step, token, err, diff)
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

// TestLoginAtNamedHost sends the secrets to the host that the issuer names, and nowhere before: with a tenant_id the issuer
// needs no token.
func TestLoginAtNamedHost(t *testing.T) {
	api := tenant(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(sample(t, "server-time")) })
	var logins int
	named := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == pathAccessKey {
			logins++
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"TOKEN","expires_in":3600}`))
	}))
	defer named.Close()
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"area":"eu1","api_endpoint":"` + api + `","auth_endpoint":"` + named.URL + `"}`))
	}))
	defer issuer.Close()
	c := account(issuer.URL)
	c.Area, c.APIURL, c.TokenURL, c.TenantID = "", "", "", "11eb660f-4c6d-34a0-8733-0242ac110002"
	opened := &client{config: c}
	opened.tenancy = newTenancy(c, opened.discover)
	client, err := rest.New(rest.Options{HTTP: c.HTTP, Authorizer: rest.Bearer(opened.login)})
	if err != nil {
		t.Fatal(err)
	}
	opened.rest = client
	defer opened.close()
	if err := client.Authenticate(t.Context()); err != nil || logins != 1 {
		t.Errorf("login = %v with %d requests to the named host, want one", err, logins)
	}
}
