package cxone

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// agentStates are the documented states by agentStateId, with the vendor's own word for each.
var agentStates = [...]struct {
	presence string
	state    platform.AgentState
}{
	0: {"logged_out", platform.AgentOffline},
	1: {"available", platform.AgentReady},
	2: {"unavailable", platform.AgentUnavailable}, // or what groupOf makes of it
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
	// outStatePending is the highest of the reserved out-states in which the platform is at work: a contact is on its way to
	// the agent, for seconds. The one between is a caller who was left on hold.
	outStatePending = -3
)

// fieldAgentState is the name under which unknown values of agentStateId are counted.
const fieldAgentState = "agent_state"

// activity is what an agent does, in the words of labels.
type activity struct {
	state                    platform.AgentState
	presence, definition, id string
}

// agentGroup is the agents whom the platform sends with the same fields.
type agentGroup struct {
	activity
	unknown bool   // the state is not known
	broken  string // a field of a wrong type
	pending bool   // a contact is on its way, which the counts leave as unavailable
	code    string // name of the unavailable code that the agent chose; "" where the platform set the state
	agents  int
}

// groupOf translates what an agent does.
func groupOf(a *agent, named bool) *agentGroup {
	g := &agentGroup{activity: activity{state: platform.AgentUnknown, presence: "unknown"}}
	state, ok := a.AgentStateID.integer()
	switch {
	case !ok:
		g.broken = "agentStateId"
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
	switch {
	case !acwOK && !a.IsACW.missing():
		g.broken = "isACW"
	case !outOK && !a.OutStateID.missing():
		g.broken = "outStateId"
	}
	switch {
	case acw:
		g.state = platform.AgentAfterContactWork
	case outOK && out == outStateRefused:
		g.state = platform.AgentNotResponding
	case outOK && out <= outStatePending:
		g.pending = true
	}
	if name, _ := a.OutStateDescription.text(); named && name != "" {
		g.definition = name
		if !outOK || out >= 0 {
			g.code = name
		}
		if outOK {
			g.id = strconv.FormatInt(out, 10)
		}
	}
	return g
}

// activityCounts is the number of agents by what they do.
type activityCounts map[activity]int

// snapshot returns the counts in the form of labels. A state without agents has a count of 0, in our words and in theirs.
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
