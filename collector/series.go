package collector

import (
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// invalid stands for bytes that are no UTF-8: Prometheus refuses a whole scrape because of one such label.
const invalid = "\uFFFD"

// maxLabel is how many bytes of a label's value are exported.
const maxLabel = 256

// labelValue makes a text fit for a label: valid UTF-8, and where it is longer than maxLabel cut with an ellipsis and a
// checksum, so that two long names stay two.
func labelValue(text string) string {
	valid := strings.ToValidUTF8(text, invalid)
	if len(valid) <= maxLabel {
		return valid
	}
	sum := fnv.New32a()
	_, _ = io.WriteString(sum, text) // returns no error
	mark := fmt.Sprintf("…%08x", sum.Sum32())
	end := maxLabel - len(mark)
	for !utf8.RuneStart(valid[end]) {
		end--
	}
	return valid[:end] + mark
}

// rendered is what one family makes of one source, object by object.
type rendered struct {
	metrics []*dto.Metric
	ends    []int // where the metrics of each object end
	dropped int
	fresh   bool // the source was published since the scrape before
}

// endObject notes that the metrics of an object are complete.
func (r *rendered) endObject() {
	if len(r.metrics) > r.lastEnd() {
		r.ends = append(r.ends, len(r.metrics))
	}
}

func (r *rendered) lastEnd() int {
	if len(r.ends) == 0 {
		return 0
	}
	return r.ends[len(r.ends)-1]
}

// render renders one family of a source, with these standard labels.
func render[S any](f *family[S], source S, standard []*dto.LabelPair, common *samples) (out rendered) {
	row := slices.Clone(standard)
	f.read(source, func(value float64, own ...string) {
		row = row[:len(standard)]
		for i, v := range own {
			row = append(row, common.label(f.Labels[i], labelValue(v)))
		}
		labels := make([]*dto.LabelPair, len(row))
		for i, j := range f.order {
			labels[i] = row[j]
		}
		out.metrics = append(out.metrics, common.sample(f.Type, value, labels))
	}, out.endObject)
	return out
}

// series gathers the metrics of one family and account, within the limit and without duplicates.
type series struct {
	rendered
	limit int // 0 = none
	seen  map[string]bool
}

// add adds what was rendered of a source. An object whose metrics pass the limit is dropped, all of it, so that no state set is ever cut
// in two.
func (s *series) add(r rendered) {
	start := 0
	for _, end := range r.ends {
		for _, m := range r.metrics[start:end] {
			s.take(m)
		}
		if s.limit > 0 && len(s.metrics) > s.limit {
			s.dropped += len(s.metrics) - s.lastEnd()
			s.metrics = s.metrics[:s.lastEnd()]
		}
		s.endObject()
		start = end
	}
}

// take adds a metric, unless there is one with the same labels.
func (s *series) take(m *dto.Metric) {
	var key strings.Builder
	for _, pair := range m.Label {
		key.WriteString(*pair.Value)
		key.WriteByte('\xff') // in no label
	}
	if s.seen[key.String()] {
		s.dropped++
		return
	}
	s.seen[key.String()] = true
	s.metrics = append(s.metrics, m)
}

// within drops whole objects until the limit holds.
func (r rendered) within(limit int) rendered {
	if limit == 0 || len(r.metrics) <= limit {
		return r
	}
	s := series{limit: limit, seen: map[string]bool{}}
	s.add(r)
	r.metrics, r.ends, r.dropped = s.metrics, s.ends, s.dropped
	return r
}

// merge joins what one family makes of several sources in the order of the labels, and counts what is dropped of fresh
// ones.
func merge(all []rendered, limit int) (metrics []*dto.Metric, dropped int) {
	for _, r := range all {
		metrics = append(metrics, r.metrics...)
		if r.fresh {
			dropped += r.dropped
		}
	}
	slices.SortFunc(metrics, byLabels)
	if (limit == 0 || len(metrics) <= limit) && !repeats(metrics) {
		return metrics, dropped
	}
	s := series{limit: limit, seen: map[string]bool{}}
	for _, r := range all {
		before := s.dropped
		s.add(r)
		if r.fresh {
			dropped += s.dropped - before
		}
	}
	slices.SortFunc(s.metrics, byLabels)
	return s.metrics, dropped
}

// repeats reports whether two of sorted metrics have the same labels.
func repeats(metrics []*dto.Metric) bool {
	for i := 1; i < len(metrics); i++ {
		if byLabels(metrics[i-1], metrics[i]) == 0 {
			return true
		}
	}
	return false
}

// emit writes a sample. Its methods write the usual kinds of values and leave out what is not known (nil, the zero time).
type emit func(value float64, labels ...string)

func (e emit) count(n int, labels ...string) { e(float64(n), labels...) }

// nonzero writes a number of which 0 means that it is not known.
func (e emit) nonzero(n int, labels ...string) {
	if n != 0 {
		e.count(n, labels...)
	}
}

func (e emit) maybe(v *float64, labels ...string) {
	if v != nil {
		e(*v, labels...)
	}
}

func (e emit) maybeCount(n *int, labels ...string) {
	if n != nil {
		e(float64(*n), labels...)
	}
}

func (e emit) maybeSeconds(d *time.Duration, labels ...string) {
	if d != nil {
		e(d.Seconds(), labels...)
	}
}

// time writes unix seconds, to the millisecond.
func (e emit) time(t time.Time, labels ...string) {
	if !t.IsZero() {
		e(metric.Unix(t), labels...)
	}
}

func (e emit) truth(b bool, labels ...string) {
	if b {
		e(1, labels...)
	} else {
		e(0, labels...)
	}
}

// status writes a state set: a sample for every status, the last label, of which one is 1.
func (e emit) status(current platform.Status, labels ...string) {
	for _, s := range platform.Statuses {
		e.truth(s == current, slices.Concat(labels, []string{s.String()})...)
	}
}
