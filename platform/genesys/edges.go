package genesys

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// feedEdges is the name of the feed.
const feedEdges = "edges"

// The topics of an edge. Their kinds are labels.
var (
	edgeTopic        = notify.Topic{Kind: "edge", Prefix: "v2.telephony.providers.edges."}
	edgeMetricsTopic = notify.Topic{Kind: "edge_metrics", Prefix: "v2.telephony.providers.edges.", Suffix: ".metrics"}
)

// newEdges makes the inventory of edges.
func newEdges(c *client, o syncOptions) *inventory[edgeWire, edgeMetricsWire] {
	return &inventory[edgeWire, edgeMetricsWire]{
		syncState: syncState{syncOptions: o}, read: c.readEdges, translate: translateEdges, change: (*edgeWire).change,
		about: edgeTopic, metrics: edgeMetricsTopic,
		topicsOf: func(e edgeWire) []string {
			switch {
			case e.deleted():
				return nil
			case !e.own():
				return []string{edgeTopic.Name(e.ID)}
			}
			return []string{edgeTopic.Name(e.ID), edgeMetricsTopic.Name(e.ID)}
		},
	}
}

// telephonyPermission is the one that edges and trunks need. There is none that only reads.
const telephonyPermission = "telephony:plugin:all"

// edgesFeed reads which edges are online.
func (c *client) edgesFeed() feed.Feed {
	return feed.Feed{
		Name: feedEdges, Class: platform.ClassTrunks, Calls: 2, Poll: c.edges.poll, Stretch: c.edges.stretched(),
		Fields: fieldsOf(edgeState, edgeOnline, edgeStatusCode, edgeDeployment, edgeDraining, edgeUpdate), Permissions: []string{telephonyPermission},
	}
}

// edgeWire is an edge (a media server): one of the organization's own, or a cloud media edge.
type edgeWire struct {
	ID                string `json:"id"`
	Name              string `json:"name"`
	State             string `json:"state"`
	Site              *ref   `json:"site"`
	OnlineStatus      string `json:"onlineStatus"`
	StatusCode        string `json:"statusCode"`
	DeploymentType    string `json:"edgeDeploymentType"`
	CallDrainingState string `json:"callDrainingState"`
	ConversationCount any    `json:"conversationCount"` // left to drain; null or 0 while it does not drain

	SoftwareVersion string              `json:"softwareVersion"`
	SoftwareStatus  *softwareStatusWire `json:"softwareStatus"` // only during an update and for a while after it
}

type softwareStatusWire struct {
	Status string `json:"status"`
}

func (e edgeWire) identity() string { return e.ID }

func (edgeWire) sound() bool { return true } // it is a part by itself

func (e edgeWire) part() string { return e.ID }

// own distinguishes the organization's edges from cloud media edges (CDM), which are autoscaled: their names come and go.
func (e edgeWire) own() bool { return normalise(e.DeploymentType) != "cdm" }

func (e edgeWire) deleted() bool { return normalise(e.State) == "deleted" }

func (e edgeWire) hasMetrics() bool { return e.own() && !e.deleted() }

var (
	edgeState      = enum{"edge_state", []string{"active", "inactive", "deleted"}}
	edgeOnline     = enum{"edge_online_status", []string{"ONLINE", "OFFLINE"}}
	edgeStatusCode = enum{"edge_status_code", []string{
		"NEW", "AWAITING_CONNECTION", "AWAITING_FINGERPRINT", "AWAITING_FINGERPRINT_VERIFICATION",
		"FINGERPRINT_VERIFIED", "AWAITING_BOOTSTRAP", "ACTIVE", "INACTIVE", "RMA", "UNPAIRING", "UNPAIRED", "INITIALIZING",
	}}
	edgeDeployment = enum{"edge_deployment_type", []string{"HARDWARE", "LDM", "CDM", "CHS", "INVALID"}}
	edgeDraining   = enum{"edge_call_draining_state", []string{"NONE", "WAIT", "WAIT_TIMEOUT", "TERMINATE", "COMPLETE"}}
	edgeUpdate     = enum{"edge_software_status", []string{
		"NONE", "INIT", "IN_PROGRESS", "EXPIRED", "EXCEPTION", "ABORTED", "FAILED", "SUCCEEDED", "DELETE",
	}}

	// deployments and onlineStatuses are the labels of the edge counts: every combination is written.
	deployments    = [...]string{"hardware", "ldm", "cdm", "chs", "unknown"}
	onlineStatuses = [...]string{"online", "offline", "unknown"}
)

// readEdges takes 1 call per 100 edges, and 1 per 100 of the organization's own.
func (c *client) readEdges(ctx context.Context) (listing[edgeWire, edgeMetricsWire], error) {
	defer c.ownEdges.end() // without a list too
	return listingOf[edgeWire, edgeMetricsWire]{
		entities:  rest.Request{Operation: opEdges, URL: c.api + pathEdges, Priority: platform.ClassTrunks},
		metrics:   rest.Request{Operation: opEdgesMetrics, URL: c.api + pathEdgesMetrics, Priority: platform.ClassTrunks},
		parameter: "edgeIds", want: edgeWire.hasMetrics,
		known: func(all []item[edgeWire]) {
			c.ownEdges.note(slices.ContainsFunc(all, func(i item[edgeWire]) bool { return i.wire.hasMetrics() }))
		},
	}.read(ctx, c)
}

