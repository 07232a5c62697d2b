package collector

import (
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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

// rendered is what one family makes of one source.
type rendered struct {
	samples []sample // object by object
	dropped int
	fresh   bool // the source was published since the scrape before
}

// render renders one family of a source, with these values of the standard labels.
func render[S any](f *family[S], source S, standard []string, memory *scratch) rendered {
	begin := len(memory.samples)
	f.read(source, func(value float64, own ...string) {
		labels := memory.take(len(f.order))
		for i, j := range f.order {
			if j < len(standard) {
				labels[i] = standard[j]
			} else {
				labels[i] = labelValue(own[j-len(standard)])
			}
		}
		memory.samples = append(memory.samples, sample{labels: labels, value: value})
	}, func() {
		if end := len(memory.samples); end > begin {
			memory.samples[end-1].last = true
		}
	})
	return rendered{samples: memory.samples[begin:]}
}

// series gathers the samples of one family and account, within the limit and without duplicates.
type series struct {
	samples []sample
	end     int // of the samples of the last whole object
	dropped int
	limit   int // 0 = none
	seen    map[string]bool
}

// add adds what was rendered of a source. An object whose samples pass the limit is dropped, all of it, so that no state set is ever cut
// in two.
func (s *series) add(r rendered) {
	for _, one := range r.samples {
		key := strings.Join(one.labels, "\xff") // in no label
		if s.seen[key] {
			s.dropped++
		} else {
			s.seen[key] = true
			s.samples = append(s.samples, one)
		}
		if one.last {
			s.endObject()
		}
	}
}

func (s *series) endObject() {
	if s.limit > 0 && len(s.samples) > s.limit {
		s.dropped += len(s.samples) - s.end
		s.samples = s.samples[:s.end]
	}
	if len(s.samples) > s.end {
		s.end = len(s.samples)
		s.samples[s.end-1].last = true // where the last one was dropped
	}
}

// within drops whole objects until the limit holds.
func (r rendered) within(limit int) rendered {
	if limit == 0 || len(r.samples) <= limit {
		return r
	}
	s := series{limit: limit, seen: map[string]bool{}}
	s.add(r)
	return rendered{samples: s.samples, dropped: s.dropped}
}

// merge joins what one family makes of several sources in the order of the labels, and counts what is dropped of fresh
// ones.
func merge(all []rendered, limit int, memory *scratch) (samples []sample, dropped int) {
	samples = memory.sorted[:0]
	for _, r := range all {
		samples = append(samples, r.samples...)
		if r.fresh {
			dropped += r.dropped
		}
	}
	memory.sorted = samples
	slices.SortFunc(samples, byLabels)
	if (limit == 0 || len(samples) <= limit) && !repeats(samples) {
		return samples, dropped
	}
	s := series{limit: limit, seen: map[string]bool{}}
	for _, r := range all {
		before := s.dropped
		s.add(r)
		if r.fresh {
			dropped += s.dropped - before
		}
	}
	slices.SortFunc(s.samples, byLabels)
	return s.samples, dropped
}

// repeats reports whether two of sorted samples have the same labels.
func repeats(samples []sample) bool {
	for i := 1; i < len(samples); i++ {
		if byLabels(samples[i-1], samples[i]) == 0 {
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
