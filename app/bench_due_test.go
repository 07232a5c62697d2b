// What a scrape costs that finds everything due, beside the time that the platforms take to answer.

package app

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// answerDelay is what every answer takes on its way.
const answerDelay = 100 * time.Millisecond

// slowWorld delays every answer, and makes it only once: the time of real platforms is not taken from the exporter's
// processor.
func slowWorld(tb testing.TB) *simulator.World {
	tb.Helper()
	world := startWorld(tb, simulator.Options{})
	for _, site := range []string{"emea", "americas", "us", "status"} {
		world.Inject(site, simulator.Fault{Delay: answerDelay})
		world.Inject(site, simulator.Fault{Method: http.MethodGet, Delay: answerDelay, Repeat: true})
	}
	return world
}

// elsewhere makes a process of this benchmark the platforms of another one.
const elsewhere = "CCAAS_BENCH_PLATFORMS"

// slowPlatforms starts the slow world in a process of its own, as platforms are: their garbage is not the exporter's.
// It returns the configuration that reaches them.
func slowPlatforms(b *testing.B) (config string) {
	b.Helper()
	if os.Getenv(elsewhere) != "" {
		if _, err := os.Stdout.WriteString(demoConfig(slowWorld(b)) + "\x00"); err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, os.Stdin) // until the other process ends
		b.SkipNow()
	}
	name, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), name, "-test.run=^$", "-test.bench=^"+b.Name()+"$")
	cmd.Env = append(os.Environ(), elsewhere+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if _, err := cmd.StdinPipe(); err != nil { // closed with this process
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
	return readConfig(b, out)
}

// readConfig reads what the other process prints, up to a byte that no text holds.
func readConfig(b *testing.B, out io.Reader) string {
	b.Helper()
	var config bytes.Buffer
	for char := make([]byte, 1); ; {
		if _, err := io.ReadFull(out, char); err != nil {
			b.Fatal(err)
		}
		if char[0] == 0 {
			break
		}
		config.Write(char)
	}
	_, text, _ := bytes.Cut(config.Bytes(), []byte("# Simulated")) // after what the benchmark prints itself
	return "# Simulated" + string(text)
}

// bareChain makes the longest chain of calls that wait for each other and does nothing else: token, list of trunks,
// their metrics. It returns how long all of it took, and how long without the token.
func bareChain(b *testing.B, account genesys.Config) (withLogin, without time.Duration) {
	b.Helper()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	var trunks struct{ Entities []struct{ ID string } }
	call := func(method, address, body string, answer any) {
		r, err := http.NewRequestWithContext(b.Context(), method, address, strings.NewReader(body))
		if err != nil {
			b.Error(err)
			return
		}
		r.Header.Set("Authorization", "Bearer "+token.AccessToken)
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.SetBasicAuth(account.ClientID, string(account.ClientSecret))
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			b.Error(err)
			return
		}
		defer response.Body.Close()
		content, err := io.ReadAll(response.Body)
		if err == nil && answer != nil {
			err = json.Unmarshal(content, answer)
		}
		if err != nil || response.StatusCode != http.StatusOK {
			b.Errorf("%s %s: %s %v", method, address, response.Status, err)
		}
	}
	const path = "/api/v2/telephony/providers/edges/trunks"
	start := time.Now()
	call(http.MethodPost, account.LoginURL+"/oauth/token", "grant_type=client_credentials", &token)
	granted := time.Now()
	call(http.MethodGet, account.APIURL+path+"?trunkType=EXTERNAL&pageSize=100&pageNumber=1", "", &trunks)
	ids := make([]string, len(trunks.Entities))
	for i, trunk := range trunks.Entities {
		ids[i] = trunk.ID
	}
	call(http.MethodGet, account.APIURL+path+"/metrics?trunkIds="+strings.Join(ids, ","), "", nil)
	return time.Since(start), time.Since(granted)
}

// everythingDue is a scrape that finds every feed due.
type everythingDue struct {
	unit  string
	count string // of the runs of every feed
	chain int    // calls that wait for each other
	spent []time.Duration
	bare  []time.Duration
}

// BenchmarkScrapeEverythingDue scrapes three accounts of which every feed is due: first without a token, when the
// longest chain of calls that wait for each other is token, list, metrics, and then with the token in hand: list,
// metrics. Bar: at most 1.05 times that chain, both times; as it would be if answers took the delay and no time more
// (x_longest_chain), and as it is when nothing else happens (x_bare_chain). Each is the median of rounds in one process. Its very
// first scrape, by code and in memory that nothing has used before, takes longer and is reported by itself.
func BenchmarkScrapeEverythingDue(b *testing.B) {
	const rounds = 10
	config := demoAccounts(b, slowPlatforms(b), time.Millisecond)
	scrapes := []everythingDue{
		{unit: "chain_with_login", count: "1", chain: 3},
		{unit: "chain", count: "2", chain: 2},
	}
	var page bytes.Buffer // of every scrape: a socket does not grow
	page.Grow(1 << 20)
	for b.Loop() {
		for range rounds {
			scrapeEverythingDue(b, config, scrapes, &page)
			withLogin, without := bareChain(b, config.accounts[0].account.(genesys.Config))
			scrapes[0].bare, scrapes[1].bare = append(scrapes[0].bare, withLogin), append(scrapes[1].bare, without)
		}
	}
	for _, s := range scrapes {
		b.ReportMetric(median(s.spent).Seconds()/(float64(s.chain)*answerDelay.Seconds()), "x_longest_"+s.unit)
		b.ReportMetric(median(s.spent).Seconds()/median(s.bare).Seconds(), "x_bare_"+s.unit)
	}
	b.ReportMetric(scrapes[0].spent[0].Seconds()/median(scrapes[0].bare).Seconds(), "x_bare_chain_first_of_process")
}

// scrapeEverythingDue scrapes an app, which has no token at first and its whole budget of calls.
func scrapeEverythingDue(b *testing.B, config *Config, scrapes []everythingDue, page *bytes.Buffer) {
	b.Helper()
	// Between two scrapes the usual budget fills again, as it does in production: 4 calls a second.
	const budgetFills = 3 * time.Second
	h, stop := startHandler(b, config)
	defer stop()
	for i := range scrapes {
		if i > 0 {
			<-time.After(budgetFills)
		}
		page.Reset()
		w := httptest.NewRecorder()
		w.Body = page
		start := time.Now()
		h.ServeHTTP(w, httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/metrics", nil))
		scrapes[i].spent = append(scrapes[i].spent, time.Since(start))
		allRan(b, page.String(), scrapes[i].count)
	}
}
