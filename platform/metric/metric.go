// Package metric declares metric families.
//
// A family is declared once, in the package that knows what it means: name, type, labels, help and buckets. Everything
// else is made from that declaration: the instruments that count events, the rows that the collector renders, the list
// that --metrics.list prints and the page docs/metrics.md.
//
// Most families carry StandardLabels. They are not part of a declaration: the collector adds them, so that a client that
// counts requests need not know whose they are.
package metric

import (
	"iter"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// StandardLabels stand on every family that is not Global: the platform, the account's name in the configuration, and
// the region that the account lives in.
var StandardLabels = [...]string{"platform", "account", "region_code"}

// Type is the type of a family, in the words of the exposition format.
type Type string

// The types in use.
const (
	Gauge     Type = "gauge"
	Counter   Type = "counter"
	Histogram Type = "histogram" // classic buckets and native ones
)

// Unix returns a moment as the value of a gauge ending in _timestamp_seconds: seconds since 1970, to the millisecond.
func Unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// Family declares a metric family. It is not modified once it is declared.
type Family struct {
	Name    string
	Type    Type
	Labels  []string  // beyond StandardLabels
	Help    string    // says what is measured, and when the series is absent
	Buckets []float64 // upper bounds of a Histogram's classic buckets
	Global  bool      // about no single account: without StandardLabels
	Grows   bool      // its series grow with what people set up on the platform, so a limit holds them
}

// AllLabels returns the labels of the family as exported: StandardLabels unless it is Global, then its own.
func (f *Family) AllLabels() []string {
	if f.Global {
		return slices.Clone(f.Labels)
	}
	return slices.Concat(StandardLabels[:], f.Labels)
}

// Instrument is a family with the collector that holds its series.
type Instrument struct {
	Family *Family
	prometheus.Collector
	// Zeros yields the labels of counters that are exported as 0 while the collector has none with these labels; nil = there
	// are none. What it yields is good until the next.
	Zeros iter.Seq[[]string]
}

// Set holds the instruments of one client. Its methods make an instrument and add it. The zero value is an empty set. A
// set is complete before its first metric is collected: adding to it later is not safe.
type Set struct{ instruments []Instrument }

// Instruments returns what the set holds, in the order in which it was added.
func (s *Set) Instruments() []Instrument {
	if s == nil {
		return nil
	}
	return s.instruments
}

// Include adds the instruments of another set.
func (s *Set) Include(other *Set) { s.instruments = append(s.instruments, other.Instruments()...) }

func (s *Set) add(f *Family, c prometheus.Collector) {
	s.instruments = append(s.instruments, Instrument{Family: f, Collector: c})
}

// Counters adds a counter for each combination of the family's labels. A series exists from its first use.
func (s *Set) Counters(f *Family) *prometheus.CounterVec {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: f.Name, Help: f.Help}, f.Labels)
	s.add(f, vec)
	return vec
}

// CountersFromZero adds counters like Counters. Those of zeros are exported as 0 from the start, and take no memory until
// they first count: of many accounts with many counters most never do.
func (s *Set) CountersFromZero(f *Family, zeros iter.Seq[[]string]) *prometheus.CounterVec {
	vec := s.Counters(f)
	s.instruments[len(s.instruments)-1].Zeros = zeros
	return vec
}

// Counter adds a counter without labels, which starts at 0.
func (s *Set) Counter(f *Family) prometheus.Counter { return s.Counters(f).WithLabelValues() }

// Gauges adds a gauge for each combination of the family's labels. A series exists from its first use, also when the
// family has no labels: it is absent until it is known.
func (s *Set) Gauges(f *Family) *prometheus.GaugeVec {
	vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: f.Name, Help: f.Help}, f.Labels)
	s.add(f, vec)
	return vec
}

// Gauge adds a gauge without labels, which starts at 0.
func (s *Set) Gauge(f *Family) prometheus.Gauge { return s.Gauges(f).WithLabelValues() }

// GaugeFunc adds a gauge without labels whose value is read when it is collected.
func (s *Set) GaugeFunc(f *Family, value func() float64) {
	s.add(f, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: f.Name, Help: f.Help}, value))
}

// Describe implements prometheus.Collector, for tests and registries that need no StandardLabels.
func (s *Set) Describe(ch chan<- *prometheus.Desc) {
	for _, i := range s.Instruments() {
		i.Describe(ch)
	}
}

// Collect implements prometheus.Collector.
func (s *Set) Collect(ch chan<- prometheus.Metric) {
	for _, i := range s.Instruments() {
		if vec, ok := i.Collector.(*prometheus.CounterVec); ok && i.Zeros != nil {
			for values := range i.Zeros {
				vec.WithLabelValues(values...)
			}
		}
		i.Collect(ch)
	}
}
