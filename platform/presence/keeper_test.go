package presence

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// unsaving is a keeper that gives the right to write, and saves nothing while it is full.
type unsaving struct {
	keeper
	full atomic.Bool
}

func (u *unsaving) save(ctx context.Context, records map[string][]byte) error {
	if u.full.Load() {
		return errGone
	}
	return u.keeper.save(ctx, records)
}

// TestStateFailures: when Redis fails, each failure counts, and the log has a line when that begins and one when it ends, for each
// operation.
func TestStateFailures(t *testing.T) {
	for name, tc := range map[string]struct {
		fail  func(*sharedState, *unsaving, bool)
		lines []string
		other string // operation that does not fail
	}{
		opClaim: {func(s *sharedState, _ *unsaving, gone bool) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.gone = gone
		}, []string{"level=WARN operation=claim", "level=INFO operation=claim"}, opSave},
		opSave: {
			func(_ *sharedState, u *unsaving, full bool) { u.full.Store(full) },
			[]string{"level=WARN operation=save", "level=INFO operation=save"},
			opClaim,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(1)
				shared := &sharedState{records: map[string][]byte{}}
				k := &unsaving{keeper: &sharedMemory{sharedState: shared, me: 1}}
				var text bytes.Buffer
				p := pairOf(t, w, syncConfig(), func(s *syncer) {
					s.keeper, s.log = k, slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelInfo}))
				})
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan struct{})
				go func() { defer close(ended); _ = p.sync.serve(ctx, stream{}) }()
				time.Sleep(time.Minute + 30*time.Millisecond) // between two ticks of the sync
				tc.fail(shared, k, true)
				time.Sleep(20 * time.Second) // the right to write ends
				w.does(0, platform.AgentEngaged)
				time.Sleep(time.Minute)
				if got := w.shows(0); got != "on_queue" {
					t.Errorf("the agent has %s while Redis fails, want on_queue", got)
				}
				tc.fail(shared, k, false)
				time.Sleep(30 * time.Second)
				if got := w.shows(0); got != "cxone" {
					t.Errorf("the agent has %s, want cxone", got)
				}
				cancel() // which is no failure
				<-ended
				var lines []string
				for line := range strings.Lines(text.String()) {
					_, level, _ := strings.Cut(line, " ")
					_, operation, _ := strings.Cut(line, "operation=")
					if level, text, _ := strings.Cut(level, " "); strings.Contains(text, "redis") {
						lines = append(lines, level+" operation="+strings.Fields(operation)[0])
					}
				}
				if diff := cmp.Diff(tc.lines, lines); diff != "" {
					t.Errorf("lines about Redis (-want +got):\n%s\n%s", diff, text.String())
				}
				failed, other := testutil.ToFloat64(p.metrics.state.WithLabelValues(name)), testutil.ToFloat64(p.metrics.state.WithLabelValues(tc.other))
				if failed < 10 || other != 0 {
					t.Errorf("failures = %v, and %v of %s, want 10 at least and none", failed, other, tc.other)
				}
			})
		})
	}
}
