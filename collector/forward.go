package collector

import (
	"errors"
	"iter"
	"maps"
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
	labels   []string // the values of its own and the standard ones, in the order of the names
	exported bool     // the limit does not keep it out
	limited  bool     // the limit was applied to it in an earlier scrape
}

// forwardedFamily is the metrics of a family that are exported, in the order of their labels.
type forwardedFamily struct {
	*metric.Family
	zeros    []iter.Seq[[]string] // of its instruments
	standard []string
	members  []*forwarded
}

// forward returns the metrics of clients, family by family.
func (r *renderer) forward(sets ...*metric.Set) (chunks []chunk, err error) {
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
		c := chunk{Family: f.Family, metrics: f.metrics}
		if f.Type != metric.Histogram {
			c.samples = f.samples
		}
		chunks = append(chunks, c)
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

// metrics reads the metrics, and adds the zeros that none of them counts.
func (f *forwardedFamily) metrics(memory *scratch, write write) ([]*dto.Metric, error) {
	metrics := make([]*dto.Metric, 0, len(f.members))
	names := namesOf(f.Family)
	var errs []error
	for _, m := range f.members {
		written := &dto.Metric{}
		errs = append(errs, write(m.Metric, written))
		written.Label = memory.takePairs(names, m.labels)
		metrics = append(metrics, written)
	}
	if zeros := f.zeroSamples(&scratch{}); len(zeros) > 0 {
		metrics = append(metrics, metricsOf(f.Family, zeros)...)
		order := func(x, y *dto.Metric) int {
			return slices.CompareFunc(x.Label, y.Label, func(x, y *dto.LabelPair) int { return strings.Compare(x.GetValue(), y.GetValue()) })
		}
		slices.SortStableFunc(metrics, order)
		metrics = slices.CompactFunc(metrics, func(x, y *dto.Metric) bool { return order(x, y) == 0 })
	}
	return metrics, errors.Join(errs...)
}

// samples is metrics for what is no histogram.
func (f *forwardedFamily) samples(memory *scratch) ([]sample, error) {
	samples := memory.sorted[:0]
	var errs []error
	var read dto.Metric
	for _, m := range f.members {
		read.Reset()
		errs = append(errs, m.Write(&read))
		samples = append(samples, sample{labels: m.labels, value: read.GetGauge().GetValue() + read.GetCounter().GetValue()})
	}
	if zeros := f.zeroSamples(memory); len(zeros) > 0 {
		samples = append(samples, zeros...)
		slices.SortStableFunc(samples, byLabels)
		samples = slices.CompactFunc(samples, func(x, y sample) bool { return byLabels(x, y) == 0 })
	}
	memory.sorted = samples
	return samples, errors.Join(errs...)
}

// zeroSamples are the counters that may count.
func (f *forwardedFamily) zeroSamples(memory *scratch) []sample {
	if len(f.zeros) == 0 {
		return nil
	}
	table := family[[]iter.Seq[[]string]]{Family: f.Family, order: orderOf(f.AllLabels()), read: func(all []iter.Seq[[]string], e emit, _ func()) {
		for _, zeros := range all {
			for labels := range zeros {
				e(0, labels...)
			}
		}
	}}
	return render(&table, f.zeros, f.standard, memory).samples
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
		byFamily[family].members = append(byFamily[family].members, m)
	}
	for _, f := range byFamily {
		slices.SortFunc(f.members, byForwarded)
		if f.Grows {
			f.members = r.limitGrowth(f.Family, f.members)
		}
		if len(f.members)+len(f.zeros) > 0 {
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
	slices.SortFunc(exported, byForwarded)
	return exported
}

func byForwarded(x, y *forwarded) int { return compareLabels(x.labels, y.labels) }

// labelsOf returns the labels of a metric, and the standard ones unless its family is global. Those of one that cannot be
// written are missing: its error shows when it is exported.
func (r *renderer) labelsOf(f *metric.Family, m prometheus.Metric) (values []string) {
	var written dto.Metric
	_ = m.Write(&written)
	byName := map[string]string{}
	if !f.Global {
		for i, name := range metric.StandardLabels {
			byName[name] = r.standard[i]
		}
	}
	for _, l := range written.Label {
		byName[l.GetName()] = labelValue(l.GetValue())
	}
	names := slices.Sorted(maps.Keys(byName))
	values = make([]string, len(names))
	for i, name := range names {
		values[i] = byName[name]
	}
	return values
}
