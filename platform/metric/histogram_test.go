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

// gathered is what a registry has of a collector, without the times at which histograms and exemplars were made.
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
			m.Histogram.CreatedTimestamp, m.Histogram.Exemplars = nil, nil // client_golang chooses other native exemplars
			for _, b := range m.Histogram.Bucket {
				if b.Exemplar != nil {
					b.Exemplar.Timestamp = nil
				}
			}
		}
	}
	return families
}

// TestHistograms observes what client_golang's histograms observe, and expects the same of both.
func TestHistograms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var set Set
		ours := set.Histograms(waits)
		usual := prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: waits.Name, Help: waits.Help, Buckets: waits.Buckets,
			NativeHistogramBucketFactor: 1.1, NativeHistogramZeroThreshold: zeroThreshold,
		}, waits.Labels)
		label := rapid.SampledFrom([]string{"", "a", "b", "a b"})
		value := rapid.OneOf(rapid.Float64Range(0, 1<<20), rapid.Float64Range(0, 100), rapid.SampledFrom([]float64{0, zeroThreshold, 1, 2, 5, 60, 1 << 20}))
		for range rapid.IntRange(0, 100).Draw(t, "steps") {
			queue, outcome := label.Draw(t, "queue"), label.Draw(t, "outcome")
			switch rapid.IntRange(0, 20).Draw(t, "end") {
			case 0:
				ours.Delete(queue)
				usual.DeletePartialMatch(prometheus.Labels{"queue": queue})
				continue
			case 1:
				ours.Delete(queue, outcome)
				usual.DeleteLabelValues(queue, outcome)
				continue
			case 2, 3: // a scrape in between
				same(t, usual, ours)
				continue
			}
			v, one := value.Draw(t, "value"), usual.WithLabelValues(queue, outcome)
			switch rapid.IntRange(0, 3).Draw(t, "observe") {
			case 0:
				ours.Begin(queue, outcome)
			case 1:
				id := label.Draw(t, "id")
				ours.ObserveWithExemplar(v, "name", id, queue, outcome)
				one.(prometheus.ExemplarObserver).ObserveWithExemplar(v, prometheus.Labels{"name": id})
			default:
				ours.Observe(v, queue, outcome)
				one.Observe(v)
			}
		}
		same(t, usual, ours)
	})
}

// same makes sure that a registry has the same of both.
func same(t rapid.TB, usual, ours prometheus.Collector) {
	t.Helper()
	if diff := cmp.Diff(fmt.Sprint(gathered(t, usual)), fmt.Sprint(gathered(t, ours))); diff != "" {
		t.Fatal("of client_golang (-) and ours (+):", diff)
	}
}

// TestHistogramBounds makes sure that no value makes a bucket beyond the last.
func TestHistogramBounds(t *testing.T) {
	var set Set
	h := set.Histograms(waits)
	for exponent := -1000.0; exponent < 1000; exponent += 0.1 {
		h.Observe(math.Exp2(exponent), "q", "o")
	}
	buckets := 0
	for _, span := range gathered(t, &set)[0].Metric[0].Histogram.PositiveSpan {
		buckets += int(span.GetLength())
	}
	if want := 40 * perPower; buckets != want {
		t.Errorf("%d native buckets, want %d", buckets, want)
	}
}

// TestHistogramsTogether observes, deletes and collects at once.
func TestHistogramsTogether(t *testing.T) {
	var set Set
	h := set.Histograms(waits)
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
