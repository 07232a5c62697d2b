package simulator

import (
	"fmt"
	"net"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestFixedPorts starts a world on a port that was free a moment ago, with three after it.
func TestFixedPorts(t *testing.T) {
	for range 20 {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		w := made(t, Options{})
		if w.Start(t.Context(), "127.0.0.1:"+strconv.Itoa(port)) != nil {
			continue // one of the four is taken
		}
		for i, name := range names {
			if want := fmt.Sprintf("http://127.0.0.1:%d", port+i); w.URL(name) != want {
				t.Errorf("URL(%s) = %s, want %s", name, w.URL(name), want)
			}
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		return
	}
	t.Error("no four free ports in a row in 20 tries")
}

func TestFilters(t *testing.T) {
	w := made(t, Options{})
	c := loggedOn(t, w, emea)
	edge := all(t, c, telephony+"?showCloudMedia=false", "100")[2]
	trunk := all(t, c, telephony+"/trunks?trunkType=EXTERNAL", "100")[0]
	id := func(of obj, key string) string { return of[key].(map[string]any)["id"].(string) }
	for path, want := range map[string]int{
		telephony + "?managed=true":                                           cloudEdges,
		telephony + "?managed=false":                                          4,
		telephony + query("name", edge["name"].(string)):                      1,
		telephony + query("site.id", id(edge, "site")):                        2,
		telephony + query("edgeGroup.id", id(edge, "edgeGroup")):              4,
		telephony + "/trunks" + query("trunkBase.id", id(trunk, "trunkBase")): 5,
		telephony + "/trunks?edge.id=nowhere":                                 0,
		telephony + "/trunks?trunkType=EDGE":                                  4,
	} {
		if n := len(all(t, c, path, "100")); n != want {
			t.Errorf("%s = %d entities, want %d", path, n, want)
		}
	}
	ascending := column(all(t, c, telephony+"/trunks?sortOrder=ASC", "100"), "name")
	descending := column(all(t, c, telephony+"/trunks?sortOrder=DESC", "100"), "name")
	if ascending[0] != descending[len(descending)-1] || ascending[0] >= descending[0] {
		t.Errorf("ascending from %s, descending from %s", ascending[0], descending[0])
	}
	retired := items(t, c.ok("/api/v2/presence/definitions?deactivated=TRUE"), "entities")
	if names := column(retired, "name"); !cmp.Equal(names, []string{"Old Project"}) {
		t.Errorf("deactivated definitions: %v", names)
	}
	abroad := items(t, c.ok("/api/v2/presence/definitions?divisionId="+w.uuid(emea, "division", "Germany")), "entities")
	if n := len(items(t, c.ok("/api/v2/presence/definitions"), "entities")); len(abroad) != 11 || n != 15 {
		t.Errorf("%d of %d definitions in one division, want 10 of System and 1 of its own", len(abroad), n)
	}
	noViolations(t, w)
}

// TestCallMetrics compares the org's calls with those of its trunks.
func TestCallMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 1000})
		c := loggedOn(t, w, emea)
		inbound, outbound := calls(t, c)
		sum := 0.0
		for _, kind := range []string{"cloud", "premises"} {
			v := c.ok("/api/v2/telephony/calls/metrics?metricType=" + kind)
			n, capacity := v["concurrentCallCount"].(float64), v["maxCallCapacity"].(float64)
			if n == 0 || n > capacity || v["usage"].(float64) != 100*n/capacity {
				t.Errorf("%s: %v", kind, v)
			}
			sum += n
		}
		if int(sum) != inbound+outbound {
			t.Errorf("%v calls in the org, %d on its trunks", sum, inbound+outbound)
		}
	})
}

// TestAgentRows looks at every form that an agent's row can have.
func TestAgentRows(t *testing.T) {
	w := made(t, Options{Agents: 2000})
	c := loggedOn(t, w, us)
	codes := map[float64]string{-1: "Refused"}
	for _, code := range items(t, c.ok(services+"/unavailable-codes?isActive=true"), "unavailableCodes") {
		codes[code["id"].(float64)] = code["name"].(string)
		if acw := code["name"] == wrapUpCode.name; code["isACW"] != acw {
			t.Errorf("code %v", code)
		}
	}
	if retired := items(t, c.ok(services+"/unavailable-codes?isActive=false"), "unavailableCodes"); len(retired) != 1 || codes[retired[0]["id"].(float64)] != "" {
		t.Errorf("codes that are not active: %v", retired)
	}
	states := map[float64]string{}
	for _, s := range items(t, c.ok(services+"/agents-states"), "agentStates") {
		states[s["agentStateId"].(float64)] = s["agentStateName"].(string)
	}
	seen := map[string]int{}
	for _, r := range items(t, c.ok(services+"/agents/states"), "agentStates") {
		state := r["agentStateId"].(float64)
		busy := state >= 3 && state <= 7
		if r["agentStateName"] != states[state] || (r["contactId"] != nil) != busy || (r["skillName"] != nil) != busy ||
			(r["outStateId"] != nil) != (state == 2) || (r["startDate"] != nil) != (state != 0) || (r["openContacts"] == 1.0) != busy {
			t.Errorf("row %v", r)
		}
		if out, ok := r["outStateId"].(float64); ok && r["outStateDescription"] != codes[out] {
			t.Errorf("outStateId %v is named %v, want %s", out, r["outStateDescription"], codes[out])
		}
		if acw := r["outStateDescription"] == wrapUpCode.name; r["isACW"] != acw {
			t.Errorf("isACW of %v", r)
		}
		at, err := time.Parse("2006-01-02T15:04:05.0000000Z", r["lastUpdateTime"].(string))
		if err != nil || at.After(time.Now()) {
			t.Errorf("lastUpdateTime %v: %v", r["lastUpdateTime"], err)
		}
		seen[fmt.Sprintf("%v acw=%v refused=%v", state, r["isACW"], r["outStateId"] == -1.0)]++
	}
	for _, form := range []string{
		"0 acw=false refused=false", "1 acw=false refused=false", "2 acw=false refused=false", "2 acw=true refused=false",
		"2 acw=false refused=true", "3 acw=false refused=false", "4 acw=false refused=false", "7 acw=false refused=false",
	} {
		if seen[form] == 0 {
			t.Errorf("no agent in state %s: %v", form, seen)
		}
	}
	noViolations(t, w)
}

// TestSkillDeltas wants skills that have not changed to be left out, and a waiting time that goes on.
func TestSkillDeltas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 3})
		c := loggedOn(t, w, us)
		first := c.ok(services + "/skills/activity")
		earliest := map[any]any{}
		for _, s := range items(t, first, "skillActivity") {
			earliest[s["skillId"]] = s["earliestQueueTime"]
		}
		<-time.After(skillPeriod)
		later := c.ok(services + "/skills/activity" + query("updatedSince", first["lastPollTime"].(string)))
		if n := later["totalRecords"].(float64); n == 0 || n == skillCount {
			t.Errorf("%v skills have changed in one period, with three agents", n)
		}
		goesOn := 0
		for _, s := range items(t, c.ok(services+"/skills/activity"), "skillActivity") {
			if s["earliestQueueTime"] != nil && s["earliestQueueTime"] == earliest[s["skillId"]] {
				goesOn++
			}
		}
		if goesOn == 0 {
			t.Error("no contact has waited for two periods")
		}
	})
}
