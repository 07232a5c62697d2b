// Clock, limits and names of the CXone tenant.

package simulator

import (
	"slices"
	"strconv"
	"time"
)

// unavailableCode is a reason for being unavailable; its id is the outStateId of agents/states.
type unavailableCode struct {
	id   int
	name string
}

// retiredCode is listed as not active.
var retiredCode = unavailableCode{130, "Old Campaign"}

func cxoneTime(t time.Time) string {
	return string(t.UTC().AppendFormat(nil, "2006-01-02T15:04:05.0000000Z"))
}

func (t *tenant) serverTime(c *call) answer { return reply(obj{"ServerTime": cxoneTime(c.clock)}) }

func (t *tenant) businessUnit(*call) answer {
	agents := len(t.agentList.agents)
	return reply(obj{"businessUnits": list{obj{
		"businessUnitId": businessUnit, "businessUnitName": "Simulated Tenant", "defaultTimeZone": "Eastern Standard Time",
		"connectivityType": "VoIP", "apiPublishedLimit": 0, "concurrentPortLimit": max(100, agents), "ivrSurveyCallbackLimit": 50,
		"stationLimit": 2 * max(100, agents), "userLimit": 2 * max(100, agents), "concurrentAgentLimit": max(100, agents),
		"outboundPortLimit": max(50, agents/2), "agentlessPortLimit": 50, "isActive": true, "tenantId": t.id,
	}}})
}

func (t *tenant) agentStateNames(*call) answer {
	states := list{}
	for id, name := range cxoneStateNames {
		states = append(states, obj{"agentStateId": id, "agentStateName": name})
	}
	return reply(obj{"agentStates": states})
}

func (t *tenant) mediaTypes(*call) answer {
	types := list{}
	for id := range 10 {
		if name := mediaTypeNames[id]; name != "" {
			types = append(types, obj{"mediaTypeId": id, "mediaTypeName": name, "subTypes": list{}})
		}
	}
	return reply(obj{"mediaTypes": types})
}

// unavailableCodes is a paged list: 50 a page unless asked otherwise.
func (t *tenant) unavailableCodes(c *call) answer {
	all := slices.Concat(pauseCodes[:], []unavailableCode{wrapUpCode, retiredCode})
	if c.query.Has("isActive") {
		all = slices.DeleteFunc(all, func(code unavailableCode) bool {
			return strconv.FormatBool(code != retiredCode) != c.query.Get("isActive")
		})
	}
	shape := t.shape.Load()
	if shape.Empty {
		all = nil
	}
	skip, top := shape.cut(c, len(all), 50)
	codes := list{}
	for _, code := range all[skip : skip+top] {
		codes = append(codes, obj{
			"id": code.id, "name": code.name, "isActive": code != retiredCode, "isACW": code == wrapUpCode, "agentTimeout": 120,
		})
	}
	listing := obj{"totalRecords": len(all), "businessUnitId": businessUnit, "_links": c.links(skip+top, len(all)), "unavailableCodes": codes}
	if shape.NoTotal {
		delete(listing, "totalRecords")
	}
	if shape.NoLinks {
		delete(listing, "_links")
	}
	if len(all) == 0 && shape.Null {
		listing["unavailableCodes"] = nil
	}
	return reply(listing)
}
