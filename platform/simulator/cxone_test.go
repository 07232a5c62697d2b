package simulator

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const services = "/incontactapi/services/v33.0"

// TestCXoneEndpoints asks every call over a real socket and looks for the fields that its definition has.
func TestCXoneEndpoints(t *testing.T) {
	w := started(t, Options{})
	c := loggedOn(t, w, us)
	for path, keys := range map[string][]string{
		"/.well-known/openid-configuration":                               {"issuer", "token_endpoint", "jwks_uri"},
		"/.well-known/cxone-configuration":                                {"area", "cluster", "api_endpoint", "auth_endpoint"},
		services + "/server-time":                                         {"ServerTime"},
		services + "/business-unit":                                       {"businessUnits"},
		services + "/agents-states":                                       {"agentStates"},
		services + "/media-types":                                         {"mediaTypes"},
		services + "/unavailable-codes?isActive=true":                     {"unavailableCodes", "totalRecords"},
		services + "/agents/states?fields=agentId,agentStateId&top=10":    {"agentStates", "totalRecords", "lastPollTime"},
		services + "/skills/activity?mediaTypeId=4&IsOutbound=false":      {"skillActivity", "totalRecords", "lastPollTime"},
		services + "/contacts/active?top=1&mediaTypeId=4":                 {"activeContacts", "totalRecords", "lastPollTime", "businessUnitId"},
		"/InContactAPI/services/v20.0/Agents/States?updatedSince=0&top=1": {"agentStates"},
	} {
		v := c.ok(path)
		for _, key := range keys {
			if v[key] == nil {
				t.Errorf("%s: no %q", path, key)
			}
		}
	}
	base := w.URL(us)
	if v := c.ok("/.well-known/openid-configuration"); v["issuer"] != base || v["token_endpoint"] != base+"/auth/token" {
		t.Errorf("openid configuration points elsewhere: %v", v)
	}
	noViolations(t, w)
	if n := w.Calls(us)["GET /incontactapi/services/v20.0/agents/states"]; n != 1 {
		t.Errorf("calls: %v", w.Calls(us))
	}
}

