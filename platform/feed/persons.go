package feed

import (
	"context"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// Persons is how the persons of an account are read, for the comparison of presences. The zero value is an account that
// reads none.
type Persons struct {
	Activities string                  // name of the poll that reads what they do
	Directory  string                  // name of the poll that lists who they are; may be the same
	Roster     func() *platform.Roster // as last read; returns nil before both polls have succeeded once
	// Full asks that the next run of Activities to begin reads everyone, where it would read changes only, and the runs after it
	// until one has succeeded. It starts no run. nil where every run reads everyone.
	Full func()
}

// Persons returns how the account's persons are read.
func (a *Account) Persons() Persons { return a.source.Persons }

// PollDue starts a run of the poll of that name when it is due, or joins the one under way, and waits for it as Poll does. It
// returns nil when the poll is not due: what it read last is fresh enough.
func (a *Account) PollDue(ctx context.Context, feed string) error {
	r := a.runnerOf(feed)
	if r == nil {
		return nil
	}
	return a.poll(ctx, r, r.due)
}
