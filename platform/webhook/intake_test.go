package webhook

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
)

// endless is a body that does not end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestBodies(t *testing.T) {
	var bomb bytes.Buffer
	packer := gzip.NewWriter(&bomb)
	if _, err := packer.Write(make([]byte, 10<<20)); err != nil {
		t.Fatal(err)
	}
	if err := packer.Close(); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		body   io.Reader
		length int64 // announced; -1 = chunked
		gzip   bool
		status int
		why    reason
	}{
		"100 MB announced":   {strings.NewReader(""), 100 << 20, false, 413, tooLarge},
		"100 MB in chunks":   {io.LimitReader(&endless{}, 100<<20), -1, false, 413, tooLarge},
		"gzip bomb":          {&bomb, int64(bomb.Len()), true, 415, badEncoding},
		"connection ends":    {io.MultiReader(strings.NewReader(`{"Contact`), broken{}), -1, false, 400, notRead},
		"gzip bomb, unnamed": {bytes.NewReader(bomb.Bytes()), int64(bomb.Len()), false, 404, noCredentials},
		"largest allowed":    {bytes.NewReader(make([]byte, 65536)), 65536, false, 404, noCredentials},
		"one byte too many":  {bytes.NewReader(make([]byte, 65537)), -1, false, 413, tooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			u := newUnder(t, "")
			r := unsigned(tc.body)
			r.ContentLength = tc.length
			if tc.gzip {
				r.Header.Set("Content-Encoding", "gzip")
			}
			if got := serve(u.Receiver, r); got.Code != tc.status {
				t.Errorf("status = %d, want %d", got.Code, tc.status)
			}
			if diff := cmp.Diff(map[reason]float64{tc.why: 1}, u.refused(t)); diff != "" {
				t.Errorf("refused (-want +got):\n%s", diff)
			}
			if left := u.buffers.all; left != 0 {
				t.Errorf("%d bytes are still taken", left)
			}
		})
	}
}

// TestMemoryIsBounded holds bodies back until no more of them fit.
func TestMemoryIsBounded(t *testing.T) {
	u := newUnder(t, "")
	c := u.config
	c.MaxBuffered = 10 * firstChunk
	if err := u.Apply(c); err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	hold := make(chan struct{})
	arrived := make(chan struct{})
	for i := range 10 {
		body, send := io.Pipe()
		r := u.sender.request(t, "/webhook/voice", call(100+i)) // its head promises a good one
		r.Body, r.ContentLength = body, -1
		serving.Go(func() { serve(u.Receiver, r) })
		go func() {
			_, _ = send.Write([]byte("x")) // returns when it was read
			arrived <- struct{}{}
			<-hold
			_ = send.Close()
		}()
		<-arrived
	}
	w := serve(u.Receiver, u.sender.request(t, "/webhook/voice", call(1)))
	if w.Code != 503 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("with all memory taken: %d, Retry-After %q, want 503 and 1", w.Code, w.Header().Get("Retry-After"))
	}
	close(hold)
	serving.Wait()
	if got := u.post(t, call(2)); got != 200 {
		t.Errorf("with the memory given back: %d, want 200", got)
	}
}

// TestFlood sends 10,000 signed and 10,000 unsigned requests in a second.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnder(t, "")
		answers := map[int]int{}
		for i := range 10_000 {
			answers[u.post(t, call(i))]++
			go serve(u.Receiver, unsigned(strings.NewReader(call(i))))
			if i%100 == 99 {
				time.Sleep(10 * time.Millisecond)
			}
		}
		time.Sleep(refusalTime)
		refused := u.refused(t)
		want := map[int]int{200: answers[200], 429: 10_000 - answers[200]}
		if diff := cmp.Diff(want, answers); diff != "" || answers[200] < 500 || answers[200] > 600 {
			t.Errorf("answers = %v, want 500 to 600 of 200 and else 429", answers)
		}
		if refused[noCredentials] != 10_000 || refused[rateLimited] != float64(answers[429]) || u.events(t) != float64(answers[200]) {
			t.Errorf("refused %v, %v events, want %v", refused, u.events(t), answers)
		}
		if lines := strings.Count(u.log.String(), "\n"); lines != 2 {
			t.Errorf("%d lines are logged, want one for each reason:\n%.500s", lines, u.log)
		}
		time.Sleep(time.Second)
		if got := u.post(t, call(-1)); got != 200 {
			t.Errorf("a second later = %d, want 200", got)
		}
	})
}

// TestFullQueue fills the queue of a hook that does not count yet.
func TestFullQueue(t *testing.T) {
	u := newUnder(t, ", queue_size: 4")
	m := newMetrics()
	h, err := newHook(u.config.Hooks[0], m, nil, u.Receiver.log)
	if err != nil {
		t.Fatal(err)
	}
	hooks, accounts := u.hooks, u.accounts
	u.hooks, u.accounts = map[string]*hook{"voice": h}, map[string]*metrics{"us": m}
	late := u.sender.request(t, "/webhook/voice", call(9))
	for i, tc := range []struct {
		body   string
		status int
	}{
		{"[" + call(1) + "," + call(2) + "]", 200},
		{"[" + call(3) + "," + call(4) + "," + call(5) + "]", 503}, // all or none
		{"[" + call(6) + "," + call(7) + "]", 200},
		{call(8), 503},
		{"[]", 200}, // needs no room
		{"[" + strings.Repeat(call(1)+",", 4) + call(2) + "]", 413}, // would never fit
	} {
		if got := u.post(t, tc.body); got != tc.status {
			t.Errorf("request %d = %d, want %d", i, got, tc.status)
		}
	}
	if got := serve(u.Receiver, late).Code; got != 503 {
		t.Errorf("status = %d, want 503", got)
	}
	u.hooks, u.accounts = hooks, accounts
	h.start()
	h.close()
	if got := total(t, m.events, "voice", "voice_quality"); got != 4 {
		t.Errorf("%v events are counted, want the 4 that were acknowledged", got)
	}
	if left := h.pending.Load(); left != 0 {
		t.Errorf("%d events are pending", left)
	}
}

// TestSlowSenders keep a connection open without finishing: the head of a request, or its body.
func TestSlowSenders(t *testing.T) {
	u := newUnder(t, "")
	c := u.config
	c.ReadTimeout = model.Duration(200 * time.Millisecond)
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := c.Server(u.Receiver, u.Receiver.log)
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	for name, sent := range map[string]string{
		"head": "POST /webhook/voice HTTP/1.1\r\nHost: h\r\nX-Slow: ",
		"body": "POST /webhook/voice HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{",
	} {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := fmt.Fprint(conn, sent); err != nil {
			t.Fatal(err)
		}
		if err := conn.SetReadDeadline(start.Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(conn); err != nil {
			t.Errorf("slow %s: after %v %v, want the connection closed", name, time.Since(start), err)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff(map[reason]float64{notRead: 1}, u.refused(t)); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	serving.Wait()
}
