package webhook

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// attack is a number of connections that abuse the listener in one way.
type attack struct {
	from string             // source address; a %d in it makes one for each connection
	n    int                // connections
	send func(i int) string // what each of them sends
	want int                // status of each answer; 0 = the connections are held open and not answered
}

// attacks are all kinds, each from sources of its own, so that no attack takes the share of another.
func (a *abused) attacks(t *testing.T) (answered map[string]attack, held []attack) {
	head := func(more string) string {
		return "POST /webhook/voice HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + more
	}
	huge := strings.Repeat("x", 65536)
	other := func(i int) string { return call(1_000_000 + i) }
	same := func(text string) func(int) string { return func(int) string { return text } }
	forged, changed := [100]string{}, [50]string{}
	for i := range forged {
		forged[i] = wire(t, a.forger, other(i), other(i))
	}
	for i := range changed {
		changed[i] = wire(t, a.sender, other(i), other(i+1))
	}
	slow := wire(t, a.forger, huge, huge)
	answered = map[string]attack{
		"forged":          {"127.0.0.11", 100, func(i int) string { return forged[i] }, 404},
		"changed":         {"127.0.0.12", 50, func(i int) string { return changed[i] }, 404},
		"unsigned":        {"127.0.0.13", 50, same(head("Content-Length: 2\r\n\r\n[]")), 404},
		"no hook":         {"127.0.0.14", 50, same("GET / HTTP/1.0\r\n\r\n"), 404},
		"replayed":        {"127.0.0.15", 100, same(a.authentic), 200},
		"huge, announced": {"127.0.0.16", 8, same(head("Content-Length: 1000000000\r\n\r\n")), 413},
		"huge, in chunks": {"127.0.0.17", 8, same(head("Transfer-Encoding: chunked\r\n\r\n10001\r\n" + huge + "x")), 413},
		"huge head":       {"127.0.0.18", 8, same(head("X: " + huge + "\r\n\r\n")), 431},
		"no HTTP":         {"127.0.0.19", 8, same("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n"), 400},
	}
	held = []attack{ // idle, half-open, and with slow bodies
		{"127.0.0.21", 100, same(""), 0},
		{"127.0.0.22", 100, same("POST /webhook/voice HT"), 0},
		{"127.0.0.23", 40, same(head("Content-Length: 60000\r\n\r\n" + huge[:30_000])), 0},
		{"127.0.0.24", 40, same("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n" + huge[:30_000]), 0},
		{"127.0.0.25", 40, same(slow[:len(slow)-30_000]), 0},
		{"127.0.1.%d", 100, same(""), 0},
		{"127.0.2.%d", 100, same(strayRequest + strayRequest), 0},
	}
	return answered, held
}

// wire is a request as it is sent, with a body that may be another than was signed.
func wire(t *testing.T, s sender, signed, sent string) string {
	r := s.request(t, "/webhook/voice", signed)
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(sent)), int64(len(sent))
	r.Close = true // the server has closed the connection when the sender has read its answer
	var text bytes.Buffer
	if err := r.Write(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// connect opens connection i of an attack and sends what it sends.
func (a attack) connect(t *testing.T, address string, i int) net.Conn {
	from := a.from
	if strings.Contains(from, "%d") {
		from = fmt.Sprintf(from, i+1)
	}
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	conn, err := dialer.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Error(err)
		return nil
	}
	_, _ = io.WriteString(conn, a.send(i)) // the other side may have enough before the end
	return conn
}

// answers runs an attack, four connections at once, and counts the answers by status: 0 where a connection was closed
// without one.
func (a attack) answers(t *testing.T, address string) map[int]int {
	counts := map[int]int{}
	var mu sync.Mutex
	var running sync.WaitGroup
	var next atomic.Int64
	for range 4 {
		running.Go(func() {
			for i := int(next.Add(1)) - 1; i < a.n; i = int(next.Add(1)) - 1 {
				conn := a.connect(t, address, i)
				if conn == nil {
					continue
				}
				status := answerOf(conn)
				_ = conn.(*net.TCPConn).CloseWrite()
				_, _ = io.Copy(io.Discard, conn) // until the server has given its place back
				_ = conn.Close()
				mu.Lock()
				counts[status]++
				mu.Unlock()
			}
		})
	}
	running.Wait()
	return counts
}

// abused is a receiver under attack, and a sender that goes on delivering.
type abused struct {
	*under
	address   string
	forger    sender // knows everything but the key
	authentic string // has been accepted
	delivered int
	metrics   string // URL of another handler of the same process
}

