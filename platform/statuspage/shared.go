package statuspage

import (
	"context"
	"errors"
	"sync"
	"time"
)

// shared fetches one thing for all accounts that ask for it: one fetch at a time, and one per interval however many
// ask. What a fetch returned, also when it failed, is the answer until the interval has passed.
type shared[T any] struct {
	every   time.Duration
	timeout time.Duration
	fetch   func(context.Context) (*T, error)

	mu      sync.Mutex
	latest  *flight[T]
	closed  bool
	running sync.WaitGroup
}

// flight is one fetch. Its result may be read once done is closed.
type flight[T any] struct {
	started time.Time
	cancel  context.CancelFunc
	done    chan struct{}
	value   *T
	err     error
}

var errClosed = errors.New("closed")

// get returns the latest answer, and waits for it no longer than ctx lives.
func (s *shared[T]) get(ctx context.Context) (*T, error) {
	f := s.join(ctx)
	if f == nil {
		return nil, errClosed
	}
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// join returns the fetch whose answer is or will be the latest, and starts it when it is due. As with a feed's own
// interval, up to a tenth less counts as passed: else a run every interval would find every other one not due yet.
func (s *shared[T]) join(ctx context.Context) *flight[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	if f := s.latest; f != nil && (f.underWay() || time.Since(f.started) < s.every-s.every/10) {
		return f
	}
	// The fetch serves others too, so it must not end with the account that started it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout)
	f := &flight[T]{started: time.Now(), cancel: cancel, done: make(chan struct{})}
	s.latest = f
	s.running.Go(func() {
		defer close(f.done)
		defer cancel()
		f.value, f.err = s.fetch(ctx)
	})
	return f
}

func (f *flight[T]) underWay() bool {
	select {
	case <-f.done:
		return false
	default:
		return true
	}
}

// close ends the fetch under way and waits for it.
func (s *shared[T]) close() {
	s.mu.Lock()
	s.closed = true
	if s.latest != nil {
		s.latest.cancel()
	}
	s.mu.Unlock()
	s.running.Wait()
}
