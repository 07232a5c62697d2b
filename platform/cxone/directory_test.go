package cxone

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// listed are the ids of the persons of a roster.
func listed(r *platform.Roster) []string { return slices.Sorted(maps.Keys(r.Persons)) }

// TestDirectory follows the directory: everyone first, then changes since the platform's own time, everyone again after a
// failure. A person whom one full list leaves out is not gone.
func TestDirectory(t *testing.T) {
	tenant, source := company(t, nil)
	tenant.set(pathAgentStates, stateList(10, -1, stated(1, 1, 5)))
	wantRead(t, source, feedAgents, &notebook{})
	poll := feedNamed(t, source, feedDirectory).Poll
	for i, test := range []struct {
		name, answer, since string
		want                []string
		fails, suspect      bool
	}{
		{"everyone", directoryList(0, -1, agentNamed(1), agentNamed(2), agentNamed(3), agentNamed(4)), "", []string{"1", "2", "3", "4"}, false, false},
		{"one new, one left", directoryList(1, -1, agentNamed(5), `{"agentId":4,"isActive":false}`), "00", []string{"1", "2", "3", "5"}, false, false},
		{"no change", "304", "01", []string{"1", "2", "3", "5"}, false, false},
		{"no change in a list", directoryList(2, 0), "01", []string{"1", "2", "3", "5"}, false, false},
		{"a failure", "500", "02", []string{"1", "2", "3", "5"}, true, false},
		{"too few", directoryList(3, -1, agentNamed(1)), "", []string{"1", "2", "3", "5"}, true, true},
		{"no agents", directoryList(3, 0), "", []string{"1", "2", "3", "5"}, true, true},
		{"one slips through", directoryList(4, -1, agentNamed(1), agentNamed(2), agentNamed(3)), "", []string{"1", "2", "3", "5"}, false, false},
		{"and is back", directoryList(5, -1, agentNamed(1), agentNamed(2), agentNamed(3), agentNamed(5)), "", []string{"1", "2", "3", "5"}, false, false},
		{"changes again", directoryList(6, -1, agentNamed(6)), "05", []string{"1", "2", "3", "5", "6"}, false, false},
		{"a failure", "500", "06", []string{"1", "2", "3", "5", "6"}, true, false},
		{"missed once", directoryList(7, -1, agentNamed(1), agentNamed(2), agentNamed(3), agentNamed(5)), "", []string{"1", "2", "3", "5", "6"}, false, false},
		{"missed twice", directoryList(8, -1, agentNamed(1), agentNamed(2), agentNamed(3), agentNamed(5)), "", []string{"1", "2", "3", "5"}, false, false},
	} {
		tenant.set(pathAgents, test.answer)
		if err := record(t.Context(), poll, &notebook{}); (err != nil) != test.fails {
			t.Errorf("%d, %s: %v", i, test.name, err)
		}
		if test.since != "" {
			test.since = "2026-11-21T09:00:" + test.since + "Z"
		}
		roster, query := source.Persons.Roster(), tenant.asked()
		if diff := cmp.Diff(test.want, listed(roster)); diff != "" || roster.Suspect != test.suspect {
			t.Errorf("%d, %s: suspect = %t, persons (-want +got):\n%s", i, test.name, roster.Suspect, diff)
		}
		if got := query.Get("updateSince"); got != test.since || query.Has("updatedSince") {
			t.Errorf("%d, %s: asked for %v, want updateSince=%s", i, test.name, query, test.since)
		}
	}
}

// TestDirectoryIsReadInFull: now and then everyone is listed even so.
func TestDirectoryIsReadInFull(t *testing.T) {
	tenant, source := company(t, nil)
	poll := feedNamed(t, source, feedDirectory).Poll
	tenant.set(pathAgents, directoryList(0, -1, agentNamed(1)))
	var full []int
	for run := range 2*directoryFull + 1 {
		if err := record(t.Context(), poll, &notebook{}); err != nil {
			t.Fatal(err)
		}
		if !tenant.asked().Has("updateSince") {
			full = append(full, run)
		}
	}
	if diff := cmp.Diff([]int{0, directoryFull, 2 * directoryFull}, full); diff != "" {
		t.Errorf("full lists (-want +got):\n%s", diff)
	}
}

