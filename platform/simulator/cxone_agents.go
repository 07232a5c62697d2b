// agents/states of the CXone tenant: every agent, logged out or not.

package simulator

import (
	"fmt"
	"net/http"
	"time"
)

// person is what does not change about an agent.
type person struct {
	first, last, login string
	team               int
}

var (
	firstNames = [...]string{"Ana", "Ben", "Carla", "Dan", "Eva", "Femi", "Gita", "Hugo", "Ines", "Jan", "Kim", "Liam", "Mia"}
	lastNames  = [...]string{"Adler", "Brandt", "Costa", "Duval", "Ekman", "Ferri", "Gomez", "Hansen", "Ito", "Jensen", "Kaya"}
	teamNames  = [...]string{"Blue", "Green", "Orange", "Violet", "Night Shift", "Back Office"}
)

func makePeople(n int) []person {
	people := make([]person, n)
	for i := range people {
		people[i] = person{
			first: firstNames[i%len(firstNames)], last: lastNames[i%len(lastNames)],
			login: fmt.Sprintf("agent.%05d@example.com", i+1), team: i % len(teamNames),
		}
	}
	return people
}

// pauseCodes names the kinds of pause; an id above 3 is the customer's own, 3 is the platform's Unavailable.
var pauseCodes = [pauseKinds]unavailableCode{
	{3, "Unavailable"},
	{101, "Break"},
	{102, "Lunch"},
	{103, "Meeting"},
	{104, "Training"},
	{105, "Coaching"},
	{106, "Restroom"},
	{107, "System Issue"},
	{108, "Back Office"},
	{109, "Manager Request"},
}

var (
	wrapUpCode  = unavailableCode{120, "After Call Work"}
	refusedCode = unavailableCode{-1, "Refused"} // reserved, not in the list of codes
)

// cxoneStates maps an activity to agentStateId.
var cxoneStates = [activities]int{
	loggedOut: 0, loggingIn: 8, ready: 1, inbound: 3, outbound: 4, consultIn: 5, consultOut: 6, dialer: 7,
	wrapUp: 2, refused: 2, paused: 2,
}

// cxoneStateNames has the name and the category of each agentStateId.
var cxoneStateNames = [...]string{
	"LoggedOut", "Available", "Unavailable", "InboundContact", "OutboundContact", "InboundConsult", "OutboundConsult", "Dialer",
	"LoggedIn",
}

// agentRow is one agent at one moment.
type agentRow struct {
	agent
	person *person
	number int
	began  time.Time // of the world
}

func (r *agentRow) code() unavailableCode {
	switch r.state {
	case wrapUp:
		return wrapUpCode
	case refused:
		return refusedCode
	default:
		return pauseCodes[r.pause]
	}
}

func (r *agentRow) unavailable() bool { return cxoneStates[r.state] == 2 }
func (r *agentRow) busy() bool        { return r.state.engaged() }
func (r *agentRow) present() bool     { return r.state != loggedOut }
func (r *agentRow) skill() *skill     { return &skills[skillOf(r.number, int(r.tasks), r.state)] }
func (r *agentRow) start() time.Time  { return r.began.Add(r.since) }
func (r *agentRow) id() int           { return firstAgentID + r.number }
func (r *agentRow) teamID() int       { return 9001 + r.person.team }
func (r *agentRow) contactID() int    { return 400_000_000_000 + r.number*100_000 + int(r.tasks) }
func (r *agentRow) outgoing() bool    { return r.state == outbound || r.state == dialer }

