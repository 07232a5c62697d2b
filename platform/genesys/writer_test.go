package genesys

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// TestWriteMany sends what is documented and nothing else, and reads the recorded answer.
func TestWriteMany(t *testing.T) {
	o := newOrganization(t)
	o.answer = func(string) string { return string(fixture(t, "users_presences_bulk.json")) }
	w, source := o.writer(t, nil)
	changes := []platform.PresenceChange{{Person: userID(1), Definition: busy}, {Person: userID(2), Definition: offline}}
	got, err := w.WriteMany(t.Context(), changes)
	want := []platform.PresenceWritten{
		{PresenceChange: changes[0], Modified: parsed(t, "2026-11-21T10:15:04.3Z")},
		{PresenceChange: changes[1], Modified: parsed(t, "2026-11-21T10:15:04.302Z")},
	}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("WriteMany = %v, %v, want %v", got, err, want)
	}
	body := fmt.Sprintf(`[{"id":%q,"presenceDefinition":{"id":%q}},{"id":%q,"presenceDefinition":{"id":%q}}]`, userID(1), busy, userID(2), offline)
	diff(t, "bodies", o.bodies, []string{body})
	diff(t, "requests", o.asked(), []string{"PUT " + pathWriteMany})
	if source.Name != "us-emea" || source.Platform != "genesys" || len(source.Feeds) > 0 || source.Persons.Roster != nil ||
		source.Budget.PerMinute != 240 || source.Budget.Limit != maxRate || source.Info().RegionCode != "eu-central-1" || source.Metrics == nil {
		t.Errorf("source = %+v", source)
	}
	if got, err := w.WriteMany(t.Context(), nil); got != nil || err != nil || o.asked() != nil {
		t.Errorf("WriteMany of nothing = %v, %v, want no request", got, err)
	}
	if _, err := w.WriteMany(t.Context(), toBusy(platform.PresenceBatch+1)); err == nil || o.asked() != nil {
		t.Errorf("WriteMany of %d = %v, want an error and no request", platform.PresenceBatch+1, err)
	}
}

func TestWriteOne(t *testing.T) {
	o := newOrganization(t)
	w, _ := o.writer(t, nil)
	change := platform.PresenceChange{Person: userID(1), Definition: busy}
	for answer, want := range map[string]platform.PresenceWritten{
		string(fixture(t, "users_presences_purecloud.json")): {PresenceChange: change, Modified: parsed(t, "2026-11-21T10:15:04.221Z")},
		`{"presenceDefinition":{"id":"` + busy + `"}}`:       {PresenceChange: change},
		`{"presenceDefinition":{"id":"` + offline + `"}}`:    {}, // another: nothing is proved
		`{}`: {}, ``: {}, `null`: {}, `7`: {},
	} {
		o.answer = func(string) string { return answer }
		if got, err := w.WriteOne(t.Context(), change); err != nil || got != want {
			t.Errorf("WriteOne with %s = %v, %v, want %v", answer, got, err, want)
		}
	}
	for _, request := range o.asked() {
		diff(t, "request", request, "PATCH "+pathUsers+"/"+userID(1)+pathWriteOne)
	}
	for _, body := range o.bodies {
		diff(t, "body", body, `{"presenceDefinition":{"id":"`+busy+`"}}`)
	}
	o.answer = func(string) string { return `{"presenceDefinition":` }
	if _, err := w.WriteOne(t.Context(), change); platform.ReasonOf(err) != platform.ReasonNetwork && platform.ReasonOf(err) != platform.ReasonBadResponse {
		t.Errorf("WriteOne with half an answer = %v", err)
	}
	if _, err := w.WriteOne(t.Context(), platform.PresenceChange{Person: "../../a?b", Definition: busy}); err == nil {
		t.Error("half an answer is none")
	}
	if asked := o.asked(); !strings.HasSuffix(asked[len(asked)-1], pathWriteOne) {
		t.Errorf("an odd id leads to %s", asked[len(asked)-1])
	}
}

// TestWritten matches elements of an answer with changes.
func TestWritten(t *testing.T) {
	element := func(id, definition string) string {
		return fmt.Sprintf(`{"id":%q,"presenceDefinition":{"id":%q}}`, id, definition)
	}
	a, b, c := userID(1), userID(2), userID(3)
	for _, test := range []struct {
		name     string
		elements []string
		want     []string // persons
	}{
		{"ids of users", []string{element(a, "x"), element(b, "y"), element(c, "x")}, []string{a, b, c}},
		{"ids of users in another order", []string{element(c, "x"), element(a, "x"), element(b, "y")}, []string{a, b, c}},
		{"ids of users, one left out", []string{element(c, "x"), element(a, "x")}, []string{a, c}},
		{"ids of users, one with another definition", []string{element(a, "x"), element(b, "x"), element(c, "x")}, []string{a, c}},
		{"ids of users, one of a stranger", []string{element(a, "x"), element(userID(9), "y"), element(c, "x")}, []string{a, c}},
		{"other ids", []string{element("1", "x"), element("2", "y"), element("3", "x")}, []string{a, b, c}},
		{"no ids", []string{`{"presenceDefinition":{"id":"x"}}`, `{"presenceDefinition":{"id":"y"}}`, `{"presenceDefinition":{"id":"x"}}`}, []string{a, b, c}},
		{"other ids, one left out", []string{element("1", "x"), element("2", "y")}, nil},
		{"other ids, one too many", []string{element("1", "x"), element("2", "y"), element("3", "x"), element("4", "x")}, nil},
		{"other ids in another order", []string{element("1", "x"), element("2", "x"), element("3", "y")}, nil},
		{"a broken element", []string{element("1", "x"), `7`, element("3", "x")}, nil},
		{"a broken element among ids of users", []string{element(a, "x"), `{"id":7}`, element(c, "x")}, []string{a, c}},
		{"nothing", []string{}, nil},
	} {
		o := newOrganization(t)
		o.answer = func(string) string { return "[" + strings.Join(test.elements, ",") + "]" }
		w, _ := o.writer(t, nil)
		done, err := w.WriteMany(t.Context(), []platform.PresenceChange{{Person: a, Definition: "x"}, {Person: b, Definition: "y"}, {Person: c, Definition: "x"}})
		var got []string
		for _, one := range done {
			got = append(got, one.Person)
		}
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: written = %v, %v, want %v", test.name, got, err, test.want)
		}
	}
}

