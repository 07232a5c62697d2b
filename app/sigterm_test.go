package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// patientWorld is a simulated world whose every answer takes a while, and a configuration that watches it.
func patientWorld(t *testing.T, more string) (world *simulator.World, configuration string) {
	t.Helper()
	world = startWorld(t, simulator.Options{Agents: 100})
	emeaID, emeaSecret := world.Credentials("emea")
	usID, usSecret := world.Credentials("us")
	text := fmt.Sprintf(testConfig, world.URL("emea"), emeaID, writeFile(t, "emea", emeaSecret), world.URL("us"), usID, writeFile(t, "us", usSecret))
	return world, writeFile(t, "config.yml", text+more)
}

// streaming switches the streams of a configuration on.
func streaming(t *testing.T, configuration string) {
	t.Helper()
	text, err := os.ReadFile(configuration)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("  - name: emea\n"), []byte("  - name: emea\n    stream: {enabled: true}\n"), 1)
	if err := os.WriteFile(configuration, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// answer is what a scrape got.
type answer struct {
	began, ended time.Time
	err          error // of the connection, or it was closed before the request was read
	cut          error // in the middle of the answer
	body         string
}

// ask scrapes once, on a connection of its own.
func ask(ctx context.Context, address, path string) answer {
	a := answer{}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { a.began = time.Now() }})
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		a.err = err
		return a
	}
	got, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		a.err = err
		return a
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	a.ended, a.body, a.cut = time.Now(), string(body), err
	if got.StatusCode != http.StatusOK {
		a.cut = fmt.Errorf("status %d", got.StatusCode)
	}
	return a
}

// inHand begins a scrape, and returns when the server has read its request, or the scrape has ended.
func inHand(t *testing.T, world *simulator.World, address string) (end func() answer) {
	t.Helper()
	calls := func() (n int) { // that only scrapes make
		for _, of := range world.Calls("us") {
			n += of
		}
		return n
	}
	before := calls()
	ended := make(chan answer, 1)
	go func() { ended <- ask(t.Context(), address, "/metrics") }()
	for calls() == before && len(ended) == 0 {
		runtime.Gosched()
	}
	return func() answer { return <-ended }
}

// TestTerminatedAtRandom sends SIGTERM at random moments under load. CCAAS_TERMINATIONS says how often.
func TestTerminatedAtRandom(t *testing.T) {
	t.Parallel()
	times := 20
	if n, err := strconv.Atoi(os.Getenv("CCAAS_TERMINATIONS")); err == nil {
		times = n
	}
	world, configuration := patientWorld(t, "")
	program := binary(t)
	world.Inject("emea", simulator.Fault{Path: "/", Delay: 60 * time.Millisecond})
	world.Inject("us", simulator.Fault{Path: "/", Delay: 60 * time.Millisecond})
	inHand := 0
	for range times {
		inHand += terminateUnderLoad(t, startProcess(t, program, configuration))
	}
	if inHand < times {
		t.Errorf("%d scrapes in hand at %d ends: the test looks at too little", inHand, times)
	}
	t.Logf("%d scrapes in hand at %d ends", inHand, times)
}

// accountFamilies are the families of a page, those of accounts with each account. Single series come and go, as agents do.
func accountFamilies(page string) map[string]bool {
	found := map[string]bool{}
	for series := range parseSamples(page) {
		name, labels, _ := strings.Cut(series, "{")
		if _, account, of := strings.Cut(labels, `account="`); of {
			account, _, _ = strings.Cut(account, `"`)
			name += " " + account
		}
		if strings.HasPrefix(name, "ccaas_") {
			found[name] = true
		}
	}
	return found
}

