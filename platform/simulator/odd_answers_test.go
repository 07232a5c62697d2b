package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestOneOperationFails lets one operation fail and asks those above and below it.
func TestOneOperationFails(t *testing.T) {
	w := made(t, Options{})
	c := loggedOn(t, w, emea)
	id := items(t, c.ok(telephony+"/trunks?pageSize=1"), "entities")[0]["id"].(string)
	paths := []string{telephony, telephony + "/trunks", telephony + "/trunks/metrics?trunkIds=" + id, "/api/v2/telephony/calls/metrics"}
	statuses := func() (all []int) {
		for _, path := range paths {
			all = append(all, c.get(path).status)
		}
		return all
	}
	for _, tt := range []struct {
		fault Fault
		want  []int
	}{
		{Fault{Path: telephony, Exact: true, Status: 503, Code: "service.unavailable"}, []int{503, 200, 200, 200}},
		{Fault{Path: telephony + "/trunks", Exact: true, Status: 503}, []int{200, 503, 200, 200}},
		{Fault{Path: telephony + "/trunks/metrics", Status: 503}, []int{200, 200, 503, 200}},
		{Fault{Path: "/api/v2/telephony/calls/metrics", Status: 404, Code: "not.found"}, []int{200, 200, 200, 404}},
		{Fault{Path: "/api/v2/", Status: 401, Code: "ip.not.authorized"}, []int{401, 401, 401, 401}},
	} {
		remove := w.Inject(emea, tt.fault)
		if diff := cmp.Diff(tt.want, statuses()); diff != "" {
			t.Errorf("%+v: statuses (-want +got):\n%s", tt.fault, diff)
		}
		if tt.fault.Code != "" && tt.want[0] == tt.fault.Status {
			if v := c.get(telephony).json(t); v["code"] != tt.fault.Code || v["contextId"] == nil {
				t.Errorf("body %v, want code %s in the vendor's form", v, tt.fault.Code)
			}
		}
		loggedOn(t, w, emea) // the login host is not touched
		remove()
	}
	w.Inject(emea, Fault{Path: telephony, Exact: true, Status: 503, Times: 2})
	if got, want := fmt.Sprint(statuses()[0], statuses()[0], statuses()[0]), "503 503 200"; got != want {
		t.Errorf("two faults answer %s, want %s", got, want)
	}
	noViolations(t, w)
}

// TestEmptyAnswers gets the three forms of nothing to requests without a condition.
func TestEmptyAnswers(t *testing.T) {
	w := started(t, Options{})
	c := loggedOn(t, w, us)
	for _, status := range []int{http.StatusNoContent, http.StatusNotModified, http.StatusOK} {
		remove := w.Inject(us, Fault{Path: "/incontactapi/services/*/agents/states", Status: status})
		if r := c.get(services + "/agents/states"); r.status != status || len(r.body) != 0 {
			t.Errorf("answer = %d %q, want %d without a body", r.status, r.body, status)
		}
		remove()
	}
	w.Inject(us, Fault{Path: services + "/server-time", Rewrite: WithBOM, Times: 1})
	if r := c.get(services + "/server-time"); r.status != 200 || !strings.HasPrefix(string(r.body), "\ufeff{") {
		t.Errorf("answer = %d %q, want a byte order mark before the object", r.status, r.body)
	}
}

func TestRateLimitFaults(t *testing.T) {
	w := started(t, Options{})
	c := loggedOn(t, w, emea)
	now := time.Date(2026, 11, 26, 8, 30, 0, 0, time.UTC)
	forms := RateLimitFaults(42*time.Second, now)
	got := map[string]string{}
	for name, f := range forms {
		f.Times = 1
		w.Inject(emea, f)
		r := c.get("/api/v2/date")
		if r.status != 429 {
			t.Errorf("%s = %d", name, r.status)
		}
		got[name] = strings.Join(r.header.Values("Retry-After"), "|")
	}
	want := map[string]string{
		"seconds": "42", "date": "Thu, 26 Nov 2026 08:30:42 GMT", "date RFC 850": "Thursday, 26-Nov-26 08:30:42 GMT",
		"date asctime": "Thu Nov 26 08:30:42 2026", "fraction": "42.0", "message": "", "reset": "", "none": "", "empty": "",
		"negative": "-5", "nonsense": "soon", "past": "Thu, 26 Nov 2026 07:30:00 GMT", "huge": "31536000",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Retry-After (-want +got):\n%s", diff)
	}
}

