// One Genesys Cloud org: its calls, its errors, and what every answer carries.

package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// obj is a JSON object.
type obj map[string]any

// list is a JSON array.
type list []any

// genesysPerMinute is the documented limit of requests per token: 300 a minute.
const genesysPerMinute = 300

// scarcePerMinute is what the scenario rate-limited leaves.
const scarcePerMinute = 6

// org is one Genesys Cloud organization.
type org struct {
	*site
	title         string // its name
	city          string // where its data centre stands, in names of sites and edges
	id            string
	client        string // the id of its one client
	agents        *agentList
	persons       []Person
	bases         []trunkBase
	queueList     *queueList
	notifications *notificationService
	odd           atomic.Pointer[OddAgents]

	writer     *keys // of the client that may write presences
	writing    sync.Mutex
	journal    []PresenceWrite
	unwritable map[string]*writeFault // by user
	echoDelay  time.Duration
	late       map[int]echo    // by number of the user
	denied     map[string]bool // permissions that the client lacks; under the site's lock

	presenceIDs []string // by index in presences
	mappings    []byte   // presenceMappings as JSON
}

func newGenesys(w *World, name, title, city string, hours int) *org {
	s := &site{name: name, world: w, calls: map[string]int{}}
	id := w.uuid(name, "client")
	s.keys = newKeys(w, name, id, "demo-secret-genesys-"+name+"_"+id[:8], 86399*time.Second)
	o := &org{site: s, title: title, city: city, id: w.uuid(name, "org"), client: id, agents: newAgentList(w, name, w.options.Agents)}
	writer := w.uuid(name, "writer")
	o.writer = newKeys(w, name+" writer", writer, "demo-secret-writer-"+name+"_"+writer[:8], 86399*time.Second)
	o.unwritable, o.late, o.denied = map[string]*writeFault{}, map[int]echo{}, map[string]bool{}
	if name == americas {
		o.denied[eventsPermission], o.denied[rateLimitsPermission] = true, true
	}
	o.odd.Store(&OddAgents{})
	o.persons = makePersons(w, name, w.options.Agents)
	o.bases = o.makeBases()
	o.queueList = newQueueList(w, name, w.options.Queues, w.options.Agents, time.FixedZone(city, hours*3600))
	for _, p := range presences {
		o.presenceIDs = append(o.presenceIDs, o.presenceID(p))
	}
	o.mappings = reply(o.presenceMappings()).body
	o.notifications = newNotificationService(o)
	s.fail, s.admit = genesysError, o.admit
	s.finish = func(c *call, h http.Header) { h.Set("ININ-Correlation-Id", c.correlation()) }
	s.routes = append(o.table(), o.notifications.table()...)
	return o
}

// paged adds the parameters of every paged list.
func paged(limit int, more params) params {
	more["pageSize"], more["pageNumber"] = number(1, limit), number(1, 1<<20)
	return more
}

// table lists the calls that are simulated, with the parameters that the API definition gives them.
func (o *org) table() []route {
	return []route{
		{method: "POST", path: "/oauth/token", open: true, serve: o.login},
		{method: "HEAD", path: "/api/v2/tokens/me", serve: func(*call) answer { return reply(nil) }},
		{method: "GET", path: "/api/v2/tokens/me", params: params{"preserveIdleTTL": boolean()}, serve: o.tokenInfo},
		{method: "GET", path: "/api/v2/date", serve: o.date},
		{method: "GET", path: "/api/v2/organizations/limits/namespaces/platform.api", serve: o.limits},
		{method: "GET", path: "/api/v2/usage/events/definitions", needs: eventsPermission, serve: o.eventDefinitions},
		{method: "POST", path: "/api/v2/usage/events/aggregates/query", needs: eventsPermission, serve: o.eventAggregates},
		{method: "POST", path: "/api/v2/analytics/ratelimits/aggregates/query", needs: rateLimitsPermission, serve: o.rateLimits},
		{method: "GET", path: "/api/v2/oauth/clients/{id}", needs: oauthClientPermission, serve: o.oauthClient},
		{method: "GET", path: "/api/v2/telephony/providers/edges", serve: o.listEdges, params: paged(100, params{
			"name": anything(), "site.id": anything(), "edgeGroup.id": anything(), "sortBy": oneOf("name"),
			"managed": boolean(), "showCloudMedia": boolean(),
		})},
		{method: "GET", path: "/api/v2/telephony/providers/edges/metrics", serve: o.edgeMetrics, params: params{
			"edgeIds": idList(100),
		}},
		{method: "GET", path: "/api/v2/telephony/providers/edges/trunks", serve: o.listTrunks, params: paged(100, params{
			"sortBy": oneOf("name"), "sortOrder": oneOf("ASC", "DESC"), "edge.id": anything(), "trunkBase.id": anything(),
			"trunkType": oneOf("EXTERNAL", "PHONE", "EDGE"),
		})},
		{method: "GET", path: "/api/v2/telephony/providers/edges/trunks/metrics", serve: o.trunkMetrics, params: params{
			"trunkIds": idList(100),
		}},
		{method: "GET", path: "/api/v2/telephony/calls/metrics", serve: o.callMetrics, params: params{
			"metricType": oneOf("cloud", "premises"),
		}},
		{method: "POST", path: "/api/v2/analytics/agents/status/counts", serve: o.statusCounts, params: params{
			"groupBy": each("segmentType", "presence", "routingStatus", "isOutOfOffice"),
		}},
		{method: "GET", path: "/api/v2/presence/definitions", serve: o.presenceDefinitions, params: params{
			"deactivated": oneOf("true", "false", "TRUE", "FALSE"), "divisionId": each(o.divisionID("Home"), o.divisionID("Germany")),
			"localeCode": oneOf("ALL", "en_US", "de"),
		}},
		{method: "GET", path: "/api/v2/users", serve: o.listUsers, params: paged(500, params{
			"expand": each("presence", "routingStatus", "outOfOffice"), "state": oneOf("active", "inactive", "deleted", "any"),
			"sortOrder": oneOf("ASC", "DESC", "asc", "desc"),
		})},
		{method: "PUT", path: "/api/v2/users/presences/bulk", serve: o.writeMany},
		{method: "PATCH", path: "/api/v2/users/{id}/presences/purecloud", serve: o.writeOne},
		{method: "GET", path: "/api/v2/users/{id}/externalid", serve: o.externalIDs},
		{method: "GET", path: "/api/v2/routing/queues/divisionviews/all", serve: o.listQueues, params: paged(500, params{
			"sortOrder": oneOf("asc", "desc"),
		})},
		{method: "POST", path: "/api/v2/analytics/queues/observations/query", serve: o.queueObservations},
		{method: "POST", path: "/api/v2/analytics/conversations/aggregates/query", serve: o.conversationAggregates},
		documentRoute("/api/v2/system/health"), componentsRoute("/api/v2/health/details"),
	}
}

