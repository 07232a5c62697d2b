// What two hundred accounts in one process cost over time.

package app

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"

	"github.com/ccaas-exporter/ccaas_exporter/platform/cxone"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

const (
	fleetEvery = 15 * time.Second // between two scrapes
	fleetSoak  = 5 * time.Minute  // BENCH_SOAK=1m makes it shorter, but no less
	mib        = 1 << 20
)

// BenchmarkTwoHundredAccounts builds the program and runs it with 100 Genesys organizations and 100 CXone tenants at
// the default intervals, each with a token and so a budget of its own: without queues and streams, and with both, in the busiest
// hour of the day. Bars:
// at most 150 MiB resident, which grow by at most 3 MiB in the second half, and no scrape longer than 1 s; twice that with
// queues and streams.
func BenchmarkTwoHundredAccounts(b *testing.B) { bothFleets(b, benchmarkFleet) }

// bothFleets runs a benchmark without queues and streams, and with both.
func bothFleets(b *testing.B, benchmark func(b *testing.B, busy bool)) {
	b.Helper()
	for _, busy := range []bool{false, true} {
		b.Run(fmt.Sprintf("queues_and_streams=%t", busy), func(b *testing.B) { benchmark(b, busy) })
	}
}

func benchmarkFleet(b *testing.B, busy bool) {
	soak, err := time.ParseDuration(cmp.Or(os.Getenv("BENCH_SOAK"), fleetSoak.String()))
	if err != nil {
		b.Fatal(err)
	}
	soak = max(soak, time.Minute)
	p := buildProgram(b)
	config := fleetFile(b, 100, busy)
	// What the platforms and the scraper do is not measured, and shall not take the program's processors.
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	p.page.Grow(100 << 20) // a page does not grow
	p.start(b, config)
	defer p.stop()
	p.firstPage(b)
	cpu := p.cpu(b)
	var resident []float64 // each second: how much garbage is there varies
	var page []byte
	var took []float64 // by each scrape
	for b.Loop() {
		tick := time.NewTicker(time.Second)
		for elapsed := time.Duration(0); elapsed <= soak; elapsed += time.Second {
			if elapsed%fleetEvery == 0 {
				start := time.Now()
				page = p.scrape(b)
				took = append(took, time.Since(start).Seconds())
			}
			resident = append(resident, p.memory(b, "VmRSS"))
			<-tick.C
		}
		tick.Stop()
	}
	series := parseSamples(string(page))
	allUp(b, series)
	var minutes []float64
	for minute := range slices.Chunk(resident, 60) {
		minutes = append(minutes, median(minute))
	}
	b.Logf("resident, median of each minute, MiB: %.0f; scrapes, s: %.1f", minutes, took)
	b.ReportMetric(slices.Max(resident), "rss_mib_max")
	b.ReportMetric(p.memory(b, "VmHWM"), "rss_mib_peak")
	half, last := len(resident)/2, len(resident)*3/4
	b.ReportMetric(median(resident[last:])-median(resident[half:last]), "rss_mib_growth") // of the last quarter over the third
	b.ReportMetric(float64(len(series)), "series")
	b.ReportMetric(float64(len(page))/mib, "page_mib")
	b.ReportMetric(slices.Max(took), "scrape_s_max")
	b.ReportMetric((p.cpu(b)-cpu)/float64(len(took)), "cpu_s/scrape")
}

// BenchmarkFirstPage starts the program with the accounts of BenchmarkTwoHundredAccounts again and again, and reads a page as
// soon as it listens. Bar: without queues and streams the page is complete, after the start, at most 1 s later than its longest
// chain of calls.
func BenchmarkFirstPage(b *testing.B) { bothFleets(b, benchmarkFirstPage) }

func benchmarkFirstPage(b *testing.B, busy bool) {
	p := buildProgram(b)
	config := fleetFile(b, 100, busy)
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	p.page.Grow(100 << 20)
	bareChains(b, config) // what the platforms learn at first is not measured
	var pages, afterChains, cpus, peaks []float64
	for b.Loop() {
		started := time.Now()
		p.start(b, config)
		page := p.firstPage(b).Sub(started)
		cpus, peaks = append(cpus, p.cpu(b)), append(peaks, p.memory(b, "VmHWM"))
		p.stop()
		pages, afterChains = append(pages, page.Seconds()), append(afterChains, (page-bareChains(b, config)).Seconds())
	}
	b.ReportMetric(median(pages), "first_page_s")
	b.ReportMetric(median(afterChains), "after_chain_s")
	b.ReportMetric(median(cpus), "cpu_s")
	b.ReportMetric(median(peaks), "rss_mib_peak")
}