// agentFields are the documented properties of an agentStates item that are simulated.
var agentFields = fields[agentRow]{
	integerField("agentId", (*agentRow).id),
	integerField("agentStateId", func(r *agentRow) int { return cxoneStates[r.state] }),
	textField("agentStateName", func(r *agentRow) string { return cxoneStateNames[cxoneStates[r.state]] }),
	integerField("businessUnitId", func(*agentRow) int { return businessUnit }),
	nullable(integerField("contactId", (*agentRow).contactID), (*agentRow).busy),
	nullable(timeField("contactStartHandleTime", (*agentRow).start), (*agentRow).busy),
	boolField("isActive", func(*agentRow) bool { return true }),
	boolField("isACW", func(r *agentRow) bool { return r.state == wrapUp }),
	boolField("isOutbound", (*agentRow).outgoing),
	textField("firstName", func(r *agentRow) string { return r.person.first }),
	textField("lastName", func(r *agentRow) string { return r.person.last }),
	textField("userName", func(r *agentRow) string { return r.person.login }),
	timeField("lastUpdateTime", (*agentRow).start),
	nullable(textField("mediaTypeName", func(r *agentRow) string { return r.skill().mediaName() }), (*agentRow).busy),
	nullable(integerField("mediaTypeId", func(r *agentRow) int { return r.skill().media }), (*agentRow).busy),
	integerField("openContacts", func(r *agentRow) int {
		if r.busy() {
			return 1
		}
		return 0
	}),
	nullable(textField("outStateDescription", func(r *agentRow) string { return r.code().name }), (*agentRow).unavailable),
	nullable(integerField("outStateId", func(r *agentRow) int { return r.code().id }), (*agentRow).unavailable),
	nullable(timeField("sessionStartTime", func(r *agentRow) time.Time { return r.began.Add(r.loggedOn) }), (*agentRow).present),
	nullable(integerField("skillId", func(r *agentRow) int { return r.skill().id }), (*agentRow).busy),
	nullable(textField("skillName", func(r *agentRow) string { return r.skill().name }), (*agentRow).busy),
	nullable(timeField("startDate", (*agentRow).start), (*agentRow).present), // null once logged out
	nullable(integerField("stationId", func(r *agentRow) int { return 70_000 + r.number }), (*agentRow).present),
	integerField("teamId", (*agentRow).teamID),
	textField("teamName", func(r *agentRow) string { return teamNames[r.person.team] }),
}

// agents are all agents as the scenario leaves them. Agents whom it logs out, or lets back in, begin their state with it.
func (t *tenant) agents(c *call) []agent {
	agents := t.agentList.look(c.elapsed())
	at := c.changed(agentsDropped).Sub(t.world.began)
	for i := range agents {
		a := &agents[i]
		switch {
		case a.touched || i%3 == 0:
		case !c.in(agentsDropped):
			a.since = max(a.since, at)
		case a.state != loggedOut || a.since > at:
			a.state, a.since = loggedOut, at
		}
	}
	t.book(c, agents)
	return agents
}

// book puts the persons of the scenario double-booked on a contact. When it ends, their states begin anew.
func (t *tenant) book(c *call, agents []agent) {
	at := c.changed(doubleBooked).Sub(t.world.began)
	for i := range agents[:min(doubleBookedPersons, len(agents))] {
		switch a := &agents[i]; {
		case a.touched:
		case c.in(doubleBooked):
			a.state, a.since = inbound, at
		default:
			a.since = max(a.since, at)
		}
	}
}

// lost reports whether the scenario takes the states of agents away.
func (t *tenant) lost(c *call) (refusal answer, lost bool) {
	if !c.in(sourceLost) {
		return answer{}, false
	}
	return cxoneError(c, http.StatusServiceUnavailable, "service_unavailable", "Service unavailable"), true
}

// rows views all agents as they are now.
func (t *tenant) rows(c *call) []agentRow {
	agents := t.agents(c)
	rows := make([]agentRow, len(agents))
	for i, a := range agents {
		rows[i] = agentRow{agent: a, person: &t.people[i], number: i, began: t.world.began}
	}
	return rows
}

func (t *tenant) agentStates(c *call) answer {
	if refusal, lost := t.lost(c); lost {
		return refusal
	}
	rows := t.rows(c)
	if after, delta := c.since(); delta {
		changed := rows[:0]
		for _, r := range rows {
			if r.start().After(after) {
				changed = append(changed, r)
			}
		}
		rows = changed
	}
	return envelope(c, "agentStates", "", agentFields, rows)
}
