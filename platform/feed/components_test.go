package feed

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// TestStatusChangesAreCounted counts from one known status to another: neither the first sight of a component, nor a status
// that is unknown in between, nor an expiry is a change.
func TestStatusChangesAreCounted(t *testing.T) {
	const up, slow, down, unknown = platform.Operational, platform.Degraded, platform.Critical, platform.Unknown
	synctest.Test(t, func(t *testing.T) {
		var next *platform.Snapshot
		a := open(t, new(bytes.Buffer), Feed{Name: "health", Poll: func(context.Context) (*platform.Snapshot, error) {
			if next == nil {
				return nil, errors.New("gone")
			}
			return next, nil
		}})
		see := func(wait time.Duration) (changes []uint64) {
			a.Refresh(t.Context())
			for _, c := range a.State().Snapshots[0].Components {
				changes = append(changes, c.Changes)
			}
			time.Sleep(wait)
			return changes
		}
		for i, tc := range []struct {
			status platform.Status
			want   uint64
		}{{down, 0}, {down, 0}, {up, 1}, {unknown, 1}, {up, 1}, {unknown, 1}, {slow, 2}, {down, 3}, {up, 4}} {
			next = apiIs(tc.status)
			next.Components = append(next.Components, platform.Component{Name: "page", Source: platform.SourceStatusPage, Condition: next.Components[0].Condition})
			if diff := cmp.Diff([]uint64{tc.want, tc.want}, see(15*time.Second)); diff != "" {
				t.Errorf("step %d, %v: changes (-want +got):\n%s", i, tc.status, diff)
			}
		}
		next = nil
		time.Sleep(DefaultMaxAge(0))
		if diff := cmp.Diff([]uint64{4}, see(15*time.Second)); diff != "" { // the page is a gap
			t.Errorf("expired: changes (-want +got):\n%s", diff)
		}
		next = apiIs(slow)
		next.Components = append(next.Components, platform.Component{Name: "page", Source: platform.SourceStatusPage, Condition: next.Components[0].Condition})
		if diff := cmp.Diff([]uint64{5, 5}, see(0)); diff != "" {
			t.Errorf("back: changes (-want +got):\n%s", diff)
		}
	})
}

// openWeighed makes an account of two documents, whose components have weights of their own.
func openWeighed(t *testing.T, poll func(name string) Poll) *Account {
	t.Helper()
	shared := []string{"media", "api"}
	a := NewAccount(t.Context(), Source{
		Platform: "genesys", Name: "emea",
		Feeds: []Feed{
			{Name: "document/one", MinInterval: 15 * time.Second, Timeout: time.Second, Poll: poll("one")},
			{Name: "document/two", MinInterval: 15 * time.Second, Timeout: time.Second, Poll: poll("two")},
		},
		Info: func() Info { return Info{RegionCode: "eu-central-1"} },
		Weigh: func(feed, own string, c *platform.Component) {
			c.Weight = platform.Weight{Policy: feed + " " + own + " " + c.Name, DependsOn: shared}
		},
	}, defaultLimits, slog.New(slog.DiscardHandler))
	t.Cleanup(a.Close)
	return a
}

func componentsOf(a *Account) (all []platform.Component) {
	for _, s := range a.State().Snapshots {
		for _, c := range s.Components {
			c.Condition = platform.Condition{}
			all = append(all, c)
		}
	}
	return all
}

// TestWeights weighs components by the names that their document and the account have for them. What one depends on has its
// full name where it is of the same document.
func TestWeights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unchanged := false
		a := openWeighed(t, func(string) Poll {
			return func(context.Context) (*platform.Snapshot, error) {
				if unchanged {
					return nil, Unchanged
				}
				return &platform.Snapshot{Components: []platform.Component{{Name: "media", Source: platform.SourceDocument}}}, nil
			}
		})
		a.Refresh(t.Context())
		want := []platform.Component{
			{Name: "one/media", Source: platform.SourceDocument, Weight: platform.Weight{
				Policy: "document/one media one/media", DependsOn: []string{"one/media", "api"},
			}},
			{Name: "two/media", Source: platform.SourceDocument, Weight: platform.Weight{
				Policy: "document/two media two/media", DependsOn: []string{"two/media", "api"},
			}},
		}
		if diff := cmp.Diff(want, componentsOf(a)); diff != "" {
			t.Errorf("components (-want +got):\n%s", diff)
		}
		// What had expired and has not changed comes back as it was: its names are complete already.
		unchanged = true
		time.Sleep(DefaultMaxAge(0) + time.Second)
		if got := componentsOf(a); got != nil {
			t.Errorf("components = %v, want none: they are too old", got)
		}
		a.Refresh(t.Context())
		if diff := cmp.Diff(want, componentsOf(a)); diff != "" {
			t.Errorf("back again (-want +got):\n%s", diff)
		}
	})
}
