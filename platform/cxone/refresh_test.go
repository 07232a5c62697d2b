package cxone

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// transport answers requests without a socket.
type transport func(*http.Request) (status int, body string)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := f(r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

// TestDiscoveryRefresh lives through an outage of the issuer's documents: what they said before goes on serving, an
// issuer that does not answer holds up health for 5 s at most, and the component recovers a minute later.
func TestDiscoveryRefresh(t *testing.T) {
	token := `{"access_token":"` + jwt([]byte(`{"tenantId":"11eb660f-4c6d-34a0-8733-0242ac110002"}`)) + `","expires_in":86400}`
	clock, configuration := string(sample(t, "server-time")), string(sample(t, "cxone-configuration"))
	synctest.Test(t, func(t *testing.T) {
		discovery, hang := 200, false
		c := &client{config: DefaultConfig()}
		c.tenancy = newTenancy(c.config, c.discover)
		api, err := rest.New(rest.Options{Authorizer: rest.Bearer(c.login), Transport: transport(func(r *http.Request) (int, string) {
			switch r.URL.Host + r.URL.Path {
			case "na1.nice-incontact.com/authentication/v1/token/access-key":
				return 200, token
			case "cxone.niceincontact.com/.well-known/cxone-configuration":
				if hang {
					<-r.Context().Done()
				}
				return discovery, configuration
			case "api-na1.niceincontact.com/incontactapi/services/v33.0/server-time":
				return 200, clock
			}
			t.Errorf("asked %s", r.URL)
			return 404, ""
		})})
		if err != nil {
			t.Fatal(err)
		}
		c.rest = api
		defer c.close()
		probe := c.health(time.Second, 5*time.Minute)
		step := func(name, want string, limit time.Duration) {
			t.Helper()
			notes, started := &notebook{}, time.Now()
			if err := record(t.Context(), probe, notes); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			expected := map[string]string{"api": "operational", "auth": "operational", "discovery": want}
			if diff := cmp.Diff(expected, statuses(notes.last(t))); diff != "" || c.info() != (feed.Info{RegionCode: "na1", APIHost: "api-na1.niceincontact.com"}) {
				t.Errorf("%s: info %+v, components (-want +got):\n%s", name, c.info(), diff)
			}
			if took := time.Since(started); took > limit {
				t.Errorf("%s: took %v, want at most %v", name, took, limit)
			}
		}
		step("first", "operational", 0)
		discovery = 503
		time.Sleep(59 * time.Minute)
		step("not asked yet", "operational", 0)
		time.Sleep(time.Minute)
		step("failed", "degraded", refreshTimeout)
		hang = true
		time.Sleep(time.Minute)
		step("hangs", "degraded", refreshTimeout)
		discovery, hang = 200, false
		step("not asked again yet", "degraded", 0)
		time.Sleep(2 * time.Minute) // also past the breaker's rest
		step("back", "operational", 0)
	})
}
