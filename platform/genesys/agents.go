package genesys

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// agentCountsWire counts the agents of the whole organization, by presence and by routing status.
type agentCountsWire struct {
	Presences []json.RawMessage `json:"presenceCounts"`
	Routing   []json.RawMessage `json:"routingStatusCounts"`
}

type presenceCountWire struct {
	System     string `json:"systemPresence"`
	Definition string `json:"organizationPresenceId"`
	Count      any    `json:"count"`
}

type routingCountWire struct {
	Status string `json:"routingStatus"`
	Count  any    `json:"count"`
}

var (
	systemPresences = []string{
		"UNKNOWN", "AVAILABLE", "AWAY", "BUSY", "OFFLINE", "IDLE", "ON_QUEUE", "MEAL", "TRAINING", "MEETING", "BREAK",
	}
	systemPresence = enum{"system_presence", systemPresences}
	routingStatus  = enum{"routing_status", []string{
		"UNKNOWN", "OFF_QUEUE", "IDLE", "INTERACTING", "NOT_RESPONDING", "COMMUNICATING",
	}}

	// onQueue are the states of agents by their routing status. OFF_QUEUE is not among them: those agents count by their
	// presence.
	onQueue = map[string]platform.AgentState{
		"IDLE":           platform.AgentReady,
		"INTERACTING":    platform.AgentEngaged,
		"COMMUNICATING":  platform.AgentEngaged,
		"NOT_RESPONDING": platform.AgentNotResponding,
		"OFF_QUEUE":      "",
	}
	// routed are the states that a routing status decides.
	routed = [...]platform.AgentState{platform.AgentReady, platform.AgentEngaged, platform.AgentNotResponding}
)

// stateOf is the state of an agent who is not on queue; "" for one who is, because the routing status decides.
func stateOf(presence string) platform.AgentState {
	switch presence {
	case "ON_QUEUE":
		return ""
	case "OFFLINE":
		return platform.AgentOffline
	case "UNKNOWN", "":
		return platform.AgentUnknown
	}
	return platform.AgentUnavailable
}

// feedPresence is the name of the feed.
const feedPresence = "presence"

// presenceFeed counts agents by state and by presence.
func (c *client) presenceFeed() feed.Feed {
	return feed.Feed{
		Name: feedPresence, Class: platform.ClassPresence, Calls: 1, Poll: c.presence,
		Fields: fieldsOf(systemPresence, routingStatus), Permissions: []string{"analytics:agentState:view"},
	}
}

// presence is the poll of the feed.
func (c *client) presence(ctx context.Context) (*platform.Snapshot, error) {
	answer, _, err := ask[agentCountsWire](ctx, c, rest.Request{
		Operation: opAgentCounts, Method: http.MethodPost, URL: c.api + pathAgentCounts,
		Query: url.Values{"groupBy": {"presence", "routingStatus"}}, Body: struct{}{}, IsQuery: true,
		Priority: platform.ClassPresence,
	})
	if err != nil {
		return nil, err
	}
	if answer.Presences == nil && answer.Routing == nil {
		return nil, errNoCounts
	}
	snapshot := translateAgents(answer, c.names.wait(ctx))
	return &snapshot, nil
}

var errNoCounts = errors.New("agents_status_counts: answer without counts")

// agentStates are those that this platform knows. It says nothing of after-contact work.
var agentStates = [...]platform.AgentState{
	platform.AgentReady, platform.AgentEngaged, platform.AgentNotResponding,
	platform.AgentUnavailable, platform.AgentOffline, platform.AgentUnknown,
}

// translateAgents leaves out the states that cannot be known without a list that is missing.
func translateAgents(answer agentCountsWire, known []definition) (snapshot platform.Snapshot) {
	if answer.Presences == nil || answer.Routing == nil {
		snapshot.Violate("presenceCounts or routingStatusCounts")
	}
	present := sums[platform.AgentState]{}
	present.zero(platform.AgentUnavailable, platform.AgentOffline, platform.AgentUnknown, onQueueUndecided)
	if answer.Presences != nil {
		snapshot.Presences = countPresences(answer.Presences, known, present, &snapshot.Anomalies)
	}
	byRouting := sums[platform.AgentState]{}
	byRouting.zero(routed[:]...)
	others := countRouting(answer.Routing, byRouting, &snapshot.Anomalies)
	var states sums[platform.AgentState]
	switch {
	case answer.Routing == nil:
		states = present
		states.add(platform.AgentUnknown, present[onQueueUndecided]) // which of them do what is not known
	case answer.Presences == nil:
		states = byRouting
		states[platform.AgentUnknown] = others
	default:
		states = eachAgentOnce(present, byRouting)
	}
	for _, state := range agentStates {
		if count := states[state]; count != nil {
			snapshot.Agents = append(snapshot.Agents, platform.AgentCount{State: state, Count: *count})
		}
	}
	return snapshot
}

// onQueueUndecided stands for agents whose presence is ON_QUEUE: their routing status decides their state.
const onQueueUndecided platform.AgentState = "on queue"

