// Package settings holds building blocks of the configuration file: values that several sections share, and strict
// reading of YAML that reports every problem at once, each with its path.
package settings

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/common/model"
)

// Interval is a minimum interval in a configuration file: a duration such as 15s, or off (0).
type Interval time.Duration

// UnmarshalYAML reads a duration or the word off.
func (i *Interval) UnmarshalYAML(unmarshal func(any) error) error {
	var text string
	if err := unmarshal(&text); err != nil {
		return err
	}
	if text == "off" {
		*i = 0
		return nil
	}
	d, err := model.ParseDuration(text)
	if err != nil || d == 0 {
		return fmt.Errorf("%q is no interval, expected a duration such as 15s, or off", text)
	}
	*i = Interval(d)
	return nil
}

// MarshalYAML writes what UnmarshalYAML reads.
func (i Interval) MarshalYAML() (any, error) { return i.String(), nil }

func (i Interval) String() string {
	if i == 0 {
		return "off"
	}
	return model.Duration(i).String()
}

// Thresholds turn measurements into statuses.
type Thresholds struct {
	// APILatencyDegraded is the latency of the API probe above which the API counts as degraded.
	APILatencyDegraded model.Duration `yaml:"api_latency_degraded"`
	// DataPlaneDegraded is the share of operational edges, trunks or SIP probes, each kind by itself, below which the data
	// plane is degraded.
	DataPlaneDegraded float64 `yaml:"data_plane_degraded"`
	// DataPlaneCritical is the share of edges, trunks or SIP probes, likewise, that still carry calls, at or below which the
	// data plane is critical.
	DataPlaneCritical float64 `yaml:"data_plane_critical"`
}

// DefaultThresholds are used where the configuration names none.
var DefaultThresholds = Thresholds{
	APILatencyDegraded: model.Duration(800 * time.Millisecond),
	DataPlaneDegraded:  1,
	DataPlaneCritical:  0,
}

// UnmarshalYAML fills in the defaults.
func (t *Thresholds) UnmarshalYAML(unmarshal func(any) error) error {
	type plain Thresholds
	*t = DefaultThresholds
	return unmarshal((*plain)(t))
}

// Validate returns every problem, each beginning with its key.
func (t Thresholds) Validate() (problems []error) {
	if t.APILatencyDegraded <= 0 {
		problems = append(problems, fmt.Errorf("api_latency_degraded: %v is not positive", t.APILatencyDegraded))
	}
	for _, share := range []struct {
		key   string
		value float64
	}{{"data_plane_degraded", t.DataPlaneDegraded}, {"data_plane_critical", t.DataPlaneCritical}} {
		if !(share.value >= 0 && share.value <= 1) {
			problems = append(problems, fmt.Errorf("%s: %v is no share, expected 0 to 1", share.key, share.value))
		}
	}
	if t.DataPlaneCritical == 1 {
		problems = append(problems, errors.New("data_plane_critical: 1 is always reached, expected less"))
	}
	if t.DataPlaneCritical > t.DataPlaneDegraded {
		problems = append(problems, fmt.Errorf("data_plane_critical: %v is above data_plane_degraded (%v)",
			t.DataPlaneCritical, t.DataPlaneDegraded))
	}
	return problems
}
