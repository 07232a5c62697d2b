// Trunks of a Genesys org: the trunk bases, their instances on edges, and which of them are up.

package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// trunkBase is what an administrator calls a trunk.
type trunkBase struct {
	id, name  string
	kind      string // EXTERNAL, PHONE, EDGE
	cloud     bool   // BYOC cloud: instances on the cloud media edges
	options   bool   // proxies are asked by OPTIONS
	registers bool   // and registered at
	proxies   []string
}

// trunkInstance is the copy of a trunk base on one edge, at one moment.
type trunkInstance struct {
	id, name  string
	base      trunkBase
	edge      edge
	port      int  // interface on the edge
	connected bool // and with it the proxies
	halfDown  bool // only the second proxy answers
	since     time.Time
}

// carriers names the first external bases; the first two are those of the scenario trunk-outage.
var carriers = [...]string{
	"Carrier North SIP", "Carrier South SIP", "Toll-Free Inbound", "Outbound Primary", "Outbound Backup", "PBX Headquarters",
	"PBX Branches", "Outsourcer East", "Outsourcer West", "Carrier North Fax", "Conference Bridge", "Emergency Calls",
}

// metabases maps kinds of trunks to the template that they were made from.
var metabases = map[string]string{
	"EXTERNAL":       "external_sip.json",
	"EXTERNAL cloud": "external_sip_pcv_byoc_carrier.json",
	"PHONE":          "phone_connections_webrtc.json",
	"EDGE":           "station_trunk_edge.json",
}

// makeBases lays out the external bases, every other one in the cloud, and a base each for stations and tie trunks. A
// few have no OPTIONS, one registers.
func (o *org) makeBases() []trunkBase {
	var bases []trunkBase
	for n := range o.world.options.TrunkBases {
		name := fmt.Sprintf("Carrier %d", n+1)
		if n < len(carriers) {
			name = carriers[n]
		}
		bases = append(bases, trunkBase{
			id: o.world.uuid(o.name, "base", n), name: name, kind: "EXTERNAL", cloud: n%2 == 0 || o.world.options.CloudOnly,
			options: n%5 != 4, registers: n == 5,
			proxies: []string{fmt.Sprintf("192.0.2.%d:5060", n%250+1), fmt.Sprintf("198.51.100.%d:5060", n%250+1)},
		})
	}
	return append(bases,
		trunkBase{id: o.world.uuid(o.name, "base phone"), name: "WebRTC Phones", kind: "PHONE"},
		trunkBase{id: o.world.uuid(o.name, "base tie"), name: "Edge Tie", kind: "EDGE"})
}

// trunkInstances lists all instances as they are now, sorted by name. Instances on cloud media edges come and go with them.
func (o *org) trunkInstances(c *call) []trunkInstance {
	edges := o.edges(c)
	cloud, own := edges[:cloudEdges], edges[cloudEdges:]
	external := len(o.bases) - 2
	var all []trunkInstance
	for n := range o.world.options.TrunkInstances {
		base := o.bases[n%external]
		place := own
		if base.cloud {
			place = cloud
		}
		turn := n / external // index of this instance within its base
		all = append(all, o.instance(c, n%external, place[turn%len(place)], turn/len(place), turn))
	}
	for i := external; i < len(o.bases); i++ {
		for _, e := range own {
			all = append(all, o.instance(c, i, e, 0, 0))
		}
	}
	slices.SortStableFunc(all, func(a, b trunkInstance) int { return cmp.Compare(a.name, b.name) })
	return all
}

// instance makes the instance of a base whose index is turn. In the scenario trunk-outage base 0 is down everywhere; of base 1 every
// second instance is, and the others reach one proxy only.
func (o *org) instance(c *call, number int, e edge, port, turn int) trunkInstance {
	base := o.bases[number]
	t := trunkInstance{
		id: o.world.uuid(o.name, "trunk", base.id, e.id, port), name: base.name, base: base, edge: e, port: port,
		connected: !e.offline, since: c.changed(edgeOffline),
	}
	if base.cloud {
		t.name = base.name + " Trunk " + t.id
	}
	if number <= 1 {
		if c.in(trunkOutage) {
			t.connected = t.connected && number == 1 && turn%2 == 1
			t.halfDown = number == 1
		}
		t.since = c.changed(trunkOutage)
	}
	if at := c.changed(voiceDown); base.kind == "EXTERNAL" && at.After(t.since) {
		t.since = at
	}
	if c.in(voiceDown) && base.kind == "EXTERNAL" {
		t.connected = false
	}
	return t
}

