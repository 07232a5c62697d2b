package notify

import (
	"sync"
	"time"
)

const (
	// MaxQueued messages, or that many bytes, may wait to be handled; what comes beyond is dropped and counted.
	MaxQueued      = 1 << 14
	maxQueuedBytes = 32 << 20
)

// arrival is a message and when it came.
type arrival struct {
	message []byte
	seen    time.Time
}

// inbox holds the messages that wait to be handled, in the order in which they came. It takes memory only while they wait,
// which a channel of that size would take for ever.
type inbox struct {
	filled Signal

	mu      sync.Mutex
	waiting []arrival
	bytes   int
}

// put adds a message, unless too much waits already.
func (b *inbox) put(m arrival) (taken bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) >= MaxQueued || b.bytes+len(m.message) > maxQueuedBytes {
		return false
	}
	b.waiting = append(b.waiting, m)
	b.bytes += len(m.message)
	b.filled.Raise()
	return true
}

// take removes the message that has waited longest; ok is false when none waits.
func (b *inbox) take() (m arrival, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) == 0 {
		return arrival{}, false
	}
	m, b.waiting[0] = b.waiting[0], arrival{}
	b.bytes -= len(m.message)
	if b.waiting = b.waiting[1:]; len(b.waiting) == 0 {
		b.waiting = nil
	}
	return m, true
}

// clear forgets all messages.
func (b *inbox) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting, b.bytes = nil, 0
}
