package webhook

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// metrics are the instruments of one account. They outlive its hooks, so that a reload does not set them back.
type metrics struct {
	set                                                              metric.Set
	requests, failures, events, duplicates, broken, invalid, scripts *prometheus.CounterVec
	last, queued                                                     *prometheus.GaugeVec
	histograms                                                       map[*measurement]*prometheus.HistogramVec
	caps                                                             map[Kind]*caps
}

func newMetrics() *metrics {
	m := &metrics{
		histograms: map[*measurement]*prometheus.HistogramVec{},
		caps:       map[Kind]*caps{VoiceQuality: {}, ScriptAPI: {}},
	}
	m.requests, m.failures = m.set.Counters(requestsTotal), m.set.Counters(failuresTotal)
	m.events, m.duplicates = m.set.Counters(eventsTotal), m.set.Counters(duplicatesTotal)
	m.broken, m.invalid = m.set.Counters(brokenTotal), m.set.Counters(invalidTotal)
	m.last, m.queued = m.set.Gauges(lastEvent), m.set.Gauges(queuedEvents)
	m.scripts = m.set.Counters(scriptRequests)
	for _, h := range measurements {
		m.histograms[h] = m.set.Histograms(h.Family)
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
	m.caps[h.Kind].bound(labels{}, h.LabelValues, h.LabelSets)
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

// endKind removes the series that a hook had when it was of another kind.
func (m *metrics) endKind(hook string, was Kind) {
	of := prometheus.Labels{"hook": hook, "kind": string(was)}
	for _, counters := range []*prometheus.CounterVec{m.events, m.duplicates, m.broken} {
		counters.DeletePartialMatch(of)
	}
	m.last.DeletePartialMatch(of)
	for _, field := range fields[was] {
		m.invalid.DeleteLabelValues(hook, field)
	}
}

// prune removes the series of measurements with labels that none of the account's hooks chooses any more.
func (m *metrics) prune(hooks []HookConfig) {
	for kind, c := range m.caps {
		dropped := c.drop(func(l *labels) bool {
			return slices.ContainsFunc(hooks, func(h HookConfig) bool { return h.Kind == kind && l.chosenBy(&h) })
		})
		for _, l := range dropped {
			for family, vec := range m.histograms {
				if family.kind == kind {
					vec.DeleteLabelValues(l[:len(family.Labels)]...)
				}
			}
			if kind != ScriptAPI {
				continue
			}
			for _, class := range codeClasses {
				m.scripts.DeleteLabelValues(append(slices.Clone(l[:len(labelsOf[kind])]), class)...)
			}
		}
	}
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
