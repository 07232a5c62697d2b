// The publisher: four times a second it looks at what the channels of an org are subscribed to, and sends what has changed.

package simulator

import (
	"context"
	"slices"
	"strconv"
	"time"
)

// The pace of the publisher. Each queue has its turn once a second, which is also the documented limit per topic.
const (
	publishTick    = time.Second / 4
	publishPhases  = int(time.Second / publishTick)
	metricsPeriod  = 10 * time.Second // between the metrics of one trunk or edge
	halfHour       = 30 * time.Minute
	flappingLeast  = 2 * time.Second
	flappingSpread = 3 * time.Second
)

// publish sends what changes until ctx ends.
func (n *notificationService) publish(ctx context.Context) {
	ticker := time.NewTicker(publishTick)
	defer ticker.Stop()
	for turn := 0; ; turn++ {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			c := &call{world: n.org.world, site: n.org.site, now: now, clock: now, stage: n.org.world.player.stage(now)}
			n.flap(c)
			n.turn(c, turn%publishPhases)
		}
	}
}

// flap drops the sockets that have lived long enough for the scenario stream-flapping.
func (n *notificationService) flap(c *call) {
	if !c.in(streamFlapping) {
		return
	}
	for _, s := range n.sockets() {
		lucky := random(s.opened.UnixNano())
		if c.now.Sub(s.opened) > flappingLeast+time.Duration(lucky.fraction()*float64(flappingSpread)) {
			s.drop()
		}
	}
}

// trunksAndEdges is what a turn knows about trunks and edges, by id.
type trunksAndEdges struct {
	traffic map[string]traffic
	edges   map[string]edge
}

// turn sends every channel what is due. A channel without a connection misses it for good.
func (n *notificationService) turn(c *call, phase int) {
	var p trunksAndEdges
	if phase == 0 {
		p = n.survey(c)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, ch := range n.channels {
		send := func([]byte) {}
		if ch.socket != nil {
			send = ch.socket.send
			ch.used = c.now
		}
		for _, s := range ch.subscriptions {
			for _, one := range s.parts {
				switch {
				case one.queue != nil && one.kind == queueObservations && one.queue.number%publishPhases == phase:
					n.org.sendQueue(c, one, send)
				case phase == 0 && one.kind >= trunkState:
					n.org.sendTrunkOrEdge(c, one, p, send)
				}
			}
		}
	}
	n.sendConversations(c)
}

// survey looks at trunks and edges, if a channel is subscribed to one. It must not hold the lock: the player, which it asks,
// may be waiting for it.
func (n *notificationService) survey(c *call) (p trunksAndEdges) {
	n.mu.Lock()
	wanted := slices.ContainsFunc(n.channels, func(ch *channel) bool {
		return slices.ContainsFunc(ch.subscriptions, func(s *subscription) bool { return s.parts[0].kind >= trunkState })
	})
	n.mu.Unlock()
	if !wanted {
		return p
	}
	p = trunksAndEdges{map[string]traffic{}, map[string]edge{}}
	for _, t := range n.org.traffic(c) {
		p.traffic[t.instance.id] = t
	}
	for _, e := range n.org.edges(c) {
		p.edges[e.id] = e
	}
	return p
}

// sendTrunkOrEdge sends a change of a trunk or edge, or its metrics when they are due.
func (o *org) sendTrunkOrEdge(c *call, p *part, now trunksAndEdges, send func([]byte)) {
	t, trunkKnown := now.traffic[p.id]
	e, edgeKnown := now.edges[p.id]
	var body obj
	switch {
	case p.kind == trunkState && trunkKnown:
		body = o.trunkEvent(t.instance)
	case p.kind == trunkMetrics && trunkKnown:
		body = o.trunkMetricsEvent(c, t)
	case p.kind == edgeState && edgeKnown:
		body = edgeEvent(e)
	case p.kind == edgeMetrics && edgeKnown:
		body = whole(o.renderEdgeMetrics(c, e)).(obj) //nolint:errcheck // whole keeps the type
	default:
		return
	}
	if p.kind == trunkMetrics || p.kind == edgeMetrics {
		if c.now.Sub(p.sentAt) < metricsPeriod {
			return
		}
		p.sentAt = c.now
		send(o.event(p.topic, body))
		return
	}
	text := string(reply(body).body)
	if p.text != "" && p.text != text {
		send(o.event(p.topic, body))
	}
	p.text = text
}

// event is the message that carries a body on a topic.
func (o *org) event(topic string, body obj) []byte {
	return reply(obj{
		"topicName": topic, "version": "2", "eventBody": body,
		"metadata": obj{"CorrelationId": o.world.uuid("event", topic, time.Now().UnixNano())},
	}).body
}

func edgeEvent(e edge) obj {
	if e.offline {
		return obj{"id": e.id, "onlineStatus": "OFFLINE"}
	}
	return obj{"id": e.id, "onlineStatus": "ONLINE"}
}

func (o *org) trunkEvent(t trunkInstance) obj {
	full := o.renderTrunk(t)
	body := obj{"id": t.id}
	for _, key := range []string{"connectedStatus", "optionsStatus", "registersStatus", "ipStatus"} {
		body[key] = full[key]
	}
	return body
}

// whole rounds the numbers of edge metrics: the events' schema has whole ones where the poll's has any, but for utilizationPct.
func whole(v any) any {
	switch v := v.(type) {
	case obj:
		for key, value := range v {
			if key != "utilizationPct" {
				v[key] = whole(value)
			}
		}
	case list:
		for i := range v {
			v[i] = whole(v[i])
		}
	case float64:
		return int64(v)
	}
	return v
}

// observed is a connected socket and a part that sends the observations of a queue on it.
type observed struct {
	socket *socket
	part   *part
}

// observed lists what a storm may send.
func (n *notificationService) observed() (all []observed) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, ch := range n.channels {
		for _, s := range ch.subscriptions {
			for _, p := range s.parts {
				if ch.socket != nil && p.queue != nil && p.kind == queueObservations {
					all = append(all, observed{ch.socket, p})
				}
			}
		}
	}
	return all
}

