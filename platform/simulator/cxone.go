// One CXone tenant: its calls, its errors, discovery and login.

package simulator

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// The registered back-end application of the password grant.
const (
	applicationID     = "monitoring@simulated-tenant"
	applicationSecret = "demo-secret-application/+=="
)

// The tenant.
const (
	cxoneArea     = "na1"
	cxoneCluster  = "B32"
	businessUnit  = 4601234
	cxoneServices = "/incontactapi/services/{version}"
)

// tenant is one CXone business unit.
type tenant struct {
	*site
	id         string
	agentList  *agentList
	people     []person
	persons    []Person
	skillTable skillTable
	shape      atomic.Pointer[ListShape]
}

func newCXone(w *World, name string) *tenant {
	s := &site{name: name, world: w, calls: map[string]int{}, fold: true}
	secret := "demo-secret/cxone+" + strings.Repeat("x", 28) + "===="
	s.keys = newKeys(w, name, "demo-key-"+strings.ToUpper(w.uuid(name, "key")[:8])+"====", secret, time.Hour)
	t := &tenant{site: s, id: w.uuid(name, "tenant"), agentList: newAgentList(w, name, w.options.Agents)}
	t.people, t.persons = makePeople(w.options.Agents), makePersons(w, name, w.options.Agents)
	s.fail, s.admit, s.routes = cxoneError, t.admit, t.table()
	s.finish = func(c *call, h http.Header) { h.Set("CorrelationId", c.correlation()) }
	t.shape.Store(&ListShape{})
	return t
}

func (t *tenant) table() []route {
	paged := func(fields func(string) bool, more params) params {
		more["top"], more["skip"] = number(1, 10_000), number(0, 1<<30)
		more["updatedSince"], more["fields"] = instant(), subset(fields)
		return more
	}
	return []route{
		{method: "GET", path: "/.well-known/openid-configuration", open: true, serve: t.openID},
		{method: "GET", path: "/.well-known/cxone-configuration", open: true, params: params{"tenantId": oneOf(t.id)}, serve: t.discover},
		{method: "POST", path: "/auth/token", open: true, serve: t.passwordLogin},
		{method: "POST", path: "/authentication/v1/token/access-key", open: true, serve: t.accessKeyLogin},
		{method: "GET", path: cxoneServices + "/server-time", serve: t.serverTime},
		{method: "GET", path: cxoneServices + "/business-unit", params: params{"includeTrustedBusinessUnits": boolean()}, serve: t.businessUnit},
		{method: "GET", path: cxoneServices + "/agents-states", params: params{"reqBUIds": anything()}, serve: t.agentStateNames},
		{method: "GET", path: cxoneServices + "/media-types", serve: t.mediaTypes},
		{method: "GET", path: cxoneServices + "/unavailable-codes", serve: t.unavailableCodes, params: params{
			"isActive": boolean(), "top": number(1, 100), "skip": number(0, 1<<30),
		}},
		{method: "GET", path: cxoneServices + "/agents/states", serve: t.agentStates, params: paged(agentFields.has, params{
			"reqBUIds": anything(), "orderBy": oneOf("agentId"),
		})},
		{method: "GET", path: cxoneServices + "/agents", serve: t.listAgents, params: params{
			"top": number(1, 10_000), "skip": number(0, 1<<30), "updateSince": instant(), "fields": subset(directoryFields.has),
		}},
		{method: "GET", path: cxoneServices + "/skills/activity", serve: t.skillActivity, params: paged(skillFields.has, params{
			"mediaTypeId": number(1, 9), "IsOutbound": boolean(),
		})},
		{method: "GET", path: cxoneServices + "/contacts/active", serve: t.activeContacts, params: paged(contactFields.has, params{
			"mediaTypeId": number(1, 9), "skillId": number(1, 1<<30), "teamId": number(1, 1<<30), "agentId": number(1, 1<<30),
		})},
	}
}

// admit plays the scenarios that meet every request, then checks the Accept header and the token.
func (t *tenant) admit(c *call, r *route) (answer, bool) {
	if r.open {
		return answer{}, true
	}
	if c.in(apiSlow) {
		c.pause(200*time.Millisecond + time.Duration(300*float64(time.Millisecond)*t.world.wave(c.elapsed(), "cxone slow")))
	}
	if !strings.Contains(c.request.Header.Get("Accept"), "application/json") {
		t.violate(c, "no Accept: application/json")
		return cxoneError(c, http.StatusBadRequest, "bad_request", "No known way to render data"), false
	}
	if c.token = t.keys.check(c); c.token == nil {
		return cxoneError(c, http.StatusUnauthorized, "invalid_token", "The access token is missing, invalid or expired"), false
	}
	if count, _ := c.token.window.take(c.now); c.in(rateLimited) && count > scarcePerMinute {
		return cxoneError(c, http.StatusTooManyRequests, "too_many_requests", "Too many requests"), false
	}
	return answer{}, true
}

// cxoneError is an error in the form {error, error_description}.
func cxoneError(_ *call, status int, code, text string) answer {
	a := reply(obj{"error": code, "error_description": text})
	a.status = status
	a.header = http.Header{"Icstatusdescription": {text}}
	return a
}

