// What the tests share: a world on real sockets, or asked without any, and clients that have logged in.

package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// started returns a world that listens, and ends with the test.
func started(t *testing.T, o Options) *World {
	t.Helper()
	w := made(t, o)
	if err := w.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// made returns a world that has no sockets, for tests of time in a bubble.
func made(t *testing.T, o Options) *World {
	t.Helper()
	if o.Scenario == "" {
		o.Scenario = calm
	}
	if o.Agents == 0 {
		o.Agents = 200
	}
	w, err := NewWorld(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// read is an answer read whole.
type read struct {
	status int
	header http.Header
	body   []byte
}

func (r read) json(t *testing.T) obj {
	t.Helper()
	v := obj{}
	if err := json.Unmarshal(r.body, &v); err != nil {
		t.Fatalf("body %q: %v", r.body, err)
	}
	return v
}

func (r read) array(t *testing.T) (all []obj) {
	t.Helper()
	if err := json.Unmarshal(r.body, &all); err != nil {
		t.Fatalf("body %q: %v", r.body, err)
	}
	return all
}

// items returns a list of objects inside an object.
func items(t *testing.T, v obj, key string) (all []obj) {
	t.Helper()
	raw, ok := v[key].([]any)
	if !ok {
		t.Fatalf("%s is %T, want a list", key, v[key])
	}
	for _, one := range raw {
		all = append(all, obj(one.(map[string]any)))
	}
	return all
}

// caller asks one site, over its socket if it has one.
type caller struct {
	t      *testing.T
	w      *World
	name   string
	header http.Header
}

func (c caller) do(method, path, body string) read {
	c.t.Helper()
	base := c.w.URL(c.name)
	request, err := http.NewRequestWithContext(c.t.Context(), method, base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header = c.header.Clone()
	if base == "" {
		recorder := httptest.NewRecorder()
		c.w.sites[c.name].ServeHTTP(recorder, request)
		return read{recorder.Code, recorder.Header(), recorder.Body.Bytes()}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return read{response.StatusCode, response.Header, content}
}

func (c caller) get(path string) read {
	c.t.Helper()
	return c.do(http.MethodGet, path, "")
}

// ok demands a 200 with a JSON object.
func (c caller) ok(path string) obj {
	c.t.Helper()
	r := c.get(path)
	if r.status != http.StatusOK {
		c.t.Fatalf("GET %s = %d %s", path, r.status, r.body)
	}
	return r.json(c.t)
}

func (c caller) with(name, value string) caller {
	c.header = c.header.Clone()
	c.header.Set(name, value)
	return c
}

// plain returns a caller without a token.
func plain(t *testing.T, w *World, name string) caller {
	return caller{t, w, name, http.Header{"Accept": {"application/json"}, "Content-Type": {"application/json"}}}
}

// genesysLogin asks for a token with the given credentials.
func genesysLogin(t *testing.T, w *World, name, id, secret string) read {
	t.Helper()
	request := http.Request{Header: http.Header{}}
	request.SetBasicAuth(id, secret)
	c := plain(t, w, name).with("Authorization", request.Header.Get("Authorization"))
	return c.with("Content-Type", "application/x-www-form-urlencoded").do("POST", "/oauth/token", "grant_type=client_credentials")
}

// cxoneLogin asks for a token with the access key alone.
func cxoneLogin(t *testing.T, w *World, id, secret string) read {
	t.Helper()
	body, err := json.Marshal(map[string]string{"accessKeyId": id, "accessKeySecret": secret})
	if err != nil {
		t.Fatal(err)
	}
	return plain(t, w, us).do("POST", "/authentication/v1/token/access-key", string(body))
}

// loggedOn returns a caller with a fresh token.
func loggedOn(t *testing.T, w *World, name string) caller {
	t.Helper()
	id, secret := w.Credentials(name)
	var r read
	if name == us {
		r = cxoneLogin(t, w, id, secret)
	} else {
		r = genesysLogin(t, w, name, id, secret)
	}
	if r.status != http.StatusOK {
		t.Fatalf("login = %d %s", r.status, r.body)
	}
	return plain(t, w, name).with("Authorization", "Bearer "+r.json(t)["access_token"].(string))
}

// noViolations checks that every request had the form that the vendors document.
func noViolations(t *testing.T, w *World) {
	t.Helper()
	if v := w.Violations(); len(v) > 0 {
		t.Errorf("violations:\n%s", strings.Join(v, "\n"))
	}
}

func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return "?" + q.Encode()
}