// TestDefinitions lists those that are deactivated too, by each of their names.
func TestDefinitions(t *testing.T) {
	o := newOrganization(t)
	o.fails(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("localeCode") != "ALL" {
			t.Errorf("query = %v, want all languages", r.URL.Query())
		}
		text := `{"id":"a","name":"Busy","languageLabels":{"en_US":"Busy","de":"Beschäftigt"},"systemPresence":"Busy","deactivated":false},
			{"id":"b","languageLabels":{"en_US":" CXone Interaction "},"systemPresence":"Busy"},{"id":"q","name":"On Queue","systemPresence":"OnQueue"}`
		if r.FormValue("deactivated") == "TRUE" {
			text = `{"id":"b","languageLabels":{"en_US":" CXone Interaction "},"systemPresence":"Busy"},
				{"id":"c","name":"Old","systemPresence":"Away","deactivated":true},{"id":"d","name":"Odd","deactivated":"yes"},{}`
		}
		fmt.Fprint(w, `{"entities":[`+text+`]}`)
	})
	w, _ := o.writer(t, nil)
	got, err := w.Definitions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "definitions", got, []platform.PresenceDefinition{
		{ID: "a", Name: "Busy", System: "busy"},
		{ID: "a", Name: "Beschäftigt", System: "busy"},
		{ID: "b", Name: "CXone Interaction", System: "busy"},
		{ID: "q", Name: "On Queue", System: "on_queue"},
		{ID: "c", Name: "Old", System: "away", Deactivated: true},
		{ID: "d", Name: "Odd"},
	})
	o.fails(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{}`) })
	if got, err := w.Definitions(t.Context()); err == nil {
		t.Errorf("Definitions of an answer without a list = %v, want an error", got)
	}
}

// TestPriorities: when the budget runs short, single writes are refused before batches.
func TestPriorities(t *testing.T) {
	o := newOrganization(t)
	o.answer = func(string) string { return `[]` }
	w, _ := o.writer(t, func(c *settings.Client) { c.RateLimit = settings.RateLimit{RequestsPerMinute: 0.001, Burst: 10} })
	count := func(write func() error) (done int) {
		for {
			if err := write(); err != nil {
				if platform.ReasonOf(err) != platform.ReasonBudget {
					t.Fatal(err)
				}
				return done
			}
			done++
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // which the next request would miss by far
	defer cancel()
	singles := count(func() error { _, err := w.WriteOne(ctx, toBusy(1)[0]); return err })
	batches := count(func() error { _, err := w.WriteMany(ctx, toBusy(2)); return err })
	if singles != 6 || batches != 2 {
		t.Errorf("%d single writes and then %d batches of a burst of 10, want 6 and 2", singles, batches)
	}
}

func TestOpenWriterValidates(t *testing.T) {
	o := newOrganization(t)
	for want, identity := range map[string]settings.Client{
		"client_id: missing":          {Secret: "s", RateLimit: settings.RateLimit{RequestsPerMinute: 240, Burst: 10}},
		"client_secret_file: missing": {ID: "writer", RateLimit: settings.RateLimit{RequestsPerMinute: 240, Burst: 10}},
		"rate_limit":                  {ID: "writer", Secret: "s", RateLimit: settings.RateLimit{RequestsPerMinute: 301, Burst: 10}},
	} {
		if _, _, err := o.config().OpenWriter("us-emea", identity, health.Surroundings{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("OpenWriter = %v, want %q", err, want)
		}
	}
}

// TestAccountsNeverWrite: no account holds a call of a writer, and all that it sends are reads, queries and notification
// channels of its own.
func TestAccountsNeverWrite(t *testing.T) {
	c := DefaultConfig()
	c.Stream.Enabled = true
	held := c.operations(health.Surroundings{Directory: time.Hour, ExternalIDs: "cxone", Operations: []string{"document"}})
	for _, operation := range []string{opWriteMany, opWriteOne} {
		if slices.Contains(held, operation) {
			t.Errorf("an account can make the call %s", operation)
		}
	}
	o := newOrganization(t)
	o.list(queued(1, 3))
	o.answer = func(string) string { return `{}` }
	source, _ := o.source(t, compared(nil))
	for _, f := range source.Feeds {
		_, _ = f.Poll(t.Context()) // most answers are none, and only what is sent counts
	}
	asked := o.asked()
	for _, request := range asked {
		query := strings.HasPrefix(request, "POST ") && (strings.HasSuffix(request, "/query") || strings.HasSuffix(request, "/counts"))
		if !strings.HasPrefix(request, "GET ") && !strings.HasPrefix(request, "HEAD ") && !query {
			t.Errorf("an account sends %s", request)
		}
	}
	if !slices.Contains(asked, "GET "+pathUsers) || len(asked) < 8 {
		t.Errorf("requests = %v, want those of all feeds", asked)
	}
}
