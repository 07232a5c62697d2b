package rest

import (
	"encoding/pem"
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

	"github.com/google/go-cmp/cmp"
	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/version"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

type thing struct {
	Names []string `json:"names"`
}

// serve returns a client and the URL of a server that answers with handler.
func serve(t testing.TB, o Options, handler http.HandlerFunc) (*Client, string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, server.URL
}

func ask(t testing.TB, c *Client, url string, v any) error {
	t.Helper()
	return c.Do(t.Context(), Request{Operation: "things", URL: url, Anonymous: true}, JSON(v))
}

func TestConnectionRefused(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	c, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Do(t.Context(), Request{Operation: "things", Method: http.MethodPost, URL: server.URL + "/secret/path", Anonymous: true}, nil)
	wantReason(t, err, platform.ReasonNetwork)
	if strings.Contains(err.Error(), "/secret/path") {
		t.Errorf("error = %q repeats the URL", err)
	}
}

func TestRequestsOnTheWire(t *testing.T) {
	type seen struct{ Method, URI, Accept, ContentType, Agent, Auth, Extra, Body string }
	var got seen
	p := &vendor{}
	c, url := serve(t, Options{Authorizer: Bearer(p.credentials)}, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h := r.Header
		got = seen{
			r.Method, r.RequestURI, h.Get("Accept"), h.Get("Content-Type"), h.Get("User-Agent"),
			h.Get("Authorization"), h.Get("If-None-Match"), string(body),
		}
	})
	agent := "ccaas_exporter/" + version.Version
	for _, test := range []struct {
		request Request
		want    seen
	}{
		{Request{URL: url + "/a"}, seen{"GET", "/a", "application/json", "", agent, "Bearer token-1", "", ""}},
		{Request{URL: url + "/a?x=1", Query: map[string][]string{"y": {"2 3"}}}, seen{"GET", "/a?x=1&y=2+3", "application/json", "", agent, "Bearer token-1", "", ""}},
		{
			Request{URL: url, Method: "POST", Body: struct{}{}, Anonymous: true, Header: http.Header{"if-none-match": {`"e"`}, "Accept": {"*/*"}}},
			seen{"POST", "/", "*/*", "application/json", agent, "", `"e"`, "{}"},
		},
	} {
		wantReason(t, c.Do(t.Context(), test.request, nil), "")
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("request (-want +got):\n%s", diff)
		}
	}
}

func TestUnusableRequests(t *testing.T) {
	c := (&vendor{answer: ok}).client(t, Options{})
	for _, r := range []Request{
		{URL: "://"}, {URL: "/path"}, {URL: apiURL, Body: make(chan int)}, {URL: apiURL, Method: "NO METHOD"},
	} {
		wantReason(t, c.Do(t.Context(), r, nil), platform.ReasonBadResponse)
	}
}

func TestRedirects(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a redirect to another host was followed")
	}))
	defer other.Close()
	p := &vendor{}
	c, url := serve(t, Options{Authorizer: Bearer(p.credentials)}, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/here":
			http.Redirect(w, r, "/there", http.StatusFound)
		case "/there":
			fmt.Fprintf(w, `{"names":[%q]}`, r.Header.Get("Authorization"))
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		default:
			http.Redirect(w, r, other.URL+"/x?token=CANARY", http.StatusFound)
		}
	})
	var got thing
	wantReason(t, c.Do(t.Context(), Request{URL: url + "/here"}, JSON(&got)), "")
	if diff := cmp.Diff(thing{Names: []string{"Bearer token-1"}}, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	wantReason(t, c.Do(t.Context(), Request{URL: url + "/loop"}, nil), platform.ReasonBadResponse)
	err := c.Do(t.Context(), Request{Operation: "things", URL: url + "/elsewhere"}, nil)
	want := "things: bad_response, status 302: redirect from " + url + " to " + other.URL + " not followed"
	if err == nil || err.Error() != want {
		t.Errorf("error = %v, want %q", err, want)
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	addresses := map[string]bool{}
	c, url := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		addresses[r.RemoteAddr] = true
		if r.URL.Path == "/bad" {
			w.WriteHeader(http.StatusBadRequest)
		}
		fmt.Fprint(w, `{"names":[]}`, strings.Repeat(" ", 5000))
	})
	for _, path := range []string{"/", "/bad", "/", "/"} {
		_ = c.Do(t.Context(), Request{URL: url + path, Anonymous: true}, JSON(&thing{}))
	}
	if len(addresses) != 1 {
		t.Errorf("4 requests used %d connections, want 1", len(addresses))
	}
}

func TestTLSAndHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"names":[%q]}`, r.Proto)
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	server.StartTLS()
	defer server.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for ca, want := range map[string]platform.Reason{file: "", "": platform.ReasonNetwork} {
		c, err := New(Options{HTTP: HTTPConfig{TLSConfig: promconfig.TLSConfig{CAFile: ca}}})
		if err != nil {
			t.Fatal(err)
		}
		var got thing
		wantReason(t, c.Do(t.Context(), Request{Method: http.MethodPost, URL: server.URL, Anonymous: true}, JSON(&got)), want)
		if diff := cmp.Diff(thing{Names: []string{"HTTP/2.0"}}, got); want == "" && diff != "" {
			t.Errorf("protocol (-want +got):\n%s", diff)
		}
		c.Close()
	}
	if _, err := New(Options{HTTP: HTTPConfig{TLSConfig: promconfig.TLSConfig{CAFile: file + "-none"}}}); err == nil {
		t.Error("a CA file that does not exist is no error")
	}
}

func TestProxy(t *testing.T) {
	var got string
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r.URL.String() + " " + r.Header.Get("Proxy-Authorization")
	}))
	defer proxy.Close()
	u, err := url.Parse(strings.Replace(proxy.URL, "//", "//user:pass@", 1))
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{HTTP: HTTPConfig{ProxyURL: promconfig.URL{URL: u}}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	wantReason(t, c.Do(t.Context(), Request{URL: "http://api.example.test/x", Anonymous: true}, nil), "")
	if want := "http://api.example.test/x Basic dXNlcjpwYXNz"; got != want {
		t.Errorf("the proxy saw %q, want %q", got, want)
	}
}

// TestProxyOfEnvironment: the error of a malformed variable does not repeat it.
func TestProxyOfEnvironment(t *testing.T) {
	proxy := fromEnvironment(func(*http.Request) (*url.URL, error) { return nil, errors.New("parse http://u:CANARY@host:port") })
	if u, err := proxy(nil); u != nil || err == nil || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("proxy = %v, %v, want an error without the password", u, err)
	}
	good := &url.URL{Scheme: "http", Host: "proxy"}
	if u, err := fromEnvironment(http.ProxyURL(good))(nil); u != good || err != nil {
		t.Errorf("proxy = %v, %v, want %v", u, err, good)
	}
}

func BenchmarkDo(b *testing.B) {
	p := &vendor{answer: ok}
	c := p.client(b, Options{RateLimit: settings.RateLimit{RequestsPerMinute: 1e12, Burst: 1e9}})
	r := Request{Operation: "things", URL: apiURL, Query: map[string][]string{"pageSize": {"100"}}}
	decode := JSON(&thing{})
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Do(b.Context(), r, decode); err != nil {
			b.Fatal(err)
		}
	}
}