// deliver sends events, each over a connection of its own, and asks the other handler in between.
func (a *abused) deliver(t *testing.T, n int) {
	for range n {
		a.delivered++
		conn := dialFrom(t, "127.0.0.2", a.address)
		body := call(a.delivered)
		if got := open(t, conn, wire(t, a.sender, body, body)); got != http.StatusOK {
			t.Errorf("delivery %d = %d, want 200", a.delivered, got)
		}
		_ = conn.Close()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.metrics, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Errorf("the other handler: %v", err)
			continue
		}
		if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
			t.Errorf("the other handler = %d, %v, want 200", answer.StatusCode, err)
		}
	}
}

// TestAbuse attacks the listener in all ways at once while a sender delivers. Nothing is accepted that is not
// authentic; every delivery is, and every request to another handler of the process is answered.
func TestAbuse(t *testing.T) {
	a := &abused{under: newUnder(t, ", rate_limit: {requests_per_second: 1000000, burst: 10000}")}
	c := a.config
	c.MaxConnections, c.MaxConnectionsPerSource = 128, 8
	if err := a.Apply(c); err != nil {
		t.Fatal(err)
	}
	a.address, a.forger = startServer(t, a.Receiver), a.sender
	a.forger.key = newKey(t)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	defer other.Close()
	a.metrics = other.URL
	a.authentic = wire(t, a.sender, call(0), call(0))
	conn := dialFrom(t, "127.0.0.2", a.address)
	if got := open(t, conn, a.authentic); got != http.StatusOK {
		t.Fatalf("the first delivery = %d, want 200", got)
	}
	_ = conn.Close()
	before := usage()

	answered, held := a.attacks(t)
	got, want := map[string]map[int]int{}, map[string]map[int]int{}
	var mu sync.Mutex
	var attacking sync.WaitGroup
	for name, attack := range answered {
		want[name] = map[int]int{attack.want: attack.n}
		attacking.Go(func() {
			answers := attack.answers(t, a.address)
			mu.Lock()
			defer mu.Unlock()
			got[name] = answers
		})
	}
	a.deliver(t, 50)
	attacking.Wait()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	attempts := 0
	for _, attack := range held {
		attempts += attack.n
		for i := range attack.n {
			if conn := attack.connect(t, a.address, i); conn != nil {
				defer conn.Close()
			}
		}
	}
	a.deliver(t, 50)
	during, memory, refused := usage(), a.buffers.inHand(), refusedOf(a.Receiver)
	a.judge(t)
	t.Logf("%d connections held open of %d attempts; refused %v; bodies take %d bytes", a.connections.inHand(), attempts, refused, memory)
	t.Logf("before the attacks %s, during %s, with the attackers' own", before, during)
	if most := int64(8 * (65536 + 1)); memory > most {
		t.Errorf("bodies take %d bytes, want at most the %d of one source", memory, most)
	}
	if refused[shareTaken] == 0 || refused[allTaken] == 0 {
		t.Errorf("refused connections = %v, want some for each limit", refused)
	}
}

// judge holds what was counted against what was sent.
func (a *abused) judge(t *testing.T) {
	for a.hooks["voice"].pending.Load() > 0 {
		runtime.Gosched()
	}
	m := a.accounts["us"]
	got := map[string]float64{
		"events":        total(t, m.events, "voice", "voice_quality"),
		"duplicates":    total(t, m.duplicates, "voice", "voice_quality"),
		"accepted":      total(t, m.requests, "voice", "200"),
		"bad_signature": total(t, m.failures, "voice", string(badSignature)),
	}
	genuine := float64(1 + a.delivered)
	want := map[string]float64{"events": genuine, "duplicates": 100, "accepted": genuine + 100, "bad_signature": 150}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
	if a.known.has(sourceOf("127.0.0.15:1").sum(), time.Now()) {
		t.Error("the source of the replays is known as a sender")
	}
}

// usage is the memory of the process and its number of file descriptors.
func usage() string {
	memory, descriptors := "unknown", "unknown"
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		_, rest, _ := strings.Cut(string(status), "VmRSS:")
		memory, _, _ = strings.Cut(strings.TrimSpace(rest), "\n")
	}
	if entries, err := os.ReadDir("/proc/self/fd"); err == nil {
		descriptors = fmt.Sprint(len(entries))
	}
	return fmt.Sprintf("%s of memory and %s descriptors", memory, descriptors)
}

// inHand is how much memory bodies take.
func (b *buffers) inHand() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all
}

// inHand is the number of open connections.
func (c *connections) inHand() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all
}
