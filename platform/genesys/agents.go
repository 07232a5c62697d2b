package genesys

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file counts agents by state and by presence. One call does it for the whole organization; it gives no cross
// table, so states come from the routing status of those on queue and from the presence of all others.

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

	// onQueue are the states of agents on queue. OFF_QUEUE is not among them: those agents count by their presence.
	onQueue = map[string]platform.AgentState{
		"IDLE":           platform.AgentReady,
		"INTERACTING":    platform.AgentEngaged,
		"COMMUNICATING":  platform.AgentEngaged,
		"NOT_RESPONDING": platform.AgentNotResponding,
		"OFF_QUEUE":      "",
	}
	// routed and present are the states that each list tells: those that it leaves out are 0.
	routed  = []platform.AgentState{platform.AgentReady, platform.AgentEngaged, platform.AgentNotResponding}
	present = []platform.AgentState{platform.AgentUnavailable, platform.AgentOffline}
)

// stateOf is the state of an agent who is not on queue, "" for one who is.
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
		Fields: fieldsOf(systemPresence, routingStatus),
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

// agentStates are those that this platform tells. It says nothing of after-contact work.
var agentStates = [...]platform.AgentState{
	platform.AgentReady, platform.AgentEngaged, platform.AgentNotResponding,
	platform.AgentUnavailable, platform.AgentOffline, platform.AgentUnknown,
}

// translateAgents leaves out what a list that is missing would tell.
func translateAgents(answer agentCountsWire, known []definition) (snapshot platform.Snapshot) {
	states := sums[platform.AgentState]{platform.AgentUnknown: new(int)}
	if answer.Presences == nil || answer.Routing == nil {
		snapshot.Violate()
	}
	if answer.Presences != nil {
		states.zero(present...)
		snapshot.Presences = countPresences(answer.Presences, known, states, &snapshot.Anomalies)
	}
	if answer.Routing != nil {
		states.zero(routed...)
		countRouting(answer.Routing, states, &snapshot.Anomalies)
	}
	for _, state := range agentStates {
		if count := states[state]; count != nil {
			snapshot.Agents = append(snapshot.Agents, platform.AgentCount{State: state, Count: *count})
		}
	}
	return snapshot
}

func countRouting(entries []json.RawMessage, states sums[platform.AgentState], anomalies *platform.Anomalies) {
	for _, raw := range entries {
		wire, ok := read[routingCountWire](raw, anomalies)
		if ok && wire.Status == "" {
			anomalies.Violate()
		}
		state, known := onQueue[routingStatus.read(wire.Status, anomalies)]
		if !known {
			state = platform.AgentUnknown
		}
		states.add(state, countOf(wire.Count, anomalies))
	}
}

// countPresences writes a row for every definition known, also when nobody is in it. Ids without a known name are
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
		wire, ok := read[presenceCountWire](raw, anomalies)
		d, named := byID[wire.Definition]
		key := row{Presence: presenceLabel(wire.System)}
		if named {
			key = row{ID: d.id, Presence: d.presence, Definition: d.name}
			wire.System = cmp.Or(wire.System, d.presence)
		}
		if ok && wire.System == "" {
			anomalies.Violate()
		}
		agents := countOf(wire.Count, anomalies)
		rows.add(key, agents)
		states.add(stateOf(systemPresence.read(wire.System, anomalies)), agents)
	}
	return sorted(rows)
}

// sorted returns rows with their counts; one whose count is spoilt is left out.
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
