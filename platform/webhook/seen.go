package webhook

import (
	"crypto/sha256"
	"sync"
	"time"
)

// sum names something that was seen: half a SHA-256.
type sum [16]byte

func sumOf(content []byte) sum {
	full := sha256.Sum256(content)
	return sum(full[:])
}

// seen remembers sums for at least life and at most twice as long, in two generations of at most limit sums each.
type seen struct {
	mu              sync.Mutex
	life            time.Duration
	limit           int
	young, old      map[sum]struct{}
	born            time.Time // of the young generation
	forgetsTooEarly bool      // makes room by forgetting, else it takes nothing more
}

func newSeen(life time.Duration, limit int, forgetsTooEarly bool) *seen {
	return &seen{life: life, limit: limit, young: map[sum]struct{}{}, old: map[sum]struct{}{}, forgetsTooEarly: forgetsTooEarly}
}

// add remembers a sum. It tells whether the sum is new, and whether there was room for it.
func (s *seen) add(x sum, now time.Time) (isNew, room bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if age := now.Sub(s.born); age >= 2*s.life {
		s.turn(now)
		clear(s.old)
	} else if age >= s.life || s.forgetsTooEarly && len(s.young) >= s.limit {
		s.turn(now)
	}
	_, inYoung := s.young[x]
	_, inOld := s.old[x]
	if inYoung || inOld {
		return false, true
	}
	if len(s.young) >= s.limit {
		return true, false
	}
	s.young[x] = struct{}{}
	return true, true
}

// turn makes the young the old. The caller holds the lock.
func (s *seen) turn(now time.Time) {
	s.young, s.old = s.old, s.young
	clear(s.young)
	s.born = now
}

// forget takes a sum back that was added a moment ago.
func (s *seen) forget(x sum) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.young, x)
	delete(s.old, x)
}

// extend makes the memory longer or larger, never shorter: what it holds may still be asked for.
func (s *seen) extend(life time.Duration, limit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life, s.limit = max(s.life, life), max(s.limit, limit)
}
