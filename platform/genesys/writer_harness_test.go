package genesys

import (
	"log/slog"
	"testing"

	promconfig "github.com/prometheus/common/config"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// writer opens a writer of the organization.
func (o *organization) writer(t testing.TB, change func(*settings.Client)) (*Writer, feed.Source) {
	t.Helper()
	identity := settings.Client{
		ID: "writer", Secret: promconfig.Secret("canary-writer-secret"), RateLimit: settings.RateLimit{RequestsPerMinute: 240, Burst: 40},
	}
	if change != nil {
		change(&identity)
	}
	w, source, err := o.config().OpenWriter("us-emea", identity, health.Surroundings{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(source.Close)
	return w, source
}

// The definitions of the recorded answers.
const (
	busy    = "31fe3bac-dea6-44b7-bed7-47f91660a1a0"
	offline = "ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5"
)

// toBusy are changes to Busy of so many users.
func toBusy(n int) (changes []platform.PresenceChange) {
	for i := range n {
		changes = append(changes, platform.PresenceChange{Person: userID(i + 1), Definition: busy})
	}
	return changes
}

func feedOf(t testing.TB, feeds []feed.Feed, name string) feed.Feed {
	t.Helper()
	for _, f := range feeds {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no feed %q", name)
	return feed.Feed{}
}
