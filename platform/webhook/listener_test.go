package webhook

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// startServer serves a receiver as the program does, on a socket of its own, until the test ends.
func startServer(tb testing.TB, r *Receiver) (address string) {
	tb.Helper()
	l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	c := r.config
	server := c.Server(r, r.log)
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(r.Listener(l)) })
	tb.Cleanup(func() {
		_ = server.Close()
		serving.Wait()
	})
	return l.Addr().String()
}

// dialFrom connects from a loopback address such as 127.0.0.2. The test is skipped where there is only one.
func dialFrom(tb testing.TB, from, address string) net.Conn {
	tb.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	conn, err := dialer.DialContext(tb.Context(), "tcp", address)
	if err != nil && from != "127.0.0.1" {
		tb.Skipf("no second loopback address: %v", err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return conn
}

// closed waits until the other side has closed a connection, and fails when it sends something before.
func closed(tb testing.TB, conn net.Conn) {
	tb.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		tb.Fatal(err)
	}
	n, err := conn.Read(make([]byte, 1))
	if n > 0 || os.IsTimeout(err) {
		tb.Errorf("read %d, %v, want the connection closed", n, err)
	}
}

// open sends a request and returns the status of the answer, which shows that a connection was admitted.
func open(tb testing.TB, conn net.Conn, request string) (status int) {
	tb.Helper()
	if _, err := io.WriteString(conn, request); err != nil {
		tb.Error(err)
	}
	return answerOf(conn)
}

// answerOf reads an answer and returns its status, 0 when there is none.
func answerOf(conn net.Conn) (status int) {
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

// oneConnection is a listener of one connection, which tells when it is closed.
type oneConnection struct {
	net.Listener
	net.Conn
	closed func()
}

func (c oneConnection) Accept() (net.Conn, error) { return c, nil }
func (oneConnection) RemoteAddr() net.Addr        { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)} }
func (c oneConnection) Close() error              { c.closed(); return nil }

// TestPlaceIsFreeAtTheEnd: who sees that its connection was closed may open the next at once, also with a share of one.
func TestPlaceIsFreeAtTheEnd(t *testing.T) {
	r := newReceiver(t, io.Discard)
	ends := 0
	accepted, err := r.Listener(oneConnection{closed: func() {
		if ends++; r.connections.inHand() != 0 {
			t.Error("the place is still taken when the sender sees the end")
		}
	}}).Accept()
	if err != nil || r.connections.inHand() != 1 {
		t.Fatalf("%d connections, %v, want 1", r.connections.inHand(), err)
	}
	for range 2 { // a server may close twice
		if err := accepted.Close(); err != nil {
			t.Error(err)
		}
	}
	if n := r.connections.inHand(); ends != 2 || n != 0 {
		t.Errorf("%d connections after %d ends, want 0 and 2", n, ends)
	}
}

const strayRequest = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

// tokenRequest is one that hook voice of newLimited accepts.
func tokenRequest(id int) string {
	body := call(id)
	return fmt.Sprintf("POST /webhook/voice HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", token, len(body), body)
}

// lockedBuffer is a log that is read while the server writes to it.
type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func newLimited(tb testing.TB, log io.Writer, most, perSource int) *Receiver {
	tb.Helper()
	r := newReceiver(tb, log)
	c := parse(tb, fmt.Sprintf("{name: voice, kind: voice_quality, account: us, bearer: {file: %q}}", file(tb, token)))
	c.MaxConnections, c.MaxConnectionsPerSource = most, perSource
	if err := r.Apply(c); err != nil {
		tb.Fatal(err)
	}
	return r
}

// refusedOf returns the number of connections that were refused, by the limit.
func refusedOf(r *Receiver) map[string]float64 {
	return map[string]float64{
		allTaken: testutil.ToFloat64(r.refused.WithLabelValues(allTaken)), shareTaken: testutil.ToFloat64(r.refused.WithLabelValues(shareTaken)),
	}
}

