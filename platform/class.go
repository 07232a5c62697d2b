package platform

// Class orders feeds by importance: when the budget of calls runs short, higher classes are refused first.
type Class int

// The classes, most important first.
const (
	ClassHealth Class = iota
	ClassTrunks
	ClassPresence
	ClassQueues
	ClassDetail
)
