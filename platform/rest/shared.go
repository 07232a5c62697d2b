package rest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
)

// Shared fetches one value for all who need it: one fetch at a time, and none while the latest result is still valid,
// however many ask. The result of a failed fetch is its error. It is safe for concurrent use.
type Shared[T any] struct {
	// Fetch runs in a goroutine of its own and must not panic.
	Fetch   func(context.Context) (T, error)
	Timeout time.Duration // of one fetch
	// Valid returns how long a result is valid, counted from the start of its fetch. It gets the error of that fetch.
	Valid func(error) time.Duration

	mu      sync.Mutex
	latest  *fetch[T]
	closed  bool
	running sync.WaitGroup
}

// fetch is one fetch, under way or ended. Its result may be read once done is closed.
type fetch[T any] struct {
	started time.Time
	cancel  context.CancelFunc
	done    chan struct{}
	value   T
	err     error
}

// errClosed is the result of a Shared that has been closed.
var errClosed = errors.New("closed")

// Get returns the latest result, and waits for a fetch under way no longer than ctx lives.
func (s *Shared[T]) Get(ctx context.Context) (T, error) { return s.Start(ctx)(ctx) }

// Start begins a fetch when one is due. The function it returns waits for the result, no longer than its ctx lives.
func (s *Shared[T]) Start(ctx context.Context) (wait func(context.Context) (T, error)) {
	f := s.join(ctx)
	return func(ctx context.Context) (none T, _ error) {
		if f == nil {
			return none, errClosed
		}
		select {
		case <-f.done:
			return f.value, f.err
		case <-ctx.Done():
			return none, ctx.Err()
		}
	}
}

// join returns the fetch whose result is or will be the latest, after starting one when it is due; nil when closed.
func (s *Shared[T]) join(ctx context.Context) *fetch[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	if f := s.latest; f != nil && (f.underWay() || time.Since(f.started) < s.Valid(f.err)) {
		return f
	}
	// The fetch serves others too, so it must not end with the request that started it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Timeout)
	f := &fetch[T]{started: time.Now(), cancel: cancel, done: make(chan struct{})}
	s.latest = f
	s.running.Go(func() {
		defer close(f.done)
		defer cancel()
		f.err = guard.Func(func() (err error) {
			f.value, err = s.Fetch(ctx)
			return err
		})()
	})
	return f
}

func (f *fetch[T]) underWay() bool {
	select {
	case <-f.done:
		return false
	default:
		return true
	}
}

// Close cancels the fetch under way and waits for its end. Every later Get fails.
func (s *Shared[T]) Close() {
	s.mu.Lock()
	s.closed = true
	if s.latest != nil {
		s.latest.cancel()
	}
	s.mu.Unlock()
	s.running.Wait()
}
