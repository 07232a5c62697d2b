package feed

import (
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// MaxTransitions is how many transitions an account keeps, the latest ones.
const MaxTransitions = 50

// Transition is a status that changed: a line of the audit trail without its evidence.
type Transition struct {
	Time   time.Time // when the new status was first seen
	Kind   string    // component, edge, trunk, probe or platform
	Object string    // its name, as in the labels of metrics
	Plane  platform.Plane
	Source string // of a component's status
	From   string // a status, or none when there was none
	To     string // a status, or none when the object is no longer listed
}

// Transitions returns the last transitions of the account, at most MaxTransitions, the latest first. They are kept in memory
// only: an account that is restarted has none.
func (a *Account) Transitions() []Transition {
	a.mu.Lock()
	defer a.mu.Unlock()
	latest := slices.Clone(a.recent)
	slices.Reverse(latest)
	slices.SortStableFunc(latest, func(x, y Transition) int { return y.Time.Compare(x.Time) })
	return latest
}

// keep remembers a transition and forgets the oldest when there are too many.
func (a *Account) keep(t Transition) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.recent) == MaxTransitions {
		a.recent = slices.Delete(a.recent, 0, 1)
	}
	a.recent = append(a.recent, t)
}
