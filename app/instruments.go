package app

import (
	"math"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// readInstruments returns the values of some families of a set, by family and by one of its labels, summed over all others.
// A family without series is absent.
func readInstruments(set *metric.Set, label string, families ...string) map[string]map[string]float64 {
	values := map[string]map[string]float64{}
	for _, instrument := range set.Instruments() {
		if !slices.Contains(families, instrument.Family.Name) {
			continue
		}
		for _, m := range collect(instrument) {
			value := m.GetGauge().GetValue() + m.GetCounter().GetValue() // it is one or the other
			if math.IsNaN(value) || math.IsInf(value, 0) {
				continue
			}
			of := values[instrument.Family.Name]
			if of == nil {
				of = map[string]float64{}
				values[instrument.Family.Name] = of
			}
			of[labelOf(m, label)] += value
		}
	}
	return values
}

// collect returns the series of a collector.
func collect(c prometheus.Collector) (series []*dto.Metric) {
	collected := make(chan prometheus.Metric)
	go func() {
		defer close(collected)
		c.Collect(collected)
	}()
	for m := range collected {
		written := &dto.Metric{}
		if m.Write(written) == nil {
			series = append(series, written)
		}
	}
	return series
}

func labelOf(m *dto.Metric, name string) string {
	for _, pair := range m.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}
