// Tests that break one thing at a time and look at what else is harmed: nothing.

package genesys_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// Two trunk bases of one name both come out, and so do two edges.
func TestDuplicateNames(t *testing.T) {
	w := world(t, simulator.Options{})
	names := func(key string) func([]byte) []byte {
		return edit(func(entities []any) []any {
			for _, e := range entities {
				e := e.(map[string]any)
				if base, ok := e[key].(map[string]any); ok {
					base["name"] = "twin"
				} else if e["edgeDeploymentType"] != "CDM" {
					e["name"] = "twin"
				}
			}
			return entities
		})
	}
	w.Inject("emea", simulator.Fault{Method: "GET", Path: trunks, Times: 1, Rewrite: names("trunkBase")})
	w.Inject("emea", simulator.Fault{Method: "GET", Path: edges + "*", Times: 1, Rewrite: names("none")})
	view, feeds := refreshed(t, account(t, w, w.URL("emea")))
	wantUp(t, feeds)
	snapshot := merged(view)
	seen := map[string]bool{}
	for _, trunk := range snapshot.Trunks {
		seen["trunk "+trunk.Name] = true
	}
	for _, edge := range snapshot.Edges {
		seen["edge "+edge.Name] = true
	}
	if len(seen) != 12+5 || !seen["trunk twin"] || !seen["edge twin"] {
		t.Errorf("names = %v, want 17 different ones", seen)
	}
}

// What is no longer listed is gone with the next answer.
func TestVanished(t *testing.T) {
	t.Parallel()
	w := world(t, simulator.Options{})
	a := account(t, w, w.URL("emea"))
	view, _ := refreshed(t, a)
	before := merged(view).Edges
	gone := before[slices.IndexFunc(before, func(e platform.Edge) bool { return e.Own })]
	w.Inject("emea", simulator.Fault{Method: "GET", Path: edges + "*", Rewrite: edit(func(entities []any) []any {
		return slices.DeleteFunc(entities, func(e any) bool { return e.(map[string]any)["id"] == gone.ID })
	})})
	view, feeds := refreshed(t, a)
	wantUp(t, feeds)
	after := merged(view).Edges
	if len(after) != len(before)-1 || slices.ContainsFunc(after, func(e platform.Edge) bool { return e.ID == gone.ID }) {
		t.Errorf("%d edges after %s went away, want %d", len(after), gone.Name, len(before)-1)
	}
}

// A missing permission fails its own feed, with a reason that is not that of an outage.
func TestOneFeedFails(t *testing.T) {
	for feed, path := range map[string]string{"edges": edges + "*", "trunks": trunks, "presence": counts, "calls": calls, "definitions": definitions} {
		for status, reason := range map[int]platform.Reason{http.StatusForbidden: platform.ReasonForbidden, http.StatusNotFound: platform.ReasonNotFound} {
			if feed == "calls" && status == http.StatusNotFound {
				continue // not offered, see TestCallsNotOffered
			}
			t.Run(feed+" "+string(reason), func(t *testing.T) {
				t.Parallel()
				w := world(t, simulator.Options{})
				w.Inject("emea", simulator.Fault{Path: strings.TrimSuffix(path, "*"), Status: status, Body: `{"status":403,"code":"missing.permissions"}`})
				if feed == "edges" { // a prefix of other paths
					w.Inject("emea", simulator.Fault{Path: trunks})
				}
				view, feeds := refreshed(t, account(t, w, w.URL("emea")))
				wantUp(t, feeds, feed)
				if got := feeds[feed].Failures[reason]; got != 1 {
					t.Errorf("failures of %s = %v, want one for %s", feed, feeds[feed].Failures, reason)
				}
				for _, plane := range view.Planes {
					if plane.Status != platform.Operational {
						t.Errorf("the %s plane is %v, want operational", plane.Plane, plane.Status)
					}
				}
			})
		}
	}
}

func TestWrongTypes(t *testing.T) {
	w := world(t, simulator.Options{})
	w.Inject("emea", simulator.Fault{Method: "GET", Path: edges + "*", Rewrite: edit(func(entities []any) []any {
		entities[0].(map[string]any)["id"] = 7
		entities[1] = "an edge"
		return entities
	})})
	w.Inject("emea", simulator.Fault{Method: "GET", Path: trunks, Times: 1, Rewrite: set(0, "connectedStatus", "yes")})
	w.Inject("emea", simulator.Fault{Method: "GET", Path: definitions, Rewrite: set(0, "name", []string{"x"})})
	view, feeds := refreshed(t, account(t, w, w.URL("emea")))
	wantUp(t, feeds)
	for feed, want := range map[string]uint64{"edges": 2, "trunks": 1, "definitions": 1} {
		if got := feeds[feed].Violations; got != want {
			t.Errorf("violations of %s = %d, want %d", feed, got, want)
		}
	}
	snapshot := merged(view)
	online := 0
	for _, count := range snapshot.EdgeCounts {
		online += count.Count
	}
	instances := 0
	for _, trunk := range snapshot.Trunks {
		instances += trunk.Instances
	}
	if online < 3 || instances != 60 {
		t.Errorf("%d edges, %d instances, want the unbroken ones and 60", online, instances)
	}
}

// What is no answer at all never becomes an empty list: what was known stays.
func TestGarbage(t *testing.T) {
	for name, body := range map[string]string{"object": `{}`, "null": `null`, "html": `<html>`, "empty": ` `} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world(t, simulator.Options{})
			a := account(t, w, w.URL("emea"))
			refreshed(t, a)
			w.Inject("emea", simulator.Fault{Path: "/api/v2/telephony", Status: http.StatusOK, Body: body})
			w.Inject("emea", simulator.Fault{Path: counts, Status: http.StatusOK, Body: body})
			w.Inject("emea", simulator.Fault{Path: definitions, Status: http.StatusOK, Body: body})
			w.Inject("emea", simulator.Fault{Path: observations, Status: http.StatusOK, Body: body})
			w.Inject("emea", simulator.Fault{Path: aggregates, Status: http.StatusOK, Body: body})
			view, feeds := refreshed(t, a)
			down := []string{"edges", "trunks", "presence", "calls", "definitions", "queues", "service_level"}
			if body == `{}` { // which is how the platform may say that no contact counted
				down = down[:6]
			}
			wantUp(t, feeds, down...)
			for name, feed := range feeds {
				if slices.Contains(down, name) && feed.Failures[platform.ReasonBadResponse] != 1 {
					t.Errorf("failures of %s = %v, want one bad_response", name, feed.Failures)
				}
			}
			if snapshot := merged(view); len(snapshot.Edges) != 5 || len(snapshot.Trunks) != 12 || len(snapshot.Agents) != 6 || len(snapshot.Calls) != 2 || len(snapshot.Queues) < 60 {
				t.Errorf("%d edges, %d trunks, %d agent states, %d calls, %d queues, want what was known before",
					len(snapshot.Edges), len(snapshot.Trunks), len(snapshot.Agents), len(snapshot.Calls), len(snapshot.Queues))
			}
		})
	}
}
