package sip

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// Limits bound the load that the probes of the process put on targets and networks.
type Limits struct {
	ProbesPerSecond  float64 `yaml:"probes_per_second"` // bursts begun, evenly spaced; default 100
	ConcurrentProbes int     `yaml:"concurrent_probes"` // default 250
}

// DefaultLimits let 500 targets be probed within 15 s, also when none of them answers.
var DefaultLimits = Limits{ProbesPerSecond: 100, ConcurrentProbes: 250}

// Validate returns every problem, each beginning with its key.
func (l Limits) Validate() (problems []error) {
	if !(l.ProbesPerSecond > 0 && l.ProbesPerSecond <= 10000) { // NaN too
		problems = append(problems, fmt.Errorf("probes_per_second: %v is not within 0 to 10000", l.ProbesPerSecond))
	}
	if l.ConcurrentProbes < 1 || l.ConcurrentProbes > 10000 {
		problems = append(problems, fmt.Errorf("concurrent_probes: %d is not within 1 to 10000", l.ConcurrentProbes))
	}
	return problems
}

// gate enforces Limits, which may change at any time.
type gate struct {
	pace *rate.Limiter

	mu     sync.Mutex
	limits Limits
	places *semaphore.Weighted
}

func newGate() *gate {
	g := &gate{pace: rate.NewLimiter(0, 1)}
	g.set(DefaultLimits)
	return g
}

func (g *gate) set(l Limits) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if l == g.limits {
		return
	}
	g.limits, g.places = l, semaphore.NewWeighted(int64(l.ConcurrentProbes))
	g.pace.SetLimit(rate.Limit(l.ProbesPerSecond))
}

// enter waits until a probe may begin. It fails only when ctx ends first.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	g.mu.Lock()
	places := g.places
	g.mu.Unlock()
	if err := places.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	if err := g.pace.Wait(ctx); err != nil {
		places.Release(1)
		return nil, err
	}
	return func() { places.Release(1) }, nil
}

// LimitError is the error of a probe that was not made because the process already makes as many as the limits allow.
type LimitError struct{ Target string }

func (e *LimitError) Error() string {
	return fmt.Sprintf("target %s: not probed in time, the process is at its limit of probes", e.Target)
}

// Reason classifies the error: our own budget, no fault of the target.
func (e *LimitError) Reason() string { return string(platform.ReasonBudget) }
