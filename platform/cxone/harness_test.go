package cxone

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform/health"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// sample reads a recorded answer; testdata/README.md says where it comes from.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// load decodes a recorded answer.
func load[T any](t testing.TB, name string) (v T) {
	t.Helper()
	if err := json.Unmarshal(sample(t, name), &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

// answer is a good one with this body.
func answer(body string) rest.Response {
	return rest.Response{Status: http.StatusOK, Body: strings.NewReader(body)}
}

// notebook is a sink that writes down what it is given.
type notebook struct {
	snapshots []platform.Snapshot
	kept      int
}

// last is the snapshot published last.
func (n *notebook) last(t testing.TB) platform.Snapshot {
	t.Helper()
	if len(n.snapshots) == 0 {
		t.Fatal("nothing was published")
	}
	return n.snapshots[len(n.snapshots)-1]
}

// account is a configuration that needs no file and only sends to host.
func account(host string) Config {
	c := DefaultConfig()
	c.Name, c.Issuer, c.APIURL, c.TokenURL = "us", host, host, host+"/authentication/v1/token/access-key"
	c.Area, c.AccessKeyID, c.AccessKeySecret = "na1", "KEY====", "canary+/secret===="
	return c
}

// tenant serves one platform: a login, and what the handler says of every other path, for which a token is needed.
func tenant(t testing.TB, serve http.HandlerFunc) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /authentication/v1/token/access-key", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"TOKEN","token_type":"Bearer","expires_in":3600}`))
	})
	mux.HandleFunc("/incontactapi/services/v33.0/", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer TOKEN" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		r.URL.Path = strings.TrimPrefix(r.URL.Path, "/incontactapi/services/v33.0")
		serve(w, r)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// source makes a source that the test closes.
func source(t testing.TB, c Config) feed.Source {
	t.Helper()
	s, err := c.Open(health.Surroundings{Thresholds: settings.DefaultThresholds})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// feedNamed finds a feed by name.
func feedNamed(t testing.TB, s feed.Source, name string) feed.Feed {
	t.Helper()
	for _, f := range s.Feeds {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no feed %q", name)
	return feed.Feed{}
}

// agentCounts are the counts above 0.
func agentCounts(p platform.Snapshot) map[platform.AgentState]int {
	counts := map[platform.AgentState]int{}
	for _, a := range p.Agents {
		if a.Count > 0 {
			counts[a.State] = a.Count
		}
	}
	return counts
}

// presenceCounts are the counts above 0, by presence/definition.
func presenceCounts(p platform.Snapshot) map[string]int {
	counts := map[string]int{}
	for _, c := range p.Presences {
		if c.Count > 0 {
			counts[c.Presence+"/"+c.Definition] += c.Count
		}
	}
	return counts
}

// shape2020 is one of the shapes of 2020, by its call.
func shape2020(t testing.TB, call string) string {
	t.Helper()
	return string(load[map[string]json.RawMessage](t, "shapes-2020")[call])
}

// record polls once, and notes what the poll returned.
func record(ctx context.Context, poll feed.Poll, into *notebook) error {
	snapshot, err := poll(ctx)
	if errors.Is(err, feed.Unchanged) {
		into.kept++
		return nil
	}
	if snapshot != nil {
		into.snapshots = append(into.snapshots, *snapshot)
	}
	return err
}
