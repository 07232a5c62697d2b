// Tests that run whole accounts against the simulator: what a poll reads, and what it costs.

package genesys_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// A poll of an organization of usual size takes ten calls, and names are there at once.
func TestPoll(t *testing.T) {
	w := world(t, simulator.Options{})
	a := account(t, w, w.URL("emea"))
	view, feeds := refreshed(t, a)
	wantUp(t, feeds)
	snapshot := merged(view)
	own, metrics := 0, 0
	for _, edge := range snapshot.Edges {
		if edge.Own {
			own++
			if m := edge.Metrics; m != nil && m.CPU != nil && *m.CPU >= 0 && *m.CPU <= 1 && len(m.Disks) > 0 && time.Since(m.Observed) < time.Hour {
				metrics++
			}
		}
		if edge.Status != platform.Operational {
			t.Errorf("edge %s is %v, want operational", edge.Name, edge.Status)
		}
	}
	if own != 4 || metrics != own || len(snapshot.Edges) != own+1 {
		t.Errorf("%d own edges, %d with metrics, %d rows, want 4, 4, 5", own, metrics, len(snapshot.Edges))
	}
	instances := 0
	for _, trunk := range snapshot.Trunks {
		instances += trunk.Instances
		if trunk.Status != platform.Operational || trunk.Inbound == nil || trunk.Observed.IsZero() || len(trunk.Proxies) == 0 {
			t.Errorf("trunk %+v, want operational, with calls and proxies", trunk)
		}
	}
	if len(snapshot.Trunks) != 12 || instances != 60 {
		t.Errorf("%d trunks, %d instances, want 12, 60", len(snapshot.Trunks), instances)
	}
	var deployments []string
	for _, c := range snapshot.Calls {
		if deployments = append(deployments, c.Deployment); c.InProgress == nil || c.Capacity == nil {
			t.Errorf("calls = %+v, want their number and the capacity", c)
		}
	}
	if !slices.Equal(deployments, []string{"cloud", "premises"}) {
		t.Errorf("calls of %v, want of cloud and premises", deployments)
	}
	agents := map[platform.AgentState]int{}
	for _, count := range snapshot.Agents {
		agents[count.State] = count.Count
	}
	total, named := 0, 0
	for _, count := range snapshot.Presences {
		total += count.Count
		if count.Definition != "" {
			named++
		}
	}
	if len(agents) != 6 || agents[platform.AgentUnknown] != 0 || total != 200 || named != len(snapshot.Presences) {
		t.Errorf("agents %v, %d in presences, %d of %d named, want six states, none unknown, 200, all", agents, total, named, len(snapshot.Presences))
	}
}

// A further poll makes each call once, but that for concurrent calls: it is made for the cloud and for the premises.
func TestFurtherPoll(t *testing.T) {
	t.Parallel()
	w := world(t, simulator.Options{})
	a := accountFrom(t, w, w.URL("emea"), health.Surroundings{}, func(c *genesys.Config) { c.Feeds.Events = 0 }) // once a minute at most
	refreshed(t, a)
	before := w.Calls("emea")
	refreshed(t, a)
	sum := 0
	for path, n := range w.Calls("emea") {
		most := 1
		if path == "GET "+calls { // of the cloud and of the premises
			most = 2
		}
		if sum += n - before[path]; n-before[path] > most {
			t.Errorf("%s was called %d times in one poll, want %d", path, n-before[path], most)
		}
	}
	if sum != 13 { // the eleven, and the two that are due hourly: definitions and the OAuth client
		t.Errorf("%d calls in a poll, want 13: %v", sum, w.Calls("emea"))
	}
}

func TestPaging(t *testing.T) {
	w := world(t, simulator.Options{TrunkInstances: 250})
	view, feeds := refreshed(t, account(t, w, w.URL("emea")))
	wantUp(t, feeds)
	instances := 0
	for _, trunk := range merged(view).Trunks {
		instances += trunk.Instances
		if trunk.Inbound == nil {
			t.Errorf("trunk %s has no calls, want those of all its instances", trunk.Name)
		}
	}
	if instances != 250 {
		t.Errorf("%d instances, want 250", instances)
	}
	for path, want := range map[string]int{"GET " + trunks: 3, "GET " + trunksMetrics: 3} {
		if got := w.Calls("emea")[path]; got != want {
			t.Errorf("%s was called %d times, want %d", path, got, want)
		}
	}
}

