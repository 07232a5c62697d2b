package statuspage

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

var manyRegions = []string{
	"Americas (US East)", "FedRAMP, Americas (US East 2)", "Americas (São Paulo)", "EMEA (Frankfurt)", "EU sovereign cloud", "Asia Pacific (Mumbai)",
}

// TestRegions decides for components of a page whether they concern an account.
func TestRegions(t *testing.T) {
	for _, test := range []struct {
		heading, name, own string
		want               bool
	}{
		{"", "EMEA (Frankfurt)", "EMEA (Frankfurt)", true},
		{"", "emea (frankfurt)", "EMEA (Frankfurt)", true},
		{"", "Asia Pacific (Mumbai)", "EMEA (Frankfurt)", false},
		{"", "Asia Pacific (Hyderabad)", "EMEA (Frankfurt)", false},
		{"", "ASIA PACIFIC  (Hyderabad)", "EMEA (Frankfurt)", false},
		{"", "Login, Asia Pacific (Hyderabad)", "EMEA (Frankfurt)", false},
		{"EMEA (Riyadh)", "Voice", "EMEA (Frankfurt)", false},
		{"EMEA (Frankfurt)", "Voice", "EMEA (Frankfurt)", true},
		{"Asia Pacific", "Asia Pacific (Hyderabad)", "", false},
		{"", "EU sovereign cloud", "EMEA (Frankfurt)", false},
		{"", "Developer Center", "EMEA (Frankfurt)", true},
		{"", "Voice (WebRTC)", "EMEA (Frankfurt)", true},
		{"Americas", "Reporting", "EMEA (Frankfurt)", true},
		{"", "Themea (x)", "EMEA (Frankfurt)", true},
		{"", "Americas (Sao Paulo)", "Americas (São Paulo)", true},
		{"", "Americas (Sa\u0303o Paulo)", "Americas (São Paulo)", true},
		{"", "AMERICAS (SÃO PAULO)", "Americas (Sao Paulo)", true},
		{"", "Americas (Sao Paulo)", "EMEA (Frankfurt)", false},
		{"", "Americas (US East)", "FedRAMP, Americas (US East 2)", false},
	} {
		c := pageComponent{Name: test.name, heading: test.heading}
		if got := newSelection(nil, test.own, manyRegions).takes(c); got != test.want {
			t.Errorf("%q in group %q for %q: taken %v, want %v", test.name, test.heading, test.own, got, test.want)
		}
	}
	for pattern, want := range map[string]bool{
		"*sao paulo*": true, "*SÃO PAULO*": true, "voice": true, "Voice / Americas*": true, "Americas": false, "[a-z]*": true, "[SÃO]*": false,
	} {
		c := pageComponent{Name: "Americas (São Paulo)", heading: "Voice"}
		if got := newSelection([]string{pattern}, "", nil).takes(c); got != want {
			t.Errorf("pattern %q: taken %v, want %v", pattern, got, want)
		}
	}
}

// TestUnknownRegion follows the simulated page for an account in Frankfurt: an outage in a region that no table knows yet is
// none of its business, one of a service without a region is.
func TestUnknownRegion(t *testing.T) {
	w, err := simulator.NewWorld(simulator.Options{Scenario: "calm", Agents: 10})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}()
	w.SetStatusEntries(
		simulator.StatusEntry{Component: "Asia Pacific (Hyderabad)", Group: "Asia Pacific", Status: "major_outage", Impact: "critical"},
		simulator.StatusEntry{Component: "EMEA (Frankfurt)", Group: "Voice", Status: "partial_outage"},
		simulator.StatusEntry{Component: "Developer Center", Status: "maintenance_in_progress"},
	)
	var all []string
	for _, label := range manyRegions {
		all = append(all, label, "EMEA (Dublin)", "EMEA (London)", "EMEA (Zurich)", "EMEA (UAE)", "Americas (Canada)")
	}
	var sink notes
	run(t, newPage(t, w.URL("status")+"/api/v2/summary.json", 1, quiet()).Feed("EMEA (Frankfurt)", all), &sink)
	got := map[string]platform.Status{}
	for _, c := range sink.published[0].Components {
		got[c.Name] = c.Status
	}
	want := map[string]platform.Status{"EMEA (Frankfurt)": platform.Degraded, "Developer Center": platform.Unknown}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{fieldPageStatus: 1}, sink.published[0].Unknowns); diff != "" {
		t.Errorf("unknown words (-want +got):\n%s", diff)
	}
	for _, i := range sink.published[0].Incidents {
		if i.Count != 0 {
			t.Errorf("%d incidents of impact %s, want none: the one is elsewhere", i.Count, i.Impact)
		}
	}
}

