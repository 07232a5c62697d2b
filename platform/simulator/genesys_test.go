package simulator

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const telephony = "/api/v2/telephony/providers/edges"

// TestGenesysEndpoints asks every call over a real socket and looks for the fields that its definition has.
func TestGenesysEndpoints(t *testing.T) {
	w := started(t, Options{})
	c := loggedOn(t, w, emea)
	for _, tt := range []struct {
		method, path, body string
		keys               []string
	}{
		{"GET", "/api/v2/tokens/me?preserveIdleTTL=true", "", []string{"organization", "OAuthClient", "dateTokenIdles"}},
		{"GET", "/api/v2/date", "", []string{"currentDate"}},
		{"GET", "/api/v2/organizations/limits/namespaces/platform.api", "", []string{"entities"}},
		{"GET", telephony + "?pageSize=100&showCloudMedia=true", "", []string{"entities", "pageCount", "totalNumberOfEntities"}},
		{"GET", telephony + "/trunks?trunkType=EXTERNAL&pageSize=100", "", []string{"entities", "pageCount", "totalNumberOfEntities"}},
		{"GET", "/api/v2/telephony/calls/metrics?metricType=cloud", "", []string{"usage", "maxCallCapacity", "concurrentCallCount"}},
		{"POST", "/api/v2/analytics/agents/status/counts?groupBy=presence&groupBy=routingStatus", "{}", []string{"presenceCounts", "routingStatusCounts"}},
		{"GET", "/api/v2/presence/definitions?deactivated=false&localeCode=ALL", "", []string{"entities", "total"}},
		{"GET", "/api/v2/routing/queues/divisionviews/all?pageSize=500", "", []string{"entities", "pageCount"}},
		{"GET", "/api/v2/system/health", "", []string{"status", "latency", "media", "database"}},
		{"GET", "/api/v2/health/details?expand=details&status=healthy", "", []string{"entities", "pageCount"}},
	} {
		r := c.do(tt.method, tt.path, tt.body)
		if r.status != http.StatusOK {
			t.Errorf("%s %s = %d %s", tt.method, tt.path, r.status, r.body)
			continue
		}
		v := r.json(t)
		for _, key := range tt.keys {
			if v[key] == nil {
				t.Errorf("%s %s: no %q in %s", tt.method, tt.path, key, r.body)
			}
		}
		if len(r.header.Get("ININ-Correlation-Id")) != 36 || r.header.Get("inin-ratelimit-allowed") != "300" {
			t.Errorf("%s %s: headers %v", tt.method, tt.path, r.header)
		}
	}
	if r := c.do("HEAD", "/api/v2/tokens/me", ""); r.status != http.StatusOK || len(r.body) != 0 {
		t.Errorf("HEAD /api/v2/tokens/me = %d %q", r.status, r.body)
	}
	noViolations(t, w)
	if n := w.Calls(emea)["GET "+telephony]; n != 1 {
		t.Errorf("counted %d calls of edges: %v", n, w.Calls(emea))
	}
	w.ResetCalls()
	if n := len(w.Calls(emea)); n != 0 {
		t.Errorf("%d counts after ResetCalls", n)
	}
}

// all reads every page of a Genesys list.
func all(t *testing.T, c caller, path, size string) (entities []obj) {
	t.Helper()
	glue := "?"
	if strings.Contains(path, "?") {
		glue = "&"
	}
	next := path + glue + "pageSize=" + size
	for next != "" {
		v := c.ok(next)
		entities = append(entities, items(t, v, "entities")...)
		if float64(len(entities)) > v["total"].(float64) {
			t.Fatalf("%s: more than total %v", path, v["total"])
		}
		next, _ = v["nextUri"].(string)
	}
	return entities
}

func column(entities []obj, key string) (values []string) {
	for _, e := range entities {
		values = append(values, e[key].(string))
	}
	return values
}

func TestGenesysPaging(t *testing.T) {
	w := made(t, Options{TrunkInstances: 230})
	c := loggedOn(t, w, emea)
	for path, want := range map[string]int{
		telephony:                                  cloudEdges + 4,
		telephony + "?showCloudMedia=false":        4,
		telephony + "/trunks?trunkType=EXTERNAL":   230,
		telephony + "/trunks?trunkType=PHONE":      4,
		telephony + "/trunks":                      238,
		"/api/v2/routing/queues/divisionviews/all": 60,
		"/api/v2/health/details":                   len(healthParts),
	} {
		whole, pieces := column(all(t, c, path, "100"), "id"), column(all(t, c, path, "7"), "id")
		if diff := cmp.Diff(whole, pieces); diff != "" || len(whole) != want {
			t.Errorf("%s: %d entities, want %d; in small pages (-100 +7):\n%s", path, len(whole), want, diff)
		}
		slices.Sort(whole)
		if n := len(slices.Compact(whole)); n != want {
			t.Errorf("%s: %d different ids, want %d", path, n, want)
		}
	}
	past := c.ok(telephony + "?pageSize=5&pageNumber=99")
	if len(items(t, past, "entities")) != 0 || past["pageCount"].(float64) != 3 {
		t.Errorf("page past the end: %v", past)
	}
	noViolations(t, w)
}

