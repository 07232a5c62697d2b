package collector

import (
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// invalid stands for bytes that are no UTF-8: Prometheus refuses a whole scrape because of one such label.
const invalid = "\uFFFD"

// block is what one family makes of one source.
type block struct {
	metrics []*dto.Metric
	ends    []int // where the metrics of each object end
	dropped int
	fresh   bool // the source was published since the scrape before
}

// series gathers the metrics of one family and account, within the limit and without duplicates.
type series struct {
	block
	limit int // 0 = none
	seen  map[string]bool
}

// take adds a metric, unless there is one with the same labels.
func (s *series) take(m *dto.Metric) {
	key := keyOf(m)
	if s.seen[key] {
		s.dropped++
		return
	}
	s.seen[key] = true
	s.metrics = append(s.metrics, m)
}

// endObject drops the object whose metrics were added last when they pass the limit: all of them, so that no state set
// is ever cut in two.
func (s *series) endObject() {
	start := 0
	if n := len(s.ends); n > 0 {
		start = s.ends[n-1]
	}
	if s.limit > 0 && len(s.metrics) > s.limit {
		s.dropped += len(s.metrics) - start
		s.metrics = s.metrics[:start]
	}
	if len(s.metrics) > start {
		s.ends = append(s.ends, len(s.metrics))
	}
}

// render makes a family's block of a source. Labels are the standard ones.
func render[S any](f *family[S], source S, labels []string, shared pairs, limit int) block {
	s := series{limit: limit, seen: map[string]bool{}}
	values := slices.Clone(labels)
	f.read(source, func(value float64, own ...string) {
		values = values[:len(labels)]
		for _, v := range own {
			values = append(values, strings.ToValidUTF8(v, invalid))
		}
		s.take(sample(&f.Family, value, f.layout.pairs(shared, values)))
	}, s.endObject)
	return s.block
}

// keyOf tells the metrics of a family apart by their labels.
func keyOf(m *dto.Metric) string {
	var key strings.Builder
	for _, pair := range m.Label {
		key.WriteString(*pair.Value)
		key.WriteByte('\xff') // in no label
	}
	return key.String()
}

// merge joins what one family makes of several sources, and counts what is dropped of fresh ones.
func merge(blocks []block, limit int) (metrics []*dto.Metric, dropped int) {
	if len(blocks) == 1 && !blocks[0].fresh {
		return blocks[0].metrics, 0
	} else if len(blocks) == 1 {
		return blocks[0].metrics, blocks[0].dropped
	}
	s := series{limit: limit, seen: map[string]bool{}}
	for _, b := range blocks {
		s.dropped = b.dropped
		start := 0
		for _, end := range b.ends {
			for i := start; i < end; i++ {
				s.take(b.metrics[i])
			}
			s.endObject()
			start = end
		}
		if b.fresh {
			dropped += s.dropped
		}
	}
	return s.metrics, dropped
}

// emit takes a sample. Its methods write what is often needed; what is not known (nil, the zero time) they leave out.
type emit func(value float64, labels ...string)

func (e emit) count(n int, labels ...string) { e(float64(n), labels...) }

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
		e(float64(t.UnixMilli())/1000, labels...)
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
