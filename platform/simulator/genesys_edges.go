// Edges of a Genesys org, their state and their metrics.

package simulator

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The cloud media edges: each lives 16 minutes, then another with a new id and name takes its place.
const (
	cloudEdges    = 8
	cloudEdgeLife = 16 * time.Minute
)

// The own edges that scenarios touch.
const (
	offlineEdge  = 1
	drainingEdge = 0
	updatedEdge  = 1
)

// The versions of the edge software.
const (
	edgeVersion    = "1.0.0.12345"
	edgeVersionNew = "1.0.0.12410"
)

// edge is one edge at one moment.
type edge struct {
	id, name string
	number   int // among the own or among the cloud media edges
	cloud    bool
	offline  bool
	draining bool
	updating bool
	born     time.Duration // a cloud edge's start
}

func (e edge) site() (name string) {
	if e.cloud {
		return "PureCloud Voice - AWS"
	}
	return fmt.Sprintf("Site %d", e.number/2+1)
}

func (e edge) group() string {
	if e.cloud {
		return "Genesys Cloud Hybrid Media Group"
	}
	return "Own Edges"
}

// edges lists all edges as they are now, sorted by name: the cloud's first.
func (o *org) edges(c *call) []edge {
	var all []edge
	for n := range cloudEdges {
		age := c.elapsed() + cloudEdgeLife + time.Duration(n)*cloudEdgeLife/cloudEdges
		life := age / cloudEdgeLife
		id := o.world.uuid(o.name, "cloud edge", n, life)
		name := fmt.Sprintf("cloud-media-i-%d%s", n, strings.ReplaceAll(id, "-", "")[:16])
		all = append(all, edge{id: id, name: name, number: n, cloud: true, born: c.elapsed() - age%cloudEdgeLife})
	}
	for n := range o.world.options.Edges {
		all = append(all, edge{
			id: o.world.uuid(o.name, "edge", n), name: fmt.Sprintf("edge-%s-%02d", o.city, n+1), number: n,
			offline:  n == offlineEdge%o.world.options.Edges && c.in(edgeOffline),
			draining: n == drainingEdge && c.in(maintenance),
			updating: n == updatedEdge && c.in(maintenance),
		})
	}
	return all
}

func (o *org) listEdges(c *call) answer {
	var chosen []edge
	for _, e := range o.edges(c) {
		managed := e.cloud
		if e.cloud && c.query.Get("showCloudMedia") == "false" ||
			c.query.Has("managed") && c.query.Get("managed") != strconv.FormatBool(managed) ||
			c.query.Has("name") && c.query.Get("name") != e.name ||
			c.query.Has("site.id") && c.query.Get("site.id") != o.siteRef(e)["id"] ||
			c.query.Has("edgeGroup.id") && c.query.Get("edgeGroup.id") != o.groupRef(e)["id"] {
			continue
		}
		chosen = append(chosen, e)
	}
	listing := page(c, chosen, func(e edge) obj { return o.renderEdge(c, e) })
	listing["totalNumberOfEntities"] = cloudEdges + o.world.options.Edges
	return reply(listing)
}

func (o *org) siteRef(e edge) obj {
	return ref("telephony/providers/edges/sites", o.world.uuid(o.name, "site", e.site()), e.site())
}

func (o *org) groupRef(e edge) obj {
	return ref("telephony/providers/edges/edgegroups", o.world.uuid(o.name, "group", e.group()), e.group())
}

func (o *org) edgeRef(e edge) obj { return ref("telephony/providers/edges", e.id, e.name) }

func (o *org) renderEdge(c *call, e edge) obj {
	entity := obj{
		"id": e.id, "name": e.name, "division": o.division("Home"), "version": 7, "state": "active",
		"dateCreated": "2024-02-05T09:00:00.000Z", "dateModified": iso(c.changed(edgeOffline)),
		"apiVersion": "v1", "softwareVersion": edgeVersion, "fullSoftwareVersion": edgeVersion, "osName": "Linux",
		"statusCode": "ACTIVE", "onlineStatus": "ONLINE", "callDrainingState": "NONE", "offlineConfigCalled": true,
		"edgeGroup": o.groupRef(e), "site": o.siteRef(e), "certType": "PureCloud", "interfaces": list{},
		"physicalEdge": !e.cloud, "managed": e.cloud, "edgeDeploymentType": "HARDWARE",
		"selfUri": "/api/v2/telephony/providers/edges/" + e.id,
	}
	if e.cloud {
		entity["edgeDeploymentType"] = "CDM"
	} else {
		entity["make"], entity["model"] = "Genesys", "Edge Mini"
		entity["serialNumber"] = fmt.Sprintf("SIM%07d", o.world.hash(e.id)%10_000_000)
	}
	if e.offline {
		entity["onlineStatus"] = "OFFLINE"
	}
	if e.draining {
		entity["callDrainingState"] = "WAIT"
		entity["conversationCount"] = max(0, 24-int(c.now.Sub(c.stage.since)/(5*time.Second)))
	}
	if e.updating {
		entity["softwareStatus"] = updateOf(c)
		if updateState(c) == "SUCCEEDED" {
			entity["softwareVersion"], entity["fullSoftwareVersion"] = edgeVersionNew, edgeVersionNew
		}
	}
	return entity
}

