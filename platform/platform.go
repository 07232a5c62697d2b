// Package platform holds the words in which the exporter speaks of any contact centre platform: statuses and planes,
// components, trunks, edges, queues, agents and calls, and the Snapshot that a feed publishes of them. It has no
// behaviour, imports nothing of this module and knows no vendor.
//
// A vendor's client translates an answer into a Snapshot, and package feed publishes it. Once published it is not modified:
// the next run of the feed publishes another one. Package collector renders what is not older than the feed's maximum age.
//
// What a platform does not report is nil or Unknown, never zero. What it reports in words or in a form that its documents do not
// have is counted in Anomalies. A Snapshot carries no person: a Person and what they do (Activity) go from a client to the
// comparison of presences and nowhere else.
package platform

import (
	"fmt"
	"time"
)

// Status is the normalized health of an object. The zero value is Unknown: nothing is guessed.
type Status uint8

// The statuses from unknown to worst.
const (
	Unknown Status = iota
	Operational
	Degraded
	Critical
)

// Statuses lists every Status, in the order in which state sets are written.
var Statuses = [...]Status{Operational, Degraded, Critical, Unknown}

func (s Status) String() string {
	switch s {
	case Operational:
		return "operational"
	case Degraded:
		return "degraded"
	case Critical:
		return "critical"
	case Unknown:
		return "unknown"
	}
	return fmt.Sprintf("status(%d)", uint8(s))
}

// Plane is the half of a platform that an object belongs to: control (API, login, status page, database) or data
// (everything that carries calls).
type Plane string

// The two planes.
const (
	ControlPlane Plane = "control"
	DataPlane    Plane = "data"
)

// Planes lists both planes.
var Planes = [...]Plane{ControlPlane, DataPlane}

// Evidence is what showed a status: the vendor's correlation id and the payload. The engine redacts and shortens it before
// it logs it.
type Evidence struct {
	CorrelationID string
	Payload       []byte
}

// Condition is the status of an object. Clients fill in Status and Evidence; the account keeps the rest and drops the
// evidence once it has compared the condition with the one before.
type Condition struct {
	Status   Status
	Since    time.Time // when the status was first seen as it is
	Known    Status    // the latest that is not Unknown
	Changes  uint64    // of Known, since the object was first seen
	Evidence Evidence
}

// The sources of a component's status.
const (
	SourceProbe      = "probe"
	SourceToken      = "token"
	SourceStatusPage = "status_page"
	SourceDocument   = "document"
)

// Component is a part of a platform that has a status of its own, such as api, auth or a region of a status page.
type Component struct {
	ID      string // distinguishes components of one name; "" when the name is unique by construction
	Name    string
	Plane   Plane
	Source  string
	Latency *time.Duration // as a health document reports it
	Weight
	Condition
}

// Weight is how much the fault of a component matters. The engine fills it in from the policy that governs the component.
type Weight struct {
	Policy    string   // name of the policy
	Alone     bool     // a fault of it is worth an alert without others
	DependsOn []string // names of the components without which it cannot work
}

// DefaultPolicy is the name of the policy of all components that no other policy governs.
const DefaultPolicy = "default"

// Policy says from when on the faults of the components that it governs are worth an alert.
type Policy struct {
	Name                         string
	MinimumDown, MinimumDegraded int           // components that are so at once
	FlapChanges                  int           // changes of a component within FlapWindow that are not too many yet
	FlapWindow                   time.Duration // one of those that the rules know
	FlapSuppress                 bool          // a component that changes too often has no other alert
}

// Trunk is a trunk base (what an administrator calls the trunk) with its instances, one for each edge, summed up.
type Trunk struct {
	ID, Name                                 string
	Instances, Connected, InService, Enabled int
	Proxies                                  []Proxy
	TrunkMetrics
	Condition
}

