// A queue at one moment, in the two kinds of groups that Genesys reports: the contacts of one medium, and the users.

package simulator

import (
	"strconv"
	"time"
)

// usersGroup is the number of the group of users; the groups of media are numbered by media.
const usersGroup = -1

// measure is one metric of a group, with its qualifier if it has one.
type measure struct {
	metric, qualifier string
	count             int
	start             time.Duration // of the contact that the two oLongest… are about
}

// longest reports whether a measure is about one contact's time, not a count.
func (m measure) longest() bool {
	return m.metric == "oLongestWaiting" || m.metric == "oLongestInteracting"
}

// groups lists the groups of a queue: its users, then its media.
func (l *queue) groups() []int { return append([]int{usersGroup}, l.media...) }

// measures returns how a group is at the moment to which the queue has been brought.
func (o *org) measures(l *queue, group int, elapsed time.Duration) []measure {
	if group == usersGroup {
		return o.userMeasures(l, elapsed)
	}
	var counts [3]int
	var oldest [3]time.Duration
	for i := range l.contacts {
		c := &l.contacts[i]
		if c.medium != group {
			continue
		}
		at := c.arrived
		if c.state == connected {
			at = c.connected
		}
		if counts[c.state]++; counts[c.state] == 1 || at < oldest[c.state] {
			oldest[c.state] = at
		}
	}
	all := []measure{
		{metric: "oAlerting", count: counts[alerting]},
		{metric: "oInteracting", count: counts[connected]},
		{metric: "oWaiting", count: counts[waiting]},
	}
	if counts[connected] > 0 {
		all = append(all, measure{metric: "oLongestInteracting", start: oldest[connected]})
	}
	if counts[waiting] > 0 {
		all = append(all, measure{metric: "oLongestWaiting", start: oldest[waiting]})
	}
	return all
}

// offDuty is how the members who are not on queue spread over presences, by index in presences; the first takes the rest.
var offDuty = [...]struct {
	presence int
	share    float64
}{{offlinePresence, 0}, {0, .14}, {9, .10}, {6, .08}, {8, .07}, {7, .05}, {2, .04}, {1, .03}, {10, .02}}

// userMeasures returns what the members do. Those who serve this queue alone talk to its contacts or are ready; of the
// others who are on queue most talk for other queues.
func (o *org) userMeasures(l *queue, elapsed time.Duration) []measure {
	talking := 0
	for i := range l.contacts {
		if l.contacts[i].state == connected {
			talking++
		}
	}
	idle := max(0, l.duty(elapsed)-talking-len(l.refusing))
	curve := l.queueList.curve(elapsed)
	elsewhere := int(float64(l.members-l.duty(elapsed)) * 0.45 * curve)
	outside := int(float64(elsewhere) * 0.2 * l.wave(o.world, elapsed))
	counts := []countOf{
		{"IDLE", idle}, {"INTERACTING", talking + elsewhere - outside}, {"COMMUNICATING", outside}, {"NOT_RESPONDING", len(l.refusing)},
	}
	on := idle + talking + len(l.refusing) + elsewhere
	off := max(0, l.members-on)
	all := []measure{{metric: "oMemberUsers", count: l.members}, {metric: "oActiveUsers", count: l.members - l.members/20}}
	for _, c := range counts {
		all = append(all,
			measure{metric: "oOnQueueUsers", qualifier: c.word, count: c.count},
			measure{metric: "oUserRoutingStatuses", qualifier: c.word, count: c.count})
	}
	all = append(all,
		measure{metric: "oUserRoutingStatuses", qualifier: "OFF_QUEUE", count: off},
		measure{metric: "oUserPresences", qualifier: o.presenceIDs[onQueuePresence], count: on})
	left := off
	for i := len(offDuty) - 1; i >= 0; i-- {
		n := left
		if i > 0 {
			n = min(left, int(float64(off)*offDuty[i].share*(0.5+l.wave(o.world, elapsed+time.Duration(i)*time.Hour))))
		}
		left -= n
		id := o.presenceIDs[offDuty[i].presence]
		all = append(all,
			measure{metric: "oOffQueueUsers", qualifier: id, count: n},
			measure{metric: "oUserPresences", qualifier: id, count: n})
	}
	return all
}

// wave is a smooth value from 0 to 1, cheap enough for thousands of queues.
func (l *queue) wave(w *World, elapsed time.Duration) float64 {
	const period = 40 * time.Second
	slot := uint64(elapsed/period) + w.options.Seed<<20 + uint64(l.number)<<32
	from, to := random(slot), random(slot+1)
	a := from.fraction()
	return a + (to.fraction()-a)*float64(elapsed%period)/float64(period)
}

// epochLongest reports whether this org writes the moment, not the age, in the two oLongest…: the API definition gives an integer and does not say of what.
// So one org writes the age in milliseconds, the other the moment in milliseconds since the Unix epoch.
func (o *org) epochLongest() bool { return o.name == americas }

// appendMeasure writes a measure as Genesys does.
func (o *org) appendMeasure(b []byte, m measure, elapsed time.Duration) []byte {
	b = append(append(append(b, `{"metric":"`...), m.metric...), '"')
	if m.qualifier != "" {
		b = append(append(append(b, `,"qualifier":"`...), m.qualifier...), '"')
	}
	if !m.longest() {
		b = strconv.AppendInt(append(b, `,"stats":{"count":`...), int64(m.count), 10)
		return append(b, "}}"...)
	}
	value := (elapsed - m.start).Milliseconds()
	if o.epochLongest() {
		value = o.world.began.Add(m.start).UnixMilli()
	}
	b = strconv.AppendInt(append(b, `,"stats":{"calculatedMetricValue":`...), value, 10)
	return append(b, "}}"...)
}

// appendGroup writes the dimensions of a group.
func appendGroup(b []byte, l *queue, group int) []byte {
	b = append(append(append(b, `{"queueId":"`...), l.id...), '"')
	if group != usersGroup {
		b = append(append(append(b, `,"mediaType":"`...), media[group].name...), '"')
	}
	return append(b, '}')
}
