// Calls of a Genesys org: per trunk and for all, one consistent with the other and with the agents engaged.

package simulator

import (
	"net/http"
	"strings"
	"time"
)

// traffic is the calls in progress on one trunk instance.
type traffic struct {
	instance          trunkInstance
	inbound, outbound int
}

// traffic spreads the calls in progress over the external trunks that are up: those of agents, and of the callers who
// still wait. A trunk that goes down leaves its calls to the others.
func (o *org) traffic(c *call) []traffic {
	t := o.agentCounts(c)
	waiting := int(float64(t.doing[inbound]) * 0.3 * o.world.wave(c.elapsed(), o.name+" waiting"))
	in := t.doing[inbound] + t.doing[consultOut] + waiting
	out := t.doing[outbound] + t.doing[dialer]
	var all []traffic
	weights, total := []float64{}, 0.0
	for _, one := range o.trunkInstances(c) {
		all = append(all, traffic{instance: one})
		weight := 0.0
		if one.base.kind == "EXTERNAL" && one.connected {
			weight = 0.2 + o.world.wave(c.elapsed(), one.id)
		}
		weights = append(weights, weight)
		total += weight
	}
	if total == 0 {
		return all
	}
	// Rounding what has been given out so far, not each share, keeps the sums exact.
	soFar, givenIn, givenOut := 0.0, 0, 0
	for i, weight := range weights {
		soFar += weight / total
		upToIn, upToOut := int(soFar*float64(in)+0.5), int(soFar*float64(out)+0.5)
		all[i].inbound, all[i].outbound = upToIn-givenIn, upToOut-givenOut
		givenIn, givenOut = upToIn, upToOut
	}
	return all
}

// trunkMetrics answers a batch whole or not at all, like edgeMetrics.
func (o *org) trunkMetrics(c *call) answer {
	known := map[string]traffic{}
	for _, one := range o.traffic(c) {
		known[one.instance.id] = one
	}
	metrics := list{}
	for id := range strings.SplitSeq(c.query.Get("trunkIds"), ",") {
		one, ok := known[id]
		if !ok {
			return staleReference(c, "trunkId", id)
		}
		at := c.now.Add(-time.Duration(2+o.world.hash(id)%9) * time.Second)
		if one.instance.edge.offline {
			at = c.stage.since
		}
		row := o.measuredTraffic(c, one)
		row["eventTime"], row["logicalInterface"] = iso(at), o.interfaceRef(one.instance)
		row["trunk"] = ref("telephony/providers/edges/trunks", id, one.instance.name)
		metrics = append(metrics, row)
	}
	return reply(metrics)
}

// trunkMetricsEvent differs from what a poll says in its time: an event is about now.
func (o *org) trunkMetricsEvent(c *call, t traffic) obj {
	event := o.measuredTraffic(c, t)
	event["eventTime"], event["trunk"] = iso(c.now), obj{"id": t.instance.id, "name": t.instance.name}
	return event
}

// measuredTraffic is what the platform measures on a trunk instance, for polls and events alike.
func (o *org) measuredTraffic(c *call, t traffic) obj {
	return obj{
		"calls": obj{"inboundCallCount": t.inbound, "outboundCallCount": t.outbound},
		"qos":   obj{"mismatchCount": int(3 * o.world.wave(c.elapsed(), t.instance.id+"qos"))},
	}
}

// callMetrics is the capacity of the org's cloud media edges, or of its own edges. What an org without own edges gets for
// those is not documented: here it is a 404.
func (o *org) callMetrics(c *call) answer {
	cloud := c.query.Get("metricType") != "premises"
	if !cloud && o.world.options.Edges == 0 {
		return genesysError(c, http.StatusNotFound, "not.found", "The requested resource was not found.")
	}
	calls := 0
	for _, one := range o.traffic(c) {
		if one.instance.edge.cloud == cloud {
			calls += one.inbound + one.outbound
		}
	}
	capacity := max(200, (len(o.agents.agents)+499)/500*500)
	usage := 100 * float64(calls) / float64(capacity)
	intensity, scaling := "Low", "None"
	switch {
	case usage > 70:
		intensity, scaling = "High", "Up"
	case usage > 40:
		intensity = "Medium"
	}
	return reply(obj{
		"usage": usage, "autoScalingTriggerPercentage": 70.0, "cpuIntensity": intensity, "memoryIntensity": "Low",
		"concurrentCallCount": calls, "concurrentCallSessionCount": 2 * calls,
		"maxCallCapacity": capacity, "maxCallSessionCapacity": 2 * capacity, "autoScaleInProgress": scaling,
	})
}
