package rest

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// This file stops asking a host that has failed again and again.

const (
	breakerFailures = 5                // in a row open the breaker
	breakerOpen     = 30 * time.Second // until one request is let through to try
)

// breakers holds one breaker per host.
type breakers struct {
	logger *slog.Logger
	mu     sync.Mutex
	hosts  map[string]*gobreaker.CircuitBreaker[struct{}]
}

func newBreakers(logger *slog.Logger) *breakers {
	return &breakers{logger: logger, hosts: map[string]*gobreaker.CircuitBreaker[struct{}]{}}
}

// judge runs the request unless the host's breaker is open, and lets the breaker see how it went.
func (b *breakers) judge(host string, request func() *Error) *Error {
	_, err := b.host(host).Execute(func() (struct{}, error) {
		if err := request(); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, nil
	})
	if failed, ok := errors.AsType[*Error](err); ok || err == nil {
		return failed
	}
	return &Error{
		reason: platform.ReasonBreakerOpen, Message: "the host failed again and again and is left alone for a while",
		cause: err, local: true,
	}
}

func (b *breakers) host(name string) *gobreaker.CircuitBreaker[struct{}] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.hosts[name] == nil {
		b.hosts[name] = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
			Name:        name,
			Timeout:     breakerOpen,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= breakerFailures },
			// What never reached the host says nothing about it; every answer but a server error says that it works.
			IsExcluded:   func(err error) bool { e, ok := errors.AsType[*Error](err); return ok && e.local },
			IsSuccessful: func(err error) bool { e, ok := errors.AsType[*Error](err); return !ok || !e.outage() },
			OnStateChange: func(host string, from, to gobreaker.State) {
				b.logger.Warn("circuit breaker changed", "host", host, "from", from.String(), "to", to.String())
			},
		})
	}
	return b.hosts[name]
}

// open is 1 while the breaker of any host is not closed, else 0.
func (b *breakers) open() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, host := range b.hosts {
		if host.State() != gobreaker.StateClosed {
			return 1
		}
	}
	return 0
}
