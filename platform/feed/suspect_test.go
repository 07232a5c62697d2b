package feed_test

import (
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// TestSuspect: an answer that holds no person is never trusted, and one with half of those known still is.
func TestSuspect(t *testing.T) {
	for _, test := range []struct {
		held, known int
		trusted     bool
	}{
		{0, 0, false}, {0, 1, false}, {1, 0, true}, {1, 2, true}, {1, 3, false}, {2, 4, true}, {2, 5, false}, {9, 2, true},
	} {
		if err := feed.Suspect("users", "persons", test.held, test.known); (err == nil) != test.trusted {
			t.Errorf("Suspect(%d, %d) = %v, want trusted = %t", test.held, test.known, err, test.trusted)
		}
	}
	err := feed.Suspect("users", "persons", 2, 5)
	if got := platform.ReasonOf(err); got != platform.ReasonBadResponse {
		t.Errorf("reason = %s, want bad_response", got)
	}
	brief, ok := err.(interface{ Brief() string })
	if !ok || brief.Brief() != "users, 2 of 5 persons" {
		t.Errorf("Brief() of %v is not users, 2 of 5 persons", err)
	}
}
