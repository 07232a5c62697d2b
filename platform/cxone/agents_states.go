package cxone

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// This file translates what agents do, and adds it up.

// agentStates are the documented states by agentStateId, with the vendor's own word for each.
var agentStates = [...]struct {
	presence string
	state    platform.AgentState
}{
	0: {"logged_out", platform.AgentOffline},
	1: {"available", platform.AgentReady},
	2: {"unavailable", platform.AgentUnavailable}, // or what doing makes of it
	3: {"inbound_contact", platform.AgentEngaged},
	4: {"outbound_contact", platform.AgentEngaged},
	5: {"inbound_consult", platform.AgentEngaged},
	6: {"outbound_consult", platform.AgentEngaged},
	7: {"dialer", platform.AgentEngaged},
	8: {"logged_in", platform.AgentUnavailable},
}

const (
	stateUnavailable = 2  // the one that has out-states
	outStateRefused  = -1 // reserved: the agent did not take what was offered
)

// fieldAgentState is the name under which unknown values of agentStateId are counted.
const fieldAgentState = "agent_state"

// activity is what agents do, in the words of labels.
type activity struct {
	state                    platform.AgentState
	presence, definition, id string
}

// group is the agents who are sent with the same fields.
type group struct {
	activity
	unknown, broken bool // the state is not known; a field has a wrong type
	agents          int
}

// groupOf translates what an agent does.
func groupOf(a *agent, named bool) *group {
	g := &group{activity: activity{state: platform.AgentUnknown, presence: "unknown"}}
	state, ok := a.AgentStateID.integer()
	switch {
	case !ok:
		g.broken = true
	case state < 0 || int(state) >= len(agentStates):
		g.unknown = true
		if name, _ := a.AgentStateName.text(); named && name != "" {
			g.presence = platform.SnakeCase(name)
		}
	default:
		g.state, g.presence = agentStates[state].state, agentStates[state].presence
	}
	if !ok || state != stateUnavailable {
		return g
	}
	acw, acwOK := a.IsACW.boolean()
	out, outOK := a.OutStateID.integer()
	g.broken = !acwOK && !a.IsACW.missing() || !outOK && !a.OutStateID.missing()
	switch {
	case acw:
		g.state = platform.AgentAfterContactWork
	case outOK && out == outStateRefused:
		g.state = platform.AgentNotResponding
	}
	if name, _ := a.OutStateDescription.text(); named && name != "" {
		g.definition = name
		if outOK {
			g.id = strconv.FormatInt(out, 10)
		}
	}
	return g
}

// counts adds up activities.
type activityCounts map[activity]int

// snapshot is the counts in the form of labels. States that nobody is in are counted as 0, in our words and in theirs.
func (c activityCounts) snapshot() platform.Snapshot {
	states := map[platform.AgentState]int{}
	type words struct{ id, presence, definition string }
	presences := map[words]int{}
	for _, known := range agentStates {
		presences[words{presence: known.presence}] = 0
	}
	for what, n := range c {
		states[what.state] += n
		presences[words{what.id, what.presence, what.definition}] += n
	}
	var snapshot platform.Snapshot
	for _, state := range [...]platform.AgentState{
		platform.AgentReady, platform.AgentEngaged, platform.AgentAfterContactWork, platform.AgentNotResponding,
		platform.AgentUnavailable, platform.AgentOffline, platform.AgentUnknown,
	} {
		snapshot.Agents = append(snapshot.Agents, platform.AgentCount{State: state, Count: states[state]})
	}
	for w, n := range presences {
		snapshot.Presences = append(snapshot.Presences, platform.PresenceCount{
			ID: w.id, Presence: w.presence, Definition: w.definition, Count: n,
		})
	}
	slices.SortFunc(snapshot.Presences, func(a, b platform.PresenceCount) int {
		return cmp.Or(cmp.Compare(a.Presence, b.Presence), cmp.Compare(a.Definition, b.Definition), cmp.Compare(a.ID, b.ID))
	})
	return snapshot
}