// answers reports whether a proxy of this instance can be reached.
func (t trunkInstance) answers(proxy int) bool { return t.connected && (!t.halfDown || proxy > 0) }

func (o *org) listTrunks(c *call) answer {
	var chosen []trunkInstance
	all := o.trunkInstances(c)
	for _, t := range all {
		if c.query.Has("trunkType") && c.query.Get("trunkType") != t.base.kind ||
			c.query.Has("edge.id") && c.query.Get("edge.id") != t.edge.id ||
			c.query.Has("trunkBase.id") && c.query.Get("trunkBase.id") != t.base.id {
			continue
		}
		chosen = append(chosen, t)
	}
	if c.query.Get("sortOrder") == "DESC" {
		slices.Reverse(chosen)
	}
	listing := page(c, chosen, o.renderTrunk)
	listing["totalNumberOfEntities"] = len(all)
	return reply(listing)
}

func (o *org) renderTrunk(t trunkInstance) obj {
	metabase := metabases[t.base.kind]
	if t.base.cloud {
		metabase = metabases["EXTERNAL cloud"]
	}
	entity := obj{
		"id": t.id, "name": t.name, "division": o.division("Home"), "version": 3, "state": "active",
		"dateCreated": "2024-02-05T09:00:00.000Z", "trunkType": t.base.kind, "edge": o.edgeRef(t.edge),
		"trunkBase":     ref("telephony/providers/edges/trunkbasesettings", t.base.id, t.base.name),
		"trunkMetabase": ref("telephony/providers/edges/trunkmetabases", metabase, metabase), "edgeGroup": o.groupRef(t.edge),
		"logicalInterface": o.interfaceRef(t), "inService": true, "enabled": !t.edge.offline,
		"connectedStatus":      obj{"connected": t.connected, "connectedStateTime": iso(t.since)},
		"optionsEnabledStatus": enabledStatus(t.base, t.base.options), "optionsStatus": list{},
		"registersEnabledStatus": enabledStatus(t.base, t.base.registers), "registersStatus": list{},
		"ipStatus": obj{"address": fmt.Sprintf("10.20.%d.%d", t.port, t.edge.number+10)},
		"family":   2, "proxyAddressList": slices.Clone(t.base.proxies),
		"selfUri": "/api/v2/telephony/providers/edges/trunks/" + t.id,
	}
	if t.base.options {
		entity["optionsStatus"] = proxyStates(t, "option")
	}
	if t.base.registers {
		entity["registersStatus"] = proxyStates(t, "register")
	}
	return entity
}

func enabledStatus(base trunkBase, on bool) string {
	switch {
	case base.kind != "EXTERNAL":
		return "NOT_SUPPORTED"
	case on:
		return "ENABLED"
	}
	return "DISABLED"
}

// proxyStates is optionsStatus or registersStatus: one entry per proxy.
func proxyStates(t trunkInstance, what string) list {
	l := list{}
	for i, proxy := range t.base.proxies {
		entry := obj{"proxyAddress": proxy, what + "State": t.answers(i), what + "StateTime": iso(t.since)}
		if !t.answers(i) {
			host, _, _ := strings.Cut(proxy, ":")
			entry["errorInfo"] = obj{
				"text": "no answer from {hostname}", "code": "sip.timeout",
				"details": obj{"code": "408", "message": "Request Timeout", "hostname": host},
			}
		}
		l = append(l, entry)
	}
	return l
}

func (o *org) interfaceRef(t trunkInstance) obj {
	id := o.world.uuid(o.name, "interface", t.edge.id, t.port)
	return ref("telephony/providers/edges/"+t.edge.id+"/logicalinterfaces", id, fmt.Sprintf("Port %d (WAN)", t.port+1))
}
