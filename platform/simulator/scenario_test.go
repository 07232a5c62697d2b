package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestUnknownScenario(t *testing.T) {
	_, err := NewWorld(Options{Scenario: "storm"})
	want := `unknown scenario "storm": want one of calm, tour, trunk-outage, api-slow, rate-limited, auth-broken, edge-offline, region-degraded, maintenance, queue-stalled, stream-flapping, bad-audio, voice-down, bad-carriers, stream-down, webhooks-silent, short-tokens, clock-skew, agents-dropped, agents-not-responding, double-booked, source-lost, quota-near, client-expiring`
	if err == nil || err.Error() != want {
		t.Errorf("NewWorld = %v, want %s", err, want)
	}
	w := made(t, Options{Scenario: trunkOutage})
	if err := w.SetScenario(""); err == nil {
		t.Error("SetScenario accepts an empty name")
	}
	if name, _ := w.Scenario(); name != trunkOutage {
		t.Errorf("a bad SetScenario has changed the scenario to %s", name)
	}
	if _, err := NewWorld(Options{Agents: -1}); err == nil {
		t.Error("NewWorld accepts a negative number of agents")
	}
}

func TestTour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Scenario: tour, Pace: 10})
		var stops []string
		began := time.Now()
		for time.Since(began) < 2*time.Minute {
			name, since := w.Scenario()
			if len(stops) == 0 || stops[len(stops)-1] != name {
				stops = append(stops, name)
				if since > time.Second {
					t.Errorf("%s began %v ago", name, since)
				}
			}
			<-time.After(time.Second)
		}
		want := []string{
			calm, trunkOutage, calm, apiSlow, calm, rateLimited, calm, authBroken, calm, edgeOffline, calm, regionDegraded, calm,
			maintenance, calm, queueStalled, calm, streamFlapping, calm, badAudio,
		}
		if diff := cmp.Diff(want, stops); diff != "" {
			t.Errorf("stops of two minutes at pace 10 (-want +got):\n%s", diff)
		}
		<-time.After(24 * time.Hour) // no request for a day
		if _, since := w.Scenario(); since > 11*time.Second {
			t.Errorf("after a day the stop is %v old", since)
		}
	})
}

// bases counts, per trunk base, the instances and how many of them are connected, and the proxies that answer.
func bases(t *testing.T, c caller) map[string]string {
	t.Helper()
	count, connected, up := map[string]int{}, map[string]int{}, map[string]int{}
	for _, one := range all(t, c, telephony+"/trunks?trunkType=EXTERNAL", "100") {
		base := one["trunkBase"].(map[string]any)["name"].(string)
		count[base]++
		if one["connectedStatus"].(map[string]any)["connected"].(bool) {
			connected[base]++
		}
		for _, option := range items(t, one, "optionsStatus") {
			if option["optionState"].(bool) {
				up[base]++
			} else if option["errorInfo"] == nil {
				t.Errorf("%s: a proxy is down without errorInfo", base)
			}
		}
	}
	reported := map[string]string{}
	for base, n := range count {
		reported[base] = fmt.Sprintf("%d/%d connected, %d proxies", connected[base], n, up[base])
	}
	return reported
}

func TestTrunkOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 1000})
		c, other := loggedOn(t, w, emea), loggedOn(t, w, americas)
		before := bases(t, c)
		if before[carriers[0]] != "5/5 connected, 10 proxies" || before[carriers[4]] != "5/5 connected, 0 proxies" {
			t.Errorf("in calm: %v", before)
		}
		inbound, _ := calls(t, c)
		<-time.After(time.Second)
		if err := w.SetScenario(trunkOutage); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{carriers[0]: "0/5 connected, 0 proxies", carriers[1]: "2/5 connected, 2 proxies"}
		for base, now := range bases(t, c) {
			if want[base] == "" {
				want[base] = before[base]
			}
			if now != want[base] {
				t.Errorf("%s: %s, want %s", base, now, want[base])
			}
		}
		if diff := cmp.Diff(before, bases(t, other)); diff != "" {
			t.Errorf("the other org is touched (-calm +now):\n%s", diff)
		}
		if n, _ := calls(t, c); n < inbound/2 {
			t.Errorf("%d calls are left of %d: the other trunks should carry them", n, inbound)
		}
		down := all(t, c, telephony+"/trunks?trunkType=EXTERNAL", "100")[0]
		at := down["connectedStatus"].(map[string]any)["connectedStateTime"]
		if down["trunkBase"].(map[string]any)["name"] == carriers[0] && at != iso(time.Now()) {
			t.Errorf("connectedStateTime %v, want %v", at, iso(time.Now()))
		}
		noViolations(t, w)
	})
}

func TestAPISlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Scenario: apiSlow})
		for name, limits := range map[string][2]time.Duration{
			americas: {900 * time.Millisecond, 1500 * time.Millisecond},
			us:       {200 * time.Millisecond, 500 * time.Millisecond},
			emea:     {0, 0},
		} {
			c, path := loggedOn(t, w, name), "/api/v2/date"
			if name == us {
				path = services + "/server-time"
			}
			began := time.Now()
			c.ok(path)
			if d := time.Since(began); d < limits[0] || d > limits[1] {
				t.Errorf("%s took %v, want %v", name, d, limits)
			}
		}
	})
}

