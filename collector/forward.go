package collector

import (
	"errors"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// forwarder forwards what an account's clients count as requests and events happen. Their metrics live on from scrape to
// scrape, so what is known of each is kept.
type forwarder struct {
	known    map[prometheus.Metric]*forwarded
	exported []*forwarded // in the order of their labels
}

// forwarded is a metric of a client.
type forwarded struct {
	prometheus.Metric
	family   *metric.Family
	labels   []*dto.LabelPair // its own and the standard ones
	exported bool             // the limit does not keep it out
	limited  bool             // the limit was applied to it in an earlier scrape
}

// forward writes the metrics of clients on the page.
func (r *renderer) forward(p page, sets ...*metric.Set) error {
	all := map[prometheus.Metric]*metric.Family{}
	changed := false
	var errs []error
	for _, set := range sets {
		for _, instrument := range set.Instruments() {
			metrics, err := collect(instrument)
			errs = append(errs, err)
			for _, m := range metrics {
				all[m], changed = instrument.Family, changed || r.forwarder.known[m] == nil
			}
		}
	}
	if changed || len(all) != len(r.forwarder.known) {
		r.prepare(all)
	}
	for _, m := range r.forwarder.exported {
		written := &dto.Metric{}
		errs = append(errs, m.Write(written))
		written.Label = m.labels
		p.add(m.family, []*dto.Metric{written})
	}
	return errors.Join(errs...)
}

// collect returns the metrics of a collector; with an error those before it panicked.
func collect(c prometheus.Collector) (metrics []prometheus.Metric, err error) {
	raw := make(chan prometheus.Metric, 64)
	go func() {
		defer close(raw)
		err = guard.Func(func() error { c.Collect(raw); return nil })()
	}()
	for m := range raw {
		metrics = append(metrics, m)
	}
	return metrics, err
}

// prepare completes the labels of what has come, and forgets what has gone.
func (r *renderer) prepare(all map[prometheus.Metric]*metric.Family) {
	now := forwarder{known: map[prometheus.Metric]*forwarded{}}
	growing := map[*metric.Family][]*forwarded{}
	for raw, family := range all {
		m := r.forwarder.known[raw]
		if m == nil {
			m = &forwarded{Metric: raw, family: family, labels: r.labelsOf(family, raw)}
		}
		now.known[raw] = m
		if family.Grows {
			growing[family] = append(growing[family], m)
		} else {
			now.exported = append(now.exported, m)
		}
	}
	for family, metrics := range growing {
		now.exported = append(now.exported, r.limitGrowth(family, metrics)...)
	}
	slices.SortFunc(now.exported, func(x, y *forwarded) int { return compareLabels(x.labels, y.labels) })
	r.forwarder = now
}

// limitGrowth holds the series of a growing family within the limit. Those exported before come first, so that none comes
// and goes; one that is kept out counts when that begins.
func (r *renderer) limitGrowth(family *metric.Family, metrics []*forwarded) (exported []*forwarded) {
	slices.SortFunc(metrics, func(x, y *forwarded) int { return compareLabels(x.labels, y.labels) })
	dropped := 0
	for _, before := range []bool{true, false} {
		for _, m := range metrics {
			if m.exported != before {
				continue
			}
			if m.exported = len(exported) < r.limit; m.exported {
				exported = append(exported, m)
			} else if !m.limited {
				dropped++
			}
			m.limited = true
		}
	}
	r.dropped.add(r.name(), family.Name, dropped)
	return exported
}

// labelsOf returns the labels of a metric, and the standard ones unless its family is global. Those of one that cannot be
// written are missing: its error shows when it is exported.
func (r *renderer) labelsOf(family *metric.Family, m prometheus.Metric) []*dto.LabelPair {
	var written dto.Metric
	_ = m.Write(&written)
	var all []*dto.LabelPair
	if !family.Global {
		all = slices.Clone(r.standard)
	}
	for _, l := range written.Label {
		all = append(all, labelPair(l.GetName(), labelValue(l.GetValue())))
	}
	slices.SortFunc(all, func(x, y *dto.LabelPair) int { return strings.Compare(x.GetName(), y.GetName()) })
	return all
}
