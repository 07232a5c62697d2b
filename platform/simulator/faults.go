// Faults: what a test makes go wrong on top of the scenario.

package simulator

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault changes the answers to the requests that it matches.
type Fault struct {
	Method, Path string              // "" = any; Path is a prefix or a path.Match pattern, compared without case
	Exact        bool                // Path is no prefix: one operation fails, those below it do not
	Status       int                 // 0 = answer as always, then apply the rest to the real answer
	Code         string              // with Status and without Body: the vendor's error body, with this code
	Header       http.Header         // replaces headers of the answer; an empty list deletes one
	Body         string              // replaces the body
	Delay        time.Duration       // from the request to the answer, however long that takes to make
	Hang         bool                // no answer until the client leaves
	Reset        bool                // RST in the middle of the body
	Truncate     int                 // ends the body after so many bytes, cleanly, with a Content-Length to match; 0 = whole
	Rewrite      func([]byte) []byte // edits the body: unknown enums, wrong types, duplicate names …
	Times        int                 // so many requests, then the fault is gone; 0 = until removed
	ClockOffset  time.Duration       // shifts the Date header and the clock readings in the answers of the host
	Repeat       bool                // answers as it did to the same request before, so that an answer takes no time to make
}

// fault is an injected Fault with its uses left; a nil one changes nothing.
type fault struct {
	Fault
	left   int     // 0 = no limit
	before answers // of Repeat
}

// answers are those that were made, by request.
type answers struct {
	mu    sync.Mutex
	known map[string]answer
}

func (a *answers) load(request string) (answer, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	known, ok := a.known[request]
	return known, ok
}

func (a *answers) store(request string, made answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known == nil {
		a.known = map[string]answer{}
	}
	a.known[request] = made
}

// Inject makes requests to a site fail as f says; of several faults that match, the newest wins. remove takes it back.
func (w *World) Inject(name string, f Fault) (remove func()) {
	s := w.sites[name]
	if s == nil {
		panic("simulator: no site named " + strconv.Quote(name)) // a typo in a test must not pass as a fault that never happens
	}
	injected := &fault{Fault: f, left: f.Times}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, injected)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.remove(injected)
	}
}

func (s *site) remove(f *fault) {
	s.faults = slices.DeleteFunc(s.faults, func(other *fault) bool { return other == f })
}

// fault picks the newest fault that matches, and uses it up.
func (s *site) fault(c *call) *fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range slices.Backward(s.faults) {
		if !f.matches(c.request.Method, c.request.URL.Path) {
			continue
		}
		if f.left > 0 {
			if f.left--; f.left == 0 {
				s.remove(f)
			}
		}
		return f
	}
	return nil
}

// repeat is the answer to the same request before, if there was one, and else a new one.
func (f *fault) repeat(c *call, answerTo func(*call) answer) answer {
	if f == nil || !f.Repeat {
		return answerTo(c)
	}
	key := c.request.Method + " " + c.request.URL.String() + " " + string(c.body)
	if a, ok := f.before.load(key); ok {
		return a
	}
	a := answerTo(c)
	if a.take == nil && a.status == http.StatusOK {
		f.before.store(key, a)
	}
	return a
}

func (f *fault) matches(method, requested string) bool {
	if f.Method != "" && f.Method != method {
		return false
	}
	want, have := strings.ToLower(f.Path), strings.ToLower(requested)
	if !f.Exact && strings.HasPrefix(have, want) {
		return true
	}
	matched, err := path.Match(want, have)
	return err == nil && matched
}

// write sends an answer with the fault applied.
func (f *fault) write(w http.ResponseWriter, c *call, a answer) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	if !c.clock.Equal(c.now) {
		h.Set("Date", c.clock.UTC().Format(http.TimeFormat))
	}
	c.site.finish(c, h)
	maps.Copy(h, c.extra)
	maps.Copy(h, a.header)
	if f == nil {
		send(w, c, a)
		return
	}
	if f.Hang {
		<-c.request.Context().Done()
		panic(http.ErrAbortHandler)
	}
	if f.Body != "" {
		a.body = []byte(f.Body)
	}
	if f.Rewrite != nil {
		a.body = f.Rewrite(slices.Clone(a.body))
	}
	for name, values := range f.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	if f.Reset {
		reset(w, a)
		return
	}
	if f.Truncate > 0 && f.Truncate < len(a.body) {
		a.body = a.body[:f.Truncate]
	}
	send(w, c, a)
}

func send(w http.ResponseWriter, c *call, a answer) {
	if a.take != nil {
		a.take(w)
		return
	}
	if a.status != http.StatusNotModified && a.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	if c.request.Method != http.MethodHead {
		_, _ = w.Write(a.body) // the client may have left
	}
}

// reset announces the whole body, sends half of it and tears the connection down.
func reset(w http.ResponseWriter, a answer) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	var header strings.Builder
	_ = w.Header().Write(&header) // a builder takes everything
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\n%sContent-Length: %d\r\n\r\n%s",
		a.status, http.StatusText(a.status), header.String(), len(a.body)+1, a.body[:len(a.body)/2])
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // makes Close send RST
	}
	_ = conn.Close()
}
