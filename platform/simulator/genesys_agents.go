// Presence and routing status of a Genesys org: definitions and counts.

package simulator

import (
	"slices"
	"strings"
)

// presence is a presence definition.
type presence struct {
	system  string // as the definitions spell it
	name    string
	id      string // of a system presence: the same in all orgs; empty: made for the org
	custom  bool
	retired bool
	serial  int // distinguishes presences of one name
}

// presences lists the definitions. Five system ids are public; the two Lunch are of different divisions.
var presences = []presence{
	{system: "Available", name: "Available", id: "6a3af858-942f-489d-9700-5f9bcdcdae9b"},
	{system: "Away", name: "Away", id: "5e5c5c66-ea97-4e7f-ac41-6424784829f2"},
	{system: "Busy", name: "Busy", id: "31fe3bac-dea6-44b7-bed7-47f91660a1a0"},
	{system: "Offline", name: "Offline", id: "ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5"},
	{system: "OnQueue", name: "On Queue", id: "e08eaf1b-ee47-4fa9-a231-1200e284798f"},
	{system: "Idle", name: "Idle"},
	{system: "Meal", name: "Meal"},
	{system: "Training", name: "Training"},
	{system: "Meeting", name: "Meeting"},
	{system: "Break", name: "Break"},
	{system: "Busy", name: "Coaching", custom: true},
	{system: "Away", name: "System Issue", custom: true},
	{system: "Meal", name: "Lunch", custom: true, serial: 1},
	{system: "Meal", name: "Lunch", custom: true, serial: 2},
	{system: "Busy", name: "Old Project", custom: true, retired: true},
	{system: "Busy", name: "CXone Interaction", custom: true},
}

// pausePresence is the index in presences for each kind of pause. What Genesys calls Available is not on queue.
var pausePresence = [pauseKinds]int{0, 1, 2, 6, 7, 8, 9, 10, 12, 13}

const (
	offlinePresence = 3
	onQueuePresence = 4
	idlePresence    = 5
	breakPresence   = 9
)

func (o *org) presenceID(p presence) string {
	if p.id != "" {
		return p.id
	}
	if !p.custom {
		return o.world.uuid("system presence", p.name) // the same in both orgs
	}
	return o.world.uuid(o.name, "presence", p.name, p.serial)
}

func (o *org) presenceDefinitions(c *call) answer {
	entities := list{}
	retired := strings.EqualFold(c.query.Get("deactivated"), "true")
	for _, p := range presences {
		division := "Home"
		if p.serial == 2 {
			division = "Germany"
		}
		asked := c.query["divisionId"] // filters custom presences
		if p.retired != retired || p.serial == 2 && o.name != emea ||
			p.custom && len(asked) > 0 && !slices.Contains(asked, o.divisionID(division)) {
			continue
		}
		id := o.presenceID(p)
		definition := obj{
			"id": id, "name": p.name, "type": "System", "languageLabels": obj{"en_US": p.name},
			"systemPresence": p.system, "deactivated": p.retired, "selfUri": "/api/v2/presence/definitions/" + id,
		}
		if p.custom {
			definition["type"], definition["divisionId"] = "User", o.divisionID(division)
		}
		entities = append(entities, definition)
	}
	return reply(obj{"entities": entities, "total": len(entities), "selfUri": "/api/v2/presence/definitions"})
}

// analyticsPresence spells a system presence as analytics do.
func analyticsPresence(system string) string {
	if system == "OnQueue" {
		return "ON_QUEUE"
	}
	return strings.ToUpper(system)
}