// eachAgentOnce joins the counts by presence and by routing status, so that the states add up to the agents. The API gives
// no cross table, and an agent with a routing status that decides the state need not be on queue: one who goes on a break
// in the middle of a call keeps INTERACTING, one on a call outside of ACD is COMMUNICATING. Such an agent counts by routing
// status and is taken away from those who count by presence: of the unavailable first, then of the unknown, then of the
// offline. Agents on queue without such a routing status are unknown.
func eachAgentOnce(present, byRouting sums[platform.AgentState]) sums[platform.AgentState] {
	states := sums[platform.AgentState]{}
	maps.Copy(states, present)
	maps.Copy(states, byRouting)
	delete(states, onQueueUndecided)
	surplus := new(int) // agents whose routing status decides, beyond those on queue
	for _, state := range routed {
		surplus = difference(surplus, byRouting[state], -1)
	}
	if surplus = difference(surplus, present[onQueueUndecided], 1); surplus == nil { // of counts that cannot be read no difference is known
		states[platform.AgentUnavailable] = nil
		if undecided := present[onQueueUndecided]; undecided == nil || *undecided > 0 {
			states[platform.AgentUnknown] = nil
		}
		return states
	}
	if *surplus < 0 {
		unrouted := -*surplus
		states.add(platform.AgentUnknown, &unrouted)
		return states
	}
	for _, state := range []platform.AgentState{platform.AgentUnavailable, platform.AgentUnknown, platform.AgentOffline} {
		count := states[state]
		if count == nil { // the rest may be among those
			break
		}
		taken := min(*surplus, *count)
		left, rest := *count-taken, *surplus-taken
		states[state], surplus = &left, &rest
	}
	return states
}

// difference returns a − sign·b; nil when one of them is not known.
func difference(a, b *int, sign int) *int {
	if a == nil || b == nil {
		return nil
	}
	d := *a - sign**b
	return &d
}

// countRouting adds up agents by the state that their routing status decides, and returns the number of all others.
func countRouting(entries []json.RawMessage, states sums[platform.AgentState], anomalies *platform.Anomalies) (others *int) {
	const other = "other"
	all := sums[string]{}
	all.zero(other)
	for _, raw := range entries {
		wire, ok := read[routingCountWire](raw, anomalies, "routingStatusCounts[]")
		if ok && wire.Status == "" {
			anomalies.Violate("routingStatusCounts[].routingStatus")
		}
		agents := countOf(wire.Count, anomalies, "routingStatusCounts[].count")
		if state := onQueue[routingStatus.read(wire.Status, anomalies, "routingStatusCounts[].routingStatus")]; state != "" {
			states.add(state, agents)
		} else {
			all.add(other, agents)
		}
	}
	return all[other]
}

// countPresences writes a row for every definition known, also when no agent is in it. Ids without a known name are
// summed up by their system presence.
func countPresences(entries []json.RawMessage, known []definition, states sums[platform.AgentState], anomalies *platform.Anomalies) []platform.PresenceCount {
	type row = platform.PresenceCount // without a count
	rows := sums[row]{}
	byID := make(map[string]definition, len(known))
	for _, d := range known {
		byID[d.id] = d
		rows.zero(row{ID: d.id, Presence: d.presence, Definition: d.name})
	}
	if len(known) == 0 {
		for _, system := range systemPresences[1:] {
			rows.zero(row{Presence: presenceLabel(system)})
		}
	}
	for _, raw := range entries {
		wire, ok := read[presenceCountWire](raw, anomalies, "presenceCounts[]")
		d, named := byID[wire.Definition]
		key := row{Presence: presenceLabel(wire.System)}
		if named {
			key = row{ID: d.id, Presence: d.presence, Definition: d.name}
			wire.System = cmp.Or(wire.System, d.presence)
		}
		if ok && wire.System == "" {
			anomalies.Violate("presenceCounts[].systemPresence")
		}
		agents := countOf(wire.Count, anomalies, "presenceCounts[].count")
		rows.add(key, agents)
		states.add(cmp.Or(stateOf(systemPresence.read(wire.System, anomalies, "presenceCounts[].systemPresence")), onQueueUndecided), agents)
	}
	return sorted(rows)
}

// sorted returns rows with their counts; one whose count is not known is left out.
func sorted(rows sums[platform.PresenceCount]) (counts []platform.PresenceCount) {
	for row, count := range rows {
		if count != nil {
			row.Count = *count
			counts = append(counts, row)
		}
	}
	slices.SortFunc(counts, func(a, b platform.PresenceCount) int {
		return cmp.Or(cmp.Compare(a.Presence, b.Presence), cmp.Compare(a.Definition, b.Definition), cmp.Compare(a.ID, b.ID))
	})
	return counts
}

// presenceLabel is a system presence in any of its spellings as a label; a word that is not known stays visible.
func presenceLabel(word string) string {
	for _, known := range systemPresences {
		if normalise(known) == normalise(word) {
			return platform.SnakeCase(known)
		}
	}
	return cmp.Or(platform.SnakeCase(word), "unknown")
}
