package statuspage

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fetches counts what it fetches; each fetch takes a second.
func fetches(n *int, err error) func(context.Context) (*int, error) {
	return func(ctx context.Context) (*int, error) {
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		*n++
		value := *n
		return &value, err
	}
}

func TestSharedFetchesOncePerInterval(t *testing.T) {
	for _, fault := range []error{nil, errors.New("no answer")} {
		synctest.Test(t, func(t *testing.T) {
			var n int
			s := &shared[int]{every: time.Minute, timeout: 10 * time.Second, fetch: fetches(&n, fault)}
			defer s.close()
			for _, step := range []struct {
				after time.Duration // since the step before
				want  int
			}{
				{0, 1},
				{30 * time.Second, 1}, // at 31 s
				{22 * time.Second, 1}, // at 53 s
				{time.Second, 2},      // at 54 s: a tenth early counts as passed
				{52 * time.Second, 2}, // 53 s after the start of the second
				{2 * time.Second, 3},
			} {
				<-time.After(step.after)
				var askers sync.WaitGroup
				for range 10 {
					askers.Go(func() {
						got, err := s.get(t.Context())
						if !errors.Is(err, fault) || *got != step.want {
							t.Errorf("after %v: got %v, %v, want %d, %v", step.after, *got, err, step.want, fault)
						}
					})
				}
				askers.Wait()
			}
		})
	}
}

func TestSharedOutlivesWhoAskedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n int
		s := &shared[int]{every: time.Minute, timeout: 10 * time.Second, fetch: fetches(&n, nil)}
		defer s.close()
		brief, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := s.get(brief); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("get(1 ms) = %v, want %v", err, context.DeadlineExceeded)
		}
		if got, err := s.get(t.Context()); err != nil || *got != 1 {
			t.Errorf("get = %v, %v, want 1", got, err)
		}
	})
}

func TestSharedEndsWithItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n int
		s := &shared[int]{every: time.Minute, timeout: time.Millisecond, fetch: fetches(&n, nil)}
		defer s.close()
		if _, err := s.get(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("get = %v, want %v", err, context.DeadlineExceeded)
		}
	})
}

func TestSharedClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n int
		s := &shared[int]{every: time.Minute, timeout: 10 * time.Second, fetch: fetches(&n, nil)}
		ended := make(chan error)
		go func() {
			_, err := s.get(t.Context())
			ended <- err
		}()
		synctest.Wait()
		s.close()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("get during close = %v, want %v", err, context.Canceled)
		}
		if _, err := s.get(t.Context()); !errors.Is(err, errClosed) {
			t.Errorf("get after close = %v, want %v", err, errClosed)
		}
		if n != 0 {
			t.Errorf("%d fetches ended well, want 0", n)
		}
	})
}
