package metric

import (
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"pgregory.net/rapid"
)

var waits = &Family{Name: "waits_seconds", Type: Histogram, Labels: []string{"queue", "outcome"}, Help: "Waits.", Buckets: []float64{1, 5, 60}}

// gathered is what a registry has of a collector, without the times at which the histograms were made.
func gathered(t rapid.TB, c prometheus.Collector) []*dto.MetricFamily {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.Metric {
			m.Histogram.CreatedTimestamp = nil
		}
	}
	return families
}

// TestSparseHistograms observes what client_golang's histograms observe, and expects the same of both.
func TestSparseHistograms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var set Set
		sparse := set.SparseHistograms(waits)
		usual := prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: waits.Name, Help: waits.Help, Buckets: waits.Buckets,
			NativeHistogramBucketFactor: 1.1, NativeHistogramZeroThreshold: zeroThreshold,
		}, waits.Labels)
		label := rapid.SampledFrom([]string{"", "a", "b", "a b"})
		value := rapid.OneOf(rapid.Float64Range(0, 1<<20), rapid.Float64Range(0, 100), rapid.SampledFrom([]float64{0, zeroThreshold, 1, 2, 5, 60, 1 << 20}))
		for range rapid.IntRange(0, 100).Draw(t, "steps") {
			queue, outcome := label.Draw(t, "queue"), label.Draw(t, "outcome")
			if rapid.IntRange(0, 20).Draw(t, "act") == 0 {
				sparse.Delete(queue)
				usual.DeletePartialMatch(prometheus.Labels{"queue": queue})
				continue
			}
			v := value.Draw(t, "value")
			sparse.Observe(v, queue, outcome)
			usual.WithLabelValues(queue, outcome).Observe(v)
		}
		if diff := cmp.Diff(fmt.Sprint(gathered(t, usual)), fmt.Sprint(gathered(t, sparse))); diff != "" {
			t.Fatal("of client_golang (-) and ours (+):", diff)
		}
	})
}

// TestSparseBounds makes sure that no value makes a bucket beyond the last.
func TestSparseBounds(t *testing.T) {
	var set Set
	h := set.SparseHistograms(waits)
	for exponent := -1000.0; exponent < 1000; exponent += 0.1 {
		h.Observe(math.Exp2(exponent), "q", "o")
	}
	buckets := 0
	for _, span := range gathered(t, &set)[0].Metric[0].Histogram.PositiveSpan {
		buckets += int(span.GetLength())
	}
	if want := 30 * perPower; buckets != want {
		t.Errorf("%d native buckets, want %d", buckets, want)
	}
}

// TestSparseTogether observes, deletes and collects at once.
func TestSparseTogether(t *testing.T) {
	var set Set
	h := set.SparseHistograms(waits)
	var working sync.WaitGroup
	for _, work := range []func(){
		func() { h.Observe(3, "q", "answered") },
		func() { h.Observe(3, "r", "answered") },
		func() { h.Delete("q") },
		func() { gathered(t, &set) },
	} {
		working.Go(func() {
			for range 200 {
				work()
			}
		})
	}
	working.Wait()
	h.Delete("q")
	if got := gathered(t, &set)[0].Metric; len(got) != 1 || got[0].Histogram.GetSampleCount() != 200 {
		t.Errorf("%v, want 200 of r", got)
	}
}
