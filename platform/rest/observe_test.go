package rest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

func TestObserver(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/login":
			_, _ = io.WriteString(w, `{"access_token":"t","expires_in":3600}`)
		case "/list":
			_, _ = io.WriteString(w, `{"entities":[1,2,3]}`)
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer server.Close()
	client, err := rest.New(rest.Options{Authorizer: rest.Bearer(func(ctx context.Context, via *http.Client) (*oauth2.Token, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/login", strings.NewReader(""))
		if err != nil {
			return nil, err
		}
		return rest.FetchToken(via, r)
	})})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	type seen struct {
		Operation, Call string
		Status          int
		Body            string
		Cut             bool
	}
	var mu sync.Mutex
	var got []seen
	ctx := rest.WithObserver(t.Context(), &rest.Observer{MaxBody: 25, Seen: func(e rest.Exchange) {
		mu.Lock()
		defer mu.Unlock()
		if e.Status != 0 && e.Header.Get("Date") == "" || e.Sent.IsZero() || e.Latency <= 0 {
			t.Errorf("exchange = %+v, want headers, a time and a latency", e)
		}
		got = append(got, seen{e.Operation, e.Method + " " + e.URL.Path, e.Status, string(e.Body), e.Cut})
	}})
	ask := func(ctx context.Context, operation string) {
		_ = client.Do(ctx, rest.Request{Operation: operation, URL: server.URL + "/" + operation}, rest.JSON(new(any)))
	}
	ask(ctx, "list")
	ask(ctx, "secret")
	ask(t.Context(), "list") // is not observed
	want := []seen{
		{"", "POST /login", 200, `{"access_token":"t","expi`, true},
		{"list", "GET /list", 200, `{"entities":[1,2,3]}`, false},
		{"secret", "GET /secret", 403, "", false},
	}
	mu.Lock()
	defer mu.Unlock()
	if diff := cmp.Diff(want, slices.Clone(got)); diff != "" {
		t.Errorf("exchanges (-want +got):\n%s", diff)
	}
}