// An edge or a trunk that went away between list and metrics fails the batch: the list is read again.
func TestStaleID(t *testing.T) {
	for name, c := range map[string]struct {
		list, metrics string
		more          any
	}{
		"edges":  {edges, edgesMetrics, map[string]any{"id": "00000000-0000-4000-8000-00000000dead", "name": "gone", "edgeDeploymentType": "LDM"}},
		"trunks": {trunks, trunksMetrics, map[string]any{"id": "00000000-0000-4000-8000-00000000dead", "trunkBase": map[string]any{"id": "gone", "name": "gone"}}},
	} {
		t.Run(name, func(t *testing.T) {
			w := world(t, simulator.Options{})
			w.Inject("emea", simulator.Fault{Method: "GET", Path: c.list + "*", Times: 1, Rewrite: edit(func(entities []any) []any {
				return append(entities, c.more)
			})})
			view, feeds := refreshed(t, account(t, w, w.URL("emea")))
			wantUp(t, feeds)
			if n := fmt.Sprint(w.Calls("emea")["GET "+c.list], w.Calls("emea")["GET "+c.metrics]); n != "2 2" {
				t.Errorf("list and metrics were called %s times, want 2 2", n)
			}
			snapshot := merged(view)
			for _, edge := range snapshot.Edges {
				if edge.Name == "gone" || (edge.Own && edge.Metrics == nil) {
					t.Errorf("edge %s with metrics %v, want only those that are there, with metrics", edge.Name, edge.Metrics)
				}
			}
			for _, trunk := range snapshot.Trunks {
				if trunk.Name == "gone" || trunk.Inbound == nil {
					t.Errorf("trunk %s with calls %v, want only those that are there, with calls", trunk.Name, trunk.Inbound)
				}
			}
		})
	}
}

// Without metrics the edges themselves are still exported.
func TestMetricsFail(t *testing.T) {
	w := world(t, simulator.Options{})
	w.Inject("emea", simulator.Fault{Path: edgesMetrics, Status: http.StatusBadRequest, Body: `{"code":"general.bad.request","status":400,"details":[{"errorCode":"REFERENCED_KEY_DOES_NOT_EXIST"}]}`})
	w.Inject("emea", simulator.Fault{Path: trunksMetrics, Status: http.StatusForbidden, Body: `{"code":"missing.permissions","status":403}`})
	view, feeds := refreshed(t, account(t, w, w.URL("emea")))
	wantUp(t, feeds, "edges", "trunks")
	if feeds["edges"].Failures[platform.ReasonBadResponse] != 1 || feeds["trunks"].Failures[platform.ReasonForbidden] != 1 {
		t.Errorf("edges failed with %v, trunks with %v, want bad_response, forbidden", feeds["edges"].Failures, feeds["trunks"].Failures)
	}
	snapshot := merged(view)
	if len(snapshot.Edges) != 5 || snapshot.Edges[0].Metrics != nil || snapshot.Edges[0].Status != platform.Operational {
		t.Errorf("edges = %+v, want five without metrics", snapshot.Edges)
	}
	if len(snapshot.Trunks) != 12 || snapshot.Trunks[0].Inbound != nil || snapshot.Trunks[0].Status != platform.Operational {
		t.Errorf("trunks = %+v, want twelve without calls", snapshot.Trunks)
	}
}

func TestUnknownWords(t *testing.T) {
	w := world(t, simulator.Options{})
	replace := func(old, with string) func([]byte) []byte {
		return func(body []byte) []byte { return []byte(strings.ReplaceAll(string(body), old, with)) }
	}
	w.Inject("emea", simulator.Fault{Method: "GET", Path: edges + "*", Rewrite: replace(`"ONLINE"`, `"DREAMING"`)})
	w.Inject("emea", simulator.Fault{Method: "GET", Path: trunks, Times: 1, Rewrite: replace(`"active"`, `"limbo"`)})
	w.Inject("emea", simulator.Fault{Method: "POST", Path: counts, Rewrite: replace(`"IDLE"`, `"DAYDREAMING"`)})
	view, feeds := refreshed(t, account(t, w, w.URL("emea")))
	wantUp(t, feeds)
	for _, field := range []string{"edge_online_status", "trunk_state", "routing_status"} {
		if view.Unknowns[field] == 0 {
			t.Errorf("unknown values of %s = 0, want some: %v", field, view.Unknowns)
		}
	}
	snapshot := merged(view)
	for _, edge := range snapshot.Edges {
		if edge.Status != platform.Unknown {
			t.Errorf("edge %s is %v, want unknown", edge.Name, edge.Status)
		}
	}
	for _, trunk := range snapshot.Trunks {
		if trunk.Status != platform.Unknown {
			t.Errorf("trunk %s is %v, want unknown", trunk.Name, trunk.Status)
		}
	}
	for _, count := range snapshot.Agents {
		if count.State == platform.AgentUnknown && count.Count == 0 || count.State == platform.AgentReady && count.Count != 0 {
			t.Errorf("%d agents are %s", count.Count, count.State)
		}
	}
}