// firstPage scrapes until a page is complete, and returns when it was read.
func (p *process) firstPage(b *testing.B) time.Time {
	b.Helper()
	for {
		page := p.scrape(b)
		read := time.Now()
		if complete(string(page)) {
			return read
		}
	}
}

// bareChains makes the longest chain of calls of every organization, all at once as a scrape does, and does nothing else.
// It returns how long the longest took.
func bareChains(b *testing.B, path string) time.Duration {
	b.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	config, err := parseConfig(text, platforms())
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	var asking sync.WaitGroup
	for _, a := range config.accounts {
		if organization, ok := a.account.(genesys.Config); ok {
			asking.Go(func() {
				secret, err := os.ReadFile(organization.ClientSecretFile)
				if err != nil {
					b.Error(err)
					return
				}
				organization.ClientSecret = promconfig.Secret(secret)
				bareChain(b, organization)
			})
		}
	}
	asking.Wait()
	return time.Since(start)
}

// complete reports whether every feed has run.
func complete(page string) bool {
	feeds := 0
	for series, value := range parseSamples(page) {
		if strings.HasPrefix(series, "ccaas_feed_runs_total{") && !strings.Contains(series, `feed="stream"`) {
			if feeds++; value == "0" {
				return false
			}
		}
	}
	return feeds > 0
}

// allUp makes sure that what was measured was at work.
func allUp(b *testing.B, s samples) {
	b.Helper()
	if n := s.count("ccaas_platform_status", `plane="control"`, `status="operational"`); n != 200 {
		b.Errorf("the control plane of %d accounts is operational, want 200", n)
	}
	for series, value := range s {
		if strings.HasPrefix(series, "ccaas_feed_up{") && value != "1" {
			b.Errorf("%s = %s", series, value)
		}
	}
}

// fleetFile writes a configuration of n organizations and n tenants, for which simulators are started.
func fleetFile(tb testing.TB, n int, busy bool) (path string) {
	tb.Helper()
	perWorld := n
	if busy {
		perWorld = 20 // channels for notifications that a client may have
	}
	dir := tb.TempDir()
	files := 0
	secret := func(world *simulator.World, site string) (path string) {
		_, value := world.Credentials(site)
		files++
		path = filepath.Join(dir, fmt.Sprint("secret-", files))
		if err := os.WriteFile(path, []byte(value), 0o600); err != nil {
			tb.Fatal(err)
		}
		return path
	}
	var organizations, tenants []listed
	var whole *Config
	for begin := 0; begin < n; begin += perWorld {
		world := startWorld(tb, simulator.Options{Rush: true})
		method := "" // to make an answer takes the platform's processors, not ours
		if busy {
			method = http.MethodGet // each organization has channels of its own
		}
		for _, site := range []string{"emea", "us"} {
			world.Inject(site, simulator.Fault{Method: method, Repeat: true})
		}
		c := demoAccounts(tb, demoConfig(world), 0)
		// A secret in the file itself is not written.
		emea, us := secret(world, "emea"), secret(world, "us")
		configure(c, func(g *genesys.Config) {
			g.ClientSecret, g.ClientSecretFile, g.Stream.Enabled = "", emea, busy
		})
		configure(c, func(x *cxone.Config) { x.AccessKeySecret, x.AccessKeySecretFile = "", us })
		whole = fleet(tb, c, begin, min(begin+perWorld, n), busy)
		half := len(whole.accounts) / 2
		organizations, tenants = append(organizations, whole.accounts[:half]...), append(tenants, whole.accounts[half:]...)
	}
	for _, accounts := range [][]listed{organizations, tenants} {
		for i := range accounts {
			accounts[i].kind = accounts[0].kind // a file has one list of each kind
		}
	}
	whole.accounts = slices.Concat(organizations, tenants)
	text, err := yaml.Marshal(whole)
	if err != nil {
		tb.Fatal(err)
	}
	path = filepath.Join(dir, "config.yml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// TestFleet makes sure that the benchmarks start with what the program takes, although only make bench runs them.
func TestFleet(t *testing.T) {
	for _, busy := range []bool{false, true} {
		text, err := os.ReadFile(fleetFile(t, 30, busy))
		if err != nil {
			t.Fatal(err)
		}
		c, err := parseConfig(text, platforms())
		if err != nil {
			t.Fatal(err)
		}
		if len(c.accounts) != 60 {
			t.Errorf("a fleet of 30 and 30 has %d accounts", len(c.accounts))
		}
	}
}
