package cxone

import (
	"cmp"
	"fmt"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// maxActivities limits how many different activities are kept apart: nine states, and unavailable once for every code that
// the tenant has defined. Beyond the limit names are left out.
const maxActivities = 2000

// agentFields are all fields that the poll asks for. The name of an unavailable code comes with the agent, as outStateDescription,
// so that no second call is needed for it; it is the word that applied when the agent chose it. Delta mode asks
// for the agent's own number too.
const agentFields = "agentStateId,agentStateName,isACW,outStateId,outStateDescription"

// personFields are asked for besides where presences are compared: they tell the order of an agent's rows.
const personFields = "startDate,lastUpdateTime"

// contactField is asked for besides where open contacts are to count.
const contactField = "openContacts"

// agent is an element of agents/states.
type agent struct {
	AgentID             scalar `json:"agentId"`
	AgentStateID        scalar `json:"agentStateId"`
	AgentStateName      scalar `json:"agentStateName"`
	IsACW               scalar `json:"isACW"`
	OutStateID          scalar `json:"outStateId"`
	OutStateDescription scalar `json:"outStateDescription"`
	StartDate           scalar `json:"startDate"`
	LastUpdateTime      scalar `json:"lastUpdateTime"`
	OpenContacts        scalar `json:"openContacts"`
}

// activityFields are the fields that say what the agent does, but not which agent nor since when.
func (a *agent) activityFields() [5]*scalar {
	return [...]*scalar{&a.AgentStateID, &a.AgentStateName, &a.IsACW, &a.OutStateID, &a.OutStateDescription}
}

func (a *agent) reset() {
	a.AgentID, a.StartDate, a.LastUpdateTime, a.OpenContacts = a.AgentID[:0], a.StartDate[:0], a.LastUpdateTime[:0], a.OpenContacts[:0]
	for _, field := range a.activityFields() {
		*field = (*field)[:0]
	}
}

// agentAnswer is what one answer of agents/states says. Agents are counted by what they do while the answer is read, so
// that memory does not grow with their number.
type agentAnswer struct {
	listHead
	anomalies
	groups map[string]*agentGroup // by the fields that say what the agent does, as they were sent
	same   map[string]*agentGroup // by the whole element; of what is odd nothing, because each time counts
	agents map[int64]row          // by agent; nil unless that is to be kept

	wire agent  // memory that is used again for each agent
	key  []byte // the same
}

// decodeAgents reads one answer as a stream.
func decodeAgents(r rest.Response, keepAgents bool) (*agentAnswer, error) {
	p := &agentAnswer{groups: map[string]*agentGroup{}, same: map[string]*agentGroup{}}
	if keepAgents {
		p.agents = map[int64]row{}
	}
	var err error
	p.listHead, err = decodeList(r, "agentstates", p.read, &p.anomalies)
	return p, err
}

// read counts the next agent. Where agents come without their number, most elements are what others are, and not decoded.
func (p *agentAnswer) read(dec *rest.Decoder) error {
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if g := p.same[string(raw)]; g != nil {
		g.agents++
		return nil
	}
	p.wire.reset()
	readable, err := rest.UnmarshalElement(raw, &p.wire)
	if err != nil {
		return err
	}
	if !readable {
		p.Violate("agentStates[]")
		return nil
	}
	if g := p.count(&p.wire); p.agents == nil && !g.unknown && g.broken == "" && len(p.same) < maxActivities {
		p.same[string(raw)] = g
	}
	return nil
}

// count adds an agent to its group. The fields as they were sent are the key, so that they are translated once for all
// agents of a group.
func (p *agentAnswer) count(a *agent) *agentGroup {
	key := p.key[:0]
	for _, field := range a.activityFields() {
		key = append(append(key, *field...), 0)
	}
	g := p.groups[string(key)]
	if g == nil {
		named := len(p.groups) < maxActivities
		g = groupOf(a, named)
		if !named {
			key = fmt.Appendf(key[:0], "%q %t %q %t", g.activity, g.unknown, g.broken, g.pending)
			g = cmp.Or(p.groups[string(key)], g)
		}
		p.groups[string(key)] = g
	}
	p.key = key
	g.agents++
	if g.unknown {
		p.Unknown(fieldAgentState, a.AgentStateID.bare(), "agentStates[].agentStateId")
	}
	if g.broken != "" {
		p.Violate("agentStates[].", g.broken)
	}
	if p.agents != nil {
		if id, ok := a.AgentID.integer(); ok {
			contacts, _ := a.OpenContacts.integer()
			p.agents[id] = row{group: g, started: p.time("startDate", a.StartDate), changed: p.time("lastUpdateTime", a.LastUpdateTime), contacts: contacts > 0}
		} else {
			p.Violate("agentStates[].agentId")
		}
	}
	return g
}

// time reads a time of an agent. One that cannot be read counts, but is not logged: it may be anything.
func (p *agentAnswer) time(field string, s scalar) time.Time {
	if s.missing() {
		return time.Time{}
	}
	t, ok := s.moment()
	if !ok {
		p.Violate("agentStates[].", field)
	}
	return t
}
