package presence

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

func people(all ...platform.Person) map[string]platform.Person {
	byID := map[string]platform.Person{}
	for _, p := range all {
		byID[p.ID] = p
	}
	return byID
}

func TestMatch(t *testing.T) {
	source := people(
		platform.Person{ID: "1", Email: "Ada@Example.com "}, platform.Person{ID: "2", Email: "team@example.com"},
		platform.Person{ID: "3", Email: "team@example.com", Username: "carl"}, platform.Person{ID: "4", Username: "dora"},
		platform.Person{ID: "5", Email: "eve@training.example.com"}, platform.Person{ID: "6", Email: "gone@example.com"},
		platform.Person{ID: "7", Email: "other@example.com"},
	)
	target := people(
		platform.Person{ID: "a", Email: "ada@example.com"}, platform.Person{ID: "b", Email: "team@example.com"},
		platform.Person{ID: "c", Username: "CARL"}, platform.Person{ID: "d", External: "4"},
		platform.Person{ID: "e", Email: "eve@training.example.com"}, platform.Person{ID: "f"}, platform.Person{ID: "g", Email: "other@example.com"},
	)
	c := DefaultConfig()
	c.Exclude, c.Agents = []string{"*@training.example.com"}, map[string]string{"7": "f", "no": "g"}
	want := matching{
		Targets: map[string]string{"1": "a", "3": "c", "4": "d", "7": "f"},
		Counts:  map[MatchKind]int{Matched: 4, SourceOnly: 1, TargetOnly: 1, Ambiguous: 2, Excluded: 2},
	}
	if diff := cmp.Diff(want, matchPersons(c, source, target)); diff != "" {
		t.Errorf("matchPersons (-want +got):\n%s", diff)
	}
	c.Match = []Key{ByUsername}
	c.Agents = nil
	if diff := cmp.Diff(map[string]string{"3": "c"}, matchPersons(c, source, target).Targets); diff != "" {
		t.Errorf("matchPersons by user name alone (-want +got):\n%s", diff)
	}
}

// TestMatchNeverGuesses: a shared mailbox stays shared when one of its persons is matched otherwise, and whom the configuration names is
// no other agent.
func TestMatchNeverGuesses(t *testing.T) {
	source := people(platform.Person{ID: "1", Email: "team@example.com"}, platform.Person{ID: "2", Email: "team@example.com"}, platform.Person{ID: "3", Email: "c@example.com"})
	target := people(platform.Person{ID: "a", External: "1"}, platform.Person{ID: "b", Email: "team@example.com"}, platform.Person{ID: "c", Email: "c@example.com"})
	c := DefaultConfig()
	c.Agents = map[string]string{"3": "not listed"}
	want := matching{Targets: map[string]string{"1": "a"}, Counts: map[MatchKind]int{Matched: 1, SourceOnly: 1, TargetOnly: 1, Ambiguous: 2, Excluded: 0}}
	if diff := cmp.Diff(want, matchPersons(c, source, target)); diff != "" {
		t.Errorf("matchPersons (-want +got):\n%s", diff)
	}
}

// TestMatchExcluded: an agent who is excluded still shares a mailbox, on either side, and is matched with none.
func TestMatchExcluded(t *testing.T) {
	c := DefaultConfig()
	c.Exclude = []string{"excluded-*"}
	for name, tc := range map[string]struct {
		source, target map[string]platform.Person
		want           matching
	}{
		"on the source": {
			people(platform.Person{ID: "1", Email: "team@example.com"}, platform.Person{ID: "excluded-2", Email: "Team@example.com"}),
			people(platform.Person{ID: "a", Email: "team@example.com"}),
			matching{Targets: map[string]string{}, Counts: map[MatchKind]int{Matched: 0, SourceOnly: 0, TargetOnly: 0, Ambiguous: 2, Excluded: 1}},
		},
		"on the target": {
			people(platform.Person{ID: "1", Email: "team@example.com"}),
			people(platform.Person{ID: "a", Email: "team@example.com"}, platform.Person{ID: "excluded-b", Email: "team@example.com"}),
			matching{Targets: map[string]string{}, Counts: map[MatchKind]int{Matched: 0, SourceOnly: 0, TargetOnly: 0, Ambiguous: 2, Excluded: 1}},
		},
		"the only candidate": {
			people(platform.Person{ID: "1", Email: "a@example.com"}, platform.Person{ID: "excluded-2", Email: "b@example.com"}),
			people(platform.Person{ID: "excluded-a", Email: "a@example.com"}, platform.Person{ID: "b", Email: "b@example.com"}),
			matching{Targets: map[string]string{}, Counts: map[MatchKind]int{Matched: 0, SourceOnly: 1, TargetOnly: 1, Ambiguous: 0, Excluded: 2}},
		},
	} {
		if diff := cmp.Diff(tc.want, matchPersons(c, tc.source, tc.target)); diff != "" {
			t.Errorf("%s: matchPersons (-want +got):\n%s", name, diff)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	source, target := map[string]platform.Person{}, map[string]platform.Person{}
	for i := range 10_000 {
		mail := fmt.Sprintf("agent%d@example.com", i)
		from, to := fmt.Sprint(i), fmt.Sprintf("user-%d", i)
		source[from], target[to] = platform.Person{ID: from, Email: mail}, platform.Person{ID: to, Email: mail}
	}
	for b.Loop() {
		if n := matchPersons(DefaultConfig(), source, target).Counts[Matched]; n != 10_000 {
			b.Fatalf("%d matched, want all", n)
		}
	}
}
