// The users of a Genesys org: who they are, their presence and routing status, and their ids elsewhere.

package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// authority is the name under which the org keeps the ids that its users have in us.
const authority = "cxone"

// look copies all agents as they are now.
func (o *org) look(c *call) []agent {
	agents := o.agents.look(c.elapsed())
	if o.name != emea {
		return agents
	}
	others := o.world.tenant.agentList.look(c.elapsed())
	booked, since := c.in(doubleBooked), c.stage.since.Sub(o.world.began)
	for i := range agents {
		agents[i] = agents[i].view(i, others[i], booked, since)
	}
	return agents
}

// listUsers is GET /api/v2/users. All users are active.
func (o *org) listUsers(c *call) answer {
	agents := o.look(c)
	o.echoes(agents, c.elapsed())
	if state := c.query.Get("state"); state != "" && state != "active" && state != "any" {
		return reply(page(c, []Person(nil), func(Person) obj { return nil }))
	}
	return reply(page(c, o.persons, func(p Person) obj { return o.user(c, p, o.scenarioAgent(c, p.Number, agents[p.Number])) }))
}

// scenarioAgent is an agent as the scenarios about agents leave it.
func (o *org) scenarioAgent(c *call, number int, a agent) agent {
	began := c.stage.since.Sub(o.world.began)
	switch {
	case c.in(agentsDropped) && number%3 != 0 && a.state != loggedOut:
		a.state, a.since, a.standing = loggedOut, began, 0
	case c.in(agentsNotResponding) && number%10 < 6 && a.state >= ready && a.state <= wrapUp:
		a.state, a.since = refused, max(a.since, began)
	}
	return a
}

func (o *org) user(c *call, p Person, a agent) obj {
	first, last := firstNames[p.Number%len(firstNames)], lastNames[p.Number%len(lastNames)]
	user := obj{
		"id": p.ID, "name": first + " " + last, "email": p.Email, "username": p.Username, "state": "active",
		"version": 1, "division": o.division("Home"), "acdAutoAnswer": false, "selfUri": "/api/v2/users/" + p.ID,
	}
	expand := c.query["expand"]
	if slices.Contains(expand, "presence") {
		user["presence"] = o.userPresence(a)
	}
	if slices.Contains(expand, "routingStatus") {
		user["routingStatus"] = obj{"userId": p.ID, "status": routingOf[a.state], "startTime": iso(o.moment(a.since))}
	}
	if slices.Contains(expand, "outOfOffice") {
		user["outOfOffice"] = obj{"active": a.absent, "indefinite": false}
	}
	return user
}

// moment is the time at an age of the world.
func (o *org) moment(at time.Duration) time.Time { return o.world.began.Add(at) }

// routingOf is the routing status by what an agent does; after-contact work belongs to the interaction.
var routingOf = [activities]string{
	loggedOut: "OFF_QUEUE", loggingIn: "OFF_QUEUE", paused: "OFF_QUEUE", ready: "IDLE",
	inbound: "INTERACTING", consultIn: "INTERACTING", consultOut: "INTERACTING", dialer: "INTERACTING", wrapUp: "INTERACTING",
	outbound: "COMMUNICATING", refused: "NOT_RESPONDING",
}

// presenceOf is the index in presences of what an agent shows.
func (o *org) presenceOf(a agent) int {
	switch {
	case a.standing != 0:
		return a.standing - 1
	case a.state == loggedOut:
		return offlinePresence
	case a.state == loggingIn:
		return 0
	case a.state == paused:
		return o.pausePresence(int(a.pause))
	}
	return onQueuePresence
}

// pausePresence is the index in presences of a kind of pause.
func (o *org) pausePresence(kind int) int {
	i := pausePresence[kind]
	if presences[i].serial == 2 && o.name != emea {
		i-- // only one org has both Lunches
	}
	return i
}

// userPresence is a presence in the form of REST answers.
func (o *org) userPresence(a agent) obj {
	i, changed := o.presenceOf(a), a.since
	if a.standing != 0 || i == onQueuePresence {
		changed = a.chosen
	}
	id := o.presenceIDs[i]
	return obj{
		"source": "PURECLOUD", "primary": true, "message": "", "modifiedDate": iso(o.moment(changed)),
		"presenceDefinition": obj{
			"id": id, "systemPresence": restPresence(presences[i].system), "selfUri": "/api/v2/presencedefinitions/" + id,
		},
	}
}

// restPresence spells a system presence as the answers about users do.
func restPresence(system string) string {
	if system == "OnQueue" {
		return "On Queue"
	}
	return system
}

// findUser returns the position of a user, or -1.
func (o *org) findUser(id string) int {
	return slices.IndexFunc(o.persons, func(p Person) bool { return p.ID == id })
}

// externalIDs is GET /api/v2/users/{id}/externalid: an array, without an envelope.
func (o *org) externalIDs(c *call) answer {
	i := o.findUser(segment(c.path, 4))
	if i < 0 {
		return genesysError(c, http.StatusNotFound, "not.found", "the requested resource was not found")
	}
	ids := list{}
	if o.persons[i].Linked {
		ids = append(ids, obj{"authorityName": authority, "externalKey": strconv.Itoa(firstAgentID + i)})
	}
	return reply(ids)
}
