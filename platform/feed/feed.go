// Package feed is the engine. An Account runs the feeds of a Source when a scrape asks for it and keeps the snapshots
// that they publish.
package feed

import (
	"context"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// Health is the name of the feed that probes a platform's API and login.
const Health = "health"

// Feed is something that learns something about an account. A poll runs when a scrape asks and its minimum interval
// has passed, and returns after one update. A stream runs always: it returns when it is cut off, and is started again
// after a jittered wait from 1 s to 60 s that grows until it has served for a minute.
type Feed struct {
	Name  string
	Class platform.Class
	Every time.Duration // minimum interval between two runs of a poll
	// Now, when not nil, is the minimum interval at the moment, at least Every: a poll that a stream stands in for
	// stretches, and shrinks back at once when the stream breaks.
	Now     func() time.Duration
	Timeout time.Duration                       // of one run of a poll
	MaxAge  time.Duration                       // how long a snapshot is exported; 0 = DefaultMaxAge(Every)
	Calls   float64                             // API calls that one run takes from the account's budget when every list fits on one page
	Fields  []string                            // enum fields whose unknown values Run may count, as in Snapshot.Unknowns
	Run     func(context.Context, Sink) error   // of a poll
	Serve   func(context.Context, Stream) error // of a stream, instead of Run
}

// DefaultMaxAge is the larger of 5 minutes and 2.5 intervals.
func DefaultMaxAge(every time.Duration) time.Duration { return max(5*time.Minute, every*5/2) }

// Sink takes what a feed learned.
type Sink interface {
	// Publish replaces what the feed knew before.
	Publish(platform.Snapshot)
	// Keep says that what the feed knew is still true, as after a 304.
	Keep()
}

// Stream is what a stream tells while it serves.
type Stream interface {
	// Serving says that it is connected, or no longer.
	Serving(bool)
	// To is the sink of a poll of the account, for events that bring what the poll also learns; nil when there is none
	// of that name.
	To(feed string) Sink
}
