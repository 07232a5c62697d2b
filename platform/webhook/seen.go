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

// seen remembers sums, each with a number, for at least life and at most twice as long. It keeps two generations of at
// most limit sums each.
type seen struct {
	mu              sync.Mutex
	life            time.Duration
	limit           int
	young, old      map[sum]int32
	born            time.Time // of the young generation
	forgetsTooEarly bool      // makes room by forgetting; otherwise a full memory takes nothing more
}

func newSeen(life time.Duration, limit int, forgetsTooEarly bool) *seen {
	return &seen{life: life, limit: limit, young: map[sum]int32{}, old: map[sum]int32{}, forgetsTooEarly: forgetsTooEarly}
}

// add remembers a sum with number 0. It reports whether the sum is new, and whether there was room for it.
func (s *seen) add(x sum, now time.Time) (isNew, room bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.age(now)
	if s.forgetsTooEarly && len(s.young) >= s.limit {
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
	s.young[x] = 0
	return true, true
}

// has reports whether a sum is remembered.
func (s *seen) has(x sum, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.age(now)
	_, inYoung := s.young[x]
	_, inOld := s.old[x]
	return inYoung || inOld
}

// note sets the number of a sum that is remembered.
func (s *seen) note(x sum, number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, generation := range []map[sum]int32{s.young, s.old} {
		if _, remembered := generation[x]; remembered {
			generation[x] = int32(number)
		}
	}
}

// noted returns the number of a sum, 0 when it is not remembered.
func (s *seen) noted(x sum) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int(s.young[x] + s.old[x]) // one of them at most has it
}

// age forgets what is too old. The caller holds the lock.
func (s *seen) age(now time.Time) {
	switch age := now.Sub(s.born); {
	case age >= 2*s.life:
		s.turn(now)
		clear(s.old)
	case age >= s.life:
		s.turn(now)
	}
}

// turn makes the young generation the old one. The caller holds the lock.
func (s *seen) turn(now time.Time) {
	s.young, s.old = s.old, s.young
	clear(s.young)
	s.born = now
}

// forget removes a sum that was added a moment ago.
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
