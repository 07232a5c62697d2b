package app

import (
	"bytes"
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
		good, err := os.ReadFile(u.configuration)
		if err != nil {
			t.Fatal(err)
		}
		changed := bytes.ReplaceAll(good, []byte("health: 1ms"), []byte("health: 2ms"))
		reload := func(content []byte) {
			if err := os.WriteFile(u.configuration, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if status, body := u.do(t, http.MethodPost, "/-/reload"); status != http.StatusOK {
				t.Errorf("reload = %d %s", status, body)
			}
			_ = u.scrape(t)
		}
		settled := 0
		for i := range 10 { // each time both accounts are closed and others opened
			reload(changed)
			reload(good)
			if i == 0 {
				settled = runtime.NumGoroutine()
			}
		}
		if now := runtime.NumGoroutine(); now > settled+40 { // what one account has, and a scrape
			t.Errorf("goroutines after 20 reloads = %d, after two %d", now, settled)
		}
		reload([]byte(minimal)) // ends both accounts
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
