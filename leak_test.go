package main

import (
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"syscall"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// TestNothingIsLeftBehind runs beside no other test: it counts goroutines.
func TestNothingIsLeftBehind(t *testing.T) {
	hangup := make(chan os.Signal, 1) // the first use of os/signal starts a goroutine that never ends
	signal.Notify(hangup, syscall.SIGHUP)
	signal.Stop(hangup)
	before := runtime.NumGoroutine()
	t.Run("run", func(t *testing.T) {
		u := startUnder(t, simulator.Options{})
		u.until(t, "both are up", func(s samples) bool { return feedUp(s, "emea", "health") && feedUp(s, "us", "health") })
		for _, f := range []simulator.Fault{{Hang: true}, {Reset: true}, {Status: 500}, {Truncate: 1}} {
			remove := u.world.Inject("emea", f)
			_, _ = u.get(t, "/metrics", "X-Prometheus-Scrape-Timeout-Seconds", "0.6")
			remove()
		}
		if err := os.WriteFile(u.configuration, []byte(minimal), 0o600); err != nil { // ends both accounts
			t.Fatal(err)
		}
		if status, body := u.do(t, http.MethodPost, "/-/reload"); status != http.StatusOK {
			t.Errorf("reload = %d %s", status, body)
		}
	})
	http.DefaultClient.CloseIdleConnections()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for runtime.NumGoroutine() > before {
		select {
		case <-tick.C:
		case <-deadline:
			_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
			t.Fatalf("goroutines = %d, before %d", runtime.NumGoroutine(), before)
		}
	}
}
