// The queues of a Genesys org: contacts arrive by a daily curve, wait, are offered to agents, are handled or give up.
// What happens in a queue depends on the seed, the time and the scenario, not on who asks when.

package simulator

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// medium is one way to reach a queue. The times are means, but target: the wait within which a contact counts as served.
type medium struct {
	name                     string
	work                     float64 // its weight in the work of a queue
	handle, patience, target time.Duration
}

const voice = 0

var media = [...]medium{
	{"voice", 6, 3 * time.Minute, 100 * time.Second, 20 * time.Second},
	{"chat", 2, 4 * time.Minute, 4 * time.Minute, 40 * time.Second},
	{"email", 1, 6 * time.Minute, 12 * time.Hour, 4 * time.Hour},
	{"message", 2, 5 * time.Minute, 15 * time.Minute, time.Minute},
	{"callback", 1, 3 * time.Minute, 45 * time.Minute, 15 * time.Minute},
}

// serviceTarget is the share of contacts that is to be answered within the target.
const serviceTarget = 0.8

// queueList is all queues of an org.
type queueList struct {
	began time.Time
	zone  *time.Location // the curve of the day follows the org's local time
	rush  bool           // the busiest hour lasts

	mu       sync.Mutex
	scenario string // calm unless one touches the org
	queues   []*queue
}

// queue is one queue. Times are relative to the world's beginning.
type queue struct {
	id, name  string
	queueList *queueList
	number    int
	media     []int   // indexes in media, ascending
	staff     float64 // agents who serve it alone, about, in the busiest hour
	load      float64 // work over staff
	members   int     // agents who may serve it, most of whom serve other queues too

	random   random
	serial   uint32
	arrivals []time.Duration // the next of each of its media
	contacts []contact       // in the order of arrival
	refusing []time.Duration // when agents who did not respond are back
	stalled  bool            // no agent is offered a contact
	next     time.Duration   // nothing happens before
	history  []quarter       // oldest first
	watched  bool            // steps are kept for a subscriber
	steps    []step
}

// stalledQueue is the queue of the scenario queue-stalled.
const stalledQueue = 0

// The warm-up lets a world begin in the middle of a day; figures of earlier hours are estimated.
const warmUp = 30 * time.Minute

// queueNames are combined to 60 names; with more queues they are numbered.
var (
	queueSubjects = [...]string{
		"Sales", "Service", "Billing", "Claims", "Returns", "Loyalty",
		"Technical Support", "Onboarding", "Retention", "Collections", "Fraud Desk", "Back Office",
	}
	queueLanguages = [...]string{"EN", "DE", "FR", "ES", "IT"}
)

func queueName(n int) string {
	const combined = len(queueSubjects) * len(queueLanguages)
	name := queueSubjects[n/len(queueLanguages)%len(queueSubjects)] + " " + queueLanguages[n%len(queueLanguages)]
	if n >= combined {
		name += " " + strconv.Itoa(n/combined+1)
	}
	return name
}

// newQueueList opens n queues that share about 60 % of the agents.
func newQueueList(w *World, name string, n, agents int, zone *time.Location) *queueList {
	b := &queueList{began: w.began, zone: zone, rush: w.options.Rush, scenario: calm}
	opened := w.began.Add(-warmUp).Truncate(quarterHour).Sub(w.began)
	for i := range n {
		l := &queue{id: w.uuid(name, "queue", queueName(i)), name: queueName(i), queueList: b, number: i}
		l.random = random(w.hash(name, "line", i))
		l.staff = max(2, 0.6*float64(agents)/float64(n)*(0.6+0.8*l.random.fraction()))
		l.load = 0.5 + 0.2*l.random.fraction()
		l.members = int(3*l.staff) + 2
		for m, every := range [...]int{1, 3, 4, 3, 5} { // voice everywhere, chat in every third queue …
			if (i+m)%every == 0 || m == voice {
				l.media = append(l.media, m)
				l.arrivals = append(l.arrivals, 0)
			}
		}
		for k := range l.media {
			l.arrivals[k] = opened + l.gap(k, opened)
		}
		l.next = opened
		l.advance(0)
		b.queues = append(b.queues, l)
	}
	return b
}

