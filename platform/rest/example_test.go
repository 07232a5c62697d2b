package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

func Example() {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/queues" || r.Header.Get("Authorization") != "Bearer secret" {
			w.Header().Set("X-Request-Id", "5f2f")
			w.WriteHeader(http.StatusForbidden)
			return
		}
		fmt.Fprint(w, `{"entities":[{"name":"Sales"},{"name":"Claims"}]}`)
	}))
	defer api.Close()

	client, err := rest.New(rest.Options{
		RateLimit:  settings.RateLimit{RequestsPerMinute: 240, Burst: 30},
		Operations: []string{"queues", "trunks"},
		Dialect:    rest.Dialect{CorrelationHeaders: []string{"X-Request-Id"}},
		Authorizer: rest.Bearer(func(context.Context, *http.Client) (*oauth2.Token, error) {
			return &oauth2.Token{AccessToken: "secret", ExpiresIn: 3600}, nil
		}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	var queues struct{ Entities []struct{ Name string } }
	err = client.Do(context.Background(), rest.Request{
		Operation: "queues", URL: api.URL + "/queues", Priority: platform.ClassQueues,
	}, rest.JSON(&queues))
	fmt.Println(queues.Entities, err)

	err = client.Do(context.Background(), rest.Request{Operation: "trunks", URL: api.URL + "/trunks"}, nil)
	fmt.Println(err)
	if failed, ok := errors.AsType[*rest.Error](err); ok {
		fmt.Println(failed.Request, failed.CorrelationID)
	}
	// Output:
	// [{Sales} {Claims}] <nil>
	// trunks: forbidden, status 403
	// GET /trunks 5f2f
}
