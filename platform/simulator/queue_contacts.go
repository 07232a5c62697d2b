// What happens to the contacts of one queue, and the figures of its quarter hours.

package simulator

import (
	"math"
	"slices"
	"time"
)

// contactState is where a contact is.
type contactState uint8

const (
	waiting contactState = iota
	alerting
	connected
	ended     // handled
	abandoned // gave up
)

// contact is one conversation in a queue.
type contact struct {
	serial    uint32
	medium    int // index in media
	state     contactState
	held      bool          // it hears its greeting and is not offered yet
	refuse    bool          // the agent it is offered to will not respond
	patience  time.Duration // how long it waits for an agent
	arrived   time.Duration
	connected time.Duration // when it was answered
	until     time.Duration // when its state ends
}

// step is one change of a contact, kept for those who watch the queue.
type step struct {
	contact
	at time.Duration
}

// How long a contact hears its greeting, how long it is offered to an agent, and how long an agent who has not responded
// is offered no other.
const (
	greetingShort = 2 * time.Second
	greetingLong  = 8 * time.Second

	alertShort  = 2 * time.Second
	alertLong   = 7 * time.Second
	refusalRest = 25 * time.Second
	strikeRest  = 4 * time.Minute // in the scenario agents-not-responding
	refusals    = 40              // one offer in so many
	hangUps     = 50              // one caller in so many gives up although the phone of an agent rings
)

// advance brings the queue to a moment.
func (l *queue) advance(elapsed time.Duration) {
	for l.next <= elapsed {
		at, what := l.due()
		if at > elapsed {
			l.next = at
			return
		}
		switch {
		case what < len(l.arrivals):
			l.arrive(what, at)
			l.arrivals[what] = at + l.gap(what, at)
		case what < len(l.arrivals)+len(l.contacts):
			l.proceed(what-len(l.arrivals), at)
		default:
			l.refusing = slices.Delete(l.refusing, what-len(l.arrivals)-len(l.contacts), what-len(l.arrivals)-len(l.contacts)+1)
		}
		l.assign(at)
	}
}

// due finds what happens next, counted through arrivals, contacts and agents who do not respond.
func (l *queue) due() (at time.Duration, what int) {
	at = math.MaxInt64
	for i, t := range l.arrivals {
		if t < at {
			at, what = t, i
		}
	}
	for i := range l.contacts {
		if t := l.contacts[i].until; t < at {
			at, what = t, len(l.arrivals)+i
		}
	}
	for i, t := range l.refusing {
		if t < at {
			at, what = t, len(l.arrivals)+len(l.contacts)+i
		}
	}
	return at, what
}

func (l *queue) arrive(k int, at time.Duration) {
	l.serial++
	c := contact{serial: l.serial, medium: l.media[k], arrived: at}
	c.patience = l.random.wait(media[c.medium].patience)
	c.held, c.until = true, at+greetingShort+time.Duration(l.random.fraction()*float64(greetingLong-greetingShort))
	l.contacts = append(l.contacts, c)
	l.figures(k, at).offered++
	l.note(c, at)
}

// proceed ends the state of a contact.
func (l *queue) proceed(i int, at time.Duration) {
	c := &l.contacts[i]
	if c.held {
		c.held, c.until = false, max(at, c.arrived+c.patience)
		return
	}
	f := l.figures(slices.Index(l.media, c.medium), at)
	switch {
	case c.state == alerting && c.refuse:
		c.state, c.until = waiting, max(c.arrived+c.patience, at+time.Minute)
		rest := refusalRest
		if l.queueList.scenario == agentsNotResponding {
			rest = strikeRest
		}
		l.refusing = append(l.refusing, at+rest)
	case c.state == alerting && (c.medium != voice || l.random.next()%hangUps != 0):
		c.state, c.connected = connected, at
		c.until = at + l.random.wait(media[c.medium].handle)
		f.answered.add(at - c.arrived)
		if at-c.arrived <= media[c.medium].target {
			f.within++
		}
	case c.state == connected:
		c.state = ended
		f.handled.add(at - c.connected)
	default:
		c.state = abandoned
		f.abandoned.add(at - c.arrived)
	}
	l.note(*c, at)
	if c.state == ended || c.state == abandoned {
		l.contacts = slices.Delete(l.contacts, i, i+1)
	}
}

