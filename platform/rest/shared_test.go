package rest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// shared returns a Shared that counts its fetches; each takes a second and fails with err.
func shared(n *int, timeout time.Duration, err error) *Shared[int] {
	return &Shared[int]{
		Timeout: timeout,
		Valid:   func(error) time.Duration { return 54 * time.Second },
		Fetch: func(ctx context.Context) (int, error) {
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return 0, ctx.Err()
			}
			*n++
			return *n, err
		},
	}
}

func TestSharedFetchesOnceWhileValid(t *testing.T) {
	for _, fault := range []error{nil, errors.New("no answer")} {
		synctest.Test(t, func(t *testing.T) {
			var n int
			s := shared(&n, 10*time.Second, fault)
			defer s.Close()
			for _, step := range []struct {
				after time.Duration // since the step before
				want  int
			}{
				{0, 1},
				{30 * time.Second, 1}, // at 31 s
				{22 * time.Second, 1}, // at 53 s
				{time.Second, 2},      // at 54 s
				{52 * time.Second, 2}, // 53 s after the start of the second
				{2 * time.Second, 3},
			} {
				<-time.After(step.after)
				var askers sync.WaitGroup
				for range 10 {
					askers.Go(func() {
						got, err := s.Get(t.Context())
						if !errors.Is(err, fault) || got != step.want {
							t.Errorf("after %v: got %v, %v, want %d, %v", step.after, got, err, step.want, fault)
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
		s := shared(&n, 10*time.Second, nil)
		defer s.Close()
		brief, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := s.Get(brief); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Get(1 ms) = %v, want %v", err, context.DeadlineExceeded)
		}
		if got, err := s.Get(t.Context()); err != nil || got != 1 {
			t.Errorf("Get = %v, %v, want 1", got, err)
		}
	})
}

func TestSharedEndsWithItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n int
		s := shared(&n, time.Millisecond, nil)
		defer s.Close()
		if _, err := s.Get(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Get = %v, want %v", err, context.DeadlineExceeded)
		}
	})
}

// TestSharedValid lets a failure be valid for a shorter time than a value.
func TestSharedValid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down, n := errors.New("down"), 0
		s := shared(&n, 10*time.Second, down)
		s.Valid = func(err error) time.Duration {
			if err != nil {
				return 10 * time.Second
			}
			return time.Hour
		}
		defer s.Close()
		for _, after := range []time.Duration{0, 8 * time.Second, time.Second} {
			<-time.After(after)
			if _, err := s.Get(t.Context()); !errors.Is(err, down) {
				t.Errorf("Get = %v, want %v", err, down)
			}
		}
		if n != 2 {
			t.Errorf("%d fetches, want 2: at once and after 10 s", n)
		}
	})
}

// TestSharedStart does something else while the fetch is under way.
func TestSharedStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, started := 0, time.Now()
		s := shared(&n, 10*time.Second, nil)
		defer s.Close()
		wait := s.Start(t.Context())
		<-time.After(time.Second)
		if got, err := wait(t.Context()); got != 1 || err != nil || time.Since(started) != time.Second {
			t.Errorf("wait = %v, %v after %v, want 1 after a second", got, err, time.Since(started))
		}
	})
}

func TestSharedClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n int
		s := shared(&n, 10*time.Second, nil)
		ended := make(chan error)
		go func() {
			_, err := s.Get(t.Context())
			ended <- err
		}()
		synctest.Wait()
		s.Close()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Get during Close = %v, want %v", err, context.Canceled)
		}
		if _, err := s.Get(t.Context()); !errors.Is(err, errClosed) {
			t.Errorf("Get after Close = %v, want %v", err, errClosed)
		}
		if n != 0 {
			t.Errorf("%d fetches ended well, want 0", n)
		}
	})
}

// TestSharedPanics: a decoder that panics fails its fetch and nothing else.
func TestSharedPanics(t *testing.T) {
	s := &Shared[int]{Timeout: time.Second, Valid: func(error) time.Duration { return time.Hour }, Fetch: func(context.Context) (int, error) { panic("canary") }}
	defer s.Close()
	if _, err := s.Get(t.Context()); err == nil || err.Error() != "panic: canary" {
		t.Errorf("Get = %v, want the panic as an error", err)
	}
}
