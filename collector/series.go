package collector

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// invalid stands for bytes that are no UTF-8: Prometheus refuses a whole scrape because of one such label.
const invalid = "\uFFFD"

// series gathers the samples of one family and account, within the limit and without duplicates.
type series struct {
	limit   int // 0 = none
	samples []sample
	seen    map[string]bool
	object  int // where the samples of the object at hand begin
	dropped int
}

type sample struct {
	value  float64
	labels []string
}

// add takes a sample, unless there is one with the same labels.
func (s *series) add(value float64, labels ...string) {
	labels = slices.Clone(labels)
	for i := range labels {
		labels[i] = strings.ToValidUTF8(labels[i], invalid)
	}
	key := strings.Join(labels, "\xff")
	if s.seen[key] {
		s.dropped++
		return
	}
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	s.seen[key] = true
	s.samples = append(s.samples, sample{value, labels})
}

// endObject drops the object whose samples were added last when they pass the limit: all of them, so that no state set
// is ever cut in two.
func (s *series) endObject() {
	if s.limit > 0 && len(s.samples) > s.limit {
		s.dropped += len(s.samples) - s.object
		s.samples = s.samples[:s.object]
	}
	s.object = len(s.samples)
}

// rendering is one pass over families of one account. It counts what it drops of sources that are not known from an
// earlier pass.
type rendering[S comparable] struct {
	labels         []string // the standard ones
	limit          int      // per family, 0 = none
	sources, known []S
	dropped        *Dropped
}

func (r rendering[S]) render(families []family[S]) (metrics []prometheus.Metric) {
	for _, f := range families {
		s := series{limit: r.limit}
		for _, source := range r.sources {
			s.dropped = 0
			f.read(source, &s)
			if s.dropped > 0 && !slices.Contains(r.known, source) {
				r.dropped.add(r.labels[1], f.Name, s.dropped)
			}
		}
		kind := prometheus.GaugeValue
		if f.Type == "counter" {
			kind = prometheus.CounterValue
		}
		for _, x := range s.samples {
			metrics = append(metrics, prometheus.MustNewConstMetric(f.desc, kind, x.value, slices.Concat(r.labels, x.labels)...))
		}
	}
	return metrics
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
