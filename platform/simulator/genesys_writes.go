// Writes of presences: who may, what they do to an agent, and the journal of them.

package simulator

import (
	"math"
	"net/http"
	"slices"
	"time"
)

// PresenceWrite is a presence that a client has asked to write.
type PresenceWrite struct {
	Time             time.Time
	Client           string // id of the OAuth client
	User, Definition string
	Bulk             bool
	Size             int  // presences in the request
	Status           int  // of the answer; 200 = written
	Lost             bool // not written all the same
}

// maxJournal bounds what a client gone wild can make an org remember.
const maxJournal = 100_000

// presenceBody is a presence in a request. Only what the API definition lets a client set is known.
type presenceBody struct {
	ID                 string `json:"id"` // of the user, in a batch
	PresenceDefinition struct {
		ID string `json:"id"`
	} `json:"presenceDefinition"`
	Message  *string `json:"message"`
	Primary  *bool   `json:"primary"`
	SourceID *string `json:"sourceId"`
}

// maxBulk is how many presences one batch may write.
const maxBulk = 50

// WriterCredentials are the id and secret of a Genesys org's second client, which may write presences and nothing else that
// needs a permission.
func (w *World) WriterCredentials(name string) (id, secret string) {
	if o := w.org(name); o != nil {
		return o.writer.credentials()
	}
	return "", ""
}

// Writes lists the presences that clients have asked a Genesys org to write, the earliest first.
func (w *World) Writes(name string) []PresenceWrite {
	o := w.org(name)
	if o == nil {
		return nil
	}
	o.writing.Lock()
	defer o.writing.Unlock()
	return slices.Clone(o.journal)
}

func (w *World) org(name string) *org {
	for _, o := range w.orgs {
		if o.name == name {
			return o
		}
	}
	return nil
}

// writeOne is PATCH /api/v2/users/{id}/presences/purecloud.
func (o *org) writeOne(c *call) answer {
	var body presenceBody
	if refusal, ok := o.decode(c, &body); !ok {
		return refusal
	}
	body.ID = segment(c.path, 4)
	shown, refusal, ok := o.write(c, []presenceBody{body}, false)
	if !ok {
		return refusal
	}
	presence := o.written(shown[0])
	presence["selfUri"] = c.path
	return reply(presence)
}

// writeMany is PUT /api/v2/users/presences/bulk. The answer names no user.
func (o *org) writeMany(c *call) answer {
	var bodies []presenceBody
	if refusal, ok := o.decode(c, &bodies); !ok {
		return refusal
	}
	shown, refusal, ok := o.write(c, bodies, true)
	if !ok {
		return refusal
	}
	presences := list{}
	for _, a := range shown {
		presences = append(presences, o.written(a))
	}
	return reply(presences)
}

func (o *org) written(a agent) obj {
	presence := o.userPresence(a)
	presence["id"] = o.world.uuid(o.name, "presence object", uint64(a.random), a.chosen)
	presence["sourceId"] = "PURECLOUD"
	return presence
}

// write writes all presences of a request or none, and notes them in the journal. It returns those that the answer shows.
func (o *org) write(c *call, bodies []presenceBody, bulk bool) (shown []agent, refusal answer, ok bool) {
	agents := o.look(c)
	o.writing.Lock()
	defer o.writing.Unlock()
	faults := make([]WriteFault, len(bodies))
	for i, b := range bodies {
		faults[i] = o.fails(b.ID)
	}
	refusal, ok = o.refuse(c, bodies, faults, bulk)
	if ok {
		refusal.status = http.StatusOK
	}
	for i, b := range bodies {
		done := ok && (!bulk || faults[i] != WriteLeftOut && faults[i] != WriteStranger)
		o.note(c, b, PresenceWrite{Bulk: bulk, Size: len(bodies), Status: refusal.status, Lost: ok && !done})
		if done {
			written := o.change(c, b, agents)
			if !bulk || faults[i] != WriteUnshown {
				shown = append(shown, written)
			}
		}
		if ok && bulk && faults[i] == WriteStranger {
			shown = append(shown, agents[(o.findUser(b.ID)+1)%len(agents)])
		}
	}
	return shown, refusal, ok
}

