package presence

import "testing"

// Hasten makes the right to write end and be renewed five times as fast.
func (p *Pair) Hasten() {
	p.sync.claimEvery = claimEvery / 5
	if k, ok := p.sync.keeper.(*inRedis); ok {
		k.ttl, k.margin = lockTTL/5, lockMargin/5
	}
}

// Epoch returns the epoch in which the pair may write, or could last.
func (p *Pair) Epoch() int64 {
	p.sync.keeping.Lock()
	defer p.sync.keeping.Unlock()
	return p.sync.keeper.(*inRedis).epoch
}

// StartRedis starts a real Redis until the test ends, and returns its address.
func StartRedis(t *testing.T) (address string) {
	t.Helper()
	return startRedis(t).address
}
