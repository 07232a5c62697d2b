package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// The calls of a Writer, which an account never makes.
const (
	opWriteMany = "users_presences_bulk"
	opWriteOne  = "users_presences_purecloud"

	pathWriteMany = "/api/v2/users/presences/bulk"
	pathWriteOne  = "/presences/purecloud" // under the user's own path
)

// Writer writes presences of an organization's users with an OAuth client of its own, which needs the permissions
// presence:userPresence:edit and presence:presenceDefinition:view and no others. It keeps to a budget of its own, in which
// batches go before definitions, and single writes behind both.
//
// A write is sent once: what fails on the way may have been done all the same, so that it is unconfirmed, and only the next
// read of the users can prove it. Errors have a platform.Reason, and a platform.Refusal where the platform refused the write;
// they hold the platform's code, but none of its words, which may name a person.
type Writer struct{ client *client }

// OpenWriter returns a writer of the same organization that logs in as identity, and its source, which has no feeds: the name is
// the account's under which its calls are measured. It sends nothing yet.
func (c Config) OpenWriter(name string, identity settings.Client, s health.Surroundings) (*Writer, feed.Source, error) {
	c.Name, c.Cohorts = name, nil
	c.ClientID, c.ClientSecret, c.ClientSecretFile, c.RateLimit = identity.ID, identity.Secret, identity.SecretFile, identity.RateLimit
	if err := errors.Join(c.Validate()...); err != nil {
		return nil, feed.Source{}, err
	}
	at, err := c.location()
	if err != nil {
		return nil, feed.Source{}, err
	}
	api, err := c.restClient(at, writerOperations(), s.Pools, s.Log("genesys", name))
	if err != nil {
		return nil, feed.Source{}, err
	}
	source := feed.Source{
		Platform: "genesys",
		Name:     name,
		Budget:   c.budget(),
		Info:     at.info,
		Metrics:  api.Metrics(),
		Close:    api.Close,
	}
	return &Writer{&client{rest: api, api: at.api}}, source, nil
}

func writerOperations() []string { return []string{opDefinitions, opWriteMany, opWriteOne} }

// Definitions returns all presence definitions that the client may see, those that are deactivated included. One with labels
// in several languages is listed once for each of its names.
func (w *Writer) Definitions(ctx context.Context) (definitions []platform.PresenceDefinition, err error) {
	listed := map[platform.PresenceDefinition]bool{}
	for _, deactivated := range []string{"FALSE", "TRUE"} {
		answer, err := askPage[definitionWire](ctx, w.client, rest.Request{
			Operation: opDefinitions, URL: w.client.api + pathDefinitions, Priority: platform.ClassQueues,
			Query: url.Values{"deactivated": {deactivated}, "localeCode": {"ALL"}},
		})
		if err != nil {
			return nil, err
		}
		for _, item := range answer.items {
			for _, d := range item.wire.writable() {
				if !listed[d] { // whether one list holds what the other does is not documented
					listed[d] = true
					definitions = append(definitions, d)
				}
			}
		}
	}
	return definitions, nil
}

// changeWire is a presence to write. Of what it may hold nothing else is ever sent: primary would switch another source of the
// user's presence off, and message would overwrite what the user wrote there.
type changeWire struct {
	User       string        `json:"id,omitempty"`
	Definition definitionRef `json:"presenceDefinition"`
}

type definitionRef struct {
	ID string `json:"id"`
}

// WriteMany writes at most platform.PresenceBatch presences, none of them on queue: the platform refuses that. It returns those that the answer
// shows as written.
func (w *Writer) WriteMany(ctx context.Context, changes []platform.PresenceChange) ([]platform.PresenceWritten, error) {
	switch {
	case len(changes) == 0:
		return nil, nil
	case len(changes) > platform.PresenceBatch:
		return nil, fmt.Errorf("%s: %d presences, at most %d in one request", opWriteMany, len(changes), platform.PresenceBatch)
	}
	body := make([]changeWire, len(changes))
	for i, change := range changes {
		body[i] = changeWire{change.Person, definitionRef{change.Definition}}
	}
	var answers []userPresenceWire
	err := w.client.rest.Do(ctx, rest.Request{
		Operation: opWriteMany, Method: http.MethodPut, URL: w.client.api + pathWriteMany, Body: body,
		Priority: platform.ClassPresence, Personal: true,
	}, func(response rest.Response) (err error) {
		answers, err = readWritten(rest.NewDecoder(response.Body))
		return err
	})
	if err != nil {
		return nil, refusalOf(err, len(changes))
	}
	return written(changes, answers), nil
}

// WriteOne writes one presence, which may be on queue. What it returns is empty when the answer does not show the presence
// as written.
func (w *Writer) WriteOne(ctx context.Context, change platform.PresenceChange) (platform.PresenceWritten, error) {
	var answer userPresenceWire
	err := w.client.rest.Do(ctx, rest.Request{
		Operation: opWriteOne, Method: http.MethodPatch, Body: changeWire{Definition: definitionRef{change.Definition}},
		URL:      w.client.api + pathUsers + "/" + url.PathEscape(change.Person) + pathWriteOne,
		Priority: platform.ClassDetail, Personal: true,
	}, func(response rest.Response) (err error) {
		answer, err = readOneWritten(rest.NewDecoder(response.Body))
		return err
	})
	if err != nil {
		return platform.PresenceWritten{}, refusalOf(err, 1)
	}
	if answer.Definition.ID != change.Definition {
		return platform.PresenceWritten{}, nil
	}
	return answer.written(change), nil
}
