// Package presence compares what agents do who work on two platforms, and writes their presence on one after what they do on
// the other.
//
// A pair is two accounts: the source, where agents take contacts, and the target, where their presence has to follow. A
// comparison reads the rosters of both, finds the same person in each (matching), and counts contradictions. A sync decides for
// each matched agent what the presence should be (a pure function), and writes it through a Writer: it protects at once
// and in bulk, and releases late, singly, and only what it took itself.
//
// Persons stay inside the package: what it publishes are counts.
package presence

import (
	"context"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// Reader is an account whose agents are read. *feed.Account is one.
type Reader interface {
	// Persons returns which polls read the agents, and how to get at what they read.
	Persons() feed.Persons
	// Poll runs a poll at once, or joins the run under way, and waits for it.
	Poll(ctx context.Context, feed string) error
	// PollDue runs a poll if its minimum interval has passed, or joins the run under way, and waits for it.
	PollDue(ctx context.Context, feed string) error
}

// Writer writes presences on the target with a client of its own. Errors have a platform.Reason, and those with which the
// platform refused a write a platform.Refusal.
type Writer interface {
	// Definitions returns all presence definitions, those that are deactivated included.
	Definitions(ctx context.Context) ([]platform.PresenceDefinition, error)
	// WriteMany writes at most platform.PresenceBatch presences, none of them on queue. It returns those that the answer shows as written:
	// what is missing is unconfirmed, and only the next read of the target can prove it.
	WriteMany(ctx context.Context, changes []platform.PresenceChange) ([]platform.PresenceWritten, error)
	// WriteOne writes one presence, which may be on queue.
	WriteOne(ctx context.Context, change platform.PresenceChange) (platform.PresenceWritten, error)
}
