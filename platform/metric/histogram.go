package metric

import (
	"math"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// The native buckets. Both ends have a limit, so that their number has one: 320.
const (
	nativeSchema  = 3               // a bucket ends at 2^(1/8) times the end of the one before
	perPower      = 8               // so many buckets for each power of 2
	zeroThreshold = 1.0 / (1 << 20) // values up to this, a microsecond where they are seconds, count as 0
	lastBucket    = perPower * 20   // ends at 2^20, twelve days in seconds, and holds what is beyond, too
)

// Histograms are histograms, classic and native, one for each combination of a family's labels, which are valid UTF-8. Values are
// finite and not negative. They may be used concurrently.
//
// client_golang's can be observed by many processors at once, for which one takes 2 to 5 kB. Of ours there are many with few
// values each, as each queue and each operation of an account has its own: one takes less than 1 kB.
type Histograms struct {
	family *Family
	desc   *prometheus.Desc

	mu    sync.Mutex
	known map[string]*histogram // by their labels
}

// Histograms adds a histogram, classic and native, for each combination of the family's labels. A series exists from its
// first use.
func (s *Set) Histograms(f *Family) *Histograms {
	h := &Histograms{family: f, desc: prometheus.NewDesc(f.Name, f.Help, f.Labels, nil), known: map[string]*histogram{}}
	s.add(f, h)
	return h
}

// Begin makes the histogram with these values of the family's labels, with no value yet.
func (h *Histograms) Begin(labels ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.of(labels)
}

// Observe counts a value in the histogram with these values of the family's labels.
func (h *Histograms) Observe(value float64, labels ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.of(labels).observe(value)
}

// ObserveWithExemplar counts a value like Observe, of which id under this name is the exemplar. Both are valid UTF-8 of at
// most 128 characters together.
func (h *Histograms) ObserveWithExemplar(value float64, name, id string, labels ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	one := h.of(labels)
	one.observe(value)
	one.exemplify(exemplar{value, name, id, time.Now()})
}

// of returns the histogram with these labels. The caller holds the lock.
func (h *Histograms) of(labels []string) *histogram {
	key := keyOf(make([]byte, 0, 128), labels)
	one := h.known[string(key)]
	if one == nil {
		one = &histogram{all: h, labels: slices.Clone(labels), created: time.Now(), classic: make([]uint32, len(h.family.Buckets)), native: map[int]int64{}}
		h.known[string(key)] = one
	}
	return one
}

// keyOf appends labels to a key.
func keyOf(key []byte, labels []string) []byte {
	for _, label := range labels {
		key = append(append(key, label...), 0xff) // in no label
	}
	return key
}

// Delete ends the histograms whose first labels have these values.
func (h *Histograms) Delete(first ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(first) == len(h.family.Labels) {
		delete(h.known, string(keyOf(nil, first)))
		return
	}
	for key, one := range h.known {
		if slices.Equal(one.labels[:len(first)], first) {
			delete(h.known, key)
		}
	}
}

// Describe implements prometheus.Collector.
func (h *Histograms) Describe(ch chan<- *prometheus.Desc) { ch <- h.desc }

// Collect implements prometheus.Collector.
func (h *Histograms) Collect(ch chan<- prometheus.Metric) {
	h.mu.Lock()
	all := make([]*histogram, 0, len(h.known))
	for _, one := range h.known {
		all = append(all, one)
	}
	h.mu.Unlock()
	for _, one := range all {
		ch <- one
	}
}

// histogram is one histogram. What it counts belongs to the lock of all.
type histogram struct {
	all       *Histograms
	labels    []string
	created   time.Time
	count     uint64
	sum       float64
	classic   []uint32 // by the family's buckets; a value beyond the last is in count alone
	zeros     uint64
	native    map[int]int64
	exemplars []exemplar        // at most one of each classic bucket
	writer    prometheus.Metric // of the exemplars; nil until they are written
}

type exemplar struct {
	value    float64
	name, id string
	at       time.Time
}

// bucket is the place of a value's classic bucket; after the last for one beyond.
func (h *histogram) bucket(value float64) int {
	i, _ := slices.BinarySearch(h.all.family.Buckets, value)
	return i
}

func (h *histogram) observe(value float64) {
	h.count++
	h.sum += value
	if i := h.bucket(value); i < len(h.classic) {
		h.classic[i]++
	}
	if value <= zeroThreshold {
		h.zeros++
	} else {
		h.native[int(min(math.Ceil(math.Log2(value)*perPower), lastBucket))]++
	}
}

// exemplify keeps an exemplar in the place of the one before of its bucket.
func (h *histogram) exemplify(e exemplar) {
	bucket := h.bucket(e.value)
	h.writer = nil
	h.exemplars = append(slices.DeleteFunc(h.exemplars, func(old exemplar) bool { return h.bucket(old.value) == bucket }), e)
}

// Desc implements prometheus.Metric.
func (h *histogram) Desc() *prometheus.Desc { return h.all.desc }

// Write implements prometheus.Metric.
func (h *histogram) Write(to *dto.Metric) error {
	h.all.mu.Lock()
	defer h.all.mu.Unlock()
	written, err := prometheus.NewConstNativeHistogram(h.all.desc, h.count, h.sum, h.native, nil, h.zeros, nativeSchema, zeroThreshold, h.created, h.labels...)
	if err == nil {
		err = written.Write(to)
	}
	if err != nil {
		return err
	}
	buckets, upTo := make([]dto.Bucket, len(h.classic)), make([]uint64, len(h.classic))
	to.Histogram.Bucket = make([]*dto.Bucket, len(h.classic))
	sum := uint64(0)
	for i, count := range h.classic {
		sum += uint64(count)
		upTo[i] = sum
		buckets[i].UpperBound, buckets[i].CumulativeCount = &h.all.family.Buckets[i], &upTo[i]
		to.Histogram.Bucket[i] = &buckets[i]
	}
	return h.writeExemplars(to)
}

func (h *histogram) writeExemplars(to *dto.Metric) error {
	if len(h.exemplars) == 0 {
		return nil
	}
	if h.writer == nil {
		var exemplars []prometheus.Exemplar
		for _, e := range h.exemplars {
			exemplars = append(exemplars, prometheus.Exemplar{Value: e.value, Labels: prometheus.Labels{e.name: e.id}, Timestamp: e.at})
		}
		writer, err := prometheus.NewMetricWithExemplars(done{}, exemplars...)
		if err != nil {
			return err
		}
		h.writer = writer
	}
	return h.writer.Write(to)
}

// done is a metric that is written already, but for its exemplars.
type done struct{}

// Desc implements prometheus.Metric.
func (done) Desc() *prometheus.Desc { return nil }

// Write implements prometheus.Metric.
func (done) Write(*dto.Metric) error { return nil }