// statusCounts is the count of agents per presence and per routing status. Zero counts are left out. Filters are not
// simulated: a body that has one is refused rather than answered wrongly.
func (o *org) statusCounts(c *call) answer {
	var filters struct {
		UserFilter, SessionFilter *struct{}
	}
	if refusal, ok := o.decode(c, &filters); !ok {
		return refusal
	}
	groups := c.query["groupBy"]
	if len(groups) == 0 {
		groups = []string{"segmentType"}
	}
	t := o.agentCounts(c)
	counts := obj{"presenceCounts": list{}, "routingStatusCounts": list{}, "segmentCounts": list{}, "isOutOfOfficeCounts": list{}}
	byPresence, routing := o.presenceCounts(t), routingStatuses(t)
	o.odd.Load().replace(byPresence, routing)
	if slices.Contains(groups, "presence") {
		counts["presenceCounts"] = o.renderPresences(byPresence)
	}
	if slices.Contains(groups, "routingStatus") {
		counts["routingStatusCounts"] = counted("routingStatus", routing)
	}
	if slices.Contains(groups, "segmentType") {
		counts["segmentCounts"] = counted("segmentType", []countOf{{"interact", t.engaged()}, {"wrapup", t.doing[wrapUp]}})
	}
	if slices.Contains(groups, "isOutOfOffice") {
		counts["isOutOfOfficeCounts"] = list{obj{"isOutOfOffice": false, "count": len(o.agents.agents)}}
	}
	return reply(counts)
}

// countOf is a word and how often it holds.
type countOf struct {
	word  string
	count int
}

func counted(key string, counts []countOf) list {
	l := list{}
	for _, one := range counts {
		if one.count > 0 {
			l = append(l, obj{key: one.word, "count": one.count})
		}
	}
	return l
}

// agentCounts counts the agents of the org as the scenario leaves them.
func (o *org) agentCounts(c *call) agentCounts {
	t := countAgents(o.look(c))
	switch {
	case c.in(agentsDropped):
		t.drop()
	case c.in(agentsNotResponding):
		for a := ready; a <= wrapUp; a++ {
			move(&t.doing[a], &t.doing[refused], notResponding(t.doing[a]))
		}
	}
	return t
}

func offQueue(t agentCounts) int { return t.doing[loggedOut] + t.doing[loggingIn] + t.doing[paused] }

// routingStatuses splits the agents: on queue into idle, talking, communicating and not responding; after-contact work
// belongs to the interaction.
func routingStatuses(t agentCounts) []countOf {
	return []countOf{
		{"OFF_QUEUE", offQueue(t)},
		{"IDLE", t.doing[ready]},
		{"INTERACTING", t.doing[inbound] + t.doing[consultIn] + t.doing[consultOut] + t.doing[dialer] + t.doing[wrapUp]},
		{"COMMUNICATING", t.doing[outbound]},
		{"NOT_RESPONDING", t.doing[refused]},
		{"UNKNOWN", 0},
	}
}

// replace counts odd agents instead of usual ones.
func (odd *OddAgents) replace(byPresence []int, routing []countOf) {
	count := func(word string) *int {
		return &routing[slices.IndexFunc(routing, func(c countOf) bool { return c.word == word })].count
	}
	move(&byPresence[onQueuePresence], &byPresence[breakPresence], odd.InteractingOnBreak)
	move(count("OFF_QUEUE"), count("COMMUNICATING"), odd.CommunicatingOffQueue)
	move(count("IDLE"), count("UNKNOWN"), odd.UnknownRouting)
}

// presenceCounts counts the agents by index in presences.
func (o *org) presenceCounts(t agentCounts) []int {
	total := 0
	for _, n := range t.doing {
		total += n
	}
	counts := make([]int, len(presences))
	counts[offlinePresence] = t.doing[loggedOut] - t.standing[offlinePresence]
	counts[onQueuePresence] = total - offQueue(t) - t.leaving
	for i, n := range t.standing {
		counts[i] += n
	}
	counts[0] += t.doing[loggingIn]
	for kind, n := range t.pauses {
		counts[o.pausePresence(kind)] += n
	}
	return counts
}

// renderPresences leaves out the presences that no agent has.
func (o *org) renderPresences(counts []int) list {
	l := list{}
	for i, n := range counts {
		if n > 0 {
			p := presences[i]
			l = append(l, obj{"systemPresence": analyticsPresence(p.system), "organizationPresenceId": o.presenceID(p), "count": n})
		}
	}
	return l
}