func TestRateLimited(t *testing.T) {
	w := made(t, Options{Scenario: rateLimited})
	for name, tt := range map[string]struct {
		path       string
		status     int
		retryAfter bool
	}{
		emea:     {"/api/v2/date", 429, true},
		us:       {services + "/server-time", 429, false},
		americas: {"/api/v2/date", 200, false},
	} {
		c := loggedOn(t, w, name)
		var last read
		for range scarcePerMinute + 1 {
			last = c.get(tt.path)
		}
		if last.status != tt.status || (last.header.Get("Retry-After") != "") != tt.retryAfter {
			t.Errorf("%s = %d %v", name, last.status, last.header)
		}
	}
}

func TestAuthBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{})
		paths := map[string]string{americas: "/api/v2/date", us: services + "/server-time", emea: "/api/v2/date"}
		old := map[string]caller{}
		for name := range paths {
			old[name] = loggedOn(t, w, name)
		}
		expect := func(when string, name string, login, call int) {
			t.Helper()
			id, secret := w.Credentials(name)
			var r read
			if name == us {
				r = cxoneLogin(t, w, id, secret)
			} else {
				r = genesysLogin(t, w, name, id, secret)
			}
			if n := old[name].get(paths[name]).status; n != call || r.status != login {
				t.Errorf("%s: %s: login %d, call %d; want %d, %d", when, name, r.status, n, login, call)
			}
		}
		for _, step := range []struct {
			scenario    string
			login, call int
		}{{calm, 200, 200}, {authBroken, 401, 401}, {calm, 200, 401}} {
			<-time.After(time.Second)
			if err := w.SetScenario(step.scenario); err != nil {
				t.Fatal(err)
			}
			expect(step.scenario, americas, step.login, step.call)
			expect(step.scenario, us, step.login, step.call)
			expect(step.scenario, emea, 200, 200)
		}
		noViolations(t, w)
	})
}

func TestEdgeOffline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{})
		c := loggedOn(t, w, emea)
		<-time.After(time.Minute)
		if err := w.SetScenario(edgeOffline); err != nil {
			t.Fatal(err)
		}
		<-time.After(5 * time.Minute)
		own := all(t, c, telephony+"?showCloudMedia=false", "100")
		if got, want := column(own, "onlineStatus"), []string{"ONLINE", "OFFLINE", "ONLINE", "ONLINE"}; !slices.Equal(got, want) {
			t.Errorf("edges are %v, want %v", got, want)
		}
		id := own[1]["id"].(string)
		m := metrics(t, c, telephony+"/metrics", "edgeIds", []string{id})
		if at := m[0]["eventTime"]; at != iso(time.Now().Add(-5*time.Minute)) {
			t.Errorf("eventTime of the dead edge is %v", at)
		}
		trunks := all(t, c, telephony+"/trunks?edge.id="+id, "100")
		for _, one := range trunks {
			if one["connectedStatus"].(map[string]any)["connected"].(bool) || one["enabled"].(bool) {
				t.Errorf("trunk on the dead edge: %v", one)
			}
		}
		if len(trunks) < 5 {
			t.Errorf("%d trunks on the edge", len(trunks))
		}
	})
}

func TestRegionDegradedProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{})
		c := loggedOn(t, w, emea)
		id, secret := w.Credentials(emea)
		if err := w.SetScenario(regionDegraded); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{503, 200, 503} {
			r := c.do("HEAD", "/api/v2/tokens/me", "")
			if login := genesysLogin(t, w, emea, id, secret); r.status != want || login.status != want {
				t.Errorf("probe = %d, login = %d, want %d", r.status, login.status, want)
			}
			<-time.After(21 * time.Second)
		}
	})
}

func TestMaintenance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Scenario: maintenance})
		c := loggedOn(t, w, americas)
		draining := func() obj { return all(t, c, telephony+"?showCloudMedia=false", "100")[0] }
		first := draining()
		<-time.After(30 * time.Second)
		later := draining()
		if first["callDrainingState"] != "WAIT" || first["conversationCount"].(float64) <= later["conversationCount"].(float64) {
			t.Errorf("draining: %v, then %v", first, later)
		}
		<-time.After(10 * time.Minute)
		if n := draining()["conversationCount"]; n != 0.0 {
			t.Errorf("%v conversations are left after ten minutes", n)
		}
	})
}

// TestCloudChurn waits until every cloud media edge has been replaced.
func TestCloudChurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{})
		c := loggedOn(t, w, emea)
		edges := func() []string { return column(all(t, c, telephony, "100"), "id") }
		first := edges()
		<-time.After(cloudEdgeLife / cloudEdges)
		second := edges()
		<-time.After(cloudEdgeLife)
		third := edges()
		kept := func(a, b []string) (n int) {
			for _, id := range a {
				if slices.Contains(b, id) {
					n++
				}
			}
			return n
		}
		if n := kept(first, second); n != cloudEdges+4-1 {
			t.Errorf("%d of %d edges are left after one change", n, len(first))
		}
		if n := kept(first, third); n != 4 {
			t.Errorf("%d of %d edges are left after a life, want the org's own 4", n, len(first))
		}
		r := c.get(telephony + "/metrics?edgeIds=" + strings.Join(first, ","))
		if r.status != http.StatusBadRequest {
			t.Errorf("metrics of old edges = %d", r.status)
		}
	})
}
