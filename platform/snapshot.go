package platform

import (
	"strings"
	"time"
)

// Snapshot is what one feed read in one run. It is never modified once it is published, and never holds a person.
type Snapshot struct {
	Components []Component
	Latency    *time.Duration // of the API probe; nil when it failed
	Incidents  []IncidentCount
	Trunks     []Trunk
	Edges      []Edge
	EdgeCounts []EdgeCount
	Calls      []Calls
	Agents     []AgentCount
	Presences  []PresenceCount
	Queues     []Queue
	SIPProbes  []SIPProbe
	Limits     []Limit
	Credential *Credential // nil when it was not read
	EventKinds int         // of operational events that are counted; a check shows it
	// Maintenances is the number of scheduled maintenances in progress on a status page; nil when not known.
	Maintenances *int

	// AsOf is when the oldest content was read; the zero time stands for the moment of publication. What is older than its
	// feed's maximum age, counted from AsOf, is not exported.
	AsOf time.Time

	Anomalies
}

// Anomalies counts what a vendor's documents do not describe. The account adds up those of all snapshots.
type Anomalies struct {
	Unknowns   map[string]int // enum values that the client does not know, by field
	Violations int            // responses or entities that violate the documented schema
}

// Unknown counts a value that the client does not know.
func (a *Anomalies) Unknown(field string) { a.add(field, 1) }

// Violate counts a response or entity that violates the documented schema.
func (a *Anomalies) Violate() { a.Violations++ }

// Add counts what other has counted.
func (a *Anomalies) Add(other Anomalies) {
	a.Violations += other.Violations
	for field, n := range other.Unknowns {
		a.add(field, n)
	}
}

// Empty reports whether nothing has been counted.
func (a *Anomalies) Empty() bool { return a.Violations == 0 && len(a.Unknowns) == 0 }

func (a *Anomalies) add(field string, n int) {
	if a.Unknowns == nil {
		a.Unknowns = map[string]int{}
	}
	a.Unknowns[field] += n
}

// SnakeCase turns a vendor's word into a label value: "OnQueue", "ON_QUEUE" and "On Queue" become "on_queue".
func SnakeCase(word string) string {
	var b strings.Builder
	lower := false // the rune before was lower case or a digit
	for _, r := range strings.TrimSpace(word) {
		switch {
		case r >= 'A' && r <= 'Z':
			if lower {
				b.WriteByte('_')
			}
			b.WriteRune(r - 'A' + 'a')
			lower = false
		case r == ' ', r == '-', r == '_':
			b.WriteByte('_')
			lower = false
		default:
			b.WriteRune(r)
			lower = true
		}
	}
	return b.String()
}
