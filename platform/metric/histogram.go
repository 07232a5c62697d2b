package metric

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
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
		one = &histogram{all: h, key: string(key), created: time.Now().UnixNano(), classic: make([]uint32, len(h.family.Buckets))}
		h.known[one.key] = one
	}
	return one
}

// separator ends each label of a key. It is in no label.
const separator = "\xff"

// keyOf appends labels to a key.
func keyOf(key []byte, labels []string) []byte {
	for _, label := range labels {
		key = append(append(key, label...), separator...)
	}
	return key
}

// Delete ends the histograms whose first labels have these values.
func (h *Histograms) Delete(first ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	prefix := string(keyOf(nil, first))
	maps.DeleteFunc(h.known, func(key string, _ *histogram) bool { return strings.HasPrefix(key, prefix) })
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
	key       string // its labels
	created   int64  // nanoseconds since 1970
	count     uint64
	sum       float64
	classic   []uint32 // by the family's buckets; a value beyond the last is in count alone
	zeros     uint64
	native    []nativeBucket // by their index; those of no value are left out
	exemplars *exemplars     // nil until there is one
}

// nativeBucket is a native bucket that holds values.
type nativeBucket struct {
	index int16
	count uint32
}

// exemplars are those of a histogram.
type exemplars struct {
	all    []exemplar        // at most one of each classic bucket
	writer prometheus.Metric // nil until they are written
}

type exemplar struct {
	value    float64
	name, id string
	at       time.Time
}

// labels are the values of the family's labels.
func (h *histogram) labels() []string {
	return strings.Split(h.key, separator)[:len(h.all.family.Labels)]
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
		return
	}
	index := int16(min(math.Ceil(math.Log2(value)*perPower), lastBucket))
	i, found := slices.BinarySearchFunc(h.native, index, func(b nativeBucket, index int16) int { return cmp.Compare(b.index, index) })
	if !found {
		h.native = slices.Insert(h.native, i, nativeBucket{index: index})
	}
	h.native[i].count++
}

// exemplify keeps an exemplar in the place of the one before of its bucket.
func (h *histogram) exemplify(e exemplar) {
	if h.exemplars == nil {
		h.exemplars = &exemplars{}
	}
	bucket, of := h.bucket(e.value), h.exemplars
	of.writer = nil
	of.all = append(slices.DeleteFunc(of.all, func(old exemplar) bool { return h.bucket(old.value) == bucket }), e)
}

// Desc implements prometheus.Metric.
func (h *histogram) Desc() *prometheus.Desc { return h.all.desc }

// Write implements prometheus.Metric.
func (h *histogram) Write(to *dto.Metric) error {
	h.all.mu.Lock()
	defer h.all.mu.Unlock()
	native := make(map[int]int64, len(h.native))
	for _, b := range h.native {
		native[int(b.index)] = int64(b.count)
	}
	written, err := prometheus.NewConstNativeHistogram(
		h.all.desc, h.count, h.sum, native, nil, h.zeros, nativeSchema, zeroThreshold, time.Unix(0, h.created), h.labels()...)
	if err == nil {
		err = written.Write(to)
	}
	if err != nil {
		return err
	}
	return h.writeClassic(to)
}

// WriteClassic is Write without the labels and what only the protobuf format can say: native buckets and the time of creation.
func (h *histogram) WriteClassic(to *dto.Metric) error {
	h.all.mu.Lock()
	defer h.all.mu.Unlock()
	to.Histogram = &dto.Histogram{SampleCount: new(h.count), SampleSum: new(h.sum)}
	return h.writeClassic(to)
}

func (h *histogram) writeClassic(to *dto.Metric) error {
	buckets, upTo := make([]dto.Bucket, len(h.classic)), make([]uint64, len(h.classic))
	to.Histogram.Bucket = make([]*dto.Bucket, len(h.classic))
	sum := uint64(0)
	for i, count := range h.classic {
		sum += uint64(count)
		upTo[i] = sum
		buckets[i].UpperBound, buckets[i].CumulativeCount = &h.all.family.Buckets[i], &upTo[i]
		to.Histogram.Bucket[i] = &buckets[i]
	}
	if h.exemplars == nil {
		return nil
	}
	return h.exemplars.write(to)
}

func (of *exemplars) write(to *dto.Metric) error {
	if of.writer == nil {
		var all []prometheus.Exemplar
		for _, e := range of.all {
			all = append(all, prometheus.Exemplar{Value: e.value, Labels: prometheus.Labels{e.name: e.id}, Timestamp: e.at})
		}
		writer, err := prometheus.NewMetricWithExemplars(done{}, all...)
		if err != nil {
			return err
		}
		of.writer = writer
	}
	return of.writer.Write(to)
}

// done is a metric that is written already, but for its exemplars.
type done struct{}

// Desc implements prometheus.Metric.
func (done) Desc() *prometheus.Desc { return nil }

// Write implements prometheus.Metric.
func (done) Write(*dto.Metric) error { return nil }