// openID is the issuer's discovery document; every host in it is this one.
func (t *tenant) openID(*call) answer {
	base := t.world.URL(t.name)
	return reply(obj{
		"issuer": base, "authorization_endpoint": base + "/auth/authorize", "token_endpoint": base + "/auth/token",
		"userinfo_endpoint": base + "/auth/userinfo", "jwks_uri": base + "/auth/jwks",
		"token_endpoint_auth_methods_supported":            list{"client_secret_basic", "client_secret_post"},
		"token_endpoint_auth_signing_alg_values_supported": list{"RS256"},
		"end_session_endpoint":                             base + "/auth/authorize/logout", "scopes_supported": list{"openid"},
		"response_types_supported": list{"code"}, "subject_types_supported": list{"public"},
		"id_token_signing_alg_values_supported":       list{"RS256"},
		"request_object_signing_alg_values_supported": list{"none"},
		"display_values_supported":                    list{"page", "popup"},
		"claim_types_supported":                       list{"normal"},
		"code_challenge_methods_supported":            list{"S256"},
	})
}

// discover returns where a tenant lives. Without a tenant it answers as an area host does.
func (t *tenant) discover(c *call) answer {
	base := t.world.URL(t.name)
	configuration := obj{
		"private": false, "area": cxoneArea, "cluster": cxoneCluster, "domain": "niceincontact.com",
		"acdDomain": "nice-incontact.com", "uhDomain": "nice-incontact.com",
		"ui_endpoint": base, "auth_endpoint": base, "api_endpoint": base,
	}
	if c.query.Has("tenantId") {
		configuration["tenantId"] = t.id
	}
	return reply(configuration)
}

// passwordLogin is the password grant of /auth/token: the application in the Basic header, the access key in the form.
func (t *tenant) passwordLogin(c *call) answer {
	form, err := url.ParseQuery(string(c.body))
	mediaType, _, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	id, secret, basic := c.request.BasicAuth()
	switch {
	case err != nil || mediaType != "application/x-www-form-urlencoded":
		t.violate(c, "body is not a form")
		return cxoneError(c, http.StatusBadRequest, "invalid_request", "body is not a form")
	case form.Get("grant_type") != "password":
		t.violate(c, "grant_type %q", form.Get("grant_type"))
		return cxoneError(c, http.StatusBadRequest, "unsupported_grant_type", "unsupported grant type")
	case !basic:
		t.violate(c, "no Basic authorization")
		return cxoneError(c, http.StatusUnauthorized, "invalid_client", "client authentication is missing")
	case !same(id, applicationID) || !same(secret, applicationSecret):
		return cxoneError(c, http.StatusUnauthorized, "invalid_client", "client authentication has failed")
	}
	return t.grant(c, form.Get("username"), form.Get("password"))
}

// accessKeyLogin is the short way: a JSON call with the access key alone.
func (t *tenant) accessKeyLogin(c *call) answer {
	var key map[string]string // not a struct: its names would match in any case
	mediaType, _, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err := json.Unmarshal(c.body, &key); err != nil || mediaType != "application/json" || key["accessKeyId"] == "" {
		t.violate(c, "body is not JSON with accessKeyId and accessKeySecret")
		return cxoneError(c, http.StatusBadRequest, "invalid_request", "accessKeyId and accessKeySecret are required")
	}
	return t.grant(c, key["accessKeyId"], key["accessKeySecret"])
}

func (t *tenant) grant(c *call, id, secret string) answer {
	wantID, wantSecret := t.keys.credentials()
	if !same(id, wantID) || !same(secret, wantSecret) || c.in(authBroken) {
		return cxoneError(c, http.StatusUnauthorized, "invalid_grant", "access key is not valid")
	}
	life := t.keys.life(c)
	access := t.keys.issue(c.now, life, func(random string, fresh *token) string { return t.jwt(c, random, fresh, nil) })
	return reply(obj{
		"access_token": access.value, "token_type": "Bearer", "expires_in": int(life.Seconds()),
		"refresh_token":     t.jwt(c, "refresh", access, nil),
		"id_token":          t.jwt(c, "id", access, obj{"area": cxoneArea}),
		"issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
	})
}

// jwt has the three parts of an RS256 token; its signature is 256 bytes that sign nothing.
func (t *tenant) jwt(c *call, random string, issued *token, more obj) string {
	claims := obj{
		"sub": "user:" + t.world.uuid(t.name, "user"), "iss": t.world.URL(t.name), "aud": applicationID, "jti": random,
		"name": "monitoring@example.com", "tenant": "simulated_tenant", "tenantId": t.id, "icBUId": businessUnit,
		"icClusterId": cxoneCluster, "icAgentId": "4600001", "iat": issued.issued.Unix(), "exp": issued.expires.Unix(),
		"role": obj{"legacyId": "Monitoring", "id": t.world.uuid(t.name, "role"), "lastUpdateTime": int64(1614225845000)},
	}
	maps.Copy(claims, more)
	part := func(v obj) string { return base64.RawURLEncoding.EncodeToString(reply(v).body) }
	signature := make([]byte, 0, 256)
	for i := range 8 {
		sum := t.world.digest("signature", random, i, c.now.UnixNano())
		signature = append(signature, sum[:]...)
	}
	return part(obj{"alg": "RS256", "typ": "JWT", "kid": "sim-1"}) + "." + part(claims) + "." +
		base64.RawURLEncoding.EncodeToString(signature)
}
