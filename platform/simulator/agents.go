// The agents at work: one model of people from which both vendors' answers are made.

package simulator

import (
	"slices"
	"sync"
	"time"
)

// activity is what an agent does.
type activity uint8

const (
	loggedOut activity = iota
	loggingIn
	ready
	inbound
	outbound
	consultIn
	consultOut
	dialer
	wrapUp  // after-contact work
	refused // did not take what was offered
	paused
	activities int = iota
)

func (a activity) engaged() bool { return a >= inbound && a <= dialer }

// chance is a next activity and its share out of 100.
type chance struct {
	to    activity
	share uint8
}

// habit is how long an activity lasts on average, and what follows.
type habit struct {
	mean time.Duration
	next []chance
}

var habits = [activities]habit{
	loggedOut:  {15 * time.Minute, []chance{{loggingIn, 100}}},
	loggingIn:  {4 * time.Second, []chance{{paused, 100}}}, // agents log in as unavailable
	ready:      {35 * time.Second, []chance{{inbound, 68}, {outbound, 13}, {consultIn, 3}, {dialer, 8}, {refused, 2}, {paused, 6}}},
	inbound:    {150 * time.Second, []chance{{wrapUp, 80}, {ready, 12}, {consultOut, 5}, {paused, 3}}},
	outbound:   {80 * time.Second, []chance{{wrapUp, 70}, {ready, 30}}},
	consultIn:  {45 * time.Second, []chance{{ready, 100}}},
	consultOut: {40 * time.Second, []chance{{inbound, 60}, {wrapUp, 40}}},
	dialer:     {60 * time.Second, []chance{{wrapUp, 100}}},
	wrapUp:     {30 * time.Second, []chance{{ready, 90}, {paused, 10}}},
	refused:    {25 * time.Second, []chance{{ready, 70}, {paused, 30}}},
	paused:     {4 * time.Minute, []chance{{ready, 84}, {loggedOut, 10}, {paused, 6}}},
}

// pauseKinds is the number of kinds of pause; each vendor names them.
const pauseKinds = 10

// agent is one person; times are relative to the world's beginning.
type agent struct {
	random   random
	state    activity
	pause    uint8 // kind of pause, when paused
	absent   bool  // out of office
	held     bool  // only a test or a write changes the agent
	touched  bool  // a test or a write has acted on the agent
	tasks    uint32
	standing int           // 1 + the index in presences of one that stands whatever the agent does; 0 = none
	chosen   time.Duration // when the presence was chosen
	since    time.Duration // start of state
	until    time.Duration // its end
	loggedOn time.Duration // start of the session
}

// agentList is all agents of an account.
type agentList struct {
	mu     sync.Mutex
	agents []agent
	next   time.Duration // nothing happens before
}

// newAgentList lets n agents work for an hour before the world begins, so that it begins in the middle of a day.
func newAgentList(w *World, name string, n int) *agentList {
	c := &agentList{agents: make([]agent, n), next: -time.Hour}
	for i := range c.agents {
		a := &c.agents[i]
		a.random = random(w.hash(name, "agent", i))
		a.state, a.since, a.loggedOn, a.chosen = ready, -time.Hour, -time.Hour, -time.Hour
		a.until = -time.Hour + a.random.wait(time.Minute)
	}
	c.advance(0)
	return c
}

// advance brings all agents to a moment. What an agent does depends on the seed and the time alone, not on the requests.
func (c *agentList) advance(elapsed time.Duration) {
	if elapsed < c.next || len(c.agents) == 0 {
		return
	}
	c.next = elapsed + time.Hour
	for i := range c.agents {
		a := &c.agents[i]
		for a.until <= elapsed {
			a.move()
		}
		c.next = min(c.next, a.until)
	}
}

func (a *agent) move() {
	at := a.until
	if a.standing != 0 && (a.state == wrapUp || !a.state.engaged()) {
		a.state, a.since, a.until = paused, at, forever
		return
	}
	if a.standing != 0 {
		a.become(wrapUp, at)
		return
	}
	roll := uint8(a.random.next() % 100)
	for _, next := range habits[a.state].next {
		if roll < next.share {
			a.become(next.to, at)
			return
		}
		roll -= next.share
	}
}

func (a *agent) become(to activity, at time.Duration) {
	switch to {
	case loggingIn:
		a.loggedOn = at
	case paused:
		a.pause = 0
		if a.state != loggingIn {
			a.pause = uint8(a.random.next() % pauseKinds)
		}
	case inbound, outbound, dialer:
		if !a.state.engaged() {
			a.tasks++
		}
	}
	if onQueue := func(s activity) bool { return s >= ready && s <= refused }; !onQueue(a.state) && onQueue(to) {
		a.chosen = at
	}
	a.state, a.since = to, at
	a.until = at + a.random.wait(habits[to].mean)
}

// agentCounts is the number of agents by what they do.
type agentCounts struct {
	doing  [activities]int
	pauses [pauseKinds]int // of those whose presence does not stand

	standing [maxPresences]int // those whose presence stands, by its index in presences
	leaving  int               // those of them who have an interaction in hand
}

// maxPresences bounds the presences of an org.
const maxPresences = 16

// dropped and notResponding return the number, out of n agents, that the scenarios of these names touch.
func dropped(n int) int       { return n * 2 / 3 }
func notResponding(n int) int { return n * 6 / 10 }

// drop logs two of three agents out.
func (t *agentCounts) drop() {
	for _, n := range t.pauses {
		t.doing[paused] -= n
	}
	for kind, n := range t.pauses {
		gone := dropped(n)
		t.pauses[kind] -= gone
		t.doing[loggedOut] += gone
		t.doing[paused] += n - gone
	}
	for a := range t.doing {
		if activity(a) != loggedOut && activity(a) != paused {
			move(&t.doing[a], &t.doing[loggedOut], dropped(t.doing[a]))
		}
	}
}

func (t *agentCounts) engaged() int {
	n := 0
	for a, count := range t.doing {
		if activity(a).engaged() {
			n += count
		}
	}
	return n
}

// count returns the number of agents by what they do at a moment.
func (c *agentList) count(elapsed time.Duration) agentCounts { return countAgents(c.look(elapsed)) }

func countAgents(agents []agent) (t agentCounts) {
	for i := range agents {
		a := &agents[i]
		t.doing[a.state]++
		switch {
		case a.standing != 0:
			t.standing[a.standing-1]++
			if a.state != paused && a.state != loggedOut {
				t.leaving++
			}
		case a.state == paused:
			t.pauses[a.pause]++
		}
	}
	return t
}

// look copies all agents as they are at a moment.
func (c *agentList) look(elapsed time.Duration) []agent {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance(elapsed)
	return slices.Clone(c.agents)
}
