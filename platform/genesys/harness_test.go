// What tests share that run whole accounts against the simulator.

package genesys_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/health"

	promconfig "github.com/prometheus/common/config"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

const (
	edges         = "/api/v2/telephony/providers/edges"
	edgesMetrics  = edges + "/metrics"
	trunks        = edges + "/trunks"
	trunksMetrics = trunks + "/metrics"
	counts        = "/api/v2/analytics/agents/status/counts"
	calls         = "/api/v2/telephony/calls/metrics"
	definitions   = "/api/v2/presence/definitions"
	queueNames    = "/api/v2/routing/queues/divisionviews/all"
	observations  = "/api/v2/analytics/queues/observations/query"
	aggregates    = "/api/v2/analytics/conversations/aggregates/query"
	channels      = "/api/v2/notifications/channels"
)

// world is a simulator that must not have seen a request that broke the vendor's documents.
func world(t *testing.T, o simulator.Options) *simulator.World {
	t.Helper()
	o.Scenario, o.Agents = "calm", 200
	w, err := simulator.NewWorld(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, violation := range w.Violations() {
			t.Errorf("request breaks the documented form: %s", violation)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func account(t *testing.T, w *simulator.World, api string) *feed.Account {
	t.Helper()
	return accountFrom(t, w, api, health.Surroundings{}, func(*genesys.Config) {})
}

// accountFrom asks api and lets every feed run at every refresh.
func accountFrom(t *testing.T, w *simulator.World, api string, o health.Surroundings, change func(*genesys.Config)) *feed.Account {
	t.Helper()
	return accountWithLog(t, w, api, o, slog.New(slog.DiscardHandler), change)
}

func accountWithLog(t *testing.T, w *simulator.World, api string, o health.Surroundings, log *slog.Logger, change func(*genesys.Config)) *feed.Account {
	t.Helper()
	o.Thresholds, o.Logger = settings.DefaultThresholds, log
	config := genesys.DefaultConfig()
	id, secret := w.Credentials("emea")
	config.Name, config.Region, config.APIURL, config.LoginURL = "emea", "eu-central-1", api, w.URL("emea")
	config.ClientID, config.ClientSecret = id, promconfig.Secret(secret)
	change(&config)
	source, err := config.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range source.Feeds {
		if source.Feeds[i].Serve == nil {
			source.Feeds[i].MinInterval = 1
		}
	}
	a := feed.NewAccount(t.Context(), source, feed.PlaneLimits{Degraded: 1}, o.Logger)
	t.Cleanup(a.Close)
	return a
}

// refreshed is what an account exports after one more run of every feed, by feed.
func refreshed(t *testing.T, a *feed.Account) (feed.AccountState, map[string]feed.State) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	a.Refresh(ctx)
	view, feeds := a.State(), map[string]feed.State{}
	for _, feed := range view.Feeds {
		feeds[feed.Name] = feed
	}
	return view, feeds
}

// merged is everything that the snapshots of a view hold.
func merged(view feed.AccountState) (all platform.Snapshot) {
	for _, snapshot := range view.Snapshots {
		all.Components = append(all.Components, snapshot.Components...)
		all.Trunks = append(all.Trunks, snapshot.Trunks...)
		all.Edges = append(all.Edges, snapshot.Edges...)
		all.EdgeCounts = append(all.EdgeCounts, snapshot.EdgeCounts...)
		all.Calls = append(all.Calls, snapshot.Calls...)
		all.Agents = append(all.Agents, snapshot.Agents...)
		all.Presences = append(all.Presences, snapshot.Presences...)
		all.Queues = append(all.Queues, snapshot.Queues...)
	}
	return all
}

func wantUp(t *testing.T, feeds map[string]feed.State, except ...string) {
	t.Helper()
	down := strings.Join(except, " ")
	for name, feed := range feeds {
		if want := !strings.Contains(down, name); feed.Up != want {
			t.Errorf("feed %s up = %t, want %t (failures: %v)", name, feed.Up, want, feed.Failures)
		}
	}
}

// edit changes the entities of a list, or a bare list.
func edit(change func(entities []any) []any) func([]byte) []byte {
	return func(body []byte) []byte {
		var answer map[string]any
		if err := json.Unmarshal(body, &answer); err != nil {
			return []byte(err.Error())
		}
		answer["entities"] = change(answer["entities"].([]any))
		edited, err := json.Marshal(answer)
		if err != nil {
			return []byte(err.Error())
		}
		return edited
	}
}

func set(entity int, key string, value any) func([]byte) []byte {
	return edit(func(entities []any) []any {
		entities[entity].(map[string]any)[key] = value
		return entities
	})
}

// until waits for a condition.
func until(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(2 * time.Minute); !holds(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen within 2 minutes")
		}
	}
}
