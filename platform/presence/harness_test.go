package presence

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// syncConfig is that of the tests.
func syncConfig() SyncConfig {
	c := DefaultSyncConfig()
	c.DryRun = false
	c.ID, c.SecretFile = "id", "file"
	c.Rules = []Rule{
		{State: platform.AgentEngaged, Presence: "CXone Interaction"},
		{State: platform.AgentAfterContactWork, Presence: "cxone interaction"},
		{State: platform.AgentNotResponding, Presence: "Away"},
		{State: platform.AgentUnavailable, Code: "Lunch*", Presence: "Meal"},
		{State: platform.AgentUnavailable, Presence: "away"},
		{State: platform.AgentReady, Release: ReleasePrevious},
		{State: platform.AgentOffline, Leave: true},
	}
	return c
}

// syncing runs a sync of a world until the test ends, after change has changed it. A moment passes, so that what a test does at whole
// seconds falls between the ticks of the sync and not beside one of them.
func syncing(t *testing.T, w *world, c SyncConfig, change func(*syncer)) *Pair {
	t.Helper()
	p := pairOf(t, w, c, change)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = p.sync.serve(ctx, stream{}) })
	t.Cleanup(func() { cancel(); running.Wait(); p.Close() })
	time.Sleep(30 * time.Millisecond)
	synctest.Wait()
	return p
}

// pairOf makes a pair of a world, which does not run yet.
func pairOf(t *testing.T, w *world, c SyncConfig, change func(*syncer)) *Pair {
	t.Helper()
	config := DefaultConfig()
	config.Name, config.Source, config.Target, config.Sync = "us-emea", "us", "emea", &c
	p, err := New(Options{
		Config: config, Source: &reader{w: w, source: true}, Target: &reader{w: w}, Writer: client{w, "a"}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(p.sync)
	}
	return p
}

// stream is one that is not listened to.
type stream struct{}

func (stream) Connected(bool)                          {}
func (stream) Poll(context.Context, string) error      { return nil }
func (stream) Offer(string, func() *platform.Snapshot) {}

// refusal is an error of the platform.
type refusal platform.Refusal

func (r refusal) Error() string             { return string(r) }
func (r refusal) Refusal() platform.Refusal { return platform.Refusal(r) }

// failure is an error with a reason.
type failure platform.Reason

func (f failure) Error() string  { return string(f) }
func (f failure) Reason() string { return string(f) }