// note completes an entry of the journal. The caller holds the lock.
func (o *org) note(c *call, b presenceBody, entry PresenceWrite) {
	if len(o.journal) >= maxJournal {
		return
	}
	client := o.keys
	if c.writer {
		client = o.writer
	}
	entry.Client, _ = client.credentials()
	entry.Time, entry.User, entry.Definition = c.now, b.ID, b.PresenceDefinition.ID
	o.journal = append(o.journal, entry)
}

// change writes one presence. The caller holds the lock.
func (o *org) change(c *call, b presenceBody, agents []agent) agent {
	i := o.findUser(b.ID)
	if o.echoDelay > 0 {
		o.late[i] = echo{agents[i], c.elapsed() + o.echoDelay}
	}
	return o.agents.change(i, c.elapsed(), agents[i], func(a *agent, at time.Duration) {
		if b.PresenceDefinition.ID != "" && !a.absent { // the status of a user out of office cannot be changed by others
			a.choose(slices.Index(o.presenceIDs, b.PresenceDefinition.ID), at)
		}
	})
}

// refuse judges a request as a whole.
func (o *org) refuse(c *call, bodies []presenceBody, faults []WriteFault, bulk bool) (refusal answer, ok bool) {
	if !c.writer {
		return genesysError(c, http.StatusForbidden, "missing.permissions", "Unable to perform the requested action. You are missing the following permission(s): presence:userPresence:edit"), false
	}
	if bulk && len(bodies) > maxBulk {
		return genesysError(c, http.StatusBadRequest, "max.user.presences", "Only 50 user presences can be updated at a time."), false
	}
	for i, b := range bodies {
		definition := slices.Index(o.presenceIDs, b.PresenceDefinition.ID)
		fault := faults[i]
		if o.findUser(b.ID) < 0 {
			fault = WriteGone
		}
		refused, is := refusedWrites[fault]
		switch {
		case is:
			return genesysError(c, refused.status, refused.code, refused.text), false
		case b.PresenceDefinition.ID != "" && (definition < 0 || presences[definition].retired):
			return o.invalid(c, "presence definition is unknown or deactivated"), false
		case bulk && definition == onQueuePresence:
			return genesysError(c, http.StatusBadRequest, "endpoint.does.not.support.on.queue", "The endpoint does not support updating to the ON_QUEUE presence"), false
		}
	}
	return answer{}, true
}

// forever is the end of an activity that only a test or a write ends.
const forever = time.Duration(math.MaxInt64)

// change lets act change one agent, who is as seen, and returns the agent after that.
func (c *agentList) change(number int, elapsed time.Duration, seen agent, act func(a *agent, at time.Duration)) agent {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance(elapsed)
	a := &c.agents[number]
	if !a.touched { // what links and the scenario show becomes true
		if a.state != seen.state {
			a.until = elapsed + a.random.wait(habits[seen.state].mean)
		}
		a.state, a.pause, a.since, a.chosen = seen.state, seen.pause, seen.since, seen.chosen
	}
	a.touched = true
	act(a, elapsed)
	if a.held {
		a.until = forever
	}
	c.next = min(c.next, a.until)
	return *a
}

// choose gives an agent a presence. On queue the agent is ready, unless an interaction is in hand, and works on; any other
// presence takes the agent off queue once the interaction has ended, and stands.
func (a *agent) choose(presence int, at time.Duration) {
	a.chosen = at
	interacting := a.state.engaged() || a.state == wrapUp
	switch presence {
	case onQueuePresence:
		if a.standing = 0; !interacting {
			a.become(ready, at)
		}
		a.chosen = at
	case offlinePresence:
		a.standing, a.state, a.since, a.until = presence+1, loggedOut, at, forever
	default:
		if a.standing = presence + 1; !interacting {
			a.state, a.since, a.until = paused, at, forever
		}
	}
}