// assign offers waiting contacts to the agents who are free, first come, first served.
func (l *queue) assign(at time.Duration) {
	if l.stalled {
		return
	}
	free := l.duty(at) - len(l.refusing)
	for i := range l.contacts {
		if l.contacts[i].state != waiting {
			free--
		}
	}
	for i := range l.contacts {
		if free <= 0 {
			return
		}
		if c := &l.contacts[i]; c.state == waiting && !c.held {
			c.state, c.refuse = alerting, l.refuses()
			c.until = at + alertShort + time.Duration(l.random.fraction()*float64(alertLong-alertShort))
			l.note(*c, at)
			free--
		}
	}
}

// refuses reports whether the agent who is offered a contact will not respond.
func (l *queue) refuses() bool {
	roll := l.random.next()
	if l.queueList.scenario == agentsNotResponding {
		return int(roll%10) < notResponding(10)
	}
	return roll%refusals == 0
}

func (l *queue) note(c contact, at time.Duration) {
	if l.watched && len(l.steps) < maxSteps {
		l.steps = append(l.steps, step{c, at})
	}
}

// maxSteps bounds what is kept for a watcher that does not come back.
const maxSteps = 10_000

// durations sums up durations.
type durations struct {
	count         int
	sum, min, max time.Duration
}

func (s *durations) add(d time.Duration) { s.merge(durations{1, d, d, d}) }

func (s *durations) merge(o durations) {
	switch {
	case o.count == 0:
	case s.count == 0:
		*s = o
	default:
		*s = durations{s.count + o.count, s.sum + o.sum, min(s.min, o.min), max(s.max, o.max)}
	}
}

// figures is what happened by one medium in some time.
type figures struct {
	offered, within              int // within: answered within the target
	answered, abandoned, handled durations
}

func (f *figures) merge(o figures) {
	f.offered += o.offered
	f.within += o.within
	f.answered.merge(o.answered)
	f.abandoned.merge(o.abandoned)
	f.handled.merge(o.handled)
}

// The figures are kept per quarter hour, for a day and a bit.
const (
	quarterHour = 15 * time.Minute
	keptHours   = 26 * time.Hour
)

// quarter is the figures of one quarter hour, for each medium of the line.
type quarter struct {
	number  int64 // since the Unix epoch
	figures []figures
}

func (b *queueList) quarterOf(at time.Duration) int64 {
	return b.began.Add(at).Unix() / int64(quarterHour/time.Second)
}

// figures returns those of the quarter hour of a moment, by the k-th medium of the line.
func (l *queue) figures(k int, at time.Duration) *figures {
	number := l.queueList.quarterOf(at)
	if n := len(l.history); n == 0 || l.history[n-1].number != number {
		if n > 0 && l.history[0].number < number-int64(keptHours/quarterHour) {
			l.history = slices.Delete(l.history, 0, 1)
		}
		l.history = append(l.history, quarter{number, make([]figures, len(l.media))})
	}
	return &l.history[len(l.history)-1].figures[k]
}

// over sums up the quarter hours from one to another, the second not included. Those before the world's warm-up are
// estimated from the curve of the day.
func (l *queue) over(k int, from, to int64) (sum figures) {
	first := l.queueList.quarterOf(-warmUp)
	for n := max(from, first-7*96); n < min(to, first); n++ {
		sum.merge(l.estimate(k, n))
	}
	for _, q := range l.history {
		if q.number >= max(from, first) && q.number < to {
			sum.merge(q.figures[k])
		}
	}
	return sum
}

// estimate makes up a quarter hour of the past.
func (l *queue) estimate(k int, number int64) (f figures) {
	at := time.Unix(number*int64(quarterHour/time.Second), 0).Sub(l.queueList.began)
	m := media[l.media[k]]
	chance := random(uint64(number)*31 + uint64(l.number)*1009 + uint64(k))
	n := int(l.rate(k, at)*quarterHour.Seconds() + chance.fraction())
	lost := int(float64(n)*0.02 + chance.fraction())
	wait := min(m.target, 40*time.Second)
	f.offered = n
	f.answered = likely(n-lost, wait*2/3)
	f.within = (n - lost) * 95 / 100
	f.abandoned = likely(lost, m.patience/2)
	f.handled = likely(n-lost, m.handle)
	return f
}

// likely is the sum of count durations around a mean.
func likely(count int, mean time.Duration) durations {
	if count <= 0 {
		return durations{}
	}
	return durations{count, time.Duration(count) * mean, mean / 4, mean * 5 / 2}
}
