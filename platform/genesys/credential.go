package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

const (
	// feedCredential is the name of the feed.
	feedCredential = "credential"
	// credentialPermission is the one that the call needs.
	credentialPermission = "oauth:client:view" //nolint:gosec // names a permission
)

// oauthClientWire is what is read of an OAuth client. The answer may also hold its secret and who made it: neither is read.
type oauthClientWire struct {
	ID           string `json:"id"`
	DateToDelete string `json:"dateToDelete"` // missing where no date is set
}

// credential reads when the platform is going to delete the OAuth client with which the account logs in. Its polls do not overlap.
type credential struct {
	client *client
	id     string
	offer  offer
}

func newCredential(c *client, id string, log *slog.Logger) *credential {
	return &credential{client: c, id: id, offer: offer{operation: opOAuthClient, permission: credentialPermission, log: log}}
}

func (c *credential) feed() feed.Feed {
	return feed.Feed{Name: feedCredential, Class: platform.ClassDetail, Calls: 1, Poll: c.poll, Permissions: []string{credentialPermission}}
}

// poll is the poll of the feed.
func (c *credential) poll(ctx context.Context) (*platform.Snapshot, error) {
	var snapshot platform.Snapshot
	if !c.offer.due() {
		return &snapshot, nil
	}
	answer, _, err := ask[json.RawMessage](ctx, c.client, rest.Request{
		Operation: opOAuthClient, URL: c.client.api + pathOAuthClients + url.PathEscape(c.id), Priority: platform.ClassDetail,
		Personal: true, // it names who made the client
	})
	if c.offer.withheld(err) {
		return &snapshot, nil
	}
	if err == nil {
		snapshot.Credential, err = translateCredential(answer, &snapshot.Anomalies)
	}
	if err != nil {
		return nil, err
	}
	return &snapshot, nil
}

var errNoClient = errors.New("oauth_client: the answer is no OAuth client")

func translateCredential(answer json.RawMessage, anomalies *platform.Anomalies) (*platform.Credential, error) {
	wire, ok := read[oauthClientWire](answer, anomalies, "the answer")
	if !ok || wire.ID == "" {
		return nil, errNoClient
	}
	return &platform.Credential{Expires: moment(wire.DateToDelete, anomalies, "dateToDelete")}, nil
}
