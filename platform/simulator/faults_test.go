package simulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestFaults(t *testing.T) {
	w := started(t, Options{})
	c := loggedOn(t, w, emea)
	removeAll := w.Inject(emea, Fault{Path: "/api/v2/date", Status: 503, Body: "gone", Header: http.Header{"retry-after": {"7"}}})
	w.Inject(emea, Fault{Method: "GET", Path: "/api/*/date", Status: 502, Times: 2})
	for i, want := range []int{502, 502, 503, 503} {
		if r := c.get("/api/v2/date"); r.status != want {
			t.Errorf("call %d = %d, want %d", i, r.status, want)
		}
	}
	if r := c.get("/api/v2/date"); string(r.body) != "gone" || r.header.Get("Retry-After") != "7" {
		t.Errorf("body %q, header %v", r.body, r.header)
	}
	if r := c.get("/api/v2/tokens/me"); r.status != 200 {
		t.Errorf("other path = %d", r.status)
	}
	removeAll()
	w.Inject(emea, Fault{Path: "/api/v2/date", ClockOffset: time.Hour, Times: 1})
	r := c.get("/api/v2/date")
	host, err := http.ParseTime(r.header.Get("Date"))
	reported, reportedErr := time.Parse(time.RFC3339, r.json(t)["currentDate"].(string))
	if err != nil || reportedErr != nil || time.Until(host) < 59*time.Minute || time.Until(reported) < 59*time.Minute {
		t.Errorf("ClockOffset: Date %v, currentDate %v", r.header.Get("Date"), reported)
	}
	w.Inject(emea, Fault{Rewrite: func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("currentDate"), []byte("date")) }, Times: 1})
	if v := c.ok("/api/v2/date"); v["date"] == nil {
		t.Errorf("Rewrite: %v", v)
	}
	w.Inject(emea, Fault{Truncate: 10, Times: 1})
	if r := c.get("/api/v2/date"); r.status != 200 || len(r.body) != 10 || r.header.Get("Content-Length") != "10" {
		t.Errorf("Truncate: %d %q", r.status, r.body)
	}
	if r := c.get("/api/v2/date"); r.status != 200 {
		t.Errorf("after all faults = %d", r.status)
	}
	noViolations(t, w)
}

// TestRepeat: an answer is made once for each request, and while the fault lasts.
func TestRepeat(t *testing.T) {
	w := started(t, Options{})
	c := loggedOn(t, w, emea)
	const path = "/api/v2/telephony/providers/edges/metrics?edgeIds="
	first := ""
	for _, e := range items(t, c.ok("/api/v2/telephony/providers/edges"), "entities") {
		if e["edgeDeploymentType"] != "CDM" {
			first = e["id"].(string)
		}
	}
	remove := w.Inject(emea, Fault{Method: http.MethodGet, Repeat: true})
	once, other := c.get(path+first), c.get("/api/v2/date")
	for range 3 {
		if again := c.get(path + first); string(again.body) != string(once.body) || again.status != http.StatusOK {
			t.Errorf("answer = %d %s, want %s again", again.status, again.body, once.body)
		}
	}
	if string(other.body) == string(once.body) {
		t.Error("another request was answered alike")
	}
	remove()
	if after := c.get(path + first); string(after.body) == string(once.body) {
		t.Error("the answer is repeated after the fault has gone")
	}
	noViolations(t, w)
}

// TestBrokenConnections wants an error of the connection, not of HTTP.
func TestBrokenConnections(t *testing.T) {
	w := started(t, Options{})
	ask := func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.URL(us)+"/.well-known/openid-configuration", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		_, err = io.Copy(io.Discard, response.Body)
		return err
	}
	remove := w.Inject(us, Fault{Reset: true})
	if err := ask(t.Context()); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("Reset: %v", err)
	}
	remove()
	w.Inject(us, Fault{Hang: true, Times: 1})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := ask(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Hang: %v", err)
	}
	w.Inject(us, Fault{Delay: 30 * time.Millisecond, Times: 1})
	began := time.Now()
	if err := ask(t.Context()); err != nil || time.Since(began) < 30*time.Millisecond {
		t.Errorf("Delay: %v after %v", err, time.Since(began))
	}
}

func TestInjectUnknownSite(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	made(t, Options{}).Inject("nowhere", Fault{})
}

// TestClose ends a world while a request hangs, and looks for what it has left behind.
func TestClose(t *testing.T) {
	w := made(t, Options{})
	if err := w.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if err := w.Start(t.Context(), "127.0.0.1:0"); err == nil {
		t.Error("started twice")
	}
	reached := make(chan struct{})
	w.Inject(emea, Fault{Delay: time.Hour})
	failed := make(chan error, 1)
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { close(reached) },
	})
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.URL(emea)+"/api/v2/date", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			err = errors.Join(errors.New(response.Status), response.Body.Close())
		}
		failed <- err
	}()
	<-reached
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if err := <-failed; err == nil {
		t.Error("the hanging request has got an answer")
	}
	if err := w.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for _, name := range []string{"simulator.stop", "simulator.(*site).ServeHTTP", "http.(*Server).Serve("} {
		if strings.Contains(string(stacks), name) {
			t.Errorf("%s is still running:\n%s", name, stacks)
		}
	}
}

func TestStartErrors(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1": "simulator address: ",
		"0.0.0.0:0": "simulator listens on loopback only",
	} {
		if err := made(t, Options{}).Start(t.Context(), address); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Start(%q) = %v, want %q", address, err, want)
		}
	}
}

// TestHangWithoutSocket proves that Hang lasts until the client leaves, whatever time it takes.
func TestHangWithoutSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{})
		w.Inject(emea, Fault{Hang: true})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "/api/v2/date", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		defer func() {
			err, _ := recover().(error)
			if !errors.Is(err, http.ErrAbortHandler) || time.Since(began) != time.Hour {
				t.Errorf("Hang ended after %v with %v", time.Since(began), err)
			}
		}()
		w.sites[emea].ServeHTTP(nopWriter{http.Header{}}, request)
	})
}

// nopWriter is an answer without a reader.
type nopWriter struct{ header http.Header }

func (n nopWriter) Header() http.Header         { return n.header }
func (n nopWriter) Write(b []byte) (int, error) { return len(b), nil }
func (n nopWriter) WriteHeader(int)             {}
