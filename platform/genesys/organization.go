package genesys

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// location is where an organization lives.
type location struct {
	code, label string // of the region
	api, login  string // scheme and host
	apiHost     string
}

// location returns where the configuration says that the organization lives.
func (c Config) location() (location, error) {
	place, _ := regionOf(c.Region)
	at := location{
		code: place.code, label: place.label,
		api:   strings.TrimRight(cmp.Or(c.APIURL, "https://api."+place.domain), "/"),
		login: strings.TrimRight(cmp.Or(c.LoginURL, "https://login."+place.domain), "/"),
	}
	host, err := url.Parse(at.api)
	if err != nil {
		return location{}, err
	}
	at.apiHost = host.Host
	return at, nil
}

func (l location) info() feed.Info { return feed.Info{RegionCode: l.code, APIHost: l.apiHost} }

// restClient returns a client that logs in with the configuration's credentials and makes these calls.
func (c Config) restClient(at location, operations []string, pools *rest.Pools, log *slog.Logger) (*rest.Client, error) {
	return rest.New(rest.Options{
		HTTP: c.HTTP, Pools: pools, RateLimit: c.RateLimit, Operations: operations, Dialect: dialect(), Logger: log,
		Secrets:    rest.Secrets{"client_secret_file": c.secret()},
		Authorizer: rest.Bearer(c.credentials(at.login)),
	})
}

func (c Config) secret() rest.Secret {
	return rest.Secret{Value: c.ClientSecret, File: c.ClientSecretFile}
}

func (c Config) budget() feed.Budget {
	return feed.Budget{PerMinute: c.RateLimit.RequestsPerMinute, Limit: maxRate}
}

// credentials log in with the OAuth client's id and secret (grant: client credentials), as the vendor's own clients
// do: by Basic authentication, whose base64 holds both as they are, where x/oauth2 would encode them for a URL first.
// A token lives from 5 minutes to 48 hours, as set on the client.
func (c Config) credentials(login string) rest.Credentials {
	return func(ctx context.Context, client *http.Client) (*oauth2.Token, error) {
		secret, err := c.secret().Read()
		if err != nil {
			return nil, err
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, login+pathToken, strings.NewReader("grant_type=client_credentials"))
		if err != nil {
			return nil, err
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.SetBasicAuth(c.ClientID, secret)
		return rest.FetchToken(client, request)
	}
}
