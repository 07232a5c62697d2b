package platform

import (
	"strings"
	"time"
)

// Snapshot is what one feed learned in one run. It is never modified once it is published.
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
	Probes     []Probe
	// Maintenances is the number of scheduled maintenances in progress on a status page; nil when not known.
	Maintenances *int

	// Unknowns counts, by field, the enum values that the client does not know. Violations counts answers or
	// entities that broke the documented form. The account adds both up.
	Unknowns   map[string]int
	Violations int
}

// Unknown counts a value that the client does not know.
func (p *Snapshot) Unknown(field string) {
	if p.Unknowns == nil {
		p.Unknowns = map[string]int{}
	}
	p.Unknowns[field]++
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
