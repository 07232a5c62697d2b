// Limits of a Genesys org, which of them its clients have nearly reached, its OAuth clients, and what they may do.

package simulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// The permissions that not every simulated client has.
const (
	eventsPermission      = "usage:events:view"
	rateLimitsPermission  = "analytics:rateLimitAggregate:view"
	oauthClientPermission = "oauth:client:view"
)

// Deny takes a permission from the client that watches a Genesys site: calls that need it are answered with 403.
func (w *World) Deny(name, permission string) { w.permit(name, permission, false) }

// Permit gives it back.
func (w *World) Permit(name, permission string) { w.permit(name, permission, true) }

func (w *World) permit(name, permission string, permitted bool) {
	for _, o := range w.orgs {
		if o.name == name {
			o.mu.Lock()
			o.denied[permission] = !permitted
			o.mu.Unlock()
		}
	}
}

// permits answers a call whose permission the client lacks.
func (o *org) permits(c *call, r *route) (answer, bool) {
	if r.needs == "" {
		return answer{}, true
	}
	o.mu.Lock()
	denied := o.denied[r.needs] || c.writer // which has the permissions of a writer and no others
	o.mu.Unlock()
	if denied {
		return genesysError(c, http.StatusForbidden, "missing.any.permissions",
			"Unable to perform the requested action. You are missing the following permission(s): "+r.needs), false
	}
	return answer{}, true
}

// nearLimit is the limit that another client of emea nearly reaches in the scenario quota-near.
const nearLimit = "org.app.user.rate.per.minute"

// limits are the documented ones of namespace platform.api.
func (o *org) limits(*call) answer {
	limit := func(key string, value int) obj {
		return obj{"key": key, "namespace": "platform.api", "value": value}
	}
	return reply(obj{"entities": list{
		limit("client.credentials.token.rate.per.minute", genesysPerMinute),
		limit("token.rate.per.minute", 300),
		limit("org.user.rate.per.minute", 3000),
		limit(nearLimit, 300),
	}})
}

// rateLimitDimensions are those by which records of rate limits are grouped.
var rateLimitDimensions = []string{"correlationId", "entityId", "limitName", "max", "namespace", "timeUnit", "userId"}

// rateLimits answers with a row for the limit that is nearly reached; below 90 % the platform records nothing.
func (o *org) rateLimits(c *call) answer {
	var query struct {
		Interval, Granularity, TimeZone string
		GroupBy, Metrics                []string
		FlattenMultivaluedDimensions    bool
	}
	if refusal, ok := o.decode(c, &query); !ok {
		return refusal
	}
	from, to, err := parseInterval(query.Interval)
	switch {
	case err != nil:
		return o.invalid(c, err.Error())
	case !slices.Equal(query.Metrics, []string{"oRateLimitRecorded"}):
		return o.invalid(c, "metrics: only oRateLimitRecorded is known, not "+strings.Join(query.Metrics, ", "))
	case query.Granularity != "":
		return o.invalid(c, "granularities are not simulated")
	}
	values := map[string]string{"namespace": "platform.api", "limitName": nearLimit, "max": "300", "timeUnit": "MINUTES"}
	group := obj{}
	for _, dimension := range query.GroupBy {
		if !slices.Contains(rateLimitDimensions, dimension) {
			return o.invalid(c, "groupBy: unknown "+dimension)
		}
		if values[dimension] == "" {
			return o.invalid(c, "groups of "+dimension+" are not simulated")
		}
		group[dimension] = values[dimension]
	}
	results := list{}
	if c.in(quotaNear) {
		results = append(results, obj{"group": group, "data": list{obj{
			"interval": iso(from) + "/" + iso(to),
			"metrics":  list{obj{"metric": "oRateLimitRecorded", "stats": obj{"count": 1 + int(to.Sub(from)/time.Minute)}}},
		}}})
	}
	return reply(obj{"results": results})
}

// How long before its deletion the OAuth client of emea is found; that of americas is not deleted.
const (
	clientLife      = 200 * 24 * time.Hour
	clientLastLeft  = 10 * 24 * time.Hour
	clientMadeSince = 400 * 24 * time.Hour
)

// oauthClient describes an OAuth client, with the secret and the person who made it, as the platform does.
func (o *org) oauthClient(c *call) answer {
	id, secret := o.keys.credentials()
	if segment(c.path, 5) != id {
		return genesysError(c, http.StatusNotFound, "client.not.found", "Client was not found.")
	}
	person := o.world.uuid(o.name, "administrator")
	client := obj{
		"id": id, "name": "monitoring", "authorizedGrantType": "CLIENT-CREDENTIALS", "state": "active", "scope": list{}, "secret": secret,
		"accessTokenValiditySeconds": int64(o.keys.lifetime / time.Second),
		"dateCreated":                iso(o.world.began.Add(-clientMadeSince)), "dateModified": iso(o.world.began.Add(-clientMadeSince)),
		"createdBy": obj{"id": person, "selfUri": "/api/v2/users/" + person}, "selfUri": "/api/v2/oauth/clients/" + id,
	}
	switch {
	case c.in(clientExpiring):
		client["dateToDelete"] = iso(c.stage.since.Add(clientLastLeft))
	case o.name == emea:
		client["dateToDelete"] = iso(o.world.began.Add(clientLife))
	}
	return reply(client)
}
