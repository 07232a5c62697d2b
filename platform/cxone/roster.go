package cxone

import (
	"maps"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// people are the agents of the tenant as persons. The feed directory lists them, and the feed agents reads what they do; nothing
// of it is published but through the roster.
type people struct {
	openContacts bool        // an agent with open contacts is engaged
	wanted       atomic.Bool // the next run is to read everyone

	mu         sync.Mutex
	persons    map[string]platform.Person // nil until they were listed
	listed     time.Time
	activities map[string]platform.Activity // nil until they were read
	read, full time.Time
	doubts     struct{ persons, activities bool } // the last answer was not trusted
}

// reading returns how the persons are read.
func (p *people) reading() feed.Persons {
	return feed.Persons{Activities: feedAgents, Directory: feedDirectory, Roster: p.roster, Full: func() { p.wanted.Store(true) }}
}

// roster returns the persons as last read, nil before both feeds have succeeded once. Its maps are never modified any more.
func (p *people) roster() *platform.Roster {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.persons == nil || p.activities == nil {
		return nil
	}
	return &platform.Roster{
		Persons: p.persons, Activities: p.activities, Listed: p.listed, Read: p.read, FullRead: p.full,
		Suspect: p.doubts.persons || p.doubts.activities,
	}
}

// list replaces the persons.
func (p *people) list(persons map[string]platform.Person, started time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.persons, p.listed, p.doubts.persons = persons, started, false
}

// doubtPersons marks the roster, which stays as it is, until the next list that is trusted.
func (p *people) doubtPersons() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.doubts.persons = true
}

// doubtActivities does the same until the next read that is trusted.
func (p *people) doubtActivities() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.doubts.activities = true
}

// confirm notes that nothing has changed since the read before.
func (p *people) confirm(started time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read, p.doubts.activities = started, false
}

// update notes what agents do: all of a table after a full read, else those in changed.
func (p *people) update(table, changed map[int64]row, started time.Time, full bool) {
	p.mu.Lock()
	activities := p.activities
	p.mu.Unlock()
	switch {
	case full:
		activities, changed = make(map[string]platform.Activity, len(table)), table
	case len(changed) > 0:
		activities = maps.Clone(activities)
	}
	for id := range changed {
		if activity, known := table[id].activity(p.openContacts); known {
			activities[strconv.FormatInt(id, 10)] = activity
		} else {
			delete(activities, strconv.FormatInt(id, 10))
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.activities, p.read, p.doubts.activities = activities, started, false
	if full {
		p.full = started
	}
}

// lists reports whether the directory lists an agent, and true before it was read.
func (p *people) lists(id int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, listed := p.persons[strconv.FormatInt(id, 10)]
	return listed || p.persons == nil
}

// row is what an agent does, as last read.
type row struct {
	group            *agentGroup
	started, changed time.Time // start of the state, and last change of the row, by the platform's clock; zero where it sends none
	contacts         bool      // the agent has open contacts
	absences         int       // full reads in a row without the agent
	older            bool      // the last full read showed an older row, which was dropped
}

// after returns the row of an agent once another was read. One that goes back in time is dropped: it was overtaken on the way.
// Only a second full read that shows one makes it true.
func (r row) after(before row, full bool) row {
	if !r.before(before) || full && before.older {
		return r
	}
	before.absences, before.older = 0, full
	return before
}

// before reports whether a row goes back in time behind another. Rows are compared by the start of their states, and where one
// has none, or both the same, by their last change.
func (r row) before(other row) bool {
	if !r.started.IsZero() && !other.started.IsZero() && !r.started.Equal(other.started) {
		return r.started.Before(other.started)
	}
	return !r.changed.IsZero() && !other.changed.IsZero() && r.changed.Before(other.changed)
}

// counted reports whether the platform lists the agent.
func (r row) counted() bool { return r.absences == 0 }

// activity translates what the agent does. Known is false for one whom the last full read has left out: only a second shows
// that the agent is logged out.
func (r row) activity(openContacts bool) (activity platform.Activity, known bool) {
	switch r.absences {
	case 0:
		activity = platform.Activity{State: r.group.state, Code: r.group.code, Since: r.started}
		if r.group.pending || r.contacts && openContacts {
			activity.State = platform.AgentEngaged
		}
		if activity.Since.IsZero() {
			activity.Since = r.changed
		}
		return activity, true
	case 1:
		return platform.Activity{}, false
	}
	return platform.Activity{State: platform.AgentOffline}, true
}
