package collector

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// broken is an account that cannot be rendered.
type broken struct{}

func (broken) Name() string             { return "broken" }
func (broken) State() feed.AccountState { panic("broken") }

// TestPanic: an account that panics ends neither the process nor the page of the others.
func TestPanic(t *testing.T) {
	families, err := New(append(accounts(genesysState()), broken{}), Options{}).Gather()
	if err == nil || !strings.Contains(err.Error(), "broken") || len(families) == 0 {
		t.Errorf("Gather = %d families, %v, want those of the other account and an error", len(families), err)
	}
}

// TestPanicOfAnInstrument: neither a client's instrument nor another gatherer brings the page down.
func TestPanicOfAnInstrument(t *testing.T) {
	state := genesysState()
	state.Metrics = &metric.Set{}
	state.Metrics.GaugeFunc(&metric.Family{Name: "ccaas_broken", Type: metric.Gauge, Help: "Broken."}, func() float64 { panic("broken") })
	all := Join(New(accounts(state), Options{}), prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { panic("beside") }))
	families, err := all.Gather()
	if err == nil || !strings.Contains(err.Error(), "broken") || !strings.Contains(err.Error(), "beside") || len(families) == 0 {
		t.Errorf("Gather = %d families, %v, want the others and both errors", len(families), err)
	}
}
