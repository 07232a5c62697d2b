package simulator

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzTopic(f *testing.F) {
	for _, known := range topics {
		f.Add(known.pattern)
	}
	id := "6a3af858-942f-489d-9700-5f9bcdcdae9b"
	f.Add("v2.telephony.providers.edges." + id + "?metrics&softwareupdate")
	f.Add("v2.users." + id + "?presence&routingStatus&")
	w, err := NewWorld(Options{Scenario: calm, Agents: 10})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name string) {
		s := w.orgs[0].subscribe(name)
		if s == nil {
			return
		}
		if len(name) > maxTopicLength || len(s.parts) == 0 {
			t.Errorf("%q is accepted with %d parts", name, len(s.parts))
		}
		for _, p := range s.parts {
			if p.kind != silent && !isUUID(p.id) {
				t.Errorf("%q names the object %q", name, p.id)
			}
		}
	})
}

func TestAvailableTopics(t *testing.T) {
	w := made(t, Options{})
	c := loggedOn(t, w, emea)
	listed := items(t, c.ok("/api/v2/notifications/availabletopics?expand=requiresPermissions&expand=transports"), "entities")
	if len(listed) != len(topics) {
		t.Errorf("%d topics, want %d", len(listed), len(topics))
	}
	want := obj{
		"id": "v2.analytics.queues.{id}.observations", "transports": []any{"All"},
		"requiresPermissions": []any{"analytics:queueObservation:view"},
	}
	if diff := cmp.Diff(want, listed[0]); diff != "" {
		t.Errorf("first topic (-want +got):\n%s", diff)
	}
	noViolations(t, w)
}