// TrunkMetrics are the numbers that the platform measures on a trunk. Those that it does not report are nil; all are when the
// metrics of one of the instances are missing.
type TrunkMetrics struct {
	Inbound, Outbound *float64  // calls in progress
	QoSMismatches     *float64  // over the vendor's sliding 24 h
	Observed          time.Time // oldest time at which the platform measured one of the instances
}

// Proxy is the vendor's word for the far end of a trunk, named by its host:port.
type Proxy struct {
	Address        string
	Instances      int       // trunk instances that list it
	OptionsUp      *int      // instances whose OPTIONS it answers; nil where that check is off
	RegisterUp     *int      // instances whose REGISTER it accepts; nil where that check is off
	OptionsChanged time.Time // latest change of an OPTIONS state
}

// CloudMedia is the name of the one row that stands for all cloud media edges: they are autoscaled, so their names
// come and go.
const CloudMedia = "cloud-media"

// EdgeUnknown is the word for a state of an edge, or of its update, that is missing or not known.
const EdgeUnknown = "unknown"

// Edge is a media server: one of the customer's own, or CloudMedia, of which only the status is known. Words are in lower case.
type Edge struct {
	ID, Name, Site string
	Own            bool
	Version        string       // of its software
	StatusCode     string       // the platform's word for where it is between new, active and unpaired; "" when not known
	Draining       string       // the platform's word for the draining of its conversations; "" when not known
	Conversations  *int         // left to drain; nil while it does not drain
	Update         string       // the platform's word for its latest software update; "" when it had none lately
	Metrics        *EdgeMetrics // nil when not known
	Condition
}

// EdgeMetrics are the host metrics of one of the customer's own edges. A nil number was not reported.
type EdgeMetrics struct {
	Observed        time.Time
	Uptime          *time.Duration
	CPU             *float64 // ratio of time in use over all processors
	MemoryAvailable *float64 // physical, bytes
	Memory          *float64 // physical, bytes
	Disks           []Disk
	Networks        []Network
	Subsystems      []Subsystem
}

// Disk is a partition of an edge, in bytes.
type Disk struct {
	Partition        string
	Available, Total *float64
}

// Network is an interface of an edge: bytes per second and ratio of its bandwidth.
type Network struct {
	Interface                      string
	Receive, Transmit, Utilization *float64
}

// Subsystem is a process of an edge and its processing delay.
type Subsystem struct {
	Name  string
	Delay *time.Duration
}

// EdgeCount is the number of edges of a deployment type (hardware, ldm, cdm, chs, unknown) and online status.
type EdgeCount struct {
	Deployment, OnlineStatus string
	Count                    int
}

// Calls are the concurrent calls of an account and its capacity.
type Calls struct {
	Deployment           string // cloud or premises
	InProgress, Capacity *float64
}

// Limit is a limit of the organization that all clients share, or that each has.
type Limit struct {
	Namespace, Key string   // the platform's words
	Value          *float64 // nil where only its use is known
	Near           bool     // some client has nearly reached it lately
}

// Credential is what an account logs in with.
type Credential struct {
	Expires time.Time // the zero time when the platform names no end
}

// AgentState is the normalized state of an agent, such as ready or engaged.
type AgentState string

// The agent states.
const (
	AgentReady            AgentState = "ready"
	AgentEngaged          AgentState = "engaged"
	AgentAfterContactWork AgentState = "after_contact_work"
	AgentNotResponding    AgentState = "not_responding"
	AgentUnavailable      AgentState = "unavailable"
	AgentOffline          AgentState = "offline"
	AgentUnknown          AgentState = "unknown"
)

// AgentCount is the number of agents in a state. An agent is counted once.
type AgentCount struct {
	State AgentState
	Count int
}

// PresenceCount is the number of agents in a presence, in the vendor's own words.
type PresenceCount struct {
	ID         string // of the definition
	Presence   string // system presence or state name, lower snake case
	Definition string // name given by people; "" when not known
	Count      int
}

// IncidentCount is the number of open incidents of an impact (none, minor, major, critical) on a status page.
type IncidentCount struct {
	Page, Impact string
	Count        int
}
