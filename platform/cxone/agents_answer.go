package cxone

import (
	"cmp"
	"fmt"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file reads one answer of agents/states. It counts agents by what they do while it reads, so that memory does not
// grow with their number.

// maxActivities bounds how many different activities are told apart: nine states, and unavailable once for every code
// that the tenant has defined. Beyond that names are left out.
const maxActivities = 2000

// agentFields are all that is asked for. The name of an unavailable code comes with the agent, as outStateDescription,
// so that no second call is needed for it; it is the word that applied when the agent chose it. The agent's own
// number is asked for in delta mode only.
const agentFields = "agentStateId,agentStateName,isACW,outStateId,outStateDescription"

// agent is an element of agents/states.
type agent struct {
	AgentID             scalar `json:"agentId"`
	AgentStateID        scalar `json:"agentStateId"`
	AgentStateName      scalar `json:"agentStateName"`
	IsACW               scalar `json:"isACW"`
	OutStateID          scalar `json:"outStateId"`
	OutStateDescription scalar `json:"outStateDescription"`
}

// doing is all fields but the agent's number.
func (a *agent) activityFields() [5]*scalar {
	return [...]*scalar{&a.AgentStateID, &a.AgentStateName, &a.IsACW, &a.OutStateID, &a.OutStateDescription}
}

func (a *agent) reset() {
	a.AgentID = a.AgentID[:0]
	for _, field := range a.activityFields() {
		*field = (*field)[:0]
	}
}

// page is what one answer of agents/states says.
type agentAnswer struct {
	listHead
	violations int

	groups map[string]*group
	agents map[int64]*activity // by agent; nil unless that is to be kept
}

// decodeAgents reads one answer as a stream.
func decodeAgents(r rest.Response, keepAgents bool) (*agentAnswer, error) {
	p := &agentAnswer{groups: map[string]*group{}}
	if keepAgents {
		p.agents = map[int64]*activity{}
	}
	var a agent
	var key []byte
	var err error
	p.listHead, err = decodeList(r, "agentstates", &a, a.reset, func(readable bool) {
		if readable {
			key = p.count(&a, key)
		} else {
			p.violations++
		}
	})
	return p, err
}

// count adds an agent to its group. The fields as they were sent are the key, so that they are translated once for all
// agents of a group; the key's memory is used again for the next.
func (p *agentAnswer) count(a *agent, key []byte) []byte {
	key = key[:0]
	for _, field := range a.activityFields() {
		key = append(append(key, *field...), 0)
	}
	g := p.groups[string(key)]
	if g == nil {
		named := len(p.groups) < maxActivities
		g = groupOf(a, named)
		if !named {
			key = fmt.Appendf(key[:0], "%q %t %t", g.activity, g.unknown, g.broken)
			g = cmp.Or(p.groups[string(key)], g)
		}
		p.groups[string(key)] = g
	}
	g.agents++
	if p.agents != nil {
		if id, ok := a.AgentID.integer(); ok {
			p.agents[id] = &g.activity
		} else {
			p.violations++
		}
	}
	return key
}
