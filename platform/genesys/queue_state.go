package genesys

import (
	"math"
	"time"
	"unique"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// The metrics that are asked for. Those of contacts come by queue and medium, those of users by queue, qualified by
// routing status or by presence. Together the two of users count every member once.
const (
	oWaiting        = "oWaiting"
	oInteracting    = "oInteracting"
	oAlerting       = "oAlerting"
	oLongestWaiting = "oLongestWaiting"
	oOnQueueUsers   = "oOnQueueUsers"
	oOffQueueUsers  = "oOffQueueUsers"
)

var (
	observed = map[string]bool{ // by metric: whether it is about contacts
		oWaiting: true, oInteracting: true, oAlerting: true, oLongestWaiting: true,
		oOnQueueUsers: false, oOffQueueUsers: false,
	}
	queueMedium = enum{"queue_media_type", []string{
		"voice", "chat", "email", "callback", "message",
		"video", "cobrowse", "screenshare", "internalmessage", "screenmonitoring", "unknown",
	}}
	// usualMedia are those that a queue has settings for: their zeros are written though the API leaves them out.
	usualMedia = queueMedium.words[:5]
	channelOf  = map[string]platform.Channel{
		"voice": platform.ChannelVoice, "chat": platform.ChannelChat, "email": platform.ChannelEmail,
		"callback": platform.ChannelCallback, "message": platform.ChannelMessage,
	}
)

// maxReadings bounds what one queue can make us remember: presences are named by the platform, not by us.
const maxReadings = 1000

// numberName names one number of a queue: medium is "" for those of users, qualifier is "" for those of contacts.
type numberName struct{ medium, metric, qualifier string }

// numberKey is a name in the room of a pointer: many queues have numbers of the same names.
type numberKey = unique.Handle[numberName]

// reading is a number as last read. Of oLongestWaiting it is since when, as Unix time by our clock.
type reading struct {
	value *float64 // nil: sent, but unreadable
	from  *origin  // one for all numbers that came together
}

// queueState is a queue with its numbers, each as the last poll or event has it, with its time.
type queueState struct {
	queueName
	pollSentAt     time.Time // when the last poll was sent, by our clock; zero before the first
	pollAnsweredAt time.Time // when it was answered, by the platform's clock: what is older does not count any more
	readings       map[numberKey]reading
	emptyAt        map[string]time.Time // by medium that was met: when no contact was last known to wait
	built          platform.Queue
	outdated       bool // built is
}

// medium is the word for a group's medium, "" for a group without.
func (g groupWire) medium(anomalies *platform.Anomalies) string {
	if word := queueMedium.read(g.MediaType, anomalies, "results[].group.mediaType"); word != "" || g.MediaType == "" {
		return word
	}
	return "unknown"
}

// pathStats is where the numbers of a queue stand, in answers and, under eventBody, in events.
const pathStats = "results[].data[].stats"

// number returns the number, which was true at that moment by the platform's clock, with its key; ok is false for a metric that was
// not asked for.
func (m measureWire) number(medium string, at, seen time.Time, anomalies *platform.Anomalies) (key numberKey, value *float64, ok bool) {
	ofContacts, asked := observed[m.Metric]
	if !asked || ofContacts != (medium != "") {
		return key, nil, false
	}
	name := numberName{medium: medium, metric: m.Metric}
	switch {
	case m.Metric == oLongestWaiting:
		value = since(optional[float64](m.Stats.Calculated, anomalies, pathStats+".calculatedMetricValue"), at, seen)
	case ofContacts:
		value = number(countOf(m.Stats.Count, anomalies, pathStats+".count"))
	default:
		name.qualifier, value = m.Qualifier, number(countOf(m.Stats.Count, anomalies, pathStats+".count"))
	}
	return unique.Make(name), value, true
}

func number(n *int) *float64 {
	if n == nil {
		return nil
	}
	f := float64(*n)
	return &f
}

// since reads oLongestWaiting. The API does not say what it is: a value beyond 10^12 is read as milliseconds since 1970,
// any other as an age in milliseconds.
func since(value *float64, at, seen time.Time) *float64 {
	if value == nil || *value < 0 {
		return nil
	}
	age := *value / 1000
	if *value > 1e12 {
		age = max(0, metric.Unix(at)-age)
	}
	moment := metric.Unix(seen) - age
	return &moment
}

// meet notes that contacts can wait in a medium of the queue, and when none did.
func (q *queueState) meet(key numberKey, r reading) {
	name := key.Value()
	if name.metric != oWaiting {
		return
	}
	if q.emptyAt == nil {
		q.emptyAt = map[string]time.Time{}
	}
	last, met := q.emptyAt[name.medium]
	if r.value != nil && *r.value == 0 && r.from.at.After(last) {
		last = r.from.at
	}
	q.emptyAt[name.medium] = last
	q.outdated = q.outdated || !met
}

// set takes a number unless a newer one is known.
func (q *queueState) set(key numberKey, r reading) {
	if q.readings == nil {
		q.readings = map[numberKey]reading{}
	}
	old, met := q.readings[key]
	if met && r.from.at.Before(old.from.at) || !met && len(q.readings) >= maxReadings {
		return
	}
	q.readings[key] = r
	q.outdated = true
}

// takePoll replaces the numbers by those of a poll that was sent, by our clock, and answered, by the platform's. The API
// leaves zeros out, so a number that is missing is 0. What events have said since the poll was sent stays when it is not
// older than the answer. A poll that was sent before the last one changes nothing.
func (q *queueState) takePoll(polled map[numberKey]reading, answered, sent time.Time) {
	if sent.Before(q.pollSentAt) {
		return
	}
	for key, r := range polled {
		q.meet(key, r)
	}
	for key, old := range q.readings {
		if old.from.received.After(sent) && !old.from.at.Before(answered) {
			polled[key] = old
		}
	}
	q.readings, q.pollSentAt, q.pollAnsweredAt, q.outdated = polled, sent, answered, true
}

// build is the queue as it is published. presences are the system presences by the ids of the organization's.
func (q *queueState) build(presences map[string]string) platform.Queue {
	if !q.outdated {
		return q.built
	}
	q.outdated = false
	q.built = platform.Queue{ID: q.id, Name: q.name, Channels: q.channels(), Agents: q.agents(presences)}
	return q.built
}

func (q *queueState) channels() []platform.QueueChannel {
	channels := make([]platform.QueueChannel, 0, len(usualMedia)+1)
	for _, medium := range queueMedium.words {
		name, usual := channelOf[medium]
		emptyAt, met := q.emptyAt[medium]
		if !met && !usual {
			continue
		}
		c := platform.QueueChannel{
			Waiting: q.contacts(medium, oWaiting), Active: q.contacts(medium, oInteracting), Alerting: q.contacts(medium, oAlerting),
		}
		// The next to wait does not inherit the time of one who has gone.
		oldest := q.readings[unique.Make(numberName{medium: medium, metric: oLongestWaiting})]
		if oldest.value != nil && (c.Waiting == nil || *c.Waiting > 0) && oldest.from.at.After(emptyAt) {
			seconds, fraction := math.Modf(*oldest.value)
			c.OldestWaiting = time.Unix(int64(seconds), int64(fraction*1e9))
		}
		if usual {
			c.Channel = name
			channels = append(channels, c)
			continue
		}
		if n := len(channels); channels[n-1].Channel != platform.ChannelOther {
			channels = append(channels, platform.QueueChannel{Channel: platform.ChannelOther})
		}
		merge(&channels[len(channels)-1], c)
	}
	return channels
}

// merge sums up the media that have no channel of their own.
func merge(sum *platform.QueueChannel, c platform.QueueChannel) {
	sum.Waiting, sum.Active, sum.Alerting = platform.Sum(sum.Waiting, c.Waiting), platform.Sum(sum.Active, c.Active), platform.Sum(sum.Alerting, c.Alerting)
	sum.OldestWaiting = oldest(sum.OldestWaiting, c.OldestWaiting)
}

// contacts is a count of contacts; what was not sent is 0.
func (q *queueState) contacts(medium, metric string) *float64 {
	if r, sent := q.readings[unique.Make(numberName{medium: medium, metric: metric})]; sent {
		return r.value
	}
	return new(float64)
}

// agents sums up the members by state.
func (q *queueState) agents(presences map[string]string) (counts []platform.AgentCount) {
	states := sums[platform.AgentState]{}
	states.zero(agentStates[:]...)
	for key, r := range q.readings {
		name := key.Value()
		if observed[name.metric] {
			continue
		}
		var n *int
		if r.value != nil {
			whole := int(*r.value)
			n = &whole
		}
		states.add(name.state(presences), n)
	}
	for _, state := range agentStates {
		if n := states[state]; n != nil {
			counts = append(counts, platform.AgentCount{State: state, Count: *n})
		}
	}
	return counts
}

// state of the members that a number counts, "" when they count elsewhere.
func (m numberName) state(presences map[string]string) platform.AgentState {
	if m.metric == oOffQueueUsers {
		return stateOf(presences[m.qualifier])
	}
	for word, state := range onQueue {
		if normalise(word) == normalise(m.qualifier) {
			return state
		}
	}
	return platform.AgentUnknown
}