// claims reads the second part of a JWT.
func claims(t *testing.T, jwt string) obj {
	t.Helper()
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		t.Fatalf("token has %d parts", len(parts))
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	v := obj{}
	if err := json.Unmarshal(payload, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCXoneLogin(t *testing.T) {
	w := started(t, Options{})
	id, secret := w.Credentials(us)
	app, appSecret := w.Application()
	if !strings.HasSuffix(secret, "====") || !strings.ContainsAny(secret, "+/") {
		t.Errorf("secret %q does not need encoding", secret)
	}
	password := func(user, pass, client, clientSecret string) read {
		request := http.Request{Header: http.Header{}}
		request.SetBasicAuth(client, clientSecret)
		c := plain(t, w, us).with("Authorization", request.Header.Get("Authorization")).with("Content-Type", "application/x-www-form-urlencoded")
		return c.do("POST", "/auth/token", strings.TrimPrefix(query("grant_type", "password", "username", user, "password", pass), "?"))
	}
	for name, tt := range map[string]struct {
		got    read
		status int
		code   string
	}{
		"access key":        {cxoneLogin(t, w, id, secret), 200, ""},
		"wrong secret":      {cxoneLogin(t, w, id, "wrong"), 401, "invalid_grant"},
		"password":          {password(id, secret, app, appSecret), 200, ""},
		"wrong password":    {password(id, "wrong", app, appSecret), 401, "invalid_grant"},
		"wrong application": {password(id, secret, app, "wrong"), 401, "invalid_client"},
	} {
		v := tt.got.json(t)
		if tt.got.status != tt.status || tt.code != "" && v["error"] != tt.code {
			t.Errorf("%s = %d %s", name, tt.got.status, tt.got.body)
		}
		if tt.status != 200 {
			continue
		}
		access := claims(t, v["access_token"].(string))
		if v["token_type"] != "Bearer" || v["expires_in"].(float64) != 3600 || access["exp"].(float64)-access["iat"].(float64) != 3600 {
			t.Errorf("%s: %s", name, tt.got.body)
		}
		if claims(t, v["id_token"].(string))["area"] != "na1" || access["icBUId"].(float64) == 0 {
			t.Errorf("%s: claims %v", name, access)
		}
		found := plain(t, w, us).ok("/.well-known/cxone-configuration?tenantId=" + access["tenantId"].(string))
		if found["area"] != "na1" || found["api_endpoint"] != w.URL(us) || found["tenantId"] != access["tenantId"] {
			t.Errorf("%s: discovery %v", name, found)
		}
	}
	noViolations(t, w)
	if r := password(id, secret, app, appSecret); r.status != 200 {
		t.Errorf("second login = %d", r.status)
	}
	if r := plain(t, w, us).get("/.well-known/cxone-configuration?tenantId=someone"); r.status != 400 || len(w.Violations()) != 1 {
		t.Errorf("unknown tenant = %d %v", r.status, w.Violations())
	}
}

func TestCXoneViolations(t *testing.T) {
	w := made(t, Options{})
	c := loggedOn(t, w, us)
	noAccept := c
	noAccept.header = c.header.Clone()
	noAccept.header.Del("Accept")
	for _, tt := range []struct {
		c         caller
		path      string
		status    int
		complaint string
	}{
		{c, "/incontactapi/services/v19.0/server-time", 404, "unknown path"},
		{c, "/incontactapi/services/v33/server-time", 404, "unknown path"},
		{c, services + "/agents/states?fields=agentID", 400, `query parameter "fields": "agentID" is not a comma list of known names`},
		{c, services + "/agents/states?updatedSince=yesterday", 400, `query parameter "updatedSince": "yesterday" is not an ISO 8601 time or 0`},
		{c, services + "/skills/activity?isOutbound=true", 400, `unknown query parameter "isOutbound"`},
		{c, services + "/unavailable-codes?top=101", 400, `query parameter "top": "101" is not a number from 1 to 100`},
		{noAccept, services + "/server-time", 400, "no Accept: application/json"},
	} {
		before := len(w.Violations())
		if r := tt.c.get(tt.path); r.status != tt.status {
			t.Errorf("%s = %d, want %d", tt.path, r.status, tt.status)
		}
		path, _, _ := strings.Cut(tt.path, "?")
		if v := w.Violations(); len(v) != before+1 || v[before] != "us: GET "+path+": "+tt.complaint {
			t.Errorf("violations %q, want %q", v[before:], tt.complaint)
		}
	}
}

// TestCXoneDeltas keeps a table by deltas alone and compares it with a full read.
func TestCXoneDeltas(t *testing.T) {
	for _, tt := range []struct{ path, list, id string }{
		{services + "/agents/states", "agentStates", "agentId"},
		{services + "/skills/activity", "skillActivity", "skillId"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := made(t, Options{Agents: 300})
			c := loggedOn(t, w, us)
			table := map[float64]obj{}
			since, changes := "1970-01-01T00:00:00.000Z", 0
			for range 20 {
				r := c.get(tt.path + query("updatedSince", since))
				if r.status == http.StatusOK {
					v := r.json(t)
					since = v["lastPollTime"].(string)
					for _, row := range items(t, v, tt.list) {
						delete(row, "serverTime")
						table[row[tt.id].(float64)] = row
						changes++
					}
				}
				<-time.After(7 * time.Second)
			}
			full := map[float64]obj{}
			v := c.ok(tt.path)
			for _, row := range items(t, c.get(tt.path+query("updatedSince", since)).json(t), tt.list) {
				delete(row, "serverTime")
				table[row[tt.id].(float64)] = row
			}
			for _, row := range items(t, v, tt.list) {
				delete(row, "serverTime")
				full[row[tt.id].(float64)] = row
			}
			if diff := cmp.Diff(full, table); diff != "" {
				t.Errorf("%s: table kept by deltas differs (-full +kept):\n%s", tt.path, diff)
			}
			if changes < len(full)+50 {
				t.Errorf("%s: only %d changes of %d rows in two minutes", tt.path, changes, len(full))
			}
			quiet := c.get(tt.path + query("updatedSince", v["lastPollTime"].(string)))
			if quiet.status != http.StatusNotModified || len(quiet.body) != 0 {
				t.Errorf("%s: nothing new = %d %.80s", tt.path, quiet.status, quiet.body)
			}
			noViolations(t, w)
		})
	}
}

func TestCXonePaging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 250})
		c := loggedOn(t, w, us)
		for path, list := range map[string]string{
			"/agents/states": "agentStates", "/skills/activity": "skillActivity", "/contacts/active": "activeContacts",
			"/unavailable-codes": "unavailableCodes",
		} {
			whole := c.ok(services + path)
			var pieces []obj
			next := services + path + "?top=9"
			for next != "" {
				v := c.ok(next)
				pieces = append(pieces, items(t, v, list)...)
				next, _ = v["_links"].(map[string]any)["next"].(string)
			}
			if diff := cmp.Diff(items(t, whole, list), pieces); diff != "" || float64(len(pieces)) != whole["totalRecords"].(float64) {
				t.Errorf("%s: %d rows of %v (-whole +paged):\n%s", path, len(pieces), whole["totalRecords"], diff)
			}
		}
		noViolations(t, w)
	})
}

// TestCXoneConsistency compares the answers of different calls about the same moment.
func TestCXoneConsistency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 1000})
		c := loggedOn(t, w, us)
		states := map[float64]int{}
		for _, a := range items(t, c.ok(services+"/agents/states?fields=agentStateId"), "agentStates") {
			if len(a) != 1 {
				t.Fatalf("fields=agentStateId answered %v", a)
			}
			states[a["agentStateId"].(float64)]++
		}
		active, queued := 0, 0
		for _, s := range items(t, c.ok(services+"/skills/activity"), "skillActivity") {
			active += int(s["contactsActive"].(float64))
			queued += int(s["queueCount"].(float64))
			if (s["earliestQueueTime"] != nil) != (s["queueCount"].(float64) > 0) {
				t.Errorf("earliestQueueTime %v with queueCount %v", s["earliestQueueTime"], s["queueCount"])
			}
		}
		engaged := states[3] + states[4] + states[5] + states[6] + states[7]
		if active != engaged || engaged < 200 || states[0] == 0 || states[1] == 0 || states[2] == 0 {
			t.Errorf("%d contacts active; states %v", active, states)
		}
		total := c.ok(services + "/contacts/active?top=1")["totalRecords"].(float64)
		if int(total) != active+queued {
			t.Errorf("%v contacts, want %d active and %d waiting", total, active, queued)
		}
		byMedia := 0.0
		for id := range mediaTypeNames {
			byMedia += c.ok(services + "/contacts/active?top=1&mediaTypeId=" + string(rune('0'+id)))["totalRecords"].(float64)
		}
		if byMedia != total {
			t.Errorf("%v contacts over all media, want %v", byMedia, total)
		}
	})
}
