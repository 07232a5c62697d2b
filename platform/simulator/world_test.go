package simulator

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestSameSeed compares worlds that are asked at different times on the way.
func TestSameSeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		paths := []string{telephony + "?pageSize=100", telephony + "/trunks?pageSize=100", "/api/v2/presence/definitions"}
		reported := func(seed uint64, looks int) (answers []string) {
			w := made(t, Options{Seed: seed, Agents: 300})
			c, cx := loggedOn(t, w, emea), loggedOn(t, w, us)
			for range looks {
				<-time.After(10 * time.Minute / time.Duration(looks))
				cx.ok(services + "/agents/states?top=1")
			}
			for _, path := range paths {
				v := c.ok(path)
				delete(v, "selfUri")
				text, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				answers = append(answers, strings.ReplaceAll(string(text), iso(w.began.Add(-36*time.Hour)), "EARLIER"))
			}
			rows := items(t, cx.ok(services+"/agents/states?fields=agentId,agentStateId,outStateId,contactId"), "agentStates")
			text, err := json.Marshal(rows)
			if err != nil {
				t.Fatal(err)
			}
			return append(answers, string(text))
		}
		first := reported(7, 1)
		if diff := cmp.Diff(first, reported(7, 50)); diff != "" {
			t.Errorf("same seed, other world:\n%s", diff)
		}
		if cmp.Equal(first[3], reported(8, 1)[3]) {
			t.Error("another seed makes the same agents")
		}
	})
}

// TestLively wants the agents to be spread over all activities, and to move between two polls, for hours.
func TestLively(t *testing.T) {
	w := made(t, Options{Agents: 4000})
	agentList := newAgentList(w, "test", 4000)
	var before agentCounts
	for _, elapsed := range []time.Duration{0, 15 * time.Second, time.Hour, time.Hour + 15*time.Second, 12 * time.Hour} {
		now := agentList.count(elapsed)
		sum := 0
		for a, n := range now.doing {
			sum += n
			if n == 0 && activity(a) != loggingIn { // that takes seconds only
				t.Errorf("after %v no agent does %d", elapsed, a)
			}
		}
		if share := float64(now.engaged()) / 4000; sum != 4000 || share < 0.2 || share > 0.7 {
			t.Errorf("after %v: %d agents, %.2f engaged: %v", elapsed, sum, share, now)
		}
		if now == before {
			t.Errorf("nothing has moved by %v", elapsed)
		}
		before = now
	}
}

func TestUnknownNames(t *testing.T) {
	w := made(t, Options{})
	id, secret := w.Credentials("nowhere")
	if w.URL("nowhere") != "" || id != "" || secret != "" || w.Calls("nowhere") != nil {
		t.Error("an unknown site has an address, credentials or calls")
	}
	if id, secret := w.Credentials(status); id != "" || secret != "" {
		t.Error("the status page has credentials")
	}
	w.RevokeTokens(status)
	w.RotateSecret(status, "x")
}

// FuzzRequest sends anything to every site: each answer is JSON or empty, and nothing panics.
func FuzzRequest(f *testing.F) {
	w, err := NewWorld(Options{Scenario: calm, Agents: 5})
	if err != nil {
		f.Fatal(err)
	}
	tokens := map[string]string{}
	for _, name := range names {
		if k := w.sites[name].keys; k != nil {
			tokens[name] = k.issue(time.Now(), time.Hour, func(random string, _ *token) string { return random }).value
		}
		for _, r := range w.sites[name].routes {
			f.Add(name, r.method, strings.ReplaceAll(r.path, "{version}", "v33.0"), "fields=agentId&pageSize=3&top=2&skip=1", "{}")
		}
	}
	f.Add(emea, "POST", "/oauth/token", "", "grant_type=client_credentials")
	f.Add(us, "POST", "/auth/token", "", "grant_type=password&username=a&password=b%3D")
	f.Add(us, "POST", "/authentication/v1/token/access-key", "", `{"accessKeyId":"a","accessKeySecret":"b"}`)
	f.Add(us, "GET", services+"/agents/states", "updatedSince=2026-01-01T00:00:00.1234567Z", "")
	f.Add(status, "GET", "/api/v2/health/details", "ids=a,b&status=down&expand=details", "")
	f.Fuzz(func(t *testing.T, name, method, path, query, body string) {
		s := w.sites[name]
		if s == nil || !strings.HasPrefix(path, "/") {
			return
		}
		request, err := http.NewRequestWithContext(t.Context(), method, "http://host/", strings.NewReader(body))
		if err != nil {
			return
		}
		request.URL.Path, request.URL.RawQuery = path, query
		contentType := "application/json"
		if strings.Contains(body, "grant_type") {
			contentType = "application/x-www-form-urlencoded"
		}
		request.Header = http.Header{
			"Authorization": {"Bearer " + tokens[name]}, "Accept": {"application/json"}, "Content-Type": {contentType},
		}
		recorder := httptest.NewRecorder()
		s.ServeHTTP(recorder, request)
		if content := recorder.Body.Bytes(); len(content) > 0 && !json.Valid(content) {
			t.Errorf("%s %s?%s = %d, not JSON: %q", method, path, query, recorder.Code, content)
		}
	})
}

func BenchmarkAnswers(b *testing.B) {
	w, err := NewWorld(Options{Scenario: calm, Agents: 10_000})
	if err != nil {
		b.Fatal(err)
	}
	const short = "?fields=agentId,agentStateId,agentStateName,isACW,outStateId,outStateDescription,lastUpdateTime"
	for name, tt := range map[string]struct{ site, path string }{
		"agents":      {us, services + "/agents/states"},
		"agent_short": {us, services + "/agents/states" + short},
		"skills":      {us, services + "/skills/activity"},
		"contacts":    {us, services + "/contacts/active?top=1&mediaTypeId=4"},
		"edges":       {emea, telephony + "?pageSize=100"},
		"trunks":      {emea, telephony + "/trunks?pageSize=100"},
		"calls":       {emea, "/api/v2/telephony/calls/metrics"},
		"summary":     {status, "/api/v2/summary.json"},
	} {
		b.Run(name, func(b *testing.B) {
			s := w.sites[tt.site]
			bearer := ""
			for b.Loop() {
				if s.keys != nil { // a token each, so that none meets its limit
					bearer = "Bearer " + s.keys.issue(time.Now(), time.Hour, func(random string, _ *token) string { return random }).value
				}
				request := httptest.NewRequest(http.MethodGet, tt.path, nil)
				request.Header = http.Header{"Authorization": {bearer}, "Accept": {"application/json"}}
				recorder := httptest.NewRecorder()
				s.ServeHTTP(recorder, request)
				if recorder.Code != http.StatusOK {
					b.Fatal(recorder.Code, recorder.Body)
				}
				w.RevokeTokens(tt.site)
			}
		})
	}
}
