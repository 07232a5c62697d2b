package genesys

import (
	"testing"
	"testing/synctest"
	"time"
)

// The first presence run waits for names, but not for ever, and later ones do not wait at all.
func TestNamesWait(t *testing.T) {
	for name, c := range map[string]struct {
		off   bool
		after time.Duration // when the first run ends; 0: before the wait begins
		known int
		want  time.Duration
	}{
		"feed is off": {off: true},
		"there":       {known: 1},
		"soon":        {after: time.Second, known: 1, want: time.Second},
		"failed":      {after: time.Second, want: time.Second},
		"too late":    {after: time.Hour, want: namesWait},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n *names
				if !c.off {
					n = newNames()
				}
				end := func() {
					if c.known > 0 {
						n.known.Store(&[]definition{{id: "1"}})
					}
					n.end()
					n.end() // every run ends it
				}
				started := time.Now()
				if n != nil && c.after == 0 {
					end()
				} else if n != nil {
					time.AfterFunc(c.after, end)
				}
				got := n.wait(t.Context())
				if waited := time.Since(started); len(got) != c.known || waited != c.want {
					t.Errorf("wait = %d names after %v, want %d after %v", len(got), waited, c.known, c.want)
				}
			})
		})
	}
}
