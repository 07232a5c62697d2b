// The list of agents of the CXone tenant, with what identifies them.

package simulator

import "time"

// listedAgent is an agent as the list shows it.
type listedAgent struct {
	Person
	team    int
	active  bool
	world   *World
	changed time.Time
}

// directoryFields are the documented properties of an item of agents that are simulated.
var directoryFields = fields[listedAgent]{
	integerField("agentId", func(a *listedAgent) int { return firstAgentID + a.Number }),
	textField("userId", func(a *listedAgent) string { return a.world.uuid(us, "user", a.Number) }),
	textField("userName", func(a *listedAgent) string { return a.Username }),
	textField("emailAddress", func(a *listedAgent) string { return a.Email }),
	boolField("isActive", func(a *listedAgent) bool { return a.active }),
	integerField("teamId", func(a *listedAgent) int { return 9001 + a.team }),
	timeField("lastUpdated", func(a *listedAgent) time.Time { return a.changed }),
}

// listAgents is GET /agents: those of agents/states, and one who has left.
func (t *tenant) listAgents(c *call) answer {
	changed := t.world.began.Add(-36 * time.Hour)
	if after, delta := c.since(); delta && !changed.After(after) {
		return envelope[listedAgent](c, "agents", "", directoryFields, nil)
	}
	rows := make([]listedAgent, 0, len(t.persons)+1)
	for i, p := range t.persons {
		rows = append(rows, listedAgent{p, t.people[i].team, true, t.world, changed})
	}
	gone := Person{Number: len(rows), Email: "gone@example.com", Username: "gone@example.com"}
	rows = append(rows, listedAgent{Person: gone, world: t.world, changed: changed})
	return envelope(c, "agents", "", directoryFields, rows)
}
