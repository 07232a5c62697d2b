package collector

import (
	"errors"
	"iter"
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
	families []*forwardedFamily
}

// forwarded is a metric of a client.
type forwarded struct {
	prometheus.Metric
	labels   []*dto.LabelPair // its own and the standard ones
	exported bool             // the limit does not keep it out
	limited  bool             // the limit was applied to it in an earlier scrape
}

// forwardedFamily is the metrics of a family that are exported, in the order of their labels.
type forwardedFamily struct {
	*metric.Family
	zeros    []func() [][]string // of its instruments
	standard []*dto.LabelPair
	metrics  []*forwarded
	values   []float64 // of the metrics when the chunk was made
	chunk    *chunk    // nil before the first scrape
}

// forward returns the metrics of clients, family by family.
func (r *renderer) forward(sets ...*metric.Set) (chunks []*chunk, err error) {
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	n, changed := 0, r.forwarder.known == nil
	for m := range collect(sets, note) {
		n, changed = n+1, changed || r.forwarder.known[m] == nil
	}
	if changed || n != len(r.forwarder.known) {
		r.prepare(sets, note)
	}
	for _, f := range r.forwarder.families {
		if err := f.update(); err != nil {
			errs = append(errs, err)
		}
		chunks = append(chunks, f.chunk)
	}
	return chunks, errors.Join(errs...)
}

// collect visits every metric of the sets. Instruments hand theirs out in any order; one that panics is noted.
func collect(sets []*metric.Set, note func(error)) iter.Seq2[prometheus.Metric, *metric.Family] {
	return func(yield func(prometheus.Metric, *metric.Family) bool) {
		raw, more := make(chan prometheus.Metric, 64), true
		for instrument := range instruments(sets) {
			var err error
			go func() {
				err = guard.Func(func() error { instrument.Collect(raw); return nil })()
				raw <- nil
			}()
			for m := <-raw; m != nil; m = <-raw { // to the end, or the goroutine would not
				more = more && yield(m, instrument.Family)
			}
			if err != nil {
				note(err)
			}
		}
	}
}

func instruments(sets []*metric.Set) iter.Seq[metric.Instrument] {
	return func(yield func(metric.Instrument) bool) {
		for _, set := range sets {
			for _, instrument := range set.Instruments() {
				if !yield(instrument) {
					return
				}
			}
		}
	}
}

// update makes another chunk when the value of a metric has changed.
func (f *forwardedFamily) update() error {
	var errs []error
	changed, read := f.chunk == nil, &dto.Metric{}
	for i, m := range f.metrics {
		read.Reset()
		if err := m.Write(read); err != nil {
			errs = append(errs, err)
		}
		value := valueOf(read)
		changed, f.values[i] = changed || value != f.values[i], value
	}
	if changed {
		f.chunk = &chunk{family: f.Family, render: f.read}
	}
	return errors.Join(errs...)
}

// read reads the metrics, and adds the zeros that none of them counts.
func (f *forwardedFamily) read() []*dto.Metric {
	metrics := make([]*dto.Metric, 0, len(f.metrics))
	for _, m := range f.metrics {
		written := &dto.Metric{}
		_ = m.Write(written) // update has reported an error
		written.Label = m.labels
		metrics = append(metrics, written)
	}
	var zeros [][]string
	for _, of := range f.zeros {
		zeros = append(zeros, of()...)
	}
	if len(zeros) == 0 {
		return metrics
	}
	table := family[[][]string]{Family: f.Family, order: orderOf(f.AllLabels()), read: func(all [][]string, e emit, _ func()) {
		for _, labels := range all {
			e(0, labels...)
		}
	}}
	metrics = append(metrics, render(&table, zeros, f.standard, newSamples()).metrics...)
	slices.SortStableFunc(metrics, byLabels)
	return slices.CompactFunc(metrics, func(x, y *dto.Metric) bool { return byLabels(x, y) == 0 })
}

// valueOf is the value of a metric, or the number of its observations. What else there is of one, such as exemplars,
// changes with it.
func valueOf(m *dto.Metric) float64 {
	return m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
}

// prepare completes the labels of what has come, and forgets what has gone.
func (r *renderer) prepare(sets []*metric.Set, note func(error)) {
	now := forwarder{known: map[prometheus.Metric]*forwarded{}}
	byFamily := map[*metric.Family]*forwardedFamily{}
	for instrument := range instruments(sets) {
		f := byFamily[instrument.Family]
		if f == nil {
			f = &forwardedFamily{Family: instrument.Family}
			if !f.Global {
				f.standard = r.standard
			}
			byFamily[instrument.Family] = f
		}
		if instrument.Zeros != nil {
			f.zeros = append(f.zeros, instrument.Zeros)
		}
	}
	for raw, family := range collect(sets, note) {
		m := r.forwarder.known[raw]
		if m == nil {
			m = &forwarded{Metric: raw, labels: r.labelsOf(family, raw)}
		}
		now.known[raw] = m
		byFamily[family].metrics = append(byFamily[family].metrics, m)
	}
	for _, f := range byFamily {
		slices.SortFunc(f.metrics, func(x, y *forwarded) int { return compareLabels(x.labels, y.labels) })
		if f.Grows {
			f.metrics = r.limitGrowth(f.Family, f.metrics)
		}
		if len(f.metrics)+len(f.zeros) > 0 {
			f.values = make([]float64, len(f.metrics))
			now.families = append(now.families, f)
		}
	}
	r.forwarder = now
}

// limitGrowth holds the series of a growing family within the limit. Those exported before come first, so that none comes
// and goes; one that is kept out counts when that begins.
func (r *renderer) limitGrowth(family *metric.Family, metrics []*forwarded) (exported []*forwarded) {
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
	slices.SortFunc(exported, func(x, y *forwarded) int { return compareLabels(x.labels, y.labels) })
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
		if value := labelValue(l.GetValue()); value != l.GetValue() {
			l = labelPair(l.GetName(), value)
		}
		all = append(all, l) // shared with the metric
	}
	slices.SortFunc(all, func(x, y *dto.LabelPair) int { return strings.Compare(x.GetName(), y.GetName()) })
	return all
}