// terminateUnderLoad returns how many scrapes were in hand when SIGTERM was sent. What is answered is answered whole. A
// request that the server has not read by then is not answered: it has accepted the connection, or the kernel has.
func terminateUnderLoad(t *testing.T, p running) (inHand int) {
	t.Helper()
	want := accountFamilies(ask(t.Context(), p.address, "/metrics").body)
	var mu sync.Mutex
	var answers []answer
	var scraping sync.WaitGroup
	for range 4 {
		scraping.Go(func() {
			for {
				a := ask(t.Context(), p.address, "/metrics")
				mu.Lock()
				answers = append(answers, a)
				mu.Unlock()
				if a.err != nil {
					return
				}
			}
		})
	}
	<-time.After(rand.N(400 * time.Millisecond))
	sent := time.Now()
	p.terminate(t)
	scraping.Wait()
	for _, a := range answers {
		if a.cut != nil {
			t.Errorf("a scrape begun %v before SIGTERM is cut: %v", sent.Sub(a.began), a.cut)
		}
		if a.err != nil || a.cut != nil {
			continue
		}
		if a.began.Before(sent) && a.ended.After(sent) {
			inHand++
		}
		got := accountFamilies(a.body)
		for family := range want { // others may have come since
			if !got[family] {
				t.Errorf("a scrape begun %v before SIGTERM lacks %s, and has %d of %d families", sent.Sub(a.began), family, len(got), len(want))
			}
		}
	}
	return inHand
}

// stuckReader asks for more than it reads.
func stuckReader(t *testing.T, p running) (then func()) {
	t.Helper()
	small := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
	}}
	c, err := small.DialContext(t.Context(), "tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	go func() { // until the connection is closed: more answers than buffers hold
		for err == nil {
			_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		}
	}()
	<-time.After(2 * time.Second) // by now the server waits for the reader
	return func() { _ = c.Close() }
}

// TestTerminatedWhileStuck: what does not end by itself costs neither the exit code nor the time.
func TestTerminatedWhileStuck(t *testing.T) {
	t.Parallel()
	mute, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mute.Close() })
	world, configuration := patientWorld(t, fmt.Sprintf("sip_targets: [{name: mute, uri: \"sip:%s\", requests: 100, spacing: 100ms, timeout: 20s}]\n", mute.LocalAddr()))
	streaming(t, configuration)
	program := binary(t)
	for name, stick := range map[string]func(t *testing.T, p running) (then func()){
		"a probe in hand": func(t *testing.T, p running) func() {
			t.Helper()
			var probing sync.WaitGroup
			var got answer
			probing.Go(func() { got = ask(t.Context(), p.address, "/probe?module=sip_options&target=mute") })
			buffer := make([]byte, 4096)
			if _, _, err := mute.ReadFrom(buffer); err != nil { // it is under way
				t.Error(err)
			}
			return func() {
				probing.Wait()
				if got.err != nil || got.cut != nil || !strings.Contains(got.body, "probe_success 0") {
					t.Errorf("probe in hand = %+v, want an answer", got)
				}
			}
		},
		"a reader that does not read": stuckReader,
		"a platform that does not answer": func(t *testing.T, p running) func() {
			t.Helper()
			remove := world.Inject("emea", simulator.Fault{Path: "/", Hang: true})
			end := inHand(t, world, p.address)
			return func() {
				if got := end(); got.err != nil || got.cut != nil || !strings.Contains(got.body, `ccaas_agents{account="us"`) {
					t.Errorf("scrape in hand = %v %v, want an answer with what is known\n%s", got.err, got.cut, p.log)
				}
				remove()
			}
		},
		"a channel that cannot be left": func(t *testing.T, p running) func() {
			t.Helper()
			for !strings.Contains(ask(t.Context(), p.address, "/metrics").body, `ccaas_stream_connected{account="emea",platform="genesys",region_code="eu-central-1"} 1`) {
				if t.Context().Err() != nil {
					t.Fatal("the stream does not connect")
				}
			}
			return world.Inject("emea", simulator.Fault{Method: http.MethodDelete, Path: "/", Hang: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := startProcess(t, program, configuration)
			ask(t.Context(), p.address, "/metrics")
			then := stick(t, p)
			p.terminate(t)
			then()
		})
	}
}

func TestAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		began := time.Now()
		later, cancel := after(ctx, 9*time.Second)
		defer cancel()
		time.AfterFunc(time.Minute, end)
		<-later.Done()
		if took := time.Since(began); took != 69*time.Second {
			t.Errorf("it ended after %v, want 69 s", took)
		}
		unused, cancel := after(t.Context(), time.Second)
		cancel()
		<-unused.Done()
	})
}
