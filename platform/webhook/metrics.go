package webhook

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// This file counts, and renders the counts with the standard labels of their account.

// metrics are those of one account. They outlive its hooks, so that a reload does not set them back.
type metrics struct {
	requests, failures, events, duplicates, broken, invalid, scripts *prometheus.CounterVec
	last, queued                                                     *prometheus.GaugeVec
	histograms                                                       map[*histogram]*prometheus.HistogramVec
	caps                                                             map[Kind]*caps

	all map[*Description]prometheus.Collector
}

func newMetrics() *metrics {
	m := &metrics{
		requests: requestsTotal.counters(), failures: failuresTotal.counters(), events: eventsTotal.counters(),
		duplicates: duplicatesTotal.counters(), broken: brokenTotal.counters(), invalid: invalidTotal.counters(),
		scripts: scriptRequests.counters(), last: lastEvent.gauges(), queued: queuedEvents.gauges(),
		histograms: map[*histogram]*prometheus.HistogramVec{},
		caps:       map[Kind]*caps{VoiceQuality: {}, ScriptAPI: {}},
	}
	m.all = map[*Description]prometheus.Collector{
		requestsTotal: m.requests, failuresTotal: m.failures, eventsTotal: m.events, duplicatesTotal: m.duplicates,
		brokenTotal: m.broken, invalidTotal: m.invalid, lastEvent: m.last, queuedEvents: m.queued, scriptRequests: m.scripts,
	}
	for _, h := range histograms {
		m.histograms[h] = h.vec()
		m.all[&h.Description] = m.histograms[h]
	}
	return m
}

// begin shows the series of a hook that are known beforehand, at 0.
func (m *metrics) begin(h *HookConfig) {
	kind := string(h.Kind)
	m.requests.WithLabelValues(h.Name, strconv.Itoa(http.StatusNotFound))
	for _, status := range statuses {
		m.requests.WithLabelValues(h.Name, strconv.Itoa(status))
	}
	for _, why := range reasons {
		m.failures.WithLabelValues(h.Name, string(why))
	}
	for _, field := range fields[h.Kind] {
		m.invalid.WithLabelValues(h.Name, field)
	}
	for _, counters := range []*prometheus.CounterVec{m.events, m.duplicates, m.broken} {
		counters.WithLabelValues(h.Name, kind)
	}
	m.queued.WithLabelValues(h.Name)
	if len(h.Labels) > 0 {
		return
	}
	if h.Kind == ScriptAPI {
		m.script(labels{}, "")
	}
	for family, vec := range m.histograms {
		if family.kind == h.Kind {
			vec.WithLabelValues(make([]string, len(family.Labels))...)
		}
	}
}

// end removes the series of a hook that is gone.
func (m *metrics) end(hook string) {
	of := prometheus.Labels{"hook": hook}
	for _, counters := range []*prometheus.CounterVec{m.requests, m.failures, m.events, m.duplicates, m.broken, m.invalid} {
		counters.DeletePartialMatch(of)
	}
	m.last.DeletePartialMatch(of)
	m.queued.DeletePartialMatch(of)
}

// count counts one event of a hook.
func (m *metrics) count(h *HookConfig, e *event) {
	m.events.WithLabelValues(h.Name, string(h.Kind)).Inc()
	for _, field := range e.invalid {
		m.invalid.WithLabelValues(h.Name, field).Inc()
	}
	l := m.caps[h.Kind].bound(e.labels, h.LabelValues, h.LabelSets)
	for _, v := range e.values {
		m.histograms[v.family].WithLabelValues(l[:len(v.family.Labels)]...).Observe(v.number)
	}
	if h.Kind == ScriptAPI {
		m.script(l, e.code)
	}
}

// script counts a call of an API, unless code is "". All classes appear at once, so that the first failure is an
// increase.
func (m *metrics) script(l labels, code string) {
	for _, class := range codeClasses {
		calls := m.scripts.WithLabelValues(append(slices.Clone(l[:len(labelsOf[ScriptAPI])]), class)...)
		if class == code {
			calls.Inc()
		}
	}
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// rendered passes on metrics with the standard labels under descriptions that do not depend on an account.
type rendered struct {
	prometheus.Metric
	desc *prometheus.Desc
}

func (r rendered) Desc() *prometheus.Desc { return r.desc }

// monitored is the platform that Monitoring Gateway belongs to.
const monitored = "cxone"

func (m *metrics) collect(ch chan<- prometheus.Metric, account string, info feed.Info, descs map[*Description]*prometheus.Desc) {
	standard := prometheus.Labels{"platform": monitored, "account": account, "region_code": info.RegionCode}
	for family, collector := range m.all {
		raw := make(chan prometheus.Metric)
		go func() {
			defer close(raw)
			prometheus.WrapCollectorWith(standard, collector).Collect(raw)
		}()
		for metric := range raw {
			ch <- rendered{metric, descs[family]}
		}
	}
}
