package simulator

import (
	"cmp"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

func play(t *testing.T, w *World, scenario string) {
	t.Helper()
	if err := w.SetScenario(scenario); err != nil {
		t.Fatal(err)
	}
}

func TestVoiceDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{})
		c, other := loggedOn(t, w, emea), loggedOn(t, w, americas)
		before := bases(t, other)
		<-time.After(time.Second)
		play(t, w, voiceDown)
		for base, reported := range bases(t, c) {
			if !strings.HasPrefix(reported, "0/") || !strings.HasSuffix(reported, " 0 proxies") {
				t.Errorf("%s: %s", base, reported)
			}
		}
		if diff := gocmp.Diff(before, bases(t, other)); diff != "" {
			t.Errorf("the other org is touched (-calm +now):\n%s", diff)
		}
		if in, out := calls(t, c); in+out != 0 {
			t.Errorf("%d calls without a trunk", in+out)
		}
		if v := c.ok("/api/v2/system/health"); v["status"] != "UP" {
			t.Errorf("health document %v", v)
		}
		at := all(t, c, telephony+"/trunks?trunkType=EXTERNAL", "100")[0]["connectedStatus"].(map[string]any)["connectedStateTime"]
		if at != iso(time.Now()) {
			t.Errorf("connectedStateTime %v, want %v", at, iso(time.Now()))
		}
		for _, carrier := range []*carrier{{site: w.sites[emea], number: 2}, {site: w.sites[americas]}} {
			if got, want := carrier.silent(), carrier.site.name == emea; got != want {
				t.Errorf("a carrier of %s is silent = %v, want %v", carrier.site.name, got, want)
			}
		}
	})
}

// exchange is a request of a burst and the time from it to its answer.
type exchange struct{ sent, roundTrip time.Duration }

// jitter is that of a burst over its answers in the order of their arrival (RFC 3550, section 6.4.1).
func jitter(burst []exchange) (jitter time.Duration) {
	slices.SortStableFunc(burst, func(a, b exchange) int { return cmp.Compare(a.sent+a.roundTrip, b.sent+b.roundTrip) })
	for i := range len(burst) - 1 {
		jitter += ((burst[i+1].roundTrip - burst[i].roundTrip).Abs() - jitter) / 16
	}
	return jitter
}

// TestBadCarriers computes what a prober measures with bursts of 20 requests, 200 ms apart.
func TestBadCarriers(t *testing.T) {
	w := made(t, Options{Scenario: badCarriers})
	type seen struct {
		Silent bool
		Lost   int
		Uneven bool // jitter above 400 ms
	}
	got := map[string][]seen{}
	for _, name := range []string{emea, americas} {
		for number := range transports {
			c := &carrier{site: w.sites[name], number: number}
			s := seen{Silent: c.silent()}
			var answered []exchange
			for n := range 20 {
				delay, lost := c.treatment(n)
				if lost {
					s.Lost++
					continue
				}
				answered = append(answered, exchange{time.Duration(n) * 200 * time.Millisecond, delay})
			}
			s.Uneven = jitter(answered) > 400*time.Millisecond
			got[name] = append(got[name], s)
		}
	}
	want := map[string][]seen{emea: {{Silent: true}, {Uneven: true}, {Lost: 10}}, americas: {{}, {}, {}}}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("carriers (-want +got):\n%s", diff)
	}
	if reported := bases(t, loggedOn(t, w, emea))[carriers[silentCarrier]]; reported != "5/5 connected, 10 proxies" {
		t.Errorf("the trunk of the silent carrier: %s", reported)
	}
}

func TestStreamDown(t *testing.T) {
	w := started(t, Options{})
	conn := subscribed(t, w, emea, 1)
	spared := subscribed(t, w, americas, 1)
	play(t, w, streamDown)
	if code := endOf(t, conn); code != -1 {
		t.Errorf("the connection ended with %v", code)
	}
	if r := loggedOn(t, w, emea).do("POST", channels, ""); r.status != http.StatusServiceUnavailable {
		t.Errorf("POST channels = %d", r.status)
	}
	next(t, spared, "v2.analytics")
	play(t, w, calm)
	subscribed(t, w, emea, 1)
	noViolations(t, w)
}

// counter is a receiver that counts.
type counter struct{ n atomic.Int32 }

func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n.Add(1)
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
}

func TestWebhooksSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Scenario: webhooksSilent})
		received := &counter{}
		w.PushWebhooks(t.Context(), Subscription{URL: "http://receiver.test/", DataType: VoiceQualityMetrics, Client: &http.Client{Transport: received}})
		<-time.After(time.Hour)
		if n := received.n.Load(); n != 0 {
			t.Errorf("%d pushes in an hour of silence", n)
		}
		play(t, w, calm)
		<-time.After(time.Minute)
		if n := received.n.Load(); n < 60 {
			t.Errorf("%d pushes in the minute after it", n)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestShortTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{})
		probe := map[string]string{emea: "/api/v2/date", americas: "/api/v2/date", us: services + "/server-time"}
		long, short := map[string]caller{}, map[string]caller{}
		for name := range probe {
			long[name] = loggedOn(t, w, name)
		}
		<-time.After(time.Second)
		play(t, w, shortTokens)
		statuses := func(of map[string]caller) map[string]int {
			got := map[string]int{}
			for name, c := range of {
				got[name] = c.get(probe[name]).status
			}
			return got
		}
		if diff := gocmp.Diff(map[string]int{emea: 200, americas: 401, us: 401}, statuses(long)); diff != "" {
			t.Errorf("tokens from before (-want +got):\n%s", diff)
		}
		for name := range probe {
			short[name] = loggedOn(t, w, name)
		}
		<-time.After(shortLife - time.Second)
		if diff := gocmp.Diff(map[string]int{emea: 200, americas: 200, us: 200}, statuses(short)); diff != "" {
			t.Errorf("after 49 s (-want +got):\n%s", diff)
		}
		<-time.After(time.Second)
		if diff := gocmp.Diff(map[string]int{emea: 200, americas: 401, us: 401}, statuses(short)); diff != "" {
			t.Errorf("after 50 s (-want +got):\n%s", diff)
		}
		id, secret := w.Credentials(us)
		if v := cxoneLogin(t, w, id, secret).json(t); v["expires_in"] != shortLife.Seconds() {
			t.Errorf("expires_in = %v, want %v", v["expires_in"], shortLife.Seconds())
		}
	})
}

