package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestGenesysLogin(t *testing.T) {
	w := made(t, Options{TokenLifetime: 300 * time.Second})
	id, secret := w.Credentials(emea)
	for _, tt := range []struct {
		name, id, secret string
		status           int
		code, text       string
	}{
		{"good", id, secret, 200, "", ""},
		{"unknown client", "someone", secret, 400, "invalid_client", "client not found"},
		{"wrong secret", id, "wrong", 401, "invalid_client", "authentication failed"},
	} {
		r := genesysLogin(t, w, emea, tt.id, tt.secret)
		v := r.json(t)
		if r.status != tt.status || tt.code != "" && (v["error"] != tt.code || v["error_description"] != tt.text || v["description"] != tt.text) {
			t.Errorf("%s: %d %s", tt.name, r.status, r.body)
		}
		if tt.status == 200 && (v["token_type"] != "bearer" || v["expires_in"].(float64) != 300) {
			t.Errorf("token: %s", r.body)
		}
	}
	noViolations(t, w)
	form := plain(t, w, emea).with("Content-Type", "application/x-www-form-urlencoded")
	for name, r := range map[string]read{
		"other grant": form.do("POST", "/oauth/token", "grant_type=password"),
		"no Basic":    form.do("POST", "/oauth/token", "grant_type=client_credentials"),
		"JSON":        plain(t, w, emea).do("POST", "/oauth/token", "{}"),
	} {
		if r.status != http.StatusBadRequest {
			t.Errorf("%s = %d", name, r.status)
		}
	}
	if n := len(w.Violations()); n != 3 {
		t.Errorf("%d violations, want 3: %v", n, w.Violations())
	}
}

func TestGenesysTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{TokenLifetime: time.Minute})
		probe := func(c caller) int { return c.do("HEAD", "/api/v2/tokens/me", "").status }
		c := loggedOn(t, w, emea)
		if n := probe(c); n != 200 {
			t.Errorf("fresh token = %d", n)
		}
		w.RotateSecret(emea, "demo-secret-new")
		if n := probe(c); n != 200 {
			t.Errorf("old token after RotateSecret = %d", n)
		}
		id, secret := w.Credentials(emea)
		if secret != "demo-secret-new" || genesysLogin(t, w, emea, id, "other").status != 401 {
			t.Errorf("secret after RotateSecret is %q", secret)
		}
		w.RevokeTokens(emea)
		r := c.get("/api/v2/date")
		if v := r.json(t); r.status != 401 || v["code"] != "bad.credentials" || v["contextId"] != r.header.Get("ININ-Correlation-Id") {
			t.Errorf("revoked token = %d %s", r.status, r.body)
		}
		c = loggedOn(t, w, emea)
		<-time.After(time.Minute)
		if n := probe(c); n != 401 {
			t.Errorf("old token = %d", n)
		}
		if v := plain(t, w, emea).get("/api/v2/date").json(t); v["code"] != "authentication.required" {
			t.Errorf("no token: %v", v)
		}
		noViolations(t, w)
	})
}

func TestGenesysRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{})
		c, other := loggedOn(t, w, emea), loggedOn(t, w, emea)
		for i := 1; i <= 300; i++ {
			r := c.get("/api/v2/date")
			if r.status != 200 || r.header.Get("inin-ratelimit-count") != fmt.Sprint(i) {
				t.Fatalf("request %d = %d %v", i, r.status, r.header)
			}
		}
		<-time.After(20 * time.Second)
		r := c.get("/api/v2/date")
		v := r.json(t)
		if r.status != 429 || r.header.Get("Retry-After") != "41" || r.header.Get("inin-ratelimit-reset") != "41" ||
			v["code"] != "too.many.requests.retry.after" || !strings.Contains(v["message"].(string), "[41] seconds") {
			t.Errorf("request 301 = %d %v %s", r.status, r.header, r.body)
		}
		if n := other.get("/api/v2/date").status; n != 200 {
			t.Errorf("another token = %d", n)
		}
		<-time.After(41 * time.Second)
		if n := c.get("/api/v2/date").status; n != 200 {
			t.Errorf("after Retry-After = %d", n)
		}
	})
}

// TestGenesysViolations sends what the definition does not allow.
func TestGenesysViolations(t *testing.T) {
	w := made(t, Options{})
	c := loggedOn(t, w, emea)
	ids := strings.Repeat(w.uuid("x")+",", 100) + w.uuid("x")
	counts := "/api/v2/analytics/agents/status/counts"
	for _, tt := range []struct {
		method, path, body string
		status             int
		complaint          string
	}{
		{"GET", "/api/v2/health", "", 404, "unknown path"},
		{"DELETE", "/api/v2/tokens/me", "", 405, "method not allowed"},
		{"GET", telephony + "?page=1", "", 400, `unknown query parameter "page"`},
		{"GET", telephony + "?pageSize=101", "", 400, `query parameter "pageSize": "101" is not a number from 1 to 100`},
		{"GET", telephony + "?managed=yes", "", 400, `query parameter "managed": "yes" is not one of true, false`},
		{"GET", telephony + "/metrics", "", 400, `query parameter "edgeIds": want it exactly once`},
		{"GET", telephony + "/trunks/metrics?trunkIds=" + ids, "", 400, `query parameter "trunkIds": 101 ids, at most 100 allowed`},
		{"GET", telephony + "/trunks?trunkType=external", "", 400, `query parameter "trunkType": "external" is not one of EXTERNAL, PHONE, EDGE`},
		{"POST", counts + "?groupBy=presence,routingStatus", "{}", 400, `query parameter "groupBy": "presence,routingStatus" is not one of segmentType, presence, routingStatus, isOutOfOffice`},
		{"POST", counts, "", 400, "body: EOF"},
		{"POST", counts, `{"filter":{}}`, 400, `body: json: unknown field "filter"`},
		{"POST", counts, strings.Repeat(" ", maxBody+1), 413, "body: http: request body too large"},
	} {
		before := len(w.Violations())
		r := c.do(tt.method, tt.path, tt.body)
		if r.status != tt.status {
			t.Errorf("%s %.60s = %d, want %d", tt.method, tt.path, r.status, tt.status)
		}
		path, _, _ := strings.Cut(tt.path, "?")
		want := "emea: " + tt.method + " " + path + ": " + tt.complaint
		if v := w.Violations(); len(v) != before+1 || v[before] != want {
			t.Errorf("violations %q, want %q", v[before:], want)
		}
	}
}
