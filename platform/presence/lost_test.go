package presence

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// TestSourceLostWithoutWriter: a process that becomes the writer while the source is lost gives up its agents then. The next writer
// does nothing twice: not over a choice that an agent made since, and not beyond the share.
func TestSourceLostWithoutWriter(t *testing.T) {
	for _, tc := range []struct {
		share      float64
		want, then map[string]int
	}{
		{1, map[string]int{"offline": 4}, map[string]int{"offline": 3, "meal": 1}},
		{.5, map[string]int{"offline": 2, "on_queue": 2}, map[string]int{"offline": 1, "meal": 1, "on_queue": 2}},
	} {
		t.Run(fmt.Sprint(tc.share), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(4)
				shared := &sharedState{records: map[string][]byte{}}
				var stuck [2]sync.Mutex // each held while a process does not run
				c := syncConfig()
				c.SourceLost.MaxShare = tc.share
				syncing(t, w, c, func(s *syncer) { s.keeper = stopping{&sharedMemory{sharedState: shared, me: 0}, &stuck[0]} })
				time.Sleep(time.Second)
				syncing(t, w, c, func(s *syncer) { s.keeper = stopping{&sharedMemory{sharedState: shared, me: 1}, &stuck[1]} })
				time.Sleep(time.Minute)
				keep := func(memoryGone bool) {
					shared.mu.Lock()
					shared.gone = memoryGone
					shared.mu.Unlock()
				}
				keep(true)
				w.mu.Lock()
				w.sourceErr = failure(platform.ReasonServerError)
				w.mu.Unlock()
				time.Sleep(5 * time.Minute)
				if diff := cmp.Diff(map[string]int{"on_queue": 4}, w.shown()); diff != "" {
					t.Errorf("lost, and no process may write (-want +got):\n%s", diff)
				}
				keep(false)
				time.Sleep(30 * time.Second)
				if diff := cmp.Diff(tc.want, w.shown()); diff != "" {
					t.Errorf("a process may write again (-want +got):\n%s", diff)
				}
				w.choose(1, "meal")
				shared.mu.Lock()
				writer := shared.holder
				shared.mu.Unlock()
				stuck[writer].Lock()
				time.Sleep(2 * time.Minute)
				stuck[writer].Unlock()
				if diff := cmp.Diff(tc.then, w.shown()); diff != "" {
					t.Errorf("another process is the writer (-want +got):\n%s", diff)
				}
				shared.mu.Lock()
				defer shared.mu.Unlock()
				if shared.holder == writer {
					t.Error("no other process is the writer")
				}
			})
		})
	}
}
