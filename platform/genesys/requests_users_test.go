package genesys_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/presence"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// directory answers requests about users with what was recorded, after holding them against the platform's own definition. It
// notes who asked for what: a token is the id of the client.
type directory struct {
	*httptest.Server
	api

	mu    sync.Mutex
	asked map[string]string // by method and template
}

func newDirectory(t *testing.T) *directory {
	t.Helper()
	definition, err := os.ReadFile("testdata/openapi-users.json")
	if err != nil {
		t.Fatal(err)
	}
	d := &directory{asked: map[string]string{}}
	if err := json.Unmarshal(definition, &d.api); err != nil {
		t.Fatal(err)
	}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { d.serve(t, w, r) }))
	t.Cleanup(d.Close)
	return d
}

func (d *directory) serve(t *testing.T, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/oauth/token" {
		id, _, _ := r.BasicAuth()
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"bearer","expires_in":86400}`, id)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = d.check(r, body)
	}
	if err != nil {
		t.Errorf("%s %s: %v", r.Method, r.URL, err)
	}
	request := strings.ToLower(r.Method) + " " + template(r.URL.Path)
	d.mu.Lock()
	d.asked[request] = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	d.mu.Unlock()
	answer, err := os.ReadFile("testdata/" + map[string]string{
		"get /api/v2/users":                                "users.json",
		"get /api/v2/users/{userId}/externalid":            "users_externalid.json",
		"put /api/v2/users/presences/bulk":                 "users_presences_bulk.json",
		"patch /api/v2/users/{userId}/presences/purecloud": "users_presences_purecloud.json",
	}[request])
	if err != nil {
		t.Error(err)
	}
	_, _ = w.Write(answer)
}

// TestUserRequests: every request about users is one that the platform defines. Reader and writer log in on their own, and only
// the writer writes.
func TestUserRequests(t *testing.T) {
	server := newDirectory(t)
	config := genesys.DefaultConfig()
	config.Name, config.Region, config.APIURL, config.LoginURL = "emea", "eu-central-1", server.URL, server.URL
	config.ClientID, config.ClientSecret = "reader", promconfig.Secret("secret")
	source, err := config.Open(health.Surroundings{Directory: time.Hour, ExternalIDs: "cxone"})
	if err != nil {
		t.Fatal(err)
	}
	account := feed.NewAccount(t.Context(), source, feed.PlaneLimits{}, slog.New(slog.DiscardHandler))
	defer account.Close()
	if err := account.Poll(t.Context(), account.Persons().Activities); err != nil {
		t.Fatal(err)
	}
	const jane = "4f1b0000-0000-4000-8000-000000000001"
	if roster := account.Persons().Roster(); len(roster.Persons) != 5 || roster.Persons[jane].External != "10234567" {
		t.Errorf("roster = %+v", roster)
	}
	writer, writing, err := config.OpenWriter("us-emea", settings.Client{
		ID: "writer", Secret: "secret", RateLimit: settings.RateLimit{RequestsPerMinute: 240, Burst: 10},
	}, health.Surroundings{})
	if err != nil {
		t.Fatal(err)
	}
	defer writing.Close()
	changes := []platform.PresenceChange{
		{Person: jane, Definition: "31fe3bac-dea6-44b7-bed7-47f91660a1a0"},
		{Person: "4f1b0000-0000-4000-8000-000000000002", Definition: "ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5"},
	}
	if done, err := writer.WriteMany(t.Context(), changes); err != nil || len(done) != 2 {
		t.Errorf("WriteMany = %v, %v, want both", done, err)
	}
	if done, err := writer.WriteOne(t.Context(), changes[0]); err != nil || done.PresenceChange != changes[0] {
		t.Errorf("WriteOne = %v, %v, want the change", done, err)
	}
	server.mu.Lock()
	defer server.mu.Unlock()
	for path, operations := range server.Paths {
		for method := range operations {
			want := "writer"
			if method == "get" {
				want = "reader"
			}
			if got := server.asked[method+" "+path]; got != want {
				t.Errorf("%s %s was asked by %q, want %s", method, path, got, want)
			}
		}
	}
}

var _ presence.Writer = (*genesys.Writer)(nil)
