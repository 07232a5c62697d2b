package metric

import (
	"math"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// The native buckets of sparse histograms. Both ends have a limit, so that their number has one: 240.
const (
	sparseSchema  = 3             // a bucket ends at 2^(1/8) times the end of the one before
	perPower      = 8             // so many buckets for each power of 2
	zeroThreshold = 1.0 / 1024    // values up to this count as 0: a millisecond is as fine as the platforms' times are
	lastOfSparse  = perPower * 20 // the bucket that ends at 2^20, twelve days in seconds, holds what is beyond, too
)

// SparseHistograms are histograms, classic and native, of which there are many with few values each: what grows with the
// queues and not with the requests. One takes less than 1 kB, where one of Set.Histograms takes 2 to 5 kB. Values are
// finite and not negative. It may be used concurrently.
type SparseHistograms struct {
	family *Family
	desc   *prometheus.Desc

	mu    sync.Mutex
	known map[string]*sparse // by their labels
}

// SparseHistograms adds a histogram, classic and native, for each combination of the family's labels. A series exists from
// its first use.
func (s *Set) SparseHistograms(f *Family) *SparseHistograms {
	h := &SparseHistograms{family: f, desc: prometheus.NewDesc(f.Name, f.Help, f.Labels, nil), known: map[string]*sparse{}}
	s.add(f, h)
	return h
}

// Observe counts a value in the histogram with these values of the family's labels.
func (h *SparseHistograms) Observe(value float64, labels ...string) {
	var room [128]byte
	key := room[:0]
	for _, label := range labels {
		key = append(append(key, label...), 0xff) // in no label
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	one := h.known[string(key)]
	if one == nil {
		one = &sparse{of: h, labels: slices.Clone(labels), created: time.Now(), classic: make([]uint32, len(h.family.Buckets)), native: map[int]int64{}}
		h.known[string(key)] = one
	}
	one.observe(value)
}

// Delete ends the histograms whose first label has this value.
func (h *SparseHistograms) Delete(first string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, one := range h.known {
		if one.labels[0] == first {
			delete(h.known, key)
		}
	}
}

// Describe implements prometheus.Collector.
func (h *SparseHistograms) Describe(ch chan<- *prometheus.Desc) { ch <- h.desc }

// Collect implements prometheus.Collector.
func (h *SparseHistograms) Collect(ch chan<- prometheus.Metric) {
	h.mu.Lock()
	all := make([]*sparse, 0, len(h.known))
	for _, one := range h.known {
		all = append(all, one)
	}
	h.mu.Unlock()
	for _, one := range all {
		ch <- one
	}
}

// sparse is one histogram. Its counts belong to the lock of all.
type sparse struct {
	of      *SparseHistograms
	labels  []string
	created time.Time
	count   uint64
	sum     float64
	classic []uint32 // by the family's buckets; a value beyond the last is in count alone
	zeros   uint64
	native  map[int]int64
}

func (s *sparse) observe(value float64) {
	s.count++
	s.sum += value
	if i, _ := slices.BinarySearch(s.of.family.Buckets, value); i < len(s.classic) {
		s.classic[i]++
	}
	if value <= zeroThreshold {
		s.zeros++
	} else {
		s.native[int(min(math.Ceil(math.Log2(value)*perPower), lastOfSparse))]++
	}
}

// Desc implements prometheus.Metric.
func (s *sparse) Desc() *prometheus.Desc { return s.of.desc }

// Write implements prometheus.Metric.
func (s *sparse) Write(to *dto.Metric) error {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	native, err := prometheus.NewConstNativeHistogram(s.of.desc, s.count, s.sum, s.native, nil, s.zeros, sparseSchema, zeroThreshold, s.created, s.labels...)
	if err != nil {
		return err
	}
	err = native.Write(to)
	upTo := uint64(0)
	for i, count := range s.classic {
		upTo += uint64(count)
		to.Histogram.Bucket = append(to.Histogram.Bucket, &dto.Bucket{UpperBound: &s.of.family.Buckets[i], CumulativeCount: new(upTo)})
	}
	return err
}
