// What goes wrong with writes of presences: of single users, and with what the platform shows of them.

package simulator

import (
	"net/http"
	"time"
)

// WriteFault is how a Genesys org treats the presence of one user that is to be written.
type WriteFault int

// The faults. A batch with a user whom the platform refuses is refused whole.
const (
	WriteForbidden WriteFault = iota + 1 // the user is in a division where the writer has no permission
	WriteBusy                            // an earlier update of the user still runs
	WriteGone                            // the platform knows no such user
	WriteLeftOut                         // a batch is answered with 200, and the user is neither written nor in the answer
	WriteUnshown                         // a batch is answered with 200, and the user is written and not in the answer
	WriteStranger                        // the answer to a batch shows another user's presence in the place of this one, which is not written
)

// refusedWrites are the answers to writes that a fault refuses.
var refusedWrites = map[WriteFault]struct {
	status     int
	code, text string
}{
	WriteForbidden: {http.StatusForbidden, "missing.division.permission", "You are missing a permission in the division of the user"},
	WriteBusy:      {http.StatusConflict, "presenceservice.conflict", "A previous update request has not yet completed"},
	WriteGone:      {http.StatusNotFound, "presenceservice.usernotfound", "The specified user was not found"},
}

// writeFault is a fault with its uses left.
type writeFault struct {
	WriteFault
	left int // 0 = no limit
}

// echo is what reads of a user show instead of what was written, until a moment.
type echo struct {
	before agent
	until  time.Duration
}

// FailWrites makes a Genesys org treat so many writes of a user's presence as a WriteFault says, the next ones; 0 = all. The zero
// fault ends another.
func (w *World) FailWrites(name, user string, fault WriteFault, times int) {
	if o := w.org(name); o != nil {
		o.writing.Lock()
		defer o.writing.Unlock()
		o.unwritable[user] = &writeFault{fault, times}
	}
}

// ForbidWrites makes a Genesys org refuse to write the presence of one user, as if the user were in a division where the
// writer has no permission. A batch with that user is refused whole.
func (w *World) ForbidWrites(name, user string) { w.FailWrites(name, user, WriteForbidden, 0) }

// DelayEchoes makes the list of users of a Genesys org show what is written only after a while.
func (w *World) DelayEchoes(name string, d time.Duration) {
	if o := w.org(name); o != nil {
		o.writing.Lock()
		defer o.writing.Unlock()
		o.echoDelay = d
	}
}

// fails returns the fault of a user's write, and uses it up. The caller holds the lock.
func (o *org) fails(user string) WriteFault {
	f := o.unwritable[user]
	if f == nil {
		return 0
	}
	if f.left > 0 {
		if f.left--; f.left == 0 {
			delete(o.unwritable, user)
		}
	}
	return f.WriteFault
}

// echoes replaces agents whose presence was written a short while ago by what they were before.
func (o *org) echoes(agents []agent, now time.Duration) {
	o.writing.Lock()
	defer o.writing.Unlock()
	for number, e := range o.late {
		if now >= e.until {
			delete(o.late, number)
			continue
		}
		agents[number] = e.before
	}
}
