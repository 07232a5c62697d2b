package presence

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// definitions are those of the target in the tests; their ids are their names in snake case.
var definitions = []platform.PresenceDefinition{
	{ID: "available", Name: "Available", System: "available"},
	{ID: "away", Name: "Away", System: "away"},
	{ID: "busy", Name: "Busy", System: "busy"},
	{ID: "cxone", Name: "CXone Interaction", System: "busy"},
	{ID: "meal", Name: "Meal", System: "meal"},
	{ID: "idle", Name: "Idle", System: "idle"},
	{ID: "offline", Name: "Offline", System: "offline"},
	{ID: "on_queue", Name: "On Queue", System: "on_queue"},
	{ID: "old", Name: "Old", System: "busy", Deactivated: true},
}

func systemOf(definition string) string {
	for _, d := range definitions {
		if d.ID == definition {
			return d.System
		}
	}
	return ""
}

// user is an agent on the target, as the platform has it.
type user struct {
	platform.Activity
	person platform.Person
}

// write is a presence that was written.
type write struct {
	at, changed      time.Time // and when the source had changed
	by               string    // the writer
	user, definition string
	bulk             bool
}

// world is two platforms: agents of the source, users of the target, and what was written. Its clock is the test's.
type world struct {
	mu       sync.Mutex
	agents   map[string]platform.Activity
	users    map[string]*user
	persons  map[string]platform.Person // of the source
	writes   []write
	requests map[bool]int         // by bulk
	chosen   map[string]time.Time // when a person chose a presence, by user
	changed  map[string]time.Time // when the source changed, by user
	wrote    map[string]time.Time // when a sync wrote what is not On Queue, by user
	gaveUp   map[string]bool      // users whom a sync set offline while the source failed
	failed   time.Time            // when the source failed last
	hidden   map[string]bool      // agents of whose state the changes do not tell
	// Faults.
	hides                func(agent string) bool // a change of the source that only a full read shows
	takeover             func()                  // lets another process become the writer; nil where there is none
	sourceErr, targetErr error
	refuse               func(user, definition string) error // of one change
	lose                 func(user string) bool              // a write that is accepted and not done
	silent               func(user string) bool              // a write that is done and not in the answer
	down                 error                               // of every write
}

func newWorld(n int) *world {
	w := &world{agents: map[string]platform.Activity{}, users: map[string]*user{}, persons: map[string]platform.Person{}, requests: map[bool]int{}}
	w.chosen, w.changed, w.wrote = map[string]time.Time{}, map[string]time.Time{}, map[string]time.Time{}
	w.gaveUp, w.hidden = map[string]bool{}, map[string]bool{}
	for i := range n {
		from, to, mail := fmt.Sprint(1000+i), fmt.Sprintf("user-%d", i), fmt.Sprintf("agent%d@example.com", i)
		w.agents[from] = platform.Activity{State: platform.AgentReady, Since: time.Now()}
		w.persons[from] = platform.Person{ID: from, Email: mail}
		w.users[to] = &user{person: platform.Person{ID: to, Email: mail}}
		w.present(to, "on_queue")
	}
	return w
}

// present sets a presence as the platform does it.
func (w *world) present(to, definition string) {
	u := w.users[to]
	u.Definition, u.System, u.Modified = definition, systemOf(definition), time.Now()
	switch {
	case u.State == platform.AgentEngaged: // a contact in hand stays
	case u.System == systemOnQueue:
		u.State = platform.AgentReady
	case u.System == systemOffline:
		u.State = platform.AgentOffline
	default:
		u.State = platform.AgentUnavailable
	}
}

// choose is a person's own choice of a presence.
func (w *world) choose(i int, definition string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := fmt.Sprintf("user-%d", i)
	if before := w.users[id].System; before == systemOffline || before == systemIdle { // a login, or back from idle
		delete(w.chosen, id)
		if before == systemOffline {
			delete(w.wrote, id) // what was written before is over
		}
	} else {
		w.chosen[id] = time.Now()
	}
	delete(w.gaveUp, id)
	w.present(id, definition)
}

// does sets the state of an agent of the source.
func (w *world) does(i int, state platform.AgentState, code ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := platform.Activity{State: state, Since: time.Now()}
	if len(code) > 0 {
		a.Code = code[0]
	}
	id := fmt.Sprint(1000 + i)
	w.agents[id] = a
	w.hidden[id] = w.hides != nil && w.hides(id)
	w.changed[fmt.Sprintf("user-%d", i)] = time.Now()
}