// storming is an event about one group of a queue, all of its gauges; turn chooses the group.
func (o *org) storming(p *part, turn int, now time.Time) (message []byte) {
	elapsed := now.Sub(o.world.began)
	o.queueList.lookAt(p.queue, elapsed, func() {
		group := p.queue.media[turn%len(p.queue.media)]
		message = o.appendQueueEvent(make([]byte, 0, 1024), p, group, o.measures(p.queue, group, elapsed), nil, now)
	})
	return message
}

// appendQueueEvent writes an event about one group: gauges of this moment, and the figures of the running half hour.
func (o *org) appendQueueEvent(b []byte, p *part, group int, gauges []measure, half []aggregated, now time.Time) []byte {
	b = append(append(append(b, `{"topicName":"`...), p.topic...), `","version":"2","eventBody":{"group":`...)
	b = append(appendGroup(b, p.queue, group), `,"data":[`...)
	if len(gauges) > 0 {
		b = appendISO(append(b, `{"interval":"`...), now)
		b = append(appendISO(append(b, '/'), now), `","metrics":[`...)
		for i, m := range gauges {
			if i > 0 {
				b = append(b, ',')
			}
			b = o.appendMeasure(b, m, now.Sub(o.world.began))
		}
		b = append(b, "]}"...)
	}
	if len(half) > 0 {
		if len(gauges) > 0 {
			b = append(b, ',')
		}
		start := now.Truncate(halfHour)
		metrics := list{}
		for _, m := range half {
			metrics = append(metrics, obj{"metric": m.metric, "stats": m.stats})
		}
		b = append(b, reply(obj{"interval": iso(start) + "/" + iso(start.Add(halfHour)), "metrics": metrics}).body...)
	}
	b = append(b, `]},"metadata":{"CorrelationId":"`...)
	b = strconv.AppendUint(append(append(b, p.id[:8]...), '-'), uint64(now.UnixNano()), 16)
	return append(b, `"}}`...)
}

func appendISO(b []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
}
