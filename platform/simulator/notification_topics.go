// Topics of the notification service: which there are, and what a subscription to one brings.

package simulator

import (
	"slices"
	"strings"
	"time"
)

// topicKind is what a topic is about.
type topicKind int

const (
	silent topicKind = iota // documented, but nothing of its kind happens here
	queueObservations
	queueConversations
	trunkState
	trunkMetrics
	edgeState
	edgeMetrics
)

// topics are the documented names that a client may subscribe to.
var topics = []struct {
	pattern string
	kind    topicKind
}{
	{"v2.analytics.queues.{id}.observations", queueObservations},
	{"v2.routing.queues.{id}.conversations", queueConversations},
	{"v2.telephony.providers.edges.trunks.{id}", trunkState},
	{"v2.telephony.providers.edges.trunks.{id}.metrics", trunkMetrics},
	{"v2.telephony.providers.edges.{id}", edgeState},
	{"v2.telephony.providers.edges.{id}.metrics", edgeMetrics},
	{"v2.telephony.providers.edges.{id}.logicalinterfaces", silent},
	{"v2.telephony.providers.edges.{id}.softwareupdate", silent},
	{"v2.telephony.providers.edges.phones.{id}", silent},
	{"v2.analytics.queues.{id}.activity", silent},
	{"v2.analytics.users.{id}.aggregates", silent},
	{"v2.routing.queues.{id}.users", silent},
	{"v2.users.{id}.presence", silent},
	{"v2.users.{id}.routingStatus", silent},
	{"v2.users.{id}.activity", silent},
	{"v2.users.{id}.integrationpresence", silent},
	{"v2.users.{id}.station", silent},
	{"v2.users.{id}.tokens", silent},
	{"v2.users.{id}.outofoffice", silent},
	{"v2.operations.events.{id}", silent},
	{"v2.audits.entitytype.{id}.entityid.{id}", silent},
	{"channel.metadata", silent},
	{"v2.subscription.updated", silent},
	{"v2.system.socket_closing", silent},
	{"v2.system.token_revoked.{id}", silent},
	{"v2.system.no_longer_subscribed.{id}", silent},
}

// The documented limits of a subscription.
const (
	maxTopics      = 1000
	maxTopicLength = 200
)

// subscription is one entry of a channel's list: a topic, or several of one object combined as a.b?c&d.
type subscription struct {
	name  string
	parts []*part
}

// part is one topic of a subscription, with what was sent last.
type part struct {
	topic string
	kind  topicKind
	id    string
	queue *queue

	sent     map[int][]measure // by group of a queue
	sentLast map[int]time.Time // when each group was sent
	rows     map[int]figures   // of the running half hour, by group
	text     string            // of a trunk or edge
	sentAt   time.Time
}

// subscribe reads a topic name; it returns nil for one that is not valid.
func (o *org) subscribe(name string) *subscription {
	if len(name) > maxTopicLength {
		return nil
	}
	base, more, combined := strings.Cut(name, "?")
	whole := []string{base}
	if combined {
		whole = nil
		for suffix := range strings.SplitSeq(more, "&") {
			whole = append(whole, base+"."+suffix)
		}
	}
	s := &subscription{name: name}
	for _, topic := range whole {
		p := o.part(topic)
		if p == nil {
			return nil
		}
		s.parts = append(s.parts, p)
	}
	return s
}

// permissions names the permissions that a topic requires.
func permissions(topic string) list {
	for prefix, permission := range map[string]string{
		"v2.telephony":         "telephony:plugin:all",
		"v2.analytics.queues":  "analytics:queueObservation:view",
		"v2.analytics.users":   "analytics:userObservation:view",
		"v2.routing.queues":    "routing:queue:view",
		"v2.operations.events": "usage:events:view",
		"v2.audits":            "audits:audit:view",
	} {
		if strings.HasPrefix(topic, prefix) {
			return list{permission}
		}
	}
	return list{}
}

// availableTopics lists the topics, each with its id and what the query wants to be expanded, as far as it is simulated.
func availableTopics(c *call) answer {
	entities := list{}
	for _, t := range topics {
		whole := obj{
			"transports": list{"All"}, "visibility": "Public", "enforced": true, "requiresPermissions": permissions(t.pattern),
			"topicParameters": slices.Repeat(list{"id"}, strings.Count(t.pattern, "{id}")), "description": t.pattern,
		}
		entity := obj{"id": t.pattern}
		for _, key := range c.query["expand"] {
			if value, simulated := whole[key]; simulated {
				entity[key] = value
			}
		}
		entities = append(entities, entity)
	}
	return reply(obj{"entities": entities})
}

func (o *org) part(topic string) *part {
	have := strings.Split(topic, ".")
	for _, known := range topics {
		want := strings.Split(known.pattern, ".")
		var id string
		if len(want) != len(have) || slices.ContainsFunc(indexes(want), func(i int) bool {
			if want[i] != "{id}" {
				return want[i] != have[i]
			}
			id = have[i]
			return id == "" || known.kind != silent && !isUUID(id)
		}) {
			continue
		}
		p := &part{topic: topic, kind: known.kind, id: id, sent: map[int][]measure{}, sentLast: map[int]time.Time{}, rows: map[int]figures{}}
		if p.kind == queueObservations || p.kind == queueConversations {
			p.queue = o.queueList.find(id)
		}
		return p
	}
	return nil
}

func indexes(s []string) []int {
	all := make([]int, len(s))
	for i := range all {
		all[i] = i
	}
	return all
}
