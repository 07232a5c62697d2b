// The control that makes one agent do something.

package simulator

import (
	"fmt"
	"slices"
	"time"
)

// Action is what Act makes an agent do. Its zero value is none.
type Action struct {
	word string
	name string // of a presence
}

// Actions. On CXone an agent cannot go on queue, be idle or out of office, and chooses between Available and Unavailable only.
var (
	LogIn       = Action{word: "log in"}         // Genesys: Available and off queue; CXone: Unavailable
	LogOut      = Action{word: "log out"}        //
	TakeContact = Action{word: "take contact"}   // until EndContact
	EndContact  = Action{word: "end contact"}    // to the queue, or off it when another presence was chosen meanwhile
	GoOnQueue   = Action{word: "go on queue"}    // Genesys
	GoIdle      = Action{word: "go idle"}        // Genesys: the screen is locked
	LeaveOffice = Action{word: "leave office"}   // Genesys: out of office
	ReturnToIt  = Action{word: "return to it"}   // Genesys: no longer out of office
	BeAvailable = Action{word: "be available"}   // CXone
	BePaused    = Action{word: "be unavailable"} // CXone
)

// Choose is the choice of a presence definition by its name, such as "Meal" or "Available" (Genesys).
func Choose(name string) Action { return Action{word: "choose", name: name} }

// Act makes one agent of a site do something now. From then on, the agent does nothing of its own accord, and neither the
// scenario nor what a linked person does on the other platform changes what the agent does: only Act and writes do.
func (w *World) Act(name, person string, action Action) error {
	number := slices.IndexFunc(w.listed(name), func(p Person) bool { return p.ID == person })
	if number < 0 {
		return fmt.Errorf("simulator: no person %q in %q", person, name)
	}
	act := acts[action.word]
	agents, vendor, chosen := w.tenant.agentList, onCXone, -1
	if o := w.org(name); o != nil {
		agents, vendor = o.agents, onGenesys
		chosen = slices.IndexFunc(presences, func(p presence) bool { return p.name == action.name && !p.retired })
	}
	if act.do == nil || act.on&vendor == 0 || action.word == Choose("").word && chosen < 0 {
		return fmt.Errorf("simulator: a person in %q cannot %s %s", name, action.word, action.name)
	}
	elapsed := time.Since(w.began)
	agents.change(number, elapsed, agents.look(elapsed)[number], func(a *agent, at time.Duration) {
		act.do(a, at, chosen)
		a.held = true
	})
	return nil
}

// listed returns the persons of a site as its lists hold them; they are not to be modified.
func (w *World) listed(name string) []Person {
	if o := w.org(name); o != nil {
		return o.persons
	}
	if name == us {
		return w.tenant.persons
	}
	return nil
}

// The vendors on whose platforms an action is possible.
const (
	onGenesys = 1 << iota
	onCXone
)

// acts are the actions by their words.
var acts = map[string]struct {
	on int
	do func(a *agent, at time.Duration, presence int)
}{
	LogIn.word: {onGenesys | onCXone, func(a *agent, at time.Duration, _ int) {
		a.loggedOn, a.standing = at, 0
		a.pause = 0 // Available (Genesys), Unavailable (CXone)
		a.set(paused, at)
	}},
	LogOut.word: {onGenesys | onCXone, func(a *agent, at time.Duration, _ int) {
		a.standing = 0
		a.set(loggedOut, at)
	}},
	TakeContact.word: {onGenesys | onCXone, func(a *agent, at time.Duration, _ int) {
		a.tasks++
		a.set(inbound, at)
	}},
	EndContact.word: {onGenesys | onCXone, func(a *agent, at time.Duration, _ int) {
		if a.standing != 0 {
			a.set(paused, at)
			return
		}
		a.set(ready, at)
	}},
	GoOnQueue.word:   {onGenesys, func(a *agent, at time.Duration, _ int) { a.choose(onQueuePresence, at) }},
	GoIdle.word:      {onGenesys, func(a *agent, at time.Duration, _ int) { a.choose(idlePresence, at) }},
	"choose":         {onGenesys, func(a *agent, at time.Duration, presence int) { a.choose(presence, at) }},
	LeaveOffice.word: {onGenesys, func(a *agent, _ time.Duration, _ int) { a.absent = true }},
	ReturnToIt.word:  {onGenesys, func(a *agent, _ time.Duration, _ int) { a.absent = false }},
	BeAvailable.word: {onCXone, func(a *agent, at time.Duration, _ int) { a.set(ready, at) }},
	BePaused.word: {onCXone, func(a *agent, at time.Duration, _ int) {
		a.pause = 0
		a.set(paused, at)
	}},
}

// set is a new activity; one on queue is chosen now.
func (a *agent) set(to activity, at time.Duration) {
	if to >= ready && to <= refused && (a.state < ready || a.state > refused) {
		a.chosen = at
	}
	a.state, a.since = to, at
}
