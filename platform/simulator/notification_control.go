// The notification service of a Genesys org, as tests and the demo control it. Every method takes the name of a Genesys
// site, "emea" or "americas"; another name is a mistake of the test and panics.
//
//	DropSockets(name)               ends every connection without a close frame
//	CloseSockets(name, announced)   announced: v2.system.socket_closing now, close 1001 after Options.ClosingNotice;
//	                                otherwise close 1001 at once
//	StopHeartbeats(name, stopped)   connections stay open but send nothing any more: no heartbeat, event or pong
//	Push(name, raw)                 sends raw as one text message on every connection; returns their number
//	Storm(ctx, name, perSecond)     real observation events until ctx ends, without the limit of one a second; returns
//	                                the number queued for sending; a slow reader slows the storm down
//	RejectTopics(name, pattern)     topics that match (path.Match) are Rejected when next subscribed; "" ends this
//	ExpireChannel(name)             every channel expires now: 404 from then on, its connection is closed
//	EndSubscriptions(name)          v2.system.no_longer_subscribed on every connection, and no events until the channel
//	                                subscribes again
//	RevokeTokens(name)              also: v2.system.token_revoked on every connection, and no events until the channel
//	                                subscribes again with a new token
//	Sockets(name)                   number of connections
//	Topics(name)                    number of topics that are subscribed on channels that have a connection
//	Queues(name)                    the ids and names of the queues, in the order of divisionviews/all
//
// Options.Queues, Options.Heartbeat and Options.ClosingNotice shape the service; the scenario stream-flapping drops every
// connection to emea after 2 to 5 seconds.
//
// Where the documents are silent this service is the harder one to follow. An event about a queue holds the metrics of one
// group that have changed, each with all its qualifiers and those it has lost at zero; oLongestWaiting is sent with the
// contact that waits longest and then ages on its own, and is gone when oWaiting is 0. Several groups of one queue take
// turns at one event a second. What happens while a channel is not connected is not sent later. The {id} of the system
// topics is the channel's.

package simulator

import (
	"context"
	"path"
	"strconv"
	"time"
)

// notifications finds the notification service of a site.
func (w *World) notifications(name string) *notificationService {
	for _, o := range w.orgs {
		if o.name == name {
			return o.notifications
		}
	}
	panic("simulator: no Genesys site named " + strconv.Quote(name)) // a typo in a test must not pass as a fault that never happens
}

// DropSockets ends every connection of a Genesys site without a close frame.
func (w *World) DropSockets(name string) {
	for _, s := range w.notifications(name).sockets() {
		s.drop()
	}
}

// CloseSockets closes every connection of a Genesys site with status 1001: at once, or announced by
// v2.system.socket_closing and Options.ClosingNotice later. The channels and their subscriptions stay.
func (w *World) CloseSockets(name string, announced bool) {
	for _, s := range w.notifications(name).sockets() {
		if !announced {
			s.end(goingAway)
			continue
		}
		s.send(systemMessage("v2.system.socket_closing", obj{"message": "WebSocket is going to close"}))
		s.announce()
	}
}

// StopHeartbeats makes every connection of a Genesys site silent without closing it, or ends that. It also holds
// for connections to come.
func (w *World) StopHeartbeats(name string, stopped bool) {
	w.notifications(name).mute.Store(stopped)
}

// Push sends raw as one text message on every connection of a Genesys site and returns the number of connections.
// It waits for a connection that does not read.
func (w *World) Push(name string, raw []byte) int {
	all := w.notifications(name).sockets()
	for _, s := range all {
		s.put(raw)
	}
	return len(all)
}

// RejectTopics makes the topics that match a pattern of path.Match forbidden when they are subscribed next. The empty
// pattern permits all again.
func (w *World) RejectTopics(name, pattern string) {
	if _, err := path.Match(pattern, ""); err != nil {
		panic("simulator: " + strconv.Quote(pattern) + ": " + err.Error()) // a typo in a test must not pass as topics that are permitted
	}
	n := w.notifications(name)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rejected = pattern
}

// ExpireChannel ends the life of every channel of a Genesys site: calls that name one answer 404, connections are closed.
func (w *World) ExpireChannel(name string) {
	n := w.notifications(name)
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, ch := range n.channels {
		n.remove(ch)
	}
}

// EndSubscriptions clears the subscriptions of every connected channel and announces it with v2.system.no_longer_subscribed.
func (w *World) EndSubscriptions(name string) {
	w.notifications(name).unsubscribe("no_longer_subscribed", "another_channel_subscribed")
}

// Sockets counts the connections of a Genesys site.
func (w *World) Sockets(name string) int { return len(w.notifications(name).sockets()) }

// Topics counts the topics that are subscribed on the connected channels of a Genesys site.
func (w *World) Topics(name string) (n int) {
	service := w.notifications(name)
	service.mu.Lock()
	defer service.mu.Unlock()
	for _, ch := range service.channels {
		if ch.socket != nil {
			n += len(ch.subscriptions)
		}
	}
	return n
}

// QueueName is a queue of a Genesys site.
type QueueName struct{ ID, Name string }

// Queues lists the queues of a Genesys site.
func (w *World) Queues(name string) []QueueName {
	service := w.notifications(name)
	all := make([]QueueName, 0, len(service.org.queueList.queues))
	for _, l := range service.org.queueList.queues {
		all = append(all, QueueName{l.id, l.name})
	}
	return all
}

// stormTick is how often a storm sends what has become due.
const stormTick = 5 * time.Millisecond

// Storm sends events of the subscribed v2.analytics.queues.{id}.observations on the connections of a Genesys site, about
// perSecond of them a second over all connections, until ctx ends. Each holds how one group of its queue is at that
// moment. It returns the number of events that it has handed to the connections.
func (w *World) Storm(ctx context.Context, name string, perSecond int) (sent int) {
	service := w.notifications(name)
	ticker := time.NewTicker(stormTick)
	defer ticker.Stop()
	last, due := time.Now(), 0.0
	for {
		var now time.Time
		select {
		case <-ctx.Done():
			return sent
		case now = <-ticker.C:
		}
		due += min(float64(perSecond)*now.Sub(last).Seconds(), float64(perSecond)) // late ticks are made up for
		last = now
		targets := service.observed()
		if len(targets) == 0 {
			due = 0
			continue
		}
		for ; due >= 1; due-- {
			t := targets[sent%len(targets)]
			if !t.socket.putUntil(ctx, service.org.storming(t.part, sent/len(targets), time.Now())) {
				break
			}
			sent++
		}
	}
}