// translateEdges leaves deleted edges out. An inactive one stays and is judged like any other: the status hangs on
// online status and status code alone, and what is still configured is worth seeing.
func translateEdges(m listing[edgeWire, edgeMetricsWire]) platform.Snapshot {
	snapshot := platform.Snapshot{Anomalies: m.anomalies}
	metrics := edgeMetricsByID(m.metrics, &snapshot.Anomalies)
	counts := map[[2]string]int{}
	var cloud []sharer
	for _, item := range m.items {
		wire := item.wire
		if edgeState.read(wire.State, &snapshot.Anomalies, "entities[].state"); wire.deleted() {
			continue
		}
		online := edgeOnline.read(wire.OnlineStatus, &snapshot.Anomalies, "entities[].onlineStatus")
		deployment := strings.ToLower(edgeDeployment.read(wire.DeploymentType, &snapshot.Anomalies, "entities[].edgeDeploymentType"))
		if !slices.Contains(deployments[:], deployment) { // missing, not known, or INVALID
			deployment = "unknown"
		}
		counts[[2]string{deployment, cmp.Or(strings.ToLower(online), "unknown")}]++
		code := edgeStatusCode.read(wire.StatusCode, &snapshot.Anomalies, "entities[].statusCode")
		draining := edgeDraining.read(wire.CallDrainingState, &snapshot.Anomalies, "entities[].callDrainingState")
		if !wire.own() {
			cloud = append(cloud, sharer{item.entity, onlineAlone[online]})
			continue
		}
		snapshot.Edges = append(snapshot.Edges, platform.Edge{
			ID: wire.ID, Name: nameOr(wire.Name, wire.ID, &snapshot.Anomalies, "entities[].name"), Site: wire.Site.name(), Own: true,
			Version: wire.SoftwareVersion, StatusCode: strings.ToLower(code), Draining: strings.ToLower(draining),
			Conversations: wire.left(&snapshot.Anomalies), Update: wire.update(&snapshot.Anomalies), Metrics: metrics[wire.ID],
			Condition: platform.Condition{Status: edgeStatus(wire, online, code, draining), Evidence: item.evidence()},
		})
	}
	if len(cloud) > 0 {
		snapshot.Edges = append(snapshot.Edges, platform.Edge{ID: platform.CloudMedia, Name: platform.CloudMedia, Condition: combine(cloud)})
	}
	for _, deployment := range deployments {
		for _, online := range onlineStatuses {
			count := counts[[2]string{deployment, online}]
			snapshot.EdgeCounts = append(snapshot.EdgeCounts, platform.EdgeCount{Deployment: deployment, OnlineStatus: online, Count: count})
		}
	}
	return snapshot
}

// left is how many conversations an edge has to drain; nil while it does not drain.
func (e edgeWire) left(anomalies *platform.Anomalies) *int {
	if e.ConversationCount == nil {
		return nil
	}
	count := countOf(e.ConversationCount, anomalies, "entities[].conversationCount")
	if e.CallDrainingState == "" || normalise(e.CallDrainingState) == "none" {
		return nil
	}
	return count
}

// update is the word for the latest update of an edge's software; "" when the edge has none to report.
func (e edgeWire) update(anomalies *platform.Anomalies) string {
	if e.SoftwareStatus == nil {
		return ""
	}
	return cmp.Or(strings.ToLower(edgeUpdate.read(e.SoftwareStatus.Status, anomalies, "entities[].softwareStatus.status")), platform.EdgeUnknown)
}

// onlineAlone is the status of a cloud media edge within their row.
var onlineAlone = map[string]platform.Status{"ONLINE": platform.Operational, "OFFLINE": platform.Critical}

// edgeStatus is operational when the edge is ONLINE and ACTIVE, degraded when it is ONLINE otherwise or draining (an
// edge that is done draining takes no calls either), critical when it is OFFLINE. A status code that is missing says
// nothing; one that is not known is not ACTIVE.
func edgeStatus(wire edgeWire, online, code, draining string) platform.Status {
	switch {
	case online == "OFFLINE":
		return platform.Critical
	case online == "":
		return platform.Unknown
	case draining != "" && draining != "NONE":
		return platform.Degraded
	case code == "ACTIVE":
		return platform.Operational
	case wire.StatusCode == "":
		return platform.Unknown
	}
	return platform.Degraded
}

// change applies an event about an edge, which says only whether it is online.
func (e *edgeWire) change(body json.RawMessage, anomalies *platform.Anomalies) bool {
	news, ok := read[edgeWire](body, anomalies, pathEvent)
	if !ok || news.OnlineStatus == "" {
		return false
	}
	edgeOnline.read(news.OnlineStatus, anomalies, pathEvent+".onlineStatus")
	e.OnlineStatus = news.OnlineStatus
	return true
}