// admit plays the scenarios that meet every request, then checks the token and its limit.
func (o *org) admit(c *call, r *route) (answer, bool) {
	if probed := r.path == "/oauth/token" || r.path == "/api/v2/tokens/me"; probed && c.inBurst(regionDegraded) {
		return genesysError(c, http.StatusServiceUnavailable, "service.unavailable", "Service unavailable."), false
	}
	if notifies := strings.HasPrefix(r.path, channelsPath) || r.path == socketPath; notifies && c.in(streamDown) {
		return genesysError(c, http.StatusServiceUnavailable, "service.unavailable", "Service unavailable."), false
	}
	if r.open {
		return answer{}, true
	}
	if c.in(apiSlow) {
		c.pause(900*time.Millisecond + time.Duration(600*float64(time.Millisecond)*o.world.wave(c.elapsed(), "slow")))
	}
	if c.token = o.keys.check(c); c.token == nil {
		c.token = o.writer.check(c)
		c.writer = c.token != nil
	}
	if c.token == nil {
		if c.request.Header.Get("Authorization") == "" {
			return genesysError(c, http.StatusUnauthorized, "authentication.required", "No authentication bearer token specified in authorization header."), false
		}
		return genesysError(c, http.StatusUnauthorized, "bad.credentials", "Invalid login credentials."), false
	}
	if refusal, ok := o.limit(c); !ok {
		return refusal, false
	}
	return o.permits(c, r)
}

// limit counts a request against its token and writes the count into the headers.
func (o *org) limit(c *call) (answer, bool) {
	allowed := genesysPerMinute
	if c.in(rateLimited) {
		allowed = scarcePerMinute
	}
	count, left := c.token.window.take(c.now)
	seconds := int(left/time.Second) + 1
	header := http.Header{
		"Inin-Ratelimit-Count":   {strconv.Itoa(count)},
		"Inin-Ratelimit-Allowed": {strconv.Itoa(allowed)},
		"Inin-Ratelimit-Reset":   {strconv.Itoa(seconds)},
	}
	c.extra = header
	if count <= allowed {
		return answer{}, true
	}
	text := fmt.Sprintf("Rate limit exceeded the maximum. Retry the request in [%d] seconds", seconds)
	a := genesysError(c, http.StatusTooManyRequests, "too.many.requests.retry.after", text)
	a.header = http.Header{"Retry-After": {strconv.Itoa(seconds)}}
	return a, false
}

// genesysError is an answer with the ErrorBody of the API definition.
func genesysError(c *call, status int, code, text string) answer {
	a := reply(obj{
		"message": text, "code": code, "status": status, "details": list{}, "errors": list{},
		"contextId": c.correlation(),
	})
	a.status = status
	return a
}

// reply is a 200 with a JSON body, or without one for nil.
func reply(v any) answer {
	if v == nil {
		return answer{status: http.StatusOK}
	}
	body, err := json.Marshal(v)
	if err != nil {
		return answer{status: http.StatusInternalServerError, body: []byte(err.Error())}
	}
	return answer{status: http.StatusOK, body: body}
}

// page cuts a list the way all paged Genesys lists do: 25 a page unless asked otherwise, an empty page past the end.
func page[T any](c *call, all []T, render func(T) obj) obj {
	size, n := c.integer("pageSize", 25), c.integer("pageNumber", 1)
	pages := (len(all) + size - 1) / size
	from := min((n-1)*size, len(all))
	entities := list{}
	for _, one := range all[from:min(from+size, len(all))] {
		entities = append(entities, render(one))
	}
	uri := func(n int) string {
		query := c.request.URL.Query()
		query.Set("pageSize", strconv.Itoa(size))
		query.Set("pageNumber", strconv.Itoa(n))
		return c.path + "?" + query.Encode()
	}
	listing := obj{
		"entities": entities, "pageSize": size, "pageNumber": n, "total": len(all), "pageCount": pages,
		"selfUri": uri(n), "firstUri": uri(1), "lastUri": uri(max(pages, 1)),
	}
	if n < pages {
		listing["nextUri"] = uri(n + 1)
	}
	if n > 1 {
		listing["previousUri"] = uri(n - 1)
	}
	return listing
}

// ref is the short form in which one object names another.
func ref(path, id, name string) obj {
	return obj{"id": id, "name": name, "selfUri": "/api/v2/" + path + "/" + id}
}

func (o *org) divisionID(name string) string { return o.world.uuid(o.name, "division", name) }

func (o *org) division(name string) obj {
	return ref("authorization/divisions", o.divisionID(name), name)
}

// iso writes a time as Genesys does: UTC with milliseconds.
func iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
