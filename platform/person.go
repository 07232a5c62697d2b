package platform

import "time"

// Person is an agent as an individual. Persons live in memory: in a vendor's client, and where the presences of one person
// on two platforms are compared. A Snapshot never holds one, and no label, page or log line above debug level names one.
type Person struct {
	ID       string // the platform's own id
	Email    string // as the platform has it; may be empty, or shared by several persons
	Username string
	External string // id of this person on the other platform, as this platform keeps it; "" when it keeps none
}

// Activity is what a person does at a moment.
type Activity struct {
	// State is the normalized state. A contact on its way to the person counts as engaged.
	State AgentState
	Code  string    // name of the unavailable code that the person chose; "" when there is none
	Since time.Time // start of the state by the platform's clock; the zero time when the platform does not report it

	// The rest is known on a platform where presences can be written.

	Definition  string    // id of the presence definition
	System      string    // system presence of that definition in SnakeCase, such as on_queue or offline
	Modified    time.Time // last change of the presence
	OutOfOffice bool
	Foreign     bool   // another system is the source of the presence
	Wish        string // id of the definition that the person chose for later; "" when none
}

// Roster is everyone that a platform reports. It is never modified once it is returned, so that parts may be shared.
type Roster struct {
	Persons    map[string]Person   // by id, as of Listed
	Activities map[string]Activity // by id of the person, as of Read; one who is not in it is unknown
	Listed     time.Time           // when the persons were last listed
	Read       time.Time           // when activities were last read, in full or as changes
	FullRead   time.Time           // when the activities of everyone were last read
	// Suspect reports that the last answer was not trusted: it was empty, or held less than half of the persons known. The
	// activities are those of the answer before.
	Suspect bool
}

// PresenceDefinition is a presence that can be written.
type PresenceDefinition struct {
	ID, Name    string
	System      string // its system presence in SnakeCase
	Deactivated bool
}

// PresenceBatch is the number of presences that one request may write.
const PresenceBatch = 50

// PresenceChange is one presence to write.
type PresenceChange struct {
	Person     string // id on the platform that is written to
	Definition string // id of the presence definition
}

// PresenceWritten is one presence that the answer of the platform shows as written.
type PresenceWritten struct {
	PresenceChange
	Modified time.Time // by the platform's clock
}

// Refusal is why a platform refused to write presences: a bounded set.
type Refusal string

// The refusals. Anything else that goes wrong has a Reason only.
const (
	RefusedAll     Refusal = "all"      // the client may not write presences of others
	RefusedOnQueue Refusal = "on_queue" // the client may not put others on queue
	RefusedPerson  Refusal = "person"   // the client may not write the presence of this person
	RefusedGone    Refusal = "gone"     // the platform does not know this person
	RefusedBusy    Refusal = "busy"     // an earlier write to this person is not done yet
	RefusedBatch   Refusal = "batch"    // the request as a whole, for a reason that one of its changes may have
)