// shows returns the presence of a user.
func (w *world) shows(i int) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.users[fmt.Sprintf("user-%d", i)].Definition
}

func (w *world) written() []write {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]write{}, w.writes...)
}

// fullEvery is how often the source is read in full unless more is asked for.
const fullEvery = 5 * time.Minute

// reader reads one side: the target in full each time, the source as changes between full reads, as the platforms do.
type reader struct {
	w        *world
	source   bool
	interval time.Duration // between two reads that are due
	mu       sync.Mutex
	roster   *platform.Roster
	full     bool // asked for
	fulls    int  // reads
}

func (r *reader) Persons() feed.Persons {
	p := feed.Persons{Activities: "agents", Directory: "agents", Roster: func() *platform.Roster {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.roster
	}}
	if r.source {
		p.Full = func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.full = true
		}
	}
	return p
}

func (r *reader) PollDue(ctx context.Context, feed string) error {
	r.mu.Lock()
	due := r.roster == nil || time.Since(r.roster.Read) >= r.interval
	r.mu.Unlock()
	if !due {
		return nil
	}
	return r.Poll(ctx, feed)
}

func (r *reader) Poll(context.Context, string) error {
	r.w.mu.Lock()
	defer r.w.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if r.source && r.w.sourceErr != nil {
		r.w.failed, r.full = now, true
		return r.w.sourceErr
	}
	if !r.source && r.w.targetErr != nil {
		return r.w.targetErr
	}
	roster := &platform.Roster{Persons: map[string]platform.Person{}, Activities: map[string]platform.Activity{}, Listed: now, Read: now, FullRead: now}
	switch {
	case !r.source:
		for id, u := range r.w.users {
			roster.Persons[id], roster.Activities[id] = u.person, u.Activity
		}
	case r.roster == nil || r.full || now.Sub(r.roster.FullRead) >= fullEvery:
		roster.Persons, roster.Activities = maps.Clone(r.w.persons), maps.Clone(r.w.agents)
	default:
		*roster = *r.roster
		roster.Read, roster.Activities = now, maps.Clone(roster.Activities)
		for id, activity := range r.w.agents {
			if !r.w.hidden[id] {
				roster.Activities[id] = activity
			}
		}
	}
	if r.roster = roster; roster.FullRead.Equal(now) {
		r.full = false
		r.fulls++
	}
	return nil
}

// client writes.
type client struct {
	w    *world
	name string
}

func (c client) Definitions(context.Context) ([]platform.PresenceDefinition, error) {
	return definitions, nil
}

func (c client) WriteMany(_ context.Context, changes []platform.PresenceChange) (done []platform.PresenceWritten, err error) {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.w.requests[true]++
	if c.w.down != nil {
		return nil, c.w.down
	}
	for _, change := range changes {
		if systemOf(change.Definition) == systemOnQueue {
			return nil, refusal(platform.RefusedBatch)
		}
		if c.w.refuse == nil {
			continue
		}
		if err := c.w.refuse(change.Person, change.Definition); err != nil {
			if len(changes) > 1 {
				err = refusal(platform.RefusedBatch)
			}
			return nil, err
		}
	}
	for _, change := range changes {
		if one, shown := c.do(change, true); shown {
			done = append(done, one)
		}
	}
	return done, nil
}

func (c client) WriteOne(_ context.Context, change platform.PresenceChange) (platform.PresenceWritten, error) {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.w.requests[false]++
	if c.w.down != nil {
		return platform.PresenceWritten{}, c.w.down
	}
	if c.w.refuse != nil {
		if err := c.w.refuse(change.Person, change.Definition); err != nil {
			return platform.PresenceWritten{}, err
		}
	}
	one, shown := c.do(change, false)
	if !shown {
		return one, failure(platform.ReasonTimeout)
	}
	return one, nil
}

func (c client) do(change platform.PresenceChange, bulk bool) (one platform.PresenceWritten, shown bool) {
	c.w.writes = append(c.w.writes, write{time.Now(), c.w.changed[change.Person], c.name, change.Person, change.Definition, bulk})
	if c.w.lose != nil && c.w.lose(change.Person) {
		return one, false
	}
	c.w.present(change.Person, change.Definition)
	c.w.gaveUp[change.Person] = systemOf(change.Definition) == systemOffline && time.Since(c.w.failed) < settled
	if delete(c.w.wrote, change.Person); systemOf(change.Definition) != systemOnQueue {
		c.w.wrote[change.Person] = time.Now()
	}
	return platform.PresenceWritten{PresenceChange: change, Modified: time.Now()}, c.w.silent == nil || !c.w.silent(change.Person)
}
