package webhook

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// metrics are the instruments of one account. They outlive its hooks, so that a reload does not set them back.
type metrics struct {
	set                                                     metric.Set
	requests, failures, events, duplicates, broken, invalid *prometheus.CounterVec
	last, queued                                            *prometheus.GaugeVec
	histograms                                              map[*measurement]*metric.Histograms
	tallies                                                 map[*tally]*prometheus.CounterVec
	caps                                                    map[Kind]*caps
	disconnects                                             caps // reasons, as words
}

func newMetrics() *metrics {
	m := &metrics{
		histograms: map[*measurement]*metric.Histograms{},
		tallies:    map[*tally]*prometheus.CounterVec{},
		caps:       map[Kind]*caps{VoiceQuality: {}, ScriptAPI: {}},
	}
	m.requests, m.failures = m.set.Counters(requestsTotal), m.set.Counters(failuresTotal)
	m.events, m.duplicates = m.set.Counters(eventsTotal), m.set.Counters(duplicatesTotal)
	m.broken, m.invalid = m.set.Counters(brokenTotal), m.set.Counters(invalidTotal)
	m.last, m.queued = m.set.Gauges(lastEvent), m.set.Gauges(queuedEvents)
	for _, h := range measurements {
		m.histograms[h] = m.set.Histograms(h.Family)
	}
	for _, t := range tallies {
		m.tallies[t] = m.set.Counters(t.Family)
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
	m.show(h.Kind, false, labels{})
	if len(h.Labels) > 0 {
		return
	}
	m.caps[h.Kind].bound(labels{}, h.LabelValues, h.LabelSets)
	m.show(h.Kind, true, labels{})
	for family, histograms := range m.histograms {
		if family.kind == h.Kind {
			histograms.Begin(make([]string, len(family.Labels))...)
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

// prune removes the series of measurements with labels that none of the account's hooks chooses any more, and of kinds of
// which it has none.
func (m *metrics) prune(hooks []HookConfig) {
	for t, counters := range m.tallies {
		if !t.chosen && !slices.ContainsFunc(hooks, func(h HookConfig) bool { return h.Kind == t.kind }) {
			counters.Reset()
		}
	}
	for kind, c := range m.caps {
		dropped := c.drop(func(l *labels) bool {
			return slices.ContainsFunc(hooks, func(h HookConfig) bool { return h.Kind == kind && l.chosenBy(&h) })
		})
		for _, l := range dropped {
			for family, histograms := range m.histograms {
				if family.kind == kind {
					histograms.Delete(l[:len(family.Labels)]...)
				}
			}
			for t, counters := range m.tallies {
				if t.kind != kind || !t.chosen {
					continue
				}
				for _, text := range t.words {
					counters.DeleteLabelValues(t.values(l, text)...)
				}
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
	l, isNew := m.caps[h.Kind].bound(e.labels, h.LabelValues, h.LabelSets)
	if isNew {
		m.show(h.Kind, true, l)
	}
	for _, v := range e.values {
		m.histograms[v.family].Observe(v.number, l[:len(v.family.Labels)]...)
	}
	for _, w := range e.words {
		text := w.text
		if w.tally == voiceDisconnects {
			bounded, _ := m.disconnects.bound(labels{text}, maxDisconnects, maxDisconnects+len(w.tally.words))
			text = bounded[0]
		}
		m.tallies[w.tally].WithLabelValues(w.tally.values(l, text)...).Inc()
	}
}

// show shows all words of the tallies of a kind at 0, so that the first of each is an increase: of those with chosen
// labels, or of those without.
func (m *metrics) show(kind Kind, chosen bool, l labels) {
	for t, counters := range m.tallies {
		if t.kind != kind || t.chosen != chosen {
			continue
		}
		for _, text := range t.words {
			counters.WithLabelValues(t.values(l, text)...)
		}
	}
}
