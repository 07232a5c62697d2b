package rest

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

const (
	breakerFailures = 5                // in a row open the breaker
	breakerOpen     = 30 * time.Second // until one request is let through to try
)

type breaker = gobreaker.CircuitBreaker[struct{}]

// endpoint is what a breaker protects: an operation at a host, or, without an operation, the way to the host.
type endpoint struct{ host, operation string }

// breakers hold requests back that would fail as the ones before did. An operation that fails again and again is held
// back alone, because the others may well work. All requests to a host are held back only when no connection to it can
// be made. A probe is never held back: it is the request that finds out whether the host can be reached again.
type breakers struct {
	logger *slog.Logger
	mu     sync.Mutex
	all    map[endpoint]*breaker
}

func newBreakers(logger *slog.Logger) *breakers {
	return &breakers{logger: logger, all: map[endpoint]*breaker{}}
}

// run runs a request unless a breaker holds it back, and lets the breakers see the outcome.
func (b *breakers) run(to endpoint, probe bool, request func() *Error) *Error {
	host := endpoint{host: to.host}
	if !probe {
		return execute(b.of(host), func() *Error { return execute(b.of(to), request) })
	}
	sent := false
	failed := execute(b.of(host), func() *Error {
		sent = true
		return request()
	})
	if sent {
		return failed
	}
	if failed = request(); failed == nil || !failed.unreached && !failed.local {
		b.reset(host)
	}
	return failed
}

func execute(b *breaker, request func() *Error) *Error {
	_, err := b.Execute(func() (struct{}, error) {
		if failed := request(); failed != nil {
			return struct{}{}, failed
		}
		return struct{}{}, nil
	})
	if failed, ok := errors.AsType[*Error](err); ok || err == nil {
		return failed
	}
	return &Error{
		reason: platform.ReasonBreakerOpen, Message: b.Name() + " failed again and again and is left alone for a while",
		cause: err, local: true, logged: true,
	}
}

// of returns the breaker of an endpoint.
func (b *breakers) of(to endpoint) *breaker {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all[to] == nil {
		b.all[to] = gobreaker.NewCircuitBreaker[struct{}](b.settings(to))
	}
	return b.all[to]
}

func (b *breakers) settings(to endpoint) gobreaker.Settings {
	name, attributes, counts := "operation", []any{"host", to.host, "operation", to.operation}, (*Error).outage
	if to.operation == "" {
		name, attributes, counts = "host", attributes[:2], (*Error).unreachable
	}
	return gobreaker.Settings{
		Name:        name,
		Timeout:     breakerOpen,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= breakerFailures },
		// A request that was not sent shows nothing. A failure to connect shows nothing about the operation.
		IsExcluded: func(err error) bool {
			e, ok := errors.AsType[*Error](err)
			return ok && (e.local || e.unreached && to.operation != "")
		},
		IsSuccessful: func(err error) bool { e, ok := errors.AsType[*Error](err); return !ok || !counts(e) },
		// The trials between are no changes: an outage is one line when it begins and one when it ends.
		OnStateChange: func(_ string, from, now gobreaker.State) {
			switch {
			case from == gobreaker.StateClosed:
				b.logger.Warn("circuit breaker opened", attributes...)
			case now == gobreaker.StateClosed:
				b.logger.Info("circuit breaker closed", attributes...)
			}
		},
	}
}

// reset closes the breaker of a host that a probe has reached.
func (b *breakers) reset(host endpoint) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if open := b.all[host]; open != nil && open.State() != gobreaker.StateClosed {
		delete(b.all, host)
		b.logger.Info("circuit breaker closed", "host", host.host)
	}
}

// open is 1 while any breaker is not closed, else 0.
func (b *breakers) open() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, one := range b.all {
		if one.State() != gobreaker.StateClosed {
			return 1
		}
	}
	return 0
}
