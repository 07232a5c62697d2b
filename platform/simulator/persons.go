// The persons behind the agents: who they are on each platform, and which of emea and us are the same.

package simulator

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Person is an agent of a site as that site's lists show it.
type Person struct {
	Number   int    // position in the list of the site; a linked person has the same number in emea and us
	ID       string // user id (Genesys) or agent id (CXone)
	Email    string // may be empty (CXone), or that of another person too
	Username string
	Linked   bool // the person works in emea and in us
	Shared   bool // the e-mail address is that of two persons
}

const (
	sharedMailbox = "team.desk@example.com"
	// alwaysLinked is how many persons at the beginning of the lists of emea and us are the same, beside one of ten others.
	alwaysLinked = 10
	// doubleBookedPersons is how many of them the scenario double-booked touches. None of them shares a mailbox.
	doubleBookedPersons = 6
	firstAgentID        = 4600100
)

// linked reports whether the agents with this number in emea and us are one person.
func linked(number int) bool { return number < alwaysLinked || number%10 == 2 }

// sharing reports whether the linked person with this number uses the mailbox of a team.
func sharing(number int) bool { return number == alwaysLinked-2 || number == alwaysLinked-1 }

// makePersons lists the persons of a site.
func makePersons(w *World, name string, n int) []Person {
	persons := make([]Person, n)
	for i := range persons {
		p := Person{Number: i, ID: strconv.Itoa(firstAgentID + i), Linked: linked(i) && name != americas}
		p.Username = fmt.Sprintf("agent.%05d@example.com", i+1)
		if name != us {
			p.ID = w.uuid(name, "user", i)
			if !p.Linked {
				p.Username = fmt.Sprintf("%s.%05d@example.com", name, i+1)
			}
		}
		p.Email = p.Username
		switch p.Shared = p.Linked && sharing(i); {
		case p.Shared:
			p.Email = sharedMailbox
		case p.Linked && name == emea && i%3 == 1:
			p.Email = strings.ToUpper(p.Email[:1]) + p.Email[1:strings.IndexByte(p.Email, '@')] + "@Example.COM"
		case name == us && !p.Linked && i%50 == 11:
			p.Email = ""
		}
		persons[i] = p
	}
	return persons
}

// Persons lists the agents of "emea", "americas" or "us" in the order of their numbers.
func (w *World) Persons(name string) []Person {
	n := w.options.Agents
	if name != emea && name != americas && name != us {
		n = 0
	}
	return makePersons(w, name, n)
}

// view is an agent of emea as links and the scenario leave it; other is the person's agent in us. An agent on whom a test or a
// write has acted is as it is.
func (a agent) view(number int, other agent, booked bool, began time.Duration) agent {
	switch {
	case a.touched || !linked(number):
	case booked && number < doubleBookedPersons:
		a.state, a.since, a.chosen = ready, began, began
	case other.busy() && !other.touched && a.state != loggedOut:
		a.state, a.pause, a.since = paused, offDutyPause, max(a.since, other.since)
	}
	return a
}

// offDutyPause is the kind of pause of a person who works on the other platform.
const offDutyPause = 2

// busy reports whether an agent takes contacts, or may at any moment.
func (a agent) busy() bool { return a.state >= ready && a.state <= wrapUp }
