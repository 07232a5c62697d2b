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
	Places     []Place        // where they are, maxPlaces different ones at most
}

// Place says where in an answer an anomaly is, for a person who compares the answer with the vendor's documents.
type Place struct {
	Path  string // of the field, from the root of the answer: entities[].state
	Value string // the enum value that the client does not know, as the platform sent it; "" for a violation
	Count int
}

const (
	maxPlaces     = 32 // a platform that sends another value each time fills no memory
	maxPlaceValue = 64 // bytes
)

// Unknown counts a value that the client does not know. The parts of its path are joined.
func (a *Anomalies) Unknown(field, value string, path ...string) {
	a.add(field, 1)
	a.place(Place{strings.Join(path, ""), strings.ToValidUTF8(value[:min(len(value), maxPlaceValue)], ""), 1})
}

// Violate counts a response or entity that violates the documented schema. The parts of the path of its field are joined.
func (a *Anomalies) Violate(path ...string) {
	a.Violations++
	a.place(Place{Path: strings.Join(path, ""), Count: 1})
}

// Add counts what other has counted.
func (a *Anomalies) Add(other Anomalies) {
	a.Violations += other.Violations
	for field, n := range other.Unknowns {
		a.add(field, n)
	}
	for _, place := range other.Places {
		a.place(place)
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

func (a *Anomalies) place(p Place) {
	for i := range a.Places {
		if same := &a.Places[i]; same.Path == p.Path && same.Value == p.Value {
			same.Count += p.Count
			return
		}
	}
	if p.Path != "" && len(a.Places) < maxPlaces {
		a.Places = append(a.Places, p)
	}
}

// Sum adds two numbers of which some are not known. It is nil when neither is.
func Sum[N int | float64](a, b *N) *N {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return new(*a + *b)
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
