package presence

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// result is what became of a change.
type result string

// The results.
const (
	resultWritten     result = "written"     // an answer or the next read of the target shows it
	resultUnconfirmed result = "unconfirmed" // sent, but not shown: decided anew
	resultFailed      result = "failed"      // refused or not sent
	resultDryRun      result = "dry_run"     // would have been sent
)

// results lists every result.
var results = [...]result{resultWritten, resultUnconfirmed, resultFailed, resultDryRun}

// The kinds of write requests.
const (
	kindBulk   = "bulk"
	kindSingle = "single"
)

// family declares a family of a pair: it has the label pair instead of the standard ones.
func family(kind metric.Type, name, help string, labels ...string) *metric.Family {
	return &metric.Family{Name: "ccaas_presence_" + name, Type: kind, Labels: append([]string{"pair"}, labels...), Help: help, Global: true}
}

// The families.
var (
	agentsFamily = family(metric.Gauge, "agents",
		"Agents of both platforms by how they are matched, a matched agent counted once; absent while an account's agents are not read.", "match")
	disagreementsFamily = family(metric.Gauge, "disagreements",
		"Matched agents whose states on the two platforms have contradicted each other for more than 10 s; absent while the agents are not read.",
		"source_state", "target_state")
	doubleBookedFamily = family(metric.Gauge, "double_booked",
		"Matched agents who are on queue on the target while they are on a contact of the source, for more than 10 s; absent while the agents are not read.")
	oldestFamily = family(metric.Gauge, "oldest_disagreement_timestamp_seconds",
		"Unix time at which the oldest of the disagreements began; absent when there is none.")
	sourceReadFamily = family(metric.Gauge, "source_last_read_timestamp_seconds",
		"Unix time at which states of the source were last read, in full or as changes; absent before the first.")
	targetReadFamily = family(metric.Gauge, "target_last_read_timestamp_seconds",
		"Unix time at which presences of the target were last read; absent before the first.")
	changesFamily = family(metric.Counter, "changes_total",
		"Changes of a presence that the sync decided on, by what they do and what became of them.", "action", "result")
	refusedFamily = family(metric.Counter, "refused_total",
		"Agents whose presence the rules would change and the sync left alone, by reason; an agent counts once until the reason changes.", "reason")
	delayFamily = &metric.Family{
		Name: "ccaas_presence_change_delay_seconds", Type: metric.Histogram, Labels: []string{"pair", "action"}, Global: true,
		Help:    "Time from a change of state on the source, by the source's clock, to the write that the target accepted; without changes whose time the source does not report.",
		Buckets: []float64{.5, 1, 2, 3, 4, 5, 6, 8, 10, 15, 30, 60, 300},
	}
	pendingFamily = family(metric.Gauge, "pending_changes",
		"Changes that are decided and wait to be written; absent without a sync.")
	leaderFamily = family(metric.Gauge, "leader",
		"1 when this exporter is the one that writes, else 0; absent without a sync.")
	sourceLostFamily = family(metric.Gauge, "source_lost",
		"1 while the source counts as lost and its agents have the configured presence, else 0; absent without a sync.")
	stateFamily = family(metric.Counter, "state_failures_total",
		"Failed calls of Redis, by operation: claim (become or stay the writer, read what was written before) and save (keep what is written). Absent without a sync, and 0 without Redis.",
		"operation")
	requestsFamily = family(metric.Counter, "requests_total",
		"Requests that wrote presences, by kind (bulk, single) and by the reason of their failure, which is empty for those that succeeded.", "kind", "reason")
)

// Families lists every family of a pair.
func Families() []*metric.Family {
	return []*metric.Family{
		agentsFamily, disagreementsFamily, doubleBookedFamily, oldestFamily, sourceReadFamily, targetReadFamily, changesFamily,
		refusedFamily, delayFamily, pendingFamily, leaderFamily, sourceLostFamily, stateFamily, requestsFamily,
	}
}

// metrics are what a pair counts and measures. Those of the sync are nil where presences are only compared.
type metrics struct {
	pair                                         string
	set                                          metric.Set
	agents, disagreements                        *prometheus.GaugeVec
	doubleBooked, oldest, sourceRead, targetRead *prometheus.GaugeVec
	changes, refused, requests, state            *prometheus.CounterVec
	delay                                        *metric.Histograms // of pair and action
	pending, leader, sourceLost                  prometheus.Gauge
}

func newMetrics(pair string, syncs bool) *metrics {
	m := &metrics{pair: pair}
	labels := prometheus.Labels{"pair": pair}
	gauge := func(f *metric.Family) *prometheus.GaugeVec { return m.set.Gauges(f).MustCurryWith(labels) }
	counter := func(f *metric.Family) *prometheus.CounterVec { return m.set.Counters(f).MustCurryWith(labels) }
	m.agents, m.disagreements, m.doubleBooked = gauge(agentsFamily), gauge(disagreementsFamily), gauge(doubleBookedFamily)
	m.oldest, m.sourceRead, m.targetRead = gauge(oldestFamily), gauge(sourceReadFamily), gauge(targetReadFamily)
	if !syncs {
		return m
	}
	m.changes, m.refused, m.requests = counter(changesFamily), counter(refusedFamily), counter(requestsFamily)
	m.state = counter(stateFamily)
	m.delay = m.set.Histograms(delayFamily)
	m.pending, m.leader = gauge(pendingFamily).WithLabelValues(), gauge(leaderFamily).WithLabelValues()
	m.sourceLost = gauge(sourceLostFamily).WithLabelValues()
	for _, action := range actions {
		m.delay.Begin(pair, string(action))
		for _, result := range results {
			m.changes.WithLabelValues(string(action), string(result))
		}
	}
	for _, refusal := range Refusals {
		m.refused.WithLabelValues(string(refusal))
	}
	for _, operation := range operations {
		m.state.WithLabelValues(operation)
	}
	for _, kind := range []string{kindBulk, kindSingle} {
		m.requests.WithLabelValues(kind, "")
		for _, reason := range platform.Reasons {
			m.requests.WithLabelValues(kind, string(reason))
		}
	}
	return m
}

// at sets a gauge of a time; the zero time makes it absent.
func at(gauge *prometheus.GaugeVec, t time.Time) {
	if t.IsZero() {
		gauge.Reset()
		return
	}
	gauge.WithLabelValues().Set(metric.Unix(t))
}

// compared exports a comparison.
func (m *metrics) compared(c comparison) {
	for _, kind := range matchKinds {
		m.agents.WithLabelValues(string(kind)).Set(float64(c.Matches[kind]))
	}
	for d, n := range c.Disagreements {
		m.disagreements.WithLabelValues(string(d.Source), string(d.Target)).Set(float64(n))
	}
	m.doubleBooked.WithLabelValues().Set(float64(c.DoubleBooked))
	at(m.oldest, c.Oldest)
}

// forget takes back what a comparison exported.
func (m *metrics) forget() {
	for _, gauge := range []*prometheus.GaugeVec{m.agents, m.disagreements, m.doubleBooked, m.oldest} {
		gauge.Reset()
	}
}