func TestClockSkew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Scenario: clockSkew})
		for name, want := range map[string]time.Duration{emea: 0, americas: 90 * time.Second, us: -90 * time.Second} {
			path, key := "/api/v2/date", "currentDate"
			if name == us {
				path, key = services+"/server-time", "ServerTime"
			}
			r := loggedOn(t, w, name).get(path)
			at, err := time.Parse(time.RFC3339Nano, r.json(t)[key].(string))
			if err != nil || time.Until(at) != want {
				t.Errorf("%s: clock %v, want %v ahead", name, r.json(t), want)
			}
			date, err := http.ParseTime(r.header.Get("Date"))
			if want != 0 && (err != nil || time.Until(date) != want) {
				t.Errorf("%s: Date %q, want %v ahead", name, r.header.Get("Date"), want)
			}
		}
	})
}

// routingCounts are the agents of an org by routing status, and all who are logged in.
func routingCounts(t *testing.T, c caller) (byStatus map[string]int, loggedIn int) {
	t.Helper()
	byStatus = map[string]int{}
	v := c.do("POST", "/api/v2/analytics/agents/status/counts?groupBy=presence&groupBy=routingStatus", "{}").json(t)
	for _, s := range items(t, v, "routingStatusCounts") {
		byStatus[s["routingStatus"].(string)] = int(s["count"].(float64))
	}
	for _, p := range items(t, v, "presenceCounts") {
		if p["systemPresence"] != "OFFLINE" {
			loggedIn += int(p["count"].(float64))
		}
	}
	return byStatus, loggedIn
}

// TestAgentsDropped also keeps a table of the tenant's agents by deltas, through the drop and back.
func TestAgentsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 900})
		c, other, cx := loggedOn(t, w, emea), loggedOn(t, w, americas), loggedOn(t, w, us)
		table := map[any]any{}
		since := "0"
		present := func() (n int) {
			r := cx.get(services + "/agents/states?fields=agentId,agentStateId&updatedSince=" + since)
			if r.status != http.StatusNotModified {
				v := r.json(t)
				since = v["lastPollTime"].(string)
				for _, row := range items(t, v, "agentStates") {
					table[row["agentId"]] = row["agentStateId"]
				}
			}
			full := map[any]any{}
			for _, row := range items(t, cx.ok(services+"/agents/states?fields=agentId,agentStateId"), "agentStates") {
				full[row["agentId"]] = row["agentStateId"]
				if row["agentStateId"] != 0.0 {
					n++
				}
			}
			if diff := gocmp.Diff(full, table); diff != "" {
				t.Errorf("table kept by deltas differs (-full +kept):\n%s", diff)
			}
			return n
		}
		<-time.After(time.Minute)
		_, before := routingCounts(t, c)
		people := present()
		<-time.After(time.Second)
		play(t, w, agentsDropped)
		for range 3 {
			<-time.After(time.Minute)
			_, spared := routingCounts(t, other)
			if _, n := routingCounts(t, c); n > before/2 || n < before/4 || spared < before/2 {
				t.Errorf("%d agents are left of %d, in the other org %d", n, before, spared)
			}
			if n := present(); n > people/2 || n < people/4 {
				t.Errorf("%d agents are left of %d in the tenant", n, people)
			}
		}
		<-time.After(time.Second)
		play(t, w, calm)
		<-time.After(time.Second)
		if _, n := routingCounts(t, c); n < before/2 {
			t.Errorf("%d of %d agents have come back", n, before)
		}
		if n := present(); n < people/2 {
			t.Errorf("%d of %d agents of the tenant have come back", n, people)
		}
	})
}

func TestAgentsNotResponding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 1000})
		for scenario, want := range map[string]bool{calm: false, agentsNotResponding: true} {
			play(t, w, scenario)
			<-time.After(10 * time.Minute)
			c := loggedOn(t, w, emea)
			byStatus, loggedIn := routingCounts(t, c)
			if share := float64(byStatus["NOT_RESPONDING"]) / float64(loggedIn); (share > 0.3) != want || (share < 0.02) == want {
				t.Errorf("%s: %.2f of %d agents do not respond", scenario, share, loggedIn)
			}
			reported := observe(t, c, w.Queues(emea))
			if share := float64(total(reported, "oOnQueueUsers NOT_RESPONDING")) / float64(total(reported, "oOnQueueUsers")); (share > 0.05) != want {
				t.Errorf("%s: %.2f of the members of queues do not respond", scenario, share)
			}
		}
	})
}
