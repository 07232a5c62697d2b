package genesys

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// FuzzUsers reads whole answers: however they look, no user is there twice, and what a user does is one of the known states.
func FuzzUsers(f *testing.F) {
	f.Add(fixture(f, "users.json"))
	f.Add([]byte(`{"entities":[{"id":"a","presence":{"primary":1,"presenceDefinition":{"id":7}}},{"id":"a"},null,7],"pageCount":"x"}`))
	f.Add([]byte(`{"pageCount":-1,"entities":null}`))
	known := []platform.AgentState{
		platform.AgentReady, platform.AgentEngaged, platform.AgentNotResponding, platform.AgentUnavailable, platform.AgentOffline, platform.AgentUnknown,
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		page, err := readUsers(bytes.NewReader(body))
		if err != nil {
			return
		}
		s := &sweep{persons: map[string]platform.Person{}, activities: map[string]platform.Activity{}}
		for i := range page.users {
			s.add(&page.users[i])
		}
		if len(s.persons) > page.length || len(s.activities) > len(s.persons) {
			t.Errorf("%d users became %d persons and %d activities", page.length, len(s.persons), len(s.activities))
		}
		for id, person := range s.persons {
			if id == "" || person.ID != id {
				t.Errorf("person %q is listed as %q", person.ID, id)
			}
		}
		for id, activity := range s.activities {
			if _, there := s.persons[id]; !there || !slices.Contains(known, activity.State) {
				t.Errorf("activity %+v of %q", activity, id)
			}
			if activity.State == platform.AgentReady && activity.System != "on_queue" {
				t.Errorf("ready without being on queue: %+v", activity)
			}
		}
	})
}

// FuzzExternal reads the external ids of a user.
func FuzzExternal(f *testing.F) {
	f.Add(fixture(f, "users_externalid.json"))
	f.Add([]byte(`[{"authorityName":7},null,"x"]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		ids, err := readExternal(rest.NewDecoder(bytes.NewReader(body)))
		if err == nil && len(ids) > len(body) {
			t.Errorf("%d ids of %d bytes", len(ids), len(body))
		}
	})
}

// FuzzWritten reads answers to a batch: only what was asked for is ever written, and no change twice.
func FuzzWritten(f *testing.F) {
	f.Add(fixture(f, "users_presences_bulk.json"))
	f.Add([]byte(`[{"id":"` + userID(2) + `","presenceDefinition":{"id":"` + offline + `"}},7]`))
	f.Add([]byte(`[{"id":7,"modifiedDate":"x"},{"presenceDefinition":null}]`))
	changes := []platform.PresenceChange{{Person: userID(1), Definition: busy}, {Person: userID(2), Definition: offline}}
	f.Fuzz(func(t *testing.T, body []byte) {
		answers, err := readWritten(rest.NewDecoder(bytes.NewReader(body)))
		if err != nil {
			return
		}
		seen := map[platform.PresenceChange]bool{}
		for _, done := range written(changes, answers) {
			if !slices.Contains(changes, done.PresenceChange) || seen[done.PresenceChange] {
				t.Errorf("written: %+v, of %+v", done, changes)
			}
			seen[done.PresenceChange] = true
			if !bytes.Contains(body, []byte(`"presenceDefinition"`)) && !bytes.Contains(bytes.ToLower(body), []byte("presencedefinition")) && !bytes.ContainsRune(body, '\\') {
				t.Errorf("an answer without a definition shows %+v", done)
			}
		}
		if one, err := readOneWritten(rest.NewDecoder(bytes.NewReader(body))); err == nil && one.Definition.ID == busy && !bytes.Contains(body, []byte("31fe")) {
			t.Errorf("an answer without the definition shows it")
		}
	})
}

// bulkyUsers is an answer with so many users, each with what else the platform sends of one.
func bulkyUsers(n int) string {
	users := make([]string, n)
	for i := range users {
		users[i] = strings.TrimSuffix(user(i+1, "On Queue", "IDLE"), "}") + fmt.Sprintf(`,"name":"Agent Number %d","division":{"id":"d","name":"Home",
			"selfUri":"/api/v2/authorization/divisions/d"},"chat":{"jabberId":"5f@org.orgspan.com"},"state":"active","version":31,"title":"Agent",
			"primaryContactInfo":[{"address":"agent%d@example.com","mediaType":"EMAIL","type":"PRIMARY"}],"addresses":[],
			"images":[{"resolution":"x48","imageUri":"https://images.example.com/a.jpg"},{"resolution":"x96","imageUri":"https://images.example.com/b.jpg"}],
			"acdAutoAnswer":false,"selfUri":"/api/v2/users/x"}`, i, i)
	}
	return usersAnswer(1, users...)
}

// BenchmarkUsers reads 10,000 users, as 20 pages hold them, and makes a roster of them.
func BenchmarkUsers(b *testing.B) {
	body := bulkyUsers(10_000)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	u := &users{}
	for b.Loop() {
		page, err := readUsers(strings.NewReader(body))
		if err != nil || len(page.users) != 10_000 {
			b.Fatal(len(page.users), err)
		}
		s := &sweep{persons: map[string]platform.Person{}, activities: map[string]platform.Activity{}}
		for i := range page.users {
			s.add(&page.users[i])
		}
		if err := u.take(s, parsed(b, "2026-11-21T10:00:00Z")); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/user")
}
