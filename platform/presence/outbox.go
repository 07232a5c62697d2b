package presence

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// letter is a change on its way: the newest for its agent.
type letter struct {
	presenceChange
	person string            // id on the target
	before platform.Activity // what the target showed when the change was decided
	since  time.Time         // of the source's state that asks for it; the zero time when the source does not report it
	due    time.Time         // not before
	tries  int               // that the target refused because an earlier write was not done
}

func (l letter) change() platform.PresenceChange {
	return platform.PresenceChange{Person: l.person, Definition: l.Definition}
}

// outbox holds the changes that are decided and not sent, one for each agent: a newer one replaces an older one.
type outbox struct {
	mu      sync.Mutex
	letters map[string]letter // by person
}

func newOutbox() *outbox { return &outbox{letters: map[string]letter{}} }

// put adds a change, or replaces the one to the same agent. The same change is not due sooner than before.
func (o *outbox) put(l letter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if before, there := o.letters[l.person]; there && before.presenceChange == l.presenceChange {
		l.due, l.tries = before.due, before.tries
	}
	o.letters[l.person] = l
}

// putBack adds changes that could not be sent, unless there is a newer one to the same agent.
func (o *outbox) putBack(letters ...letter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range letters {
		if _, newer := o.letters[l.person]; !newer {
			o.letters[l.person] = l
		}
	}
}

// drop takes a change out that is wanted no more.
func (o *outbox) drop(person string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.letters, person)
}

// clear takes out all.
func (o *outbox) clear() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.letters)
}

func (o *outbox) len() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.letters)
}

// take takes out changes that are due, at most n: those that put an agent on queue, which are sent one by one, or the others. Those
// whose state has lasted longest come first.
func (o *outbox) take(now time.Time, n int, onQueue bool) []letter {
	o.mu.Lock()
	defer o.mu.Unlock()
	var taken []letter
	for _, l := range o.letters {
		if l.OnQueue == onQueue && !l.due.After(now) {
			taken = append(taken, l)
		}
	}
	slices.SortFunc(taken, func(a, b letter) int {
		return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.person, b.person))
	})
	taken = taken[:min(n, len(taken))]
	for _, l := range taken {
		delete(o.letters, l.person)
	}
	return taken
}
