package app

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// program is the exporter as a user runs it, on real sockets.
type program struct {
	url  string
	log  *logLines
	stop func() error // as SIGTERM does; waits for the end
}

// startProgram runs the exporter until the test ends.
func startProgram(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	log := &logLines{listening: make(chan string, 1)}
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, append([]string{"--web.listen-address=127.0.0.1:0"}, args...), io.Discard, log)
	}()
	p := &program{log: log, stop: sync.OnceValue(func() error { cancel(); return <-ended })}
	t.Cleanup(func() {
		if err := p.stop(); err != nil {
			t.Errorf("the exporter ended with %v", err)
		}
	})
	select {
	case address := <-log.listening:
		p.url = "http://" + address
	case err := <-ended:
		ended <- err
		t.Fatalf("the exporter ended before it listened: %v\n%s", err, log)
	case <-time.After(20 * time.Second):
		t.Fatalf("the exporter does not listen:\n%s", log)
	}
	return p
}

// get asks a route and returns status and body.
func (p *program) get(t *testing.T, path string, header ...string) (int, string) {
	t.Helper()
	return p.do(t, http.MethodGet, path, header...)
}

func (p *program) do(t *testing.T, method, path string, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, p.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// scrape returns the samples of one scrape by name and labels.
func (p *program) scrape(t *testing.T) samples {
	t.Helper()
	status, body := p.get(t, "/metrics")
	if status != http.StatusOK {
		t.Fatalf("GET /metrics = %d:\n%s", status, body)
	}
	return parseSamples(body)
}

// samples are values as text, by series as in the exposition format.
type samples map[string]string

func parseSamples(body string) samples {
	s := samples{}
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		if i := strings.LastIndexByte(line, ' '); i > 0 && line[0] != '#' {
			s[line[:i]] = line[i+1:]
		}
	}
	return s
}

// find returns the value of the only series of a name that has all these labels, each written name="value"; "" when
// there is none.
func (s samples) find(t *testing.T, name string, labels ...string) string {
	t.Helper()
	found, value := 0, ""
next:
	for series, v := range s {
		if !strings.HasPrefix(series, name+"{") {
			continue
		}
		for _, label := range labels {
			if !strings.Contains(series, label) {
				continue next
			}
		}
		found, value = found+1, v
	}
	if found > 1 {
		t.Fatalf("%d series are %s with %s, want one", found, name, labels)
	}
	return value
}

// count returns how many series of a name have all these labels.
func (s samples) count(name string, labels ...string) (n int) {
next:
	for series := range s {
		if !strings.HasPrefix(series, name+"{") {
			continue
		}
		for _, label := range labels {
			if !strings.Contains(series, label) {
				continue next
			}
		}
		n++
	}
	return n
}

// logLines keeps what the exporter logs and sends the address that it listens on.
type logLines struct {
	mu        sync.Mutex
	buffer    bytes.Buffer
	listening chan string
}

var listeningOn = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

func (l *logLines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !bytes.Contains(line, []byte("Listening on")) {
		return l.buffer.Write(line)
	}
	if m := listeningOn.FindSubmatch(line); m != nil {
		select {
		case l.listening <- string(m[1]):
		default:
		}
	}
	return l.buffer.Write(line)
}

func (l *logLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}

// startWorld serves simulated platforms until the test ends.
func startWorld(tb testing.TB, o simulator.Options) *simulator.World {
	tb.Helper()
	if o.Scenario == "" {
		o.Scenario = "calm"
	}
	world, err := simulator.NewWorld(o)
	if err != nil {
		tb.Fatal(err)
	}
	if err := world.Start(context.WithoutCancel(tb.Context()), "127.0.0.1:0"); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = world.Close() })
	return world
}

// writeFile puts a file into a directory of the test's own.
func writeFile(t *testing.T, name, content string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// configure changes the configuration of every account of one platform.
func configure[C account](c *Config, change func(*C)) {
	for i := range c.accounts {
		if a, ok := c.accounts[i].account.(C); ok {
			change(&a)
			c.accounts[i].account = a
		}
	}
}
