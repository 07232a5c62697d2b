// Package feed is the engine: a scrape triggers the feeds that are due, and feeds publish snapshots.
//
// A vendor's package makes a Source of one account in the configuration: its feeds, its budget, where it lives. NewAccount
// puts the source to work. Account.Refresh starts every poll whose minimum interval has passed, joins those under way and
// waits for them, at most until the scrape's deadline; a run lives on the account's context, so what misses this scrape
// serves the next. Account.State returns what may be exported at that moment: snapshots that are not too old, the status of
// both planes, and how every feed is doing. Streams run always and are restarted when they are cut off.
//
// One place starts, backs off, guards against panics, logs changes and counts failures, for all feeds alike. Every change of
// a status becomes one line of the audit trail. The engine knows no vendor and no HTTP.
package feed

import (
	"context"
	"errors"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// Health is the name of the feed that probes a platform's API and login. Planes have no status until it has run once.
const Health = "health"

// Feed is one source of knowledge about an account: a poll or a stream.
//
// A poll runs when a scrape asks and its minimum interval has passed. A stream runs always: Serve returns when the stream is
// cut off, and is called again after a jittered wait from 1 s to 60 s that grows until the stream has served for a minute.
type Feed struct {
	Name        string
	Class       platform.Class
	MinInterval time.Duration // between two runs of a poll
	// Stretch, when not nil, returns a longer minimum interval for the moment: while a stream stands in for a poll, the poll
	// rests. The minimum interval applies again as soon as Stretch returns less.
	Stretch func() time.Duration
	Timeout time.Duration // of one run of a poll
	MaxAge  time.Duration // how long a snapshot is exported; 0 = DefaultMaxAge(MinInterval)
	Calls   float64       // API calls that one run takes from the account's budget when every list fits on one page
	Fields  []string      // enum fields whose unknown values the feed may count
	// Permissions are what the account needs for the feed, in the platform's own words; nil where it needs none, or where the
	// platform does not name any.
	Permissions []string
	Poll        Poll
	Serve       func(context.Context, Stream) error // of a stream, instead of Poll
}

// Poll reads a snapshot. A snapshot beside an error is published all the same, and the run counts as failed: what could be
// read is better than nothing. Unchanged is no failure.
type Poll func(context.Context) (*platform.Snapshot, error)

// Unchanged is the error of a poll when the platform reports that nothing has changed, as with a 304. What the feed published
// before stays, as fresh as if it had been read now.
var Unchanged = errors.New("unchanged") //nolint:errname,staticcheck // an answer, no failure

// DefaultMaxAge is the larger of 5 minutes and 2.5 intervals.
func DefaultMaxAge(interval time.Duration) time.Duration { return max(5*time.Minute, interval*5/2) }

// Stream is how a stream reaches its account while it serves.
type Stream interface {
	// Connected notes whether the stream is connected.
	Connected(bool)
	// Poll starts a run of the account's poll of that name, or joins the one under way, and waits for its end or for the
	// context's. It returns the error of the run. Only the engine ever runs a poll, so that no call is made twice and every
	// run is counted.
	Poll(ctx context.Context, feed string) error
	// Offer announces that events have changed what a poll published. The next scrape calls render, once however many events
	// have come; render may return nil when there is nothing to publish. The engine holds no lock during the call.
	Offer(feed string, render func() *platform.Snapshot)
}

// Schedule is the intervals, maximum ages and timeout of an account's polls.
type Schedule struct {
	Intervals map[string]time.Duration // by feed; 0 = off
	MaxAges   map[string]time.Duration // by feed; DefaultMaxAge where none is given
	Timeout   time.Duration            // of rows that have none
}

// MaxAge returns how long a snapshot of the feed is exported.
func (s Schedule) MaxAge(feed string) time.Duration {
	if age := s.MaxAges[feed]; age > 0 {
		return age
	}
	return DefaultMaxAge(s.Intervals[feed])
}

// Apply returns the polls of a table with their intervals, less those that are off.
func (s Schedule) Apply(table ...Feed) (feeds []Feed) {
	for _, f := range table {
		if s.Intervals[f.Name] == 0 {
			continue
		}
		f.MinInterval, f.MaxAge = s.Intervals[f.Name], s.MaxAge(f.Name)
		if f.Timeout == 0 {
			f.Timeout = s.Timeout
		}
		feeds = append(feeds, f)
	}
	return feeds
}