// TestConnectionLimits opens connections until there are too many: of one source, then of all.
func TestConnectionLimits(t *testing.T) {
	var log lockedBuffer
	r := newLimited(t, &log, 8, 3)
	address := startServer(t, r)
	connect := func(from string) net.Conn {
		conn := dialFrom(t, from, address)
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	sender := connect("127.0.0.9")
	if got := open(t, sender, tokenRequest(1)); got != 200 {
		t.Fatalf("the sender gets %d, want 200", got)
	}
	var admitted []net.Conn
	for i := range 3 {
		admitted = append(admitted, connect("127.0.0.1"))
		if got := open(t, admitted[i], strayRequest); got != 404 {
			t.Errorf("connection %d of the first source = %d, want 404", i, got)
		}
	}
	closed(t, connect("127.0.0.1"))
	for range 2 {
		if got := open(t, connect("127.0.0.2"), strayRequest); got != 404 {
			t.Errorf("connection of the second source = %d, want 404", got)
		}
	}
	// Six of eight are taken: two are kept for the source whose request was accepted.
	closed(t, connect("127.0.0.3"))
	for i := range 2 {
		if got := open(t, connect("127.0.0.9"), tokenRequest(2+i)); got != 200 {
			t.Errorf("another connection of the sender = %d, want 200", got)
		}
	}
	closed(t, connect("127.0.0.9"))
	if diff := cmp.Diff(map[string]float64{allTaken: 1, shareTaken: 2}, refusedOf(r)); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	if lines := strings.Count(log.String(), "webhook connections refused"); lines != 2 {
		t.Errorf("%d lines are logged, want one for each limit:\n%s", lines, log.String())
	}

	// A connection that ends makes room. The server sees the end a little later.
	_ = admitted[0].Close()
	for r.connections.of(sourceOf("127.0.0.1:1")) == 3 {
		closed(t, connect("127.0.0.1"))
	}
	c := r.config
	c.MaxConnections = 40
	if err := r.Apply(c); err != nil { // a reload widens the limits of the listener that is open
		t.Fatal(err)
	}
	if got := open(t, connect("127.0.0.1"), strayRequest); got != 404 {
		t.Errorf("after an end = %d, want 404", got)
	}
}

// of returns the number of connections of a source.
func (c *connections) of(from source) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bySource[from]
}

func TestSourceOf(t *testing.T) {
	for remote, same := range map[string]string{
		"192.0.2.1:1":                  "192.0.2.1:2",
		"[::ffff:192.0.2.1]:1":         "192.0.2.1:1",
		"[2001:db8::1]:1":              "[2001:db8::ffff:0:1]:1",
		"[fe80::1%eth0]:1":             "[fe80::2%eth1]:1",
		"no address":                   "",
		"[2001:db8:0:0:1::1%lo]:65535": "[2001:db8::]:1",
	} {
		if got, want := sourceOf(remote), sourceOf(same); got != want {
			t.Errorf("sourceOf(%q) = %v, want %v as of %q", remote, got, want, same)
		}
	}
	for one, other := range map[string]string{"192.0.2.1:1": "192.0.2.2:1", "[2001:db8::1]:1": "[2001:db8:0:1::1]:1"} {
		if sourceOf(one) == sourceOf(other) {
			t.Errorf("sourceOf(%q) and sourceOf(%q) are the same", one, other)
		}
	}
}

// TestBufferShare lets one source take all the memory that it may: another still has its share.
func TestBufferShare(t *testing.T) {
	var b buffers
	one, other := sourceOf("192.0.2.1:1"), sourceOf("192.0.2.2:1")
	for i, tc := range []struct {
		from source
		n    int64
		want bool
	}{
		{one, 40, true}, {one, 21, false}, {one, 20, true}, {other, 41, false}, {other, 40, true}, {other, 1, false},
	} {
		if got := b.take(tc.from, tc.n, 100, 60); got != tc.want {
			t.Errorf("%d: take(%d) = %v, want %v", i, tc.n, got, tc.want)
		}
	}
	b.give(one, 60)
	b.give(other, 40)
	if b.all != 0 || len(b.bySource) != 0 {
		t.Errorf("with all given back: %d, %v, want nothing", b.all, b.bySource)
	}
}

// TestHeadRefusals sends bodies whose head is enough to refuse them: they take no memory, however many there are, and
// end as those of a path that does not exist.
func TestHeadRefusals(t *testing.T) {
	u := newUnder(t, "")
	for name, spoil := range map[string]func(*http.Request){
		"unknown path":   func(r *http.Request) { r.URL.Path = "/webhook/other" },
		"no credentials": func(r *http.Request) { r.Header = http.Header{} },
		"another method": func(r *http.Request) { r.Method = http.MethodPut },
		"unknown key":    func(r *http.Request) { r.Header.Set("WM_SEC.KEY_VERSION", "9") },
		"expired":        func(r *http.Request) { r.Header.Set("WM_CONSUMER.INTIMESTAMP", "1") },
	} {
		for _, tc := range []struct {
			what   string
			body   io.Reader
			status int
		}{
			{"a body", strings.NewReader(strings.Repeat("x", 65536)), 404},
			{"too large a body", io.LimitReader(&endless{}, 65537), 413},
			{"a body that breaks off", io.MultiReader(strings.NewReader("x"), broken{}), 400},
		} {
			most := int64(0)
			r := u.sender.request(t, "/webhook/voice", call(1))
			r.Body, r.ContentLength = io.NopCloser(io.TeeReader(tc.body, watcher(func() { most = max(most, u.buffers.all) }))), -1
			spoil(r)
			if got := serve(u.Receiver, r).Code; got != tc.status || most != 0 {
				t.Errorf("%s with %s = %d and took %d bytes, want %d and none", name, tc.what, got, most, tc.status)
			}
		}
	}
}

// watcher is called at each piece of a body.
type watcher func()

func (w watcher) Write(p []byte) (int, error) { w(); return len(p), nil }