// metrics asks for the metrics of all ids, a hundred at a time.
func metrics(t *testing.T, c caller, path, parameter string, ids []string) (all []obj) {
	t.Helper()
	for batch := range slices.Chunk(ids, 100) {
		r := c.get(path + query(parameter, strings.Join(batch, ",")))
		if r.status != http.StatusOK {
			t.Fatalf("%s = %d %s", path, r.status, r.body)
		}
		all = append(all, r.array(t)...)
	}
	return all
}

func calls(t *testing.T, c caller) (inbound, outbound int) {
	t.Helper()
	trunks := all(t, c, telephony+"/trunks?trunkType=EXTERNAL", "100")
	for _, m := range metrics(t, c, telephony+"/trunks/metrics", "trunkIds", column(trunks, "id")) {
		in := m["calls"].(map[string]any)
		inbound += int(in["inboundCallCount"].(float64))
		outbound += int(in["outboundCallCount"].(float64))
	}
	return inbound, outbound
}

func TestGenesysMetrics(t *testing.T) {
	w := made(t, Options{Agents: 1000})
	c := loggedOn(t, w, americas)
	edges := column(all(t, c, telephony, "100"), "id")
	for _, m := range metrics(t, c, telephony+"/metrics", "edgeIds", edges) {
		at, err := time.Parse(time.RFC3339, m["eventTime"].(string))
		if err != nil || time.Since(at) > time.Minute || len(items(t, m, "processors")) == 0 || len(items(t, m, "memory")) != 2 {
			t.Errorf("edge metrics: %v %v", m, err)
		}
	}
	stale := c.get(telephony + "/metrics?edgeIds=" + edges[0] + "," + w.uuid("gone"))
	details := items(t, stale.json(t), "details")
	if stale.status != http.StatusBadRequest || details[0]["errorCode"] != "REFERENCED_KEY_DOES_NOT_EXIST" || details[0]["fieldName"] != "edgeId" {
		t.Errorf("stale id = %d %s", stale.status, stale.body)
	}
	inbound, outbound := calls(t, c)
	engaged := 0
	for _, one := range items(t, c.do("POST", "/api/v2/analytics/agents/status/counts?groupBy=routingStatus", "{}").json(t), "routingStatusCounts") {
		if one["routingStatus"] == "INTERACTING" || one["routingStatus"] == "COMMUNICATING" {
			engaged += int(one["count"].(float64))
		}
	}
	if outbound == 0 || inbound+outbound < engaged/2 || inbound+outbound > engaged*3/2 {
		t.Errorf("%d inbound and %d outbound calls with %d agents engaged", inbound, outbound, engaged)
	}
	noViolations(t, w)
}

func TestGenesysAgents(t *testing.T) {
	w := made(t, Options{Agents: 1500})
	c := loggedOn(t, w, emea)
	counts := c.do("POST", "/api/v2/analytics/agents/status/counts"+query("groupBy", "presence", "groupBy", "routingStatus"), "{}").json(t)
	sum := func(key, word, value string) (all, matching int) {
		for _, one := range items(t, counts, key) {
			n := int(one["count"].(float64))
			if n == 0 {
				t.Errorf("%s has a zero count: %v", key, one)
			}
			all += n
			if one[word] == value {
				matching += n
			}
		}
		return all, matching
	}
	byPresence, onQueue := sum("presenceCounts", "systemPresence", "ON_QUEUE")
	byRouting, offQueue := sum("routingStatusCounts", "routingStatus", "OFF_QUEUE")
	if byPresence != 1500 || byRouting != 1500 || onQueue != 1500-offQueue || onQueue == 0 {
		t.Errorf("presences %d (%d on queue), routing statuses %d (%d off queue)", byPresence, onQueue, byRouting, offQueue)
	}
	known := map[string]string{}
	for _, d := range c.ok("/api/v2/presence/definitions")["entities"].([]any) {
		definition := d.(map[string]any)
		known[definition["id"].(string)] = strings.ToUpper(definition["systemPresence"].(string))
	}
	for _, p := range items(t, counts, "presenceCounts") {
		if want := strings.ReplaceAll(p["systemPresence"].(string), "_", ""); known[p["organizationPresenceId"].(string)] != want {
			t.Errorf("presence %v is defined as %q", p, known[p["organizationPresenceId"].(string)])
		}
	}
	names := column(items(t, c.ok("/api/v2/presence/definitions"), "entities"), "name")
	if n := len(slices.DeleteFunc(names, func(name string) bool { return name != "Lunch" })); n != 2 {
		t.Errorf("%d presences are named Lunch, want 2", n)
	}
	segments := c.do("POST", "/api/v2/analytics/agents/status/counts", "{}").json(t)
	if len(items(t, segments, "segmentCounts")) == 0 || len(items(t, segments, "presenceCounts")) != 0 {
		t.Errorf("without groupBy: %v", segments)
	}
	noViolations(t, w)
}