// german reports whether a queue belongs to the division Germany.
func (l *queue) german() bool { return strings.Contains(l.name, " DE") }

// day is the share of the busiest hour's contacts that arrive in each hour of the day. A night is not empty, so that a demo
// is never dull.
var day = [24]float64{
	.40, .36, .34, .34, .36, .42, .52, .66, .82, .94, 1, .97, .88, .86, .93, .96, .92, .84, .74, .66, .60, .54, .48, .44,
}

// curve is the value of day at a moment, between the hours in proportion.
func (b *queueList) curve(elapsed time.Duration) float64 {
	if b.rush {
		return slices.Max(day[:])
	}
	at := b.began.Add(elapsed).In(b.zone)
	from, to := day[at.Hour()], day[(at.Hour()+1)%24]
	return from + (to-from)*float64(at.Minute()*60+at.Second())/3600
}

// spare is the number of agents that a queue has beyond its work, in square roots of that work: the usual rule of staffing. It is
// generous, so that the queues of a calm world meet their targets at any hour.
const spare = 2.2

// work is the mean number of contacts that the agents of this queue handle at once.
func (l *queue) work(at time.Duration) float64 { return l.load * l.staff * l.queueList.curve(at) }

// duty is the number of agents who serve this queue alone.
func (l *queue) duty(at time.Duration) int {
	work := l.work(at)
	n := max(2, int(math.Ceil(work+spare*math.Sqrt(work))))
	if l.queueList.scenario == agentsDropped {
		n = max(1, n-dropped(n))
	}
	return n
}

// rate is the mean number of contacts that arrive in a second by a medium of the line.
func (l *queue) rate(k int, at time.Duration) float64 {
	sum := 0.0
	for _, m := range l.media {
		sum += media[m].work
	}
	m := media[l.media[k]]
	return l.work(at) * m.work / sum / m.handle.Seconds()
}

func (l *queue) gap(k int, at time.Duration) time.Duration {
	return time.Duration(-math.Log(1-l.random.fraction()) / l.rate(k, at) * float64(time.Second))
}

// enter changes the scenario of all queues. What has happened until then happened in the old one.
func (b *queueList) enter(scenario string, at time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if scenario == b.scenario {
		return
	}
	for _, l := range b.queues {
		l.advance(at)
	}
	b.scenario = scenario
	b.queues[stalledQueue].stall(scenario == queueStalled, at)
	for _, l := range b.queues {
		l.assign(at)
		l.next = at
	}
}

// stall stops the offering of contacts, or lets it go on. A stall begins with a few contacts that come in at once, and the
// agents soon finish what they have.
func (l *queue) stall(stalled bool, at time.Duration) {
	l.advance(at)
	if l.stalled == stalled {
		return
	}
	l.stalled = stalled
	if stalled {
		for i := range l.contacts {
			c := &l.contacts[i]
			switch c.state {
			case alerting:
				c.state, c.until = waiting, at+c.patience
			case connected:
				c.until = min(c.until, at+time.Duration(15*l.random.fraction()*float64(time.Second)))
			}
		}
		for range 3 {
			l.arrive(0, at)
		}
	}
	l.assign(at)
	l.next = at
}

// look brings all queues to a moment and lends them out.
func (b *queueList) look(elapsed time.Duration, use func(queues []*queue)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.queues {
		l.advance(elapsed)
	}
	use(b.queues)
}

// lookAt is look for one queue.
func (b *queueList) lookAt(l *queue, elapsed time.Duration, use func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.advance(elapsed)
	use()
}

// find returns the queue of an id, nil when there is none.
func (b *queueList) find(id string) *queue {
	if i := slices.IndexFunc(b.queues, func(l *queue) bool { return l.id == id }); i >= 0 {
		return b.queues[i]
	}
	return nil
}