// updateState is how far the update is that begins with the scenario and takes a minute.
func updateState(c *call) string {
	switch took := c.now.Sub(c.stage.since); {
	case took < 15*time.Second:
		return "INIT"
	case took < time.Minute:
		return "IN_PROGRESS"
	}
	return "SUCCEEDED"
}

func updateOf(c *call) obj {
	return obj{
		"version":           obj{"name": edgeVersionNew, "edgeVersion": edgeVersionNew},
		"downloadStartTime": iso(c.stage.since), "executeStartTime": iso(c.stage.since.Add(15 * time.Second)),
		"executeOnIdle": false, "status": updateState(c), "callDrainingWaitTimeSeconds": 3600, "current": true,
	}
}

// edgeMetrics answers a batch whole or not at all: one id that is gone fails it.
func (o *org) edgeMetrics(c *call) answer {
	known := map[string]edge{}
	for _, e := range o.edges(c) {
		known[e.id] = e
	}
	metrics := list{}
	for id := range strings.SplitSeq(c.query.Get("edgeIds"), ",") {
		e, ok := known[id]
		if !ok {
			return staleReference(c, "edgeId", id)
		}
		metrics = append(metrics, o.renderEdgeMetrics(c, e))
	}
	return reply(metrics)
}

// staleReference is the 400 for an id that is unknown, or is so by now.
func staleReference(c *call, field, id string) answer {
	a := reply(obj{
		"message": "The request could not be understood by the server due to malformed syntax.", "code": "general.bad.request",
		"status": http.StatusBadRequest, "contextId": c.correlation(),
		"details": list{obj{"errorCode": "REFERENCED_KEY_DOES_NOT_EXIST", "fieldName": field, "entityId": id}}, "errors": list{},
	})
	a.status = http.StatusBadRequest
	return a
}

func (o *org) renderEdgeMetrics(c *call, e edge) obj {
	at := c.now.Add(-time.Duration(5+o.world.hash(e.id)%10) * time.Second).Truncate(time.Second)
	if e.offline {
		at = c.stage.since // the last that it reported
	}
	up := 40*24*time.Hour + c.elapsed()
	if e.cloud {
		up = c.elapsed() - e.born
	}
	wave := func(of string, low, high float64) float64 {
		return low + (high-low)*o.world.wave(max(at.Sub(c.world.began), 0), e.id+of)
	}
	busy := wave("cpu", 8, 55)
	received, sent := wave("in", 2e5, 2e6), wave("out", 2e5, 2e6)
	const gigabyte, bandwidth = 1 << 30, 1e9
	return obj{
		"edge": o.edgeRef(e), "eventTime": iso(at), "upTimeMsec": up.Milliseconds(),
		"processors": list{
			obj{"cpuId": "total", "activeTimePct": busy, "idleTimePct": 100 - busy, "privilegedTimePct": busy / 4, "userTimePct": busy * 3 / 4},
			obj{"cpuId": "0", "activeTimePct": busy, "idleTimePct": 100 - busy, "privilegedTimePct": busy / 4, "userTimePct": busy * 3 / 4},
		},
		"memory": list{
			obj{"type": "physical", "availableBytes": float64(int(wave("memory", 4, 9) * gigabyte)), "totalBytes": 16.0 * gigabyte},
			obj{"type": "virtual", "availableBytes": 0.0, "totalBytes": 0.0},
		},
		"disks": list{
			obj{"partitionName": "/", "availableBytes": 21.0 * gigabyte, "totalBytes": 32.0 * gigabyte},
			obj{"partitionName": "/recordings", "availableBytes": float64(int(wave("disk", 100, 180) * gigabyte)), "totalBytes": 256.0 * gigabyte},
		},
		"networks": list{obj{
			"ifname": "eth0", "sentBytesPerSec": int(sent), "receivedBytesPerSec": int(received),
			"bandwidthBitsPerSec": bandwidth, "utilizationPct": (sent + received) * 8 / bandwidth * 100,
		}},
		"subsystems": list{
			obj{"processName": "media", "delayMs": int(wave("media", 0, 12)), "mediaSubsystem": obj{"processName": "mixer", "delayMs": int(wave("mixer", 0, 6))}},
			obj{"processName": "sip", "delayMs": int(wave("sip", 0, 5))},
		},
	}
}
