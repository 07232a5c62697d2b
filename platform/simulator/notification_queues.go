// Events about queues: what has changed in their observations, and their conversations.

package simulator

import (
	"slices"
	"strconv"
	"time"
)

// sendQueue sends one group of a queue that has changed: of several, the one that was sent longest ago, for there is at
// most one event a second for a topic.
func (o *org) sendQueue(c *call, p *part, send func([]byte)) {
	o.queueList.lookAt(p.queue, c.elapsed(), func() {
		groups := p.queue.groups()
		slices.SortStableFunc(groups, func(a, b int) int { return p.sentLast[a].Compare(p.sentLast[b]) })
		for _, g := range groups {
			now := o.measures(p.queue, g, c.elapsed())
			gauges := changes(p.sent[g], now)
			half := o.halfHour(p, g, c.now)
			if len(gauges)+len(half) > 0 {
				p.sent[g], p.sentLast[g] = now, c.now
				send(o.appendQueueEvent(nil, p, g, gauges, half, c.now))
				return
			}
		}
	})
}

// changes returns the metrics of a group that are not as they were sent last: each whole, with the qualifiers that it has
// lost at zero. When no contact waits any more, oWaiting is zero and oLongestWaiting is left out. A value that was never sent
// is sent once it is non-zero.
func changes(sent, now []measure) (changed []measure) {
	of := func(all []measure, metric string) (some []measure) {
		for _, m := range all {
			if m.metric == metric && (m.count > 0 || m.longest()) {
				some = append(some, m)
			}
		}
		return some
	}
	done := map[string]bool{}
	for _, m := range now {
		if done[m.metric] {
			continue
		}
		done[m.metric] = true
		before, after := of(sent, m.metric), of(now, m.metric)
		if slices.Equal(before, after) {
			continue
		}
		changed = append(changed, after...)
		for _, lost := range before {
			if !lost.longest() && !slices.ContainsFunc(after, func(m measure) bool { return m.qualifier == lost.qualifier }) {
				changed = append(changed, measure{metric: lost.metric, qualifier: lost.qualifier})
			}
		}
	}
	return changed
}

// halfHour returns the figures of the running half hour by one medium, if they have changed since they were sent.
func (o *org) halfHour(p *part, group int, now time.Time) []aggregated {
	k := slices.Index(p.queue.media, group)
	if k < 0 {
		return nil
	}
	start := quarterNumber(now.Truncate(halfHour))
	f := p.queue.over(k, start, start+int64(halfHour/quarterHour))
	if f == p.rows[group] {
		return nil
	}
	p.rows[group] = f
	return aggregateMeasures(f)
}

// sendConversations sends every step of every contact of the queues that are watched.
func (n *notificationService) sendConversations(c *call) {
	watchers := map[*queue][]observed{}
	for _, ch := range n.channels {
		for _, s := range ch.subscriptions {
			for _, p := range s.parts {
				if p.kind == queueConversations && p.queue != nil {
					watchers[p.queue] = append(watchers[p.queue], observed{ch.socket, p})
				}
			}
		}
	}
	b := n.org.queueList
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.queues {
		to := watchers[l]
		if l.watched != (len(to) > 0) {
			l.watched, l.steps = len(to) > 0, nil
		}
		if len(to) == 0 {
			continue
		}
		l.advance(c.elapsed())
		for _, st := range l.steps {
			for _, w := range to {
				if w.socket != nil {
					w.socket.send(n.org.event(w.part.topic, n.org.conversation(l, st)))
				}
			}
		}
		l.steps = l.steps[:0]
	}
}

// sessionKeys names the lists in which a participant has its sessions, by medium.
var sessionKeys = [...]string{"calls", "chats", "emails", "messages", "callbacks"}

// conversation is the whole conversation after a step, with the personal data that such events carry: fictitious here, and
// unmistakable, so that a test can search for them.
func (o *org) conversation(l *queue, st step) obj {
	at := func(elapsed time.Duration) string { return iso(o.world.began.Add(elapsed)) }
	id := o.world.uuid(l.id, "conversation", st.serial)
	session := func(who, state string, from, to time.Duration) obj {
		one := obj{"id": o.world.uuid(id, who), "state": state, "direction": "inbound", "provider": "Edge"}
		if st.medium == 1 {
			delete(one, "direction")
		}
		if from != 0 {
			one["connectedTime"] = at(from)
		}
		participant := obj{"id": o.world.uuid(id, who, "participant"), "purpose": who, "queueId": l.id, sessionKeys[st.medium]: list{one}}
		if from != 0 {
			participant["connectedTime"] = at(from)
		}
		if to != 0 {
			one["state"], one["disconnectedTime"], participant["endTime"] = "disconnected", at(to), at(to)
			one["disconnectType"] = "endpoint"
		}
		return participant
	}
	var gone, answered time.Duration
	if st.state == ended || st.state == abandoned {
		gone = st.at
	}
	if answered = gone; st.connected != 0 {
		answered = st.connected
	}
	customer := session("customer", "connected", st.arrived, gone)
	delete(customer, "queueId")
	customer["name"], customer["address"] = "Demo Caller", "tel:+1202555"+strconv.Itoa(1000+int(st.serial%9000))
	participants := list{customer, session("acd", "connected", st.arrived, answered)}
	switch {
	case st.connected != 0:
		participants = append(participants, session("agent", "connected", st.connected, gone))
	case st.state == alerting:
		participants = append(participants, session("agent", "alerting", 0, 0))
	case st.state == waiting && st.refuse:
		participants = append(participants, session("agent", "disconnected", 0, st.at))
	}
	return obj{"id": id, "maxParticipants": len(participants), "participants": participants, "recordingState": "NONE"}
}
