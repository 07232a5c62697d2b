package notify

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// endReason is why a stream that served ended: a bounded set, so that it can be a label.
type endReason string

// The reasons.
const (
	endClosing      endReason = "socket_closing"       // announced: the same channel serves on
	endUnsubscribed endReason = "no_longer_subscribed" // announced: the channel lost its subscriptions
	endRevoked      endReason = "token_revoked"        // announced: the channels went with the token
	endChannel      endReason = "channel_gone"         // expired, or evicted by a 21st
	endSilent       endReason = "heartbeat_lost"
	endClosed       endReason = "closed" // without a word
	endOversized    endReason = "oversized_message"
	endTopics       endReason = "topics_changed" // they need more channels, or fewer
)

var endReasons = [...]endReason{
	endClosing, endUnsubscribed, endRevoked, endChannel, endSilent, endClosed, endOversized, endTopics,
}

// The families of every stream.
var (
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
		Help: "Unix time at which the account's stream last received an event other than a heartbeat. Absent before the first event.",
	}
	eventsFamily = &metric.Family{
		Name: "ccaas_stream_events_total", Type: metric.Counter, Labels: []string{"kind"},
		Help: "Events that the account's stream received, by kind of topic.",
	}
	droppedFamily = &metric.Family{
		Name: "ccaas_stream_dropped_events_total", Type: metric.Counter,
		Help: "Events of the account's stream that were dropped because they arrived faster than they could be processed; " +
			"the next poll corrects the state.",
	}
	reconnectsFamily = &metric.Family{
		Name: "ccaas_stream_reconnects_total", Type: metric.Counter, Labels: []string{"reason"},
		Help: "Reconnects of the account's stream, by the reason why the connection before had ended.",
	}
)

// Families returns the families of every stream.
func Families() (families []*metric.Family) {
	for _, instrument := range newMetrics(nil).set.Instruments() {
		families = append(families, instrument.Family)
	}
	return families
}

// metrics are the instruments of a stream.
type metrics struct {
	set        metric.Set
	connected  prometheus.Gauge
	topics     prometheus.Gauge
	lastEvent  *prometheus.GaugeVec // without labels: absent before the first event
	events     map[string]prometheus.Counter
	dropped    prometheus.Counter
	reconnects *prometheus.CounterVec
}

// newMetrics makes the instruments of a stream with these topics. All series but that of the last event start at 0.
func newMetrics(topics topicForms) *metrics {
	m := &metrics{events: map[string]prometheus.Counter{}}
	m.connected = m.set.Gauge(connectedFamily)
	m.topics = m.set.Gauge(topicsFamily)
	m.lastEvent = m.set.Gauges(lastEventFamily)
	events := m.set.Counters(eventsFamily)
	m.dropped = m.set.Counter(droppedFamily)
	m.reconnects = m.set.Counters(reconnectsFamily)
	for _, topic := range topics {
		m.events[topic.Kind] = events.WithLabelValues(topic.Kind)
	}
	m.events[KindOther] = events.WithLabelValues(KindOther)
	for _, reason := range endReasons {
		m.reconnects.WithLabelValues(string(reason))
	}
	return m
}

// count counts an event.
func (m *metrics) count(kind string, seen time.Time) {
	m.events[kind].Inc()
	if kind != KindHeartbeat {
		m.lastEvent.WithLabelValues().Set(metric.Unix(seen))
	}
}
