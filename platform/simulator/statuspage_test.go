package simulator

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// worded returns the status of each component, or entity, by name.
func worded(entities []obj) map[string]string {
	words := map[string]string{}
	for _, e := range entities {
		words[e["name"].(string)] = e["status"].(string)
	}
	return words
}

func TestStatusPage(t *testing.T) {
	w := started(t, Options{})
	c := plain(t, w, status)
	first := c.get("/api/v2/summary.json")
	v := first.json(t)
	words := worded(items(t, v, "components"))
	if len(words) != 18+3+1 {
		t.Errorf("%d components: %v", len(words), words)
	}
	for name, word := range words {
		if word != "operational" {
			t.Errorf("%s is %s in calm", name, word)
		}
	}
	if diff := cmp.Diff(map[string]any{"indicator": "none", "description": "All Systems Operational"}, v["status"]); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
	again := c.with("If-None-Match", first.header.Get("ETag"))
	if r := again.get("/api/v2/summary.json"); r.status != http.StatusNotModified || len(r.body) != 0 {
		t.Errorf("same ETag = %d %.60s", r.status, r.body)
	}
	if err := w.SetScenario(maintenance); err != nil {
		t.Fatal(err)
	}
	changed := again.get("/api/v2/summary.json").json(t)
	words = worded(items(t, changed, "components"))
	work := items(t, changed, "scheduled_maintenances")
	if words[usEast] != "under_maintenance" || words["Americas"] != "under_maintenance" || words[frankfurt] != "operational" ||
		len(work) != 1 || work[0]["status"] != "in_progress" {
		t.Errorf("maintenance: %v %v", words, work)
	}
	noViolations(t, w)
}

func TestRegionDegraded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Scenario: regionDegraded})
		page, id := plain(t, w, status), ""
		for _, want := range []struct{ word, impact, document, media string }{
			{"partial_outage", "major", "DOWN", "DOWN"},
			{"major_outage", "critical", "DEGRADED", "DEGRADED"},
			{"major_outage", "critical", "DOWN", "DOWN"},
		} {
			v := page.ok("/api/v2/summary.json")
			incidents := items(t, v, "incidents")
			if word := worded(items(t, v, "components"))[frankfurt]; word != want.word || incidents[0]["impact"] != want.impact {
				t.Errorf("%s: component %s, incident %v", want.word, word, incidents)
			}
			if id != "" && incidents[0]["id"] != id {
				t.Error("the incident has changed its id")
			}
			id = incidents[0]["id"].(string)
			document := page.ok("/api/v2/system/health")
			if document["status"] != want.document || document["media"].(map[string]any)["status"] != want.media {
				t.Errorf("document: %v", document)
			}
			<-time.After(21 * time.Second)
		}
	})
}

func TestHealthComponents(t *testing.T) {
	w := made(t, Options{})
	c := loggedOn(t, w, emea)
	const path = "/api/v2/health/details"
	if r := plain(t, w, emea).get(path); r.status != http.StatusUnauthorized {
		t.Errorf("without a token = %d", r.status)
	}
	first := c.get(path)
	entities := items(t, first.json(t), "entities")
	for name, header := range map[string]string{"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"} {
		if r := c.with(name, first.header.Get(header)).get(path); r.status != http.StatusNotModified {
			t.Errorf("%s = %d", name, r.status)
		}
	}
	two := entities[1]["id"].(string) + "," + entities[4]["id"].(string)
	if n := len(items(t, c.ok(path+"?ids="+two), "entities")); n != 2 {
		t.Errorf("ids= answered %d entities", n)
	}
	if n := len(items(t, c.ok(path+"?status=degraded,down"), "entities")); n != 0 {
		t.Errorf("%d entities in trouble in calm", n)
	}
	if entities[0]["details"] != nil || items(t, c.ok(path+"?expand=details"), "entities")[0]["details"] == nil {
		t.Error("details come without expand, or not with it")
	}
	if err := w.SetScenario(trunkOutage); err != nil {
		t.Fatal(err)
	}
	r := c.with("If-None-Match", first.header.Get("ETag")).get(path + "?status=degraded")
	if words := worded(items(t, r.json(t), "entities")); len(words) != 4 || words["Media Gateway"] != "degraded" {
		t.Errorf("trunk outage: %v", words)
	}
	noViolations(t, w)
}

// TestStatusEntries writes on the page what it does not have: regions, groups, words.
func TestStatusEntries(t *testing.T) {
	w := made(t, Options{})
	c := plain(t, w, status)
	before := worded(items(t, c.ok("/api/v2/summary.json"), "components"))
	w.SetStatusEntries(
		StatusEntry{Component: "Asia Pacific (Hyderabad)", Group: "Asia Pacific", Status: "major_outage", Impact: "critical"},
		StatusEntry{Component: "Américas (Bogotá)", Group: "Américas", Status: "degraded_performance"},
		StatusEntry{Component: "EMEA (Milan)", Group: "EMEA", Status: "on_fire"},
	)
	v := c.ok("/api/v2/summary.json")
	want := map[string]string{
		"Asia Pacific (Hyderabad)": "major_outage", "Asia Pacific": "major_outage", "Américas (Bogotá)": "degraded_performance",
		"Américas": "degraded_performance", "EMEA (Milan)": "on_fire",
	}
	for name, word := range before {
		if want[name] == "" {
			want[name] = word
		}
	}
	if diff := cmp.Diff(want, worded(items(t, v, "components"))); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
	incidents := items(t, v, "incidents")
	if len(incidents) != 1 || incidents[0]["impact"] != "critical" || items(t, incidents[0], "components")[0]["name"] != "Asia Pacific (Hyderabad)" {
		t.Errorf("incidents: %v", incidents)
	}
	w.SetStatusEntries()
	if diff := cmp.Diff(before, worded(items(t, c.ok("/api/v2/summary.json"), "components"))); diff != "" {
		t.Errorf("without entries (-before +after):\n%s", diff)
	}
}
