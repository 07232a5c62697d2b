package genesys

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
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

// streamMetrics is the prometheus.Collector of a stream.
type streamMetrics struct {
	connected  prometheus.Gauge
	topics     prometheus.Gauge
	lastEvent  *prometheus.GaugeVec // without labels: absent before the first event
	events     map[kind]prometheus.Counter
	dropped    prometheus.Counter
	reconnects *prometheus.CounterVec
	waits      *prometheus.HistogramVec // nil without conversations

	all []prometheus.Collector
}

func newStreamMetrics(conversations bool) *streamMetrics {
	events := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ccaas_stream_events_total",
		Help: "Events that the account's stream brought, by kind of topic.",
	}, []string{"kind"})
	m := &streamMetrics{
		connected: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ccaas_stream_connected",
			Help: "1 while every channel of the account's stream is connected, else 0. Absent without a stream.",
		}),
		topics: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ccaas_stream_topics",
			Help: "Topics that the account's stream is subscribed to. Absent without a stream.",
		}),
		lastEvent: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ccaas_stream_last_event_timestamp_seconds",
			Help: "Unix time at which the account's stream last brought an event, heartbeats not counted. Absent before the first.",
		}, nil),
		events: map[kind]prometheus.Counter{},
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ccaas_stream_dropped_events_total",
			Help: "Events of the account's stream that were left out because they came faster than they could be taken in; a poll makes up for them.",
		}),
		reconnects: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ccaas_stream_reconnects_total",
			Help: "Times that the account's stream was connected again, by the reason for which it had been cut off.",
		}, []string{"reason"}),
	}
	for _, k := range kinds {
		m.events[k] = events.WithLabelValues(string(k))
	}
	for _, reason := range cutReasons {
		m.reconnects.WithLabelValues(string(reason))
	}
	m.all = []prometheus.Collector{m.connected, m.topics, m.lastEvent, events, m.dropped, m.reconnects}
	if conversations {
		m.waits = prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ccaas_queue_wait_seconds",
			Help: "Time that contacts waited in a queue, by channel and outcome: answered, abandoned or flowed_out. " +
				"Each contact counts once, when its wait ends while the stream is connected. Absent unless the stream carries conversations.",
			Buckets:                         []float64{5, 10, 20, 30, 60, 120, 300, 600, 1800},
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  100,
			NativeHistogramMinResetDuration: time.Hour,
		}, []string{"queue", "channel", "outcome"})
		m.all = append(m.all, m.waits)
	}
	return m
}

// Describe sends the descriptors of all families.
func (m *streamMetrics) Describe(ch chan<- *prometheus.Desc) { joined(m.all).Describe(ch) }

// Collect sends all series.
func (m *streamMetrics) Collect(ch chan<- prometheus.Metric) { joined(m.all).Collect(ch) }

// count counts an event.
func (m *streamMetrics) count(k kind, now time.Time) {
	m.events[k].Inc()
	if k != kindHeartbeat {
		m.lastEvent.WithLabelValues().Set(float64(now.UnixMilli()) / 1000)
	}
}

// joined is several collectors as one.
type joined []prometheus.Collector

// Describe sends the descriptors of all families.
func (j joined) Describe(ch chan<- *prometheus.Desc) {
	for _, c := range j {
		c.Describe(ch)
	}
}

// Collect sends all series.
func (j joined) Collect(ch chan<- prometheus.Metric) {
	for _, c := range j {
		c.Collect(ch)
	}
}
