package cxone

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file logs in. Tokens live for an hour; asking anew with the key is what live clients do instead of refreshing.

const (
	firstArea     = "na1"    // its login host is said to serve the tenants of all areas
	maxTokenBytes = 64 << 10 // of a login's answer
)

// login asks for a token, reading the secrets anew. It is a rest.Credentials.
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
	request.SetBasicAuth(c.config.ClientID, application)
	return exchange(via, request)
}

// tokenEndpoint is the configured one, else the one that the issuer names. Secrets go there, so it must be on the
// issuer's own host, as it is documented to be.
func (c *client) tokenEndpoint(ctx context.Context) (string, error) {
	if c.config.TokenURL != "" {
		return c.config.TokenURL, nil
	}
	var named scalar
	err := c.rest.Do(ctx, rest.Request{
		Operation: opOpenID, URL: c.config.issuer() + "/.well-known/openid-configuration", Anonymous: true,
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

// accessKeyURL is where an access key alone buys a token: on the host of the tenant's area as far as it is known.
func (c *client) accessKeyURL() string {
	if c.config.TokenURL != "" {
		return c.config.TokenURL
	}
	area := cmp.Or(c.tenancy.region(), firstArea)
	return "https://" + area + ".nice-incontact.com/authentication/v1/token/access-key"
}

// accessKeyLogin is the short way: a JSON call with the access key alone.
func (c *client) accessKeyLogin(ctx context.Context, via *http.Client, secret string) (*oauth2.Token, error) {
	body, err := json.Marshal(map[string]string{"accessKeyId": c.config.AccessKeyID, "accessKeySecret": secret})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.accessKeyURL(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	return exchange(via, request)
}

// exchange sends a login and reads the token. What the answer says about a failure is left to rest, which shows none of
// it but the code.
func exchange(via *http.Client, request *http.Request) (*oauth2.Token, error) {
	request.Header.Set("Accept", "application/json")
	answer, err := via.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxTokenBytes))
	switch {
	case answer.StatusCode/100 != 2:
		return nil, &oauth2.RetrieveError{Response: answer, Body: text}
	case err != nil:
		return nil, &url.Error{Op: "Post", URL: request.URL.Host, Err: err}
	}
	return decodeToken(text)
}

// decodeToken reads the answer of both ways. Its errors never quote it.
func decodeToken(text []byte) (*oauth2.Token, error) {
	var answer struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   scalar `json:"expires_in"`
	}
	if json.Unmarshal(text, &answer) != nil || answer.AccessToken == "" {
		return nil, errors.New("login answer holds no access_token")
	}
	token := &oauth2.Token{AccessToken: answer.AccessToken, TokenType: answer.TokenType}
	token.ExpiresIn, _ = answer.ExpiresIn.integer() // 0 when it is not said
	return token, nil
}

// tenantOf reads which tenant an access token belongs to. The signature is not checked: the token came from the login
// host itself, and the answer is only used to ask where the tenant lives.
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
	if json.Unmarshal(payload, &claims) != nil || !hasForm(tenantForm, claims.TenantID) {
		return "", missing
	}
	return claims.TenantID, nil
}
