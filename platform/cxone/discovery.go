package cxone

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

const (
	opDiscovery   = "cxone_configuration"
	pathDiscovery = "/.well-known/cxone-configuration"
)

// How long a discovery result stays valid, and how soon discovery is retried after a failure, with and without an earlier
// result. The health feed refreshes; every other feed only asks while the location is not known.
const (
	discoveryEvery      = time.Hour
	discoveryRetry      = time.Minute
	discoveryFirstRetry = 10 * time.Second
	refreshTimeout      = 5 * time.Second // so that a slow issuer does not hold up the probe of the API
)

// location is where a tenant lives.
type location struct {
	region string // area
	api    string // scheme and host of the API
	login  string // scheme and host of the short login; "" when the issuer names none
}

// tenancy finds the location of the account's tenant.
type tenancy struct {
	fixed  bool                     // configured: the issuer is not asked
	known  atomic.Pointer[location] // nil until known; a failure keeps what was known before
	lookup rest.Shared[location]
}

// newTenancy returns a tenancy that calls ask to find the location, unless the configuration names the area.
func newTenancy(c Config, ask func(context.Context) (location, error)) *tenancy {
	t := &tenancy{}
	if c.Area != "" {
		t.fixed = true
		t.known.Store(&location{
			region: c.Area,
			api:    cmp.Or(c.apiURL(), "https://api-"+c.Area+".niceincontact.com"),
			login:  loginHost(c.Area),
		})
	}
	t.lookup = rest.Shared[location]{Timeout: feedTimeout, Valid: t.valid, Fetch: func(ctx context.Context) (found location, err error) {
		if t.known.Load() != nil {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, refreshTimeout)
			defer cancel()
		}
		found, err = ask(ctx)
		if err == nil {
			t.known.Store(&found)
		}
		return found, err
	}}
	return t
}

// valid returns how long a result of the lookup holds, by its error.
func (t *tenancy) valid(err error) time.Duration {
	switch {
	case err == nil:
		return discoveryEvery
	case t.known.Load() != nil:
		return discoveryRetry
	}
	return discoveryFirstRetry
}

// region returns the area, "" as long as it is not known.
func (t *tenancy) region() string {
	if p := t.known.Load(); p != nil {
		return p.region
	}
	return ""
}

// find returns where the tenant lives, asking only while that is not known.
func (t *tenancy) find(ctx context.Context) (location, error) {
	if p := t.known.Load(); p != nil {
		return *p, nil
	}
	return t.lookup.Get(ctx)
}

// refresh asks when that is due. The function it returns waits for the result.
func (t *tenancy) refresh(ctx context.Context) (wait func(context.Context) error) {
	if t.fixed {
		return func(context.Context) error { return nil }
	}
	result := t.lookup.Start(ctx)
	return func(ctx context.Context) error {
		_, err := result(ctx)
		return err
	}
}

// discover asks the issuer. That needs no token but the tenant's identifier, which the token holds.
func (c *client) discover(ctx context.Context) (location, error) {
	tenant := c.config.TenantID
	if tenant == "" {
		token, err := c.rest.AccessToken(ctx)
		if err != nil {
			return location{}, err
		}
		if tenant, err = tenantOf(token); err != nil {
			return location{}, err
		}
	}
	var found location
	err := c.rest.Do(ctx, rest.Request{
		Operation: opDiscovery, URL: c.config.issuer() + pathDiscovery,
		Query: url.Values{"tenantId": {tenant}}, Anonymous: true,
	}, func(r rest.Response) (err error) {
		found, err = decodeLocation(r, c.config.issuer(), c.config.apiURL())
		return err
	})
	return found, err
}

// decodeLocation reads the issuer's document about a tenant. Override replaces the API's host.
func decodeLocation(r rest.Response, issuer, override string) (location, error) {
	var area, api, login scalar
	if _, err := (answerFields{"area": area.into, "api_endpoint": api.into, "auth_endpoint": login.into}).read(r); err != nil {
		return location{}, err
	}
	region, _ := area.text()
	if region = strings.ToLower(region); !areaForm.MatchString(region) {
		return location{}, errors.New("cxone-configuration names no area")
	}
	found := location{region: region, api: override, login: safeHost(login, issuer)}
	if found.api == "" {
		found.api = safeHost(api, issuer)
	}
	if found.api == "" {
		return location{}, errors.New("cxone-configuration names no usable api_endpoint; api_url overrides it")
	}
	return found, nil
}

// safeHost returns an endpoint that the issuer names, "" when it is not usable. Secrets or the access token will be sent
// there, so it must be a host and nothing else, behind TLS unless the issuer itself does without.
func safeHost(endpoint scalar, issuer string) string {
	text, _ := endpoint.text()
	if !settings.PlainHost(text) || !strings.HasPrefix(text, "https://") && !strings.HasPrefix(issuer, "http://") {
		return ""
	}
	return strings.TrimRight(text, "/")
}

// discoveryStatus judges how the issuer's document is served: degraded while an earlier one still serves, critical when the
// location is not known. A login that failed leaves the document unasked.
func discoveryStatus(err error, known bool) platform.Status {
	switch {
	case err == nil:
		return platform.Operational
	case !health.Outage(err):
		return platform.Unknown
	case known:
		return platform.Degraded
	}
	return platform.Critical
}
