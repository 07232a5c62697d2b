package cxone

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

const (
	opOpenID      = "openid_configuration"
	pathOpenID    = "/.well-known/openid-configuration"
	pathAccessKey = "/authentication/v1/token/access-key"
	firstArea     = "na1" // its login host is said to serve the tenants of all areas
)

// login asks for a token, reading the secrets anew. It is a rest.Credentials. Tokens live for an hour; asking anew with the
// key is what live clients do instead of refreshing.
func (c *client) login(ctx context.Context, via *http.Client) (*oauth2.Token, error) {
	secret, err := c.config.keySecret().Read()
	if err != nil {
		return nil, fmt.Errorf("access_key_secret_file: %w", err)
	}
	if c.config.Auth == AuthPassword {
		return c.passwordLogin(ctx, via, secret)
	}
	return c.accessKeyLogin(ctx, via, secret)
}

// passwordLogin is the standard way: the password grant with the access key as user name and password, and the
// registered application in the Basic header. That is documented as the plain base64 of client_id:client_secret, where
// x/oauth2 would encode both for a URL first.
func (c *client) passwordLogin(ctx context.Context, via *http.Client, secret string) (*oauth2.Token, error) {
	application, err := c.config.appSecret().Read()
	if err != nil {
		return nil, fmt.Errorf("client_secret_file: %w", err)
	}
	endpoint, err := c.tokenEndpoint(ctx)
	if err != nil {
		return nil, err
	}
	form := url.Values{"grant_type": {"password"}, "username": {c.config.AccessKeyID}, "password": {secret}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	request.SetBasicAuth(c.config.ClientID, application)
	return rest.FetchToken(via, request)
}

// tokenEndpoint is the configured one, else the one that the issuer names. Secrets go there, so it must be on the
// issuer's own host, as it is documented to be.
func (c *client) tokenEndpoint(ctx context.Context) (string, error) {
	if c.config.TokenURL != "" {
		return c.config.TokenURL, nil
	}
	var named scalar
	err := c.rest.Do(ctx, rest.Request{
		Operation: opOpenID, URL: c.config.issuer() + pathOpenID, Anonymous: true,
	}, func(r rest.Response) error {
		named = nil
		_, err := answerFields{"token_endpoint": named.into}.read(r)
		return err
	})
	if err != nil {
		return "", err
	}
	endpoint, _ := named.text()
	if wholeURL(endpoint) != nil || !sameHost(endpoint, c.config.issuer()) {
		return "", errors.New("openid-configuration names no token endpoint on the issuer's host; token_url overrides it")
	}
	return endpoint, nil
}

// sameHost compares scheme, host and port.
func sameHost(a, b string) bool {
	u, errU := url.Parse(a)
	v, errV := url.Parse(b)
	return errU == nil && errV == nil && u.Scheme == v.Scheme && strings.EqualFold(u.Host, v.Host)
}

// loginHost returns the host of an area's short login.
func loginHost(area string) string { return "https://" + area + ".nice-incontact.com" }

// accessKeyURL returns where an access key alone buys a token: on the host that the issuer names for the tenant. The first
// area's host serves until the issuer has named one.
func (c *client) accessKeyURL(ctx context.Context) string {
	if c.config.TokenURL != "" {
		return c.config.TokenURL
	}
	if c.config.TenantID != "" { // discovery needs no token then
		ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
		defer cancel()
		_, _ = c.tenancy.find(ctx) // the health feed reports what is wrong with discovery
	}
	if at := c.tenancy.known.Load(); at != nil && at.login != "" {
		return at.login + pathAccessKey
	}
	return loginHost(firstArea) + pathAccessKey
}

// accessKeyLogin is the short way: a JSON call with the access key alone. Where the issuer has named another host since the
// last login and that host fails, the host that worked is asked again, and first from then on.
func (c *client) accessKeyLogin(ctx context.Context, via *http.Client, secret string) (*oauth2.Token, error) {
	body, err := json.Marshal(map[string]string{"accessKeyId": c.config.AccessKeyID, "accessKeySecret": secret})
	if err != nil {
		return nil, err
	}
	var failed error
	for _, address := range c.logins.order(c.accessKeyURL(ctx)) {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Accept", "application/json")
		token, err := rest.FetchToken(via, request)
		if err == nil {
			c.logins.worked(address)
			return token, nil
		}
		failed = cmp.Or(failed, err)
	}
	return nil, failed
}

// loginAddresses remembers which address of the short login worked. Logins do not overlap.
type loginAddresses struct {
	named string // by the issuer, at the last login
	last  string // that worked; "" before the first success
}

// order returns the addresses to try: the one that the issuer names now first, unless it has failed before.
func (l *loginAddresses) order(named string) []string {
	again := named == l.named
	l.named = named
	switch {
	case l.last == "" || l.last == named:
		return []string{named}
	case again:
		return []string{l.last, named}
	}
	return []string{named, l.last}
}

func (l *loginAddresses) worked(address string) { l.last = address }

// tenantOf returns the tenant that an access token names. The signature is not checked: the token came from the login host
// itself, and the tenant is only used to ask where it lives.
func tenantOf(token string) (string, error) {
	missing := errors.New("access token names no tenant; tenant_id overrides it")
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", missing
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return "", missing
	}
	var claims struct {
		TenantID string `json:"tenantId"`
	}
	if rest.Unmarshal(payload, &claims) != nil || !tenantForm.MatchString(claims.TenantID) {
		return "", missing
	}
	return claims.TenantID, nil
}
