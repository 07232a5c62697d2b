// Tests that hold every request that is sent against the platform's own definition of its API.

package genesys_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform/health"

	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

type parameter struct {
	Name, In, Type string
	Required       bool
	Enum           []string
	Items          *parameter
	Schema         struct {
		Ref   string `json:"$ref"`
		Items struct {
			Ref string `json:"$ref"`
		}
	}
}

type operation struct {
	Parameters []parameter
}

type api struct {
	Paths       map[string]map[string]operation
	Definitions map[string]struct {
		Properties map[string]json.RawMessage
	}
}

// template is the path with its parameter, of which there is one: the id of a channel, user or client, or a namespace.
func template(path string) string {
	path = regexp.MustCompile(`/oauth/clients/[^/]+`).ReplaceAllString(path, "/oauth/clients/{clientId}")
	path = regexp.MustCompile(`/limits/namespaces/[^/]+`).ReplaceAllString(path, "/limits/namespaces/{namespaceName}")
	path = regexp.MustCompile(`/channels/[^/]+`).ReplaceAllString(path, "/channels/{channelId}")
	return regexp.MustCompile(`/users/[^/]+(/externalid|/presences/purecloud)$`).ReplaceAllString(path, "/users/{userId}$1")
}

// check returns what is wrong with a request.
func (a api) check(r *http.Request, body []byte) error {
	operation, ok := a.Paths[template(r.URL.Path)][strings.ToLower(r.Method)]
	if !ok {
		return fmt.Errorf("no such operation")
	}
	query, wantsBody := r.URL.Query(), false
	for _, p := range operation.Parameters {
		if p.In == "body" {
			wantsBody = true
			if err := a.checkBody(p, body); err != nil {
				return err
			}
			continue
		}
		if p.In == "path" {
			continue
		}
		values := query[p.Name]
		delete(query, p.Name)
		if err := p.check(values); err != nil {
			return fmt.Errorf("parameter %s: %w", p.Name, err)
		}
	}
	if len(query) > 0 {
		return fmt.Errorf("unknown parameters %v", query)
	}
	if !wantsBody && len(body) > 0 {
		return fmt.Errorf("body %q, want none", body)
	}
	return nil
}

func (a api) checkBody(p parameter, body []byte) error {
	if p.Schema.Items.Ref != "" {
		var list []json.RawMessage
		if err := json.Unmarshal(body, &list); err != nil {
			return fmt.Errorf("body %q: %w", body, err)
		}
		p.Schema.Ref, p.Schema.Items.Ref = p.Schema.Items.Ref, ""
		for _, one := range list {
			if err := a.checkBody(p, one); err != nil {
				return err
			}
		}
		return nil
	}
	var sent map[string]json.RawMessage
	if err := json.Unmarshal(body, &sent); err != nil {
		return fmt.Errorf("body %q: %w", body, err)
	}
	properties := a.Definitions[strings.TrimPrefix(p.Schema.Ref, "#/definitions/")].Properties
	for name := range sent {
		if _, ok := properties[name]; !ok {
			return fmt.Errorf("unknown property %s of the body", name)
		}
	}
	return nil
}

func (p parameter) check(values []string) error {
	if len(values) == 0 && p.Required {
		return fmt.Errorf("missing")
	}
	if p.Type == "array" {
		p.Type, p.Enum = p.Items.Type, p.Items.Enum
	} else if len(values) > 1 {
		return fmt.Errorf("given %d times", len(values))
	}
	for _, value := range values {
		var err error
		switch p.Type {
		case "integer":
			_, err = strconv.Atoi(value)
		case "boolean":
			_, err = strconv.ParseBool(value)
		}
		if err != nil || value == "" || (len(p.Enum) > 0 && !slices.Contains(p.Enum, value)) {
			return fmt.Errorf("%q is not of type %s %v", value, p.Type, p.Enum)
		}
		if items := strings.Split(value, ","); len(items) > 100 {
			return fmt.Errorf("%d identifiers, want at most 100", len(items))
		}
	}
	return nil
}

func TestRequests(t *testing.T) {
	t.Parallel()
	var a api
	for _, file := range []string{"testdata/openapi.json", "testdata/openapi-queues.json", "testdata/openapi-signals.json"} {
		definition, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(definition, &a); err != nil { // adds to what is there
			t.Fatal(err)
		}
	}
	w := world(t, simulator.Options{TrunkInstances: 120})
	target, err := url.Parse(w.URL("emea"))
	if err != nil {
		t.Fatal(err)
	}
	var lock sync.Mutex
	asked := map[string]bool{}
	var closing atomic.Bool
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil && closing.Load() {
			return // Close gave the request up while it was being sent
		}
		if err == nil {
			err = a.check(r, body)
		}
		if err != nil {
			t.Errorf("%s %s: %v", r.Method, r.URL, err)
		}
		lock.Lock()
		asked[strings.ToLower(r.Method)+" "+template(r.URL.Path)] = true
		lock.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		if r.Header.Get("Upgrade") == "" { // what was received whole is passed on whole, even when Close gives the request up
			r = r.WithContext(context.WithoutCancel(r.Context()))
		}
		proxy.ServeHTTP(w, r)
	}))
	defer front.Close()
	account := accountFrom(t, w, front.URL, health.Surroundings{}, func(c *genesys.Config) { c.Stream.Enabled = true })
	was := func(request string) bool {
		lock.Lock()
		defer lock.Unlock()
		return asked[request]
	}
	until(t, func() bool { return w.Sockets("emea") == 1 })
	_, feeds := refreshed(t, account)
	wantUp(t, feeds)
	w.DropSockets("emea")
	until(t, func() bool { return was("head " + channels + "/{channelId}") })
	closing.Store(true)
	account.Close()
	for path, operations := range a.Paths {
		for method := range operations {
			if !was(method + " " + path) {
				t.Errorf("%s %s was not asked", method, path)
			}
		}
	}
}
