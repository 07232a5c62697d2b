package app

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/time/rate"
)

// abuse is a kind of connection to the main listener that is no scrape.
type abuse struct {
	n    int // connections
	send string
	want string // first line of each answer; "" = the connections are held open, and not answered
}

// TestAbuse attacks the main listener in all ways at once. Every scrape in the meantime is answered whole, and nothing is
// left behind.
func TestAbuse(t *testing.T) {
	_, configuration := patientWorld(t, "")
	p := startProgram(t, "--config.file="+configuration)
	address := strings.TrimPrefix(p.url, "http://")
	want := len(p.scrape(t))
	huge := strings.Repeat("x", 200<<10)
	bad, notFound := "HTTP/1.1 400 Bad Request", "HTTP/1.1 404 Not Found"
	attacks := map[string]abuse{
		"idle":                {150, "", ""},
		"half a head":         {100, "GET /metrics HT", ""},
		"slow body":           {50, "POST /-/reload HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nContent-Length: 100000\r\n\r\n" + huge[:1000], ""},
		"huge head":           {20, "GET /metrics HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat(huge, 10) + "\r\n\r\n", "HTTP/1.1 431 Request Header Fields Too Large"},
		"huge body":           {20, "POST /config HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"},
		"many parameters":     {20, "GET /metrics?" + strings.Repeat("account=x&", 5000) + " HTTP/1.1\r\nHost: x\r\n\r\n", bad},
		"unknown accounts":    {50, "GET /metrics?account=no HTTP/1.1\r\nHost: x\r\n\r\n", notFound},
		"unknown path":        {50, "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 307 Temporary Redirect"},
		"forged target":       {50, "GET /probe?module=sip_options&target=sip:127.0.0.1 HTTP/1.1\r\nHost: x\r\n\r\n", notFound},
		"from another origin": {50, "POST /-/reload HTTP/1.1\r\nHost: x\r\nOrigin: http://evil.example\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 403 Forbidden"},
		"no HTTP":             {20, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", bad},
	}
	var attacking sync.WaitGroup
	for name, a := range attacks {
		attacking.Go(func() { a.run(t, name, address) })
	}
	before, slowest := usage(), time.Duration(0)
	for range 20 {
		began := time.Now()
		if got := len(p.scrape(t)); got < want {
			t.Errorf("a scrape under attack has %d series, want at least %d", got, want)
		}
		slowest = max(slowest, time.Since(began))
	}
	attacking.Wait()
	if got := len(p.scrape(t)); got < want {
		t.Errorf("a scrape with connections held open has %d series, want at least %d", got, want)
	}
	t.Logf("20 scrapes under attack, the slowest in %v; before %s, during %s, with the attackers' own and the simulator", slowest, before, usage())
}

// usage is the memory of the process and its number of descriptors, for the log of a test.
func usage() string {
	status, err := os.ReadFile("/proc/self/status")
	descriptors, err2 := os.ReadDir("/proc/self/fd")
	if err != nil || err2 != nil {
		return "unknown"
	}
	_, memory, _ := strings.Cut(string(status), "VmRSS:")
	memory, _, _ = strings.Cut(memory, "\n")
	return fmt.Sprintf("%s and %d descriptors", strings.TrimSpace(memory), len(descriptors))
}

// run opens the connections one after the other and reads the answers; those that are not answered stay open until the test
// ends.
func (a abuse) run(t *testing.T, name, address string) {
	got, want := map[string]int{}, map[string]int{}
	for range a.n {
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		t.Cleanup(func() { _ = c.Close() })
		_, _ = io.WriteString(c, a.send) // the other side may have enough before the end
		if a.want == "" {
			continue
		}
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
		line, _, _ := strings.Cut(readSome(c), "\r\n")
		got[line]++
		want[a.want]++
		_ = c.Close()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: answers (-want +got):\n%s", name, diff)
	}
}

// readSome returns the beginning of what comes.
func readSome(c net.Conn) string {
	buffer := make([]byte, 512)
	n, _ := io.ReadAtLeast(c, buffer, 16)
	return string(buffer[:n])
}

// TestConnectionLimit: connections beyond the limit are closed at once, and one that ends makes room for another.
func TestConnectionLimit(t *testing.T) {
	log := &logLines{}
	limit := &connectionLimit{most: 2, log: slog.New(slog.NewTextHandler(log, nil)), refusals: rate.Sometimes{First: 1}}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") }))
	server.Config.ConnState = limit.note
	server.Start()
	defer server.Close()
	dial := func() net.Conn {
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	answered := func(c net.Conn) bool {
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		return strings.HasPrefix(readSome(c), "HTTP/1.1 200")
	}
	first, second := dial(), dial()
	if !answered(first) || !answered(second) {
		t.Fatal("two connections are not answered, want both")
	}
	if answered(dial()) {
		t.Error("a third connection is answered, want it closed")
	}
	if want := "connections refused"; !strings.Contains(log.String(), want) {
		t.Errorf("log = %q, want %q", log, want)
	}
	_ = first.Close()
	for !answered(dial()) { // until the server has noticed the end of the first
		if t.Context().Err() != nil {
			t.Fatal("no room is made")
		}
	}
}
