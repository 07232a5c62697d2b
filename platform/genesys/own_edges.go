package genesys

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// ownEdgesWait is how long the first poll of calls waits for the first list of edges.
const ownEdgesWait = 5 * time.Second

// ownEdges is whether the organization has edges of its own, as the edges feed has last read.
type ownEdges struct {
	any   atomic.Bool
	first chan struct{} // closed once the first list of edges was read, or could not be
	once  sync.Once
}

func newOwnEdges() *ownEdges { return &ownEdges{first: make(chan struct{})} }

// note says what a list of edges holds.
func (o *ownEdges) note(found bool) {
	if o != nil {
		o.any.Store(found)
		o.end()
	}
}

// end lets those go on that wait for the first list.
func (o *ownEdges) end() {
	if o != nil {
		o.once.Do(func() { close(o.first) })
	}
}

// wait reports whether there are edges of the organization's own, after the first list of edges if it comes in time. Nil
// knows of none.
func (o *ownEdges) wait(ctx context.Context) bool {
	if o == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, ownEdgesWait)
	defer cancel()
	select {
	case <-o.first:
	case <-ctx.Done():
	}
	return o.any.Load()
}