// TestGroupsInNames: a component bears the name of its group, whatever else is on the page.
func TestGroupsInNames(t *testing.T) {
	group := func(id, name string) string {
		return fmt.Sprintf(`{"id":%q,"name":%q,"status":"operational","group":true}`, id, name)
	}
	member := func(id, name, group string) string {
		return fmt.Sprintf(`{"id":%q,"name":%q,"status":"operational","group_id":%q}`, id, name, group)
	}
	voice, login := group("g1", "Voice"), group("g2", "Login")
	for _, test := range []struct {
		components []string
		want       []string
	}{
		{[]string{voice, member("1", "EMEA (Frankfurt)", "g1")}, []string{"Voice / EMEA (Frankfurt)"}},
		{
			[]string{voice, login, member("1", "EMEA (Frankfurt)", "g1"), member("2", "EMEA (Frankfurt)", "g2")},
			[]string{"Voice / EMEA (Frankfurt)", "Login / EMEA (Frankfurt)"},
		},
		{[]string{member("1", "EMEA (Frankfurt)", "g1"), voice}, []string{"Voice / EMEA (Frankfurt)"}},
		{[]string{group("g3", "EMEA"), member("1", "EMEA (Frankfurt)", "g3"), member("2", "Emeafoo", "g3")}, []string{"EMEA (Frankfurt)", "EMEA / Emeafoo"}},
		{[]string{group("g3", "São"), member("1", "Sao Paulo", "g3")}, []string{"Sao Paulo"}},
		{[]string{member("1", "Alone", ""), member("2", "Lost", "g9")}, []string{"Alone", "Lost"}},
	} {
		s, err := parseSummary([]byte(`{"components":[`+strings.Join(test.components, ",")+`],"incidents":[],"scheduled_maintenances":[]}`), "")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range s.snapshot("genesys", newSelection(nil, "", nil)).Components {
			got = append(got, c.Name)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%v: names (-want +got):\n%s", test.components, diff)
		}
	}
}

// TestWords translates words that not every page uses: documented ones are mapped, others are counted and never guessed.
func TestWords(t *testing.T) {
	s, err := parseSummary([]byte(`{"components":[{"id":"1","name":"A","status":"full_outage"},{"id":"2","name":"B","status":"maintenance_in_progress"},
		{"id":"3","name":"C","status":"outage"}],
		"incidents":[{"status":"monitoring","impact":"maintenance"},{"status":"in_progress","impact":"maintenance"},{"status":"resolved","impact":"maintenance"}],
		"scheduled_maintenances":[{"status":"maintenance_in_progress","impact":"maintenance"},{"status":"maintenance_scheduled","impact":"maintenance"},
		{"status":"maintenance_complete","impact":"maintenance"},{"status":"under_way","impact":"maintenance"}]}`), "")
	if err != nil {
		t.Fatal(err)
	}
	want := platform.Snapshot{
		Components: []platform.Component{
			component("1", "A", platform.Critical), component("2", "B", platform.Unknown), component("3", "C", platform.Unknown),
		},
		Incidents:    append(incidents(0, 0, 0, 0), platform.IncidentCount{Page: "genesys", Impact: "maintenance", Count: 2}),
		Maintenances: new(1),
		Anomalies: platform.Anomalies{Unknowns: map[string]int{fieldPageStatus: 4}, Places: []platform.Place{
			{Path: "components[].status", Value: "maintenance_in_progress", Count: 1},
			{Path: "components[].status", Value: "outage", Count: 1},
			{Path: "incidents[].status", Value: "in_progress", Count: 1},
			{Path: "scheduled_maintenances[].status", Value: "under_way", Count: 1},
		}},
	}
	if diff := cmp.Diff(want, s.snapshot("genesys", newSelection(nil, "", nil)), ignoreUnexported, ignoreEvidence); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
}

// TestPanicInAFetch: a page that brings the decoder down costs its own feed and nothing else.
func TestPanicInAFetch(t *testing.T) {
	p := newPage(t, "http://localhost", 1, quiet())
	client := p.client
	p.client = nil // what uses it panics
	a := feed.NewAccount(t.Context(), feed.Source{
		Platform: "genesys", Name: "emea", Info: func() feed.Info { return feed.Info{} }, Feeds: []feed.Feed{p.Feed("", nil)},
	}, feed.PlaneLimits{}, quiet())
	a.Refresh(t.Context())
	if state := a.State().Feeds[0]; state.Failures[platform.ReasonBadResponse] != 1 {
		t.Errorf("feed = %+v, want one bad response", state)
	}
	a.Close()
	p.client = client
}
