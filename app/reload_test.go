package app

import (
	"bytes"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

func TestReloadUnderLoad(t *testing.T) {
	t.Parallel()
	u := startUnder(t, simulator.Options{})
	runs := func(s samples) int {
		n, err := strconv.Atoi(s.find(t, "ccaas_feed_runs_total", `account="emea"`, `feed="health"`))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := runs(u.until(t, "emea has run a few times", func(s samples) bool { return runs(s) > 5 }))
	good, err := os.ReadFile(u.configuration)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(good, []byte("feeds: {health: 1ms, agents"), []byte("feeds: {health: 2ms, agents"), 1)
	var scraping sync.WaitGroup
	stop := make(chan struct{})
	for range 10 {
		scraping.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					u.scrape(t)
				}
			}
		})
	}
	for i := range 20 {
		content, want := [][]byte{good, changed, []byte("genesys: 7")}[i%3], []int{200, 200, 500}[i%3]
		if err := os.WriteFile(u.configuration, content, 0o600); err != nil {
			t.Error(err)
		}
		if status, body := u.do(t, http.MethodPost, "/-/reload"); status != want {
			t.Errorf("reload %d = %d %s, want %d", i, status, body, want)
		}
	}
	close(stop)
	scraping.Wait()
	s := u.until(t, "both are up", func(s samples) bool { return feedUp(s, "emea", "health") && feedUp(s, "us", "health") })
	if after := runs(s); after <= before {
		t.Errorf("runs of emea = %d, before %d: the account whose configuration did not change was restarted", after, before)
	}
	if s["ccaas_exporter_config_last_reload_successful"] != "1" {
		t.Error("the last reload was good, the metric says otherwise")
	}
}