// TestListShapes follows _links.next through lists in each form.
func TestListShapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 50})
		c := loggedOn(t, w, us)
		lists := map[string]string{"/agents/states": "agentStates", "/skills/activity": "skillActivity", "/unavailable-codes": "unavailableCodes"}
		for path, key := range lists {
			w.ShapeLists(ListShape{})
			whole := items(t, c.ok(services+path), key)
			w.ShapeLists(ListShape{PageLimit: 7, NoTotal: true})
			var pieces []obj
			for next := services + path; next != ""; {
				v := c.ok(next)
				if _, reported := v["totalRecords"]; reported || len(items(t, v, key)) > 7 {
					t.Errorf("%s: %d rows, totalRecords %v", path, len(items(t, v, key)), v["totalRecords"])
				}
				pieces = append(pieces, items(t, v, key)...)
				next, _ = v["_links"].(map[string]any)["next"].(string)
			}
			if diff := cmp.Diff(whole, pieces); diff != "" {
				t.Errorf("%s (-whole +paged):\n%s", path, diff)
			}
			w.ShapeLists(ListShape{Empty: true, Null: true, NoLinks: true})
			v := c.ok(services + path)
			list, there := v[key]
			if v["totalRecords"] != 0.0 || list != nil || !there || v["_links"] != nil {
				t.Errorf("%s without rows: %v", path, v)
			}
		}
		noViolations(t, w)
	})
}

// TestOddAgents compares the counts with and without odd agents.
func TestOddAgents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 500})
		c := loggedOn(t, w, emea)
		counts := func() map[string]int {
			got := map[string]int{}
			v := c.do("POST", "/api/v2/analytics/agents/status/counts?groupBy=presence&groupBy=routingStatus", "{}").json(t)
			for _, p := range items(t, v, "presenceCounts") {
				got[p["systemPresence"].(string)] += int(p["count"].(float64))
			}
			for _, s := range items(t, v, "routingStatusCounts") {
				got[s["routingStatus"].(string)] += int(s["count"].(float64))
			}
			return got
		}
		want := counts()
		if !w.SetOddAgents(emea, OddAgents{InteractingOnBreak: 3, CommunicatingOffQueue: 5, UnknownRouting: 2}) || w.SetOddAgents(us, OddAgents{}) {
			t.Error("SetOddAgents mistakes the sites")
		}
		for word, change := range map[string]int{"ON_QUEUE": -3, "BREAK": 3, "OFF_QUEUE": -5, "COMMUNICATING": 5, "IDLE": -2, "UNKNOWN": 2} {
			want[word] += change
		}
		if diff := cmp.Diff(want, counts()); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
	})
}

// TestCloudOnly looks at an org without edges of its own.
func TestCloudOnly(t *testing.T) {
	w := made(t, Options{CloudOnly: true})
	c := loggedOn(t, w, emea)
	if n := len(all(t, c, telephony+"?showCloudMedia=false", "100")); n != 0 {
		t.Errorf("%d own edges", n)
	}
	if n := len(all(t, c, telephony+"/trunks?trunkType=EXTERNAL", "100")); n != 60 {
		t.Errorf("%d trunk instances, want 60", n)
	}
	if r := c.get("/api/v2/telephony/calls/metrics?metricType=premises"); r.status != http.StatusNotFound || r.json(t)["code"] != "not.found" {
		t.Errorf("premises = %d %s", r.status, r.body)
	}
	if v := c.ok("/api/v2/telephony/calls/metrics"); v["concurrentCallCount"] == 0.0 {
		t.Errorf("cloud: %v", v)
	}
	noViolations(t, w)
}