// TestDirectoryPages: the list comes in pages, and in smaller ones where the API refuses the first size, which is tried again
// when everything is read the next time. An agent on two pages is one, as on the later.
func TestDirectoryPages(t *testing.T) {
	tenant, source := company(t, nil)
	tenant.set(pathAgentStates, stateList(10, -1, stated(1, 1, 5)))
	wantRead(t, source, feedAgents, &notebook{})
	poll := feedNamed(t, source, feedDirectory).Poll
	tenant.set(pathAgents, "400")
	if err := record(t.Context(), poll, &notebook{}); platform.ReasonOf(err) != platform.ReasonBadResponse {
		t.Errorf("run = %v, want bad_response", err)
	}
	var sizes []string
	for _, query := range tenant.queries[1:] {
		sizes = append(sizes, query.Get("top"))
	}
	if diff := cmp.Diff(directoryPages[:], sizes); diff != "" {
		t.Errorf("sizes of pages (-want +got):\n%s", diff)
	}
	tenant.set(pathAgents, strings.Join([]string{
		directoryList(0, 5, agentNamed(1), agentNamed(2)),
		directoryList(0, 5, agentNamed(2), agentNamed(3)),
		directoryList(0, 5, `{"agentId":1,"isActive":false}`),
	}, pageBreak))
	if err := record(t.Context(), poll, &notebook{}); err != nil {
		t.Fatal(err)
	}
	if got, want := listed(source.Persons.Roster()), []string{"2", "3"}; !cmp.Equal(got, want) {
		t.Errorf("persons = %v, want %v", got, want)
	}
	if query := tenant.asked(); query.Get("top") != "10000" || query.Get("skip") != "4" {
		t.Errorf("the last page was asked for with %v", query)
	}
}

// TestOddPersons: what is missing stays empty, and what has a wrong type spoils no other agent.
func TestOddPersons(t *testing.T) {
	for text, want := range map[string]struct {
		person     platform.Person
		listed     bool
		violations int
	}{
		`{"agentId":1}`: {platform.Person{ID: "1"}, true, 0},
		`{"AgentId":"1","EmailAddress":" a@example.com ","USERNAME":"a"}`: {platform.Person{ID: "1", Email: "a@example.com", Username: "a"}, true, 0},
		`{"agentId":1,"emailAddress":7,"userName":"a"}`:                   {platform.Person{ID: "1", Username: "a"}, true, 1},
		`{"agentId":1,"isActive":"perhaps"}`:                              {platform.Person{ID: "1"}, true, 1},
		`{"agentId":1,"isActive":null}`:                                   {platform.Person{ID: "1"}, true, 0},
		`{"agentId":1,"isActive":"False"}`:                                {platform.Person{}, false, 0},
		`{"agentId":1.5}`:                                                 {platform.Person{}, false, 1},
		`{"userName":"a"}`:                                                {platform.Person{}, false, 1},
		`null`:                                                            {platform.Person{}, false, 1},
		`"jane"`:                                                          {platform.Person{}, false, 1},
	} {
		p, err := decodeDirectory(answer(`{"totalRecords":1,"agents":[` + text + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		person, ok := p.persons["1"]
		if person != want.person || ok != want.listed || p.Violations != want.violations {
			t.Errorf("%s = %+v, %t, %d violations, want %+v", text, person, ok, p.Violations, want)
		}
	}
}

// FuzzDirectory reads whole answers: however they look, no agent is there twice, or both here and gone.
func FuzzDirectory(f *testing.F) {
	seeds(f, "agents", "agents-states-persons")
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := decodeDirectory(answer(string(body)))
		if err != nil {
			return
		}
		if len(p.persons)+len(p.gone) > p.rows {
			t.Errorf("%d rows became %d persons and %d who are gone", p.rows, len(p.persons), len(p.gone))
		}
		for id, person := range p.persons {
			if id == "" || person.ID != id || p.gone[id] {
				t.Errorf("person %+v is listed as %q, gone = %t", person, id, p.gone[id])
			}
		}
	})
}

// BenchmarkDirectory reads 10,000 persons.
func BenchmarkDirectory(b *testing.B) {
	agents := make([]string, 10_000)
	for i := range agents {
		agents[i] = agentNamed(i + 1)
	}
	body := directoryList(0, -1, agents...)
	b.ReportAllocs()
	for b.Loop() {
		if p, err := decodeDirectory(answer(body)); err != nil || len(p.persons) != len(agents) {
			b.Fatal(len(p.persons), err)
		}
	}
}

// BenchmarkRoster reads the states of 10,000 agents in full and makes a roster of them, and then a delta of 100.
func BenchmarkRoster(b *testing.B) {
	states := func(n int) string {
		agents := make([]string, n)
		for i := range agents {
			agents[i] = fmt.Sprintf(`{"agentId":%d,"agentStateId":%d,"isACW":false,"outStateId":null,"startDate":"2026-11-21T10:15:01.9Z","lastUpdateTime":"2026-11-21T10:15:01.9Z"}`, i+1, i%9)
		}
		return stateList(1, -1, agents...)
	}
	whole, some := states(10_000), states(100)
	for name, body := range map[string]string{"full": whole, "delta": some} {
		b.Run(name, func(b *testing.B) {
			a := &agentsPoll{client: &client{people: &people{}}}
			merge := func(body, since string) {
				p, err := decodeAgents(answer(body), true)
				if err != nil {
					b.Fatal(err)
				}
				r := &agentReading{counts: activityCounts{}, agents: map[int64]row{}}
				r.take(p)
				a.since = since
				a.merge(r, parsed(b, "2026-11-21T10:15:02Z"))
			}
			merge(whole, "")
			since := map[string]string{"delta": "x"}[name]
			b.ReportAllocs()
			for b.Loop() {
				merge(body, since)
			}
			if n := len(a.people.activities); n != 10_000 {
				b.Fatalf("%d activities", n)
			}
		})
	}
}
