package cxone

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// The forms of what becomes part of a host, a path or a query. An area becomes part of a host and a label.
var (
	areaForm    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)
	versionForm = regexp.MustCompile(`^v[0-9]{1,3}\.[0-9]{1,3}$`)
	tenantForm  = regexp.MustCompile(`^[0-9a-fA-F-]{1,64}$`)
)

// problems are those found so far.
type problems []error

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Errorf(format, args...)) }

// Validate returns every problem, each beginning with its key.
func (c Config) Validate() []error {
	var found problems
	found = append(found, c.Account.Validate(settings.Intervals(c.Feeds))...)
	c.validateLocation(&found)
	c.validateLogin(&found)
	if !versionForm.MatchString(c.APIVersion) {
		found.add("api_version: %q is no version, expected one such as v33.0", c.APIVersion)
	}
	found = append(found, settings.Under("rate_limit", c.RateLimit.Validate(0))...)
	if c.Agents.FullRead <= 0 { // a comparison of presences asks for what changed, whatever delta says
		found.add("agents.full_read: %v is not positive", c.Agents.FullRead)
	}
	return append(found, settings.Under("http", c.HTTP.Validate())...)
}

func (c Config) validateLocation(p *problems) {
	for _, host := range []struct{ key, value string }{{"issuer", c.issuer()}, {"api_url", c.APIURL}} {
		if host.value != "" && !settings.PlainHost(host.value) {
			p.add("%s: expected scheme and host only, such as https://api-na1.niceincontact.com", host.key)
		}
	}
	if c.TokenURL != "" {
		if err := wholeURL(c.TokenURL); err != nil {
			p.add("token_url: %w", err)
		}
	}
	if c.Area != "" && !areaForm.MatchString(c.Area) {
		p.add("area: %q is no area, expected one such as na1", c.Area)
	}
	if c.TenantID != "" && !tenantForm.MatchString(c.TenantID) {
		p.add("tenant_id: %q is no identifier of a tenant, expected a UUID", c.TenantID)
	}
	if c.Auth == AuthAccessKey && c.issuer() != DefaultIssuer && c.Area == "" && c.TokenURL == "" {
		// The short login answers on area hosts, and those of another issuer are not known: a secret must not go
		// to the wrong cloud.
		p.add("token_url: missing, needed for access_key with another issuer than %s and no area", DefaultIssuer)
	}
}

func (c Config) validateLogin(p *problems) {
	if c.AccessKeyID == "" {
		p.add("access_key_id: missing")
	}
	p.oneSecret("access_key_secret", string(c.AccessKeySecret), c.AccessKeySecretFile)
	switch c.Auth {
	case AuthPassword:
		if c.ClientID == "" {
			p.add("client_id: missing, needed for auth: password")
		}
		p.oneSecret("client_secret", string(c.ClientSecret), c.ClientSecretFile)
	case AuthAccessKey:
		for _, unused := range []struct{ key, value string }{
			{"client_id", c.ClientID}, {"client_secret", string(c.ClientSecret)}, {"client_secret_file", c.ClientSecretFile},
		} {
			if unused.value != "" {
				p.add("%s: of no use without auth: password", unused.key)
			}
		}
	default:
		p.add("auth: %q is no way to log in, expected access_key or password", c.Auth)
	}
}

// oneSecret adds what is wrong with a secret.
func (p *problems) oneSecret(key, value, file string) {
	if err := settings.OneSecret(key, value, file); err != nil {
		*p = append(*p, err)
	}
}

// wholeURL accepts a URL without user and password. Its error does not show the text, which may hold some.
func wholeURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return errors.New("expected a whole URL, such as https://na1.nice-incontact.com/authentication/v1/token/access-key")
	}
	return nil
}
