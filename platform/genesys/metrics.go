package genesys

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// This file is what an account's stream tells about itself. The labels of the account are added by whoever collects it.

// kind is what a topic is about: a bounded set, so that it can be a label.
type kind string

// The kinds.
const (
	kindObservations  kind = "queue_observations"
	kindConversations kind = "queue_conversations"
	kindTrunk         kind = "trunk"
	kindTrunkMetrics  kind = "trunk_metrics"
	kindEdge          kind = "edge"
	kindEdgeMetrics   kind = "edge_metrics"
	kindHeartbeat     kind = "heartbeat"
	kindSystem        kind = "system"
	kindOther         kind = "other" // not readable, or of a topic that nobody asked for
)

var kinds = [...]kind{
	kindObservations, kindConversations, kindTrunk, kindTrunkMetrics, kindEdge, kindEdgeMetrics,
	kindHeartbeat, kindSystem, kindOther,
}

// cutReason is why a stream that served ended.
type cutReason string

// The reasons.
const (
	cutClosing      cutReason = "socket_closing"       // announced: the same channel serves on
	cutUnsubscribed cutReason = "no_longer_subscribed" // the channel lost its subscriptions
	cutRevoked      cutReason = "token_revoked"        // the channels went with the token
	cutChannel      cutReason = "channel_gone"         // expired, or evicted by a 21st
	cutSilent       cutReason = "heartbeat_lost"
	cutClosed       cutReason = "closed" // without a word
	cutOversized    cutReason = "oversized_message"
	cutTopics       cutReason = "topics_changed" // they need more channels, or fewer
)

var cutReasons = [...]cutReason{
	cutClosing, cutUnsubscribed, cutRevoked, cutChannel, cutSilent, cutClosed, cutOversized, cutTopics,
}

// streamMetrics are the instruments of a stream.
type streamMetrics struct {
	connected  prometheus.Gauge
	topics     prometheus.Gauge
	lastEvent  *prometheus.GaugeVec // without labels: absent before the first event
	events     map[kind]prometheus.Counter
	dropped    prometheus.Counter
	reconnects *prometheus.CounterVec
	waits      *prometheus.HistogramVec // nil without conversations

	set metric.Set
}

// The families of an account with a stream.
var (
	waitFamily = &metric.Family{
		Name: "ccaas_queue_wait_seconds", Type: metric.Histogram, Labels: []string{"queue", "channel", "outcome"}, Grows: true,
		Help: "Time that contacts waited in a queue, by channel and outcome: answered, abandoned or flowed_out. " +
			"Each contact counts once, when its wait ends while the stream is connected. Absent unless the stream carries conversations.",
		Buckets: []float64{5, 10, 20, 30, 60, 120, 300, 600, 1800},
	}
	connectedFamily = &metric.Family{
		Name: "ccaas_stream_connected", Type: metric.Gauge,
		Help: "1 while every channel of the account's stream is connected, else 0. Absent without a stream.",
	}
	topicsFamily = &metric.Family{
		Name: "ccaas_stream_topics", Type: metric.Gauge,
		Help: "Topics that the account's stream is subscribed to. Absent without a stream.",
	}
	lastEventFamily = &metric.Family{
		Name: "ccaas_stream_last_event_timestamp_seconds", Type: metric.Gauge,
		Help: "Unix time at which the account's stream last brought an event, heartbeats not counted. Absent before the first.",
	}
	eventsFamily = &metric.Family{
		Name: "ccaas_stream_events_total", Type: metric.Counter, Labels: []string{"kind"},
		Help: "Events that the account's stream brought, by kind of topic.",
	}
	droppedFamily = &metric.Family{
		Name: "ccaas_stream_dropped_events_total", Type: metric.Counter,
		Help: "Events dropped because they arrived faster than they could be processed; the next poll corrects the state.",
	}
	reconnectsFamily = &metric.Family{
		Name: "ccaas_stream_reconnects_total", Type: metric.Counter, Labels: []string{"reason"},
		Help: "Times that the account's stream was connected again, by the reason for which it had been cut off.",
	}
)

// Families lists the families of an account with a stream.
func Families() []*metric.Family {
	return []*metric.Family{
		waitFamily, connectedFamily, topicsFamily, lastEventFamily, eventsFamily, droppedFamily, reconnectsFamily,
	}
}

func newStreamMetrics(conversations bool) *streamMetrics {
	m := &streamMetrics{events: map[kind]prometheus.Counter{}}
	m.connected, m.topics, m.lastEvent = m.set.Gauge(connectedFamily), m.set.Gauge(topicsFamily), m.set.Gauges(lastEventFamily)
	m.dropped, m.reconnects = m.set.Counter(droppedFamily), m.set.Counters(reconnectsFamily)
	events := m.set.Counters(eventsFamily)
	for _, k := range kinds {
		m.events[k] = events.WithLabelValues(string(k))
	}
	for _, reason := range cutReasons {
		m.reconnects.WithLabelValues(string(reason))
	}
	if conversations {
		m.waits = m.set.Histograms(waitFamily)
	}
	return m
}

// came counts an event.
func (m *streamMetrics) came(k kind, now time.Time) {
	m.events[k].Inc()
	if k != kindHeartbeat {
		m.lastEvent.WithLabelValues().Set(float64(now.UnixMilli()) / 1000)
	}
}
