// Listeners, and the way of one request through a site.

package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// site is one simulated party: all hosts of one account, or the status page.
type site struct {
	name   string
	world  *World
	routes []route
	keys   *keys // nil: the site knows no tokens
	fold   bool  // paths are compared without case
	// admit lets a request pass (ok) or answers it: scenario, token, limits.
	admit func(c *call, r *route) (refusal answer, ok bool)
	// fail writes an error in the vendor's form.
	fail func(c *call, status int, code, text string) answer
	// finish adds the headers that every answer of the vendor carries.
	finish func(c *call, h http.Header)

	mu         sync.Mutex
	base       string
	calls      map[string]int
	violations []string
	faults     []*fault // oldest first
}

// call is one request on its way.
type call struct {
	world   *World
	site    *site
	request *http.Request
	path    string
	query   url.Values
	body    []byte
	now     time.Time // the world's clock
	clock   time.Time // what this host believes the time to be
	stage   stage
	token   *token      // set once the request is authorised
	writer  bool        // the token is that of the client that writes presences
	extra   http.Header // headers of the answer that do not depend on its success
}

// elapsed is the age of the world.
func (c *call) elapsed() time.Duration { return c.now.Sub(c.world.began) }

// correlation is the id of this request.
func (c *call) correlation() string {
	return c.world.uuid(c.site.name, "request", c.now.UnixNano(), c.request.RemoteAddr)
}

// answer is what a request gets.
type answer struct {
	status int
	header http.Header
	body   []byte
	take   func(w http.ResponseWriter) // if set, it answers instead, and may keep the connection
}

// maxBody is the largest request body: Genesys documents 512,000 bytes.
const maxBody = 512_000

// Start opens the listeners: "127.0.0.1:0" takes random ports, a fixed port p takes p to p+3 for emea, americas, us and
// status, and p+4 to p+9 for the carriers. It returns at once; the world is served until Close, or until ctx ends.
func (w *World) Start(ctx context.Context, listen string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.servers != nil {
		return errors.New("simulator is already started")
	}
	listeners := make([]net.Listener, 0, len(names))
	for i := range names {
		l, err := listenLoopback(ctx, listen, i)
		if err != nil {
			closeAll(listeners)
			return err
		}
		listeners = append(listeners, l)
	}
	if err := w.openCarriers(ctx, listen); err != nil {
		closeAll(listeners)
		return err
	}
	ctx, w.cancel = context.WithCancel(ctx)
	for _, c := range w.carriers {
		w.serving.Go(func() { c.serve(ctx, w) })
	}
	for i, name := range names {
		s := w.sites[name]
		s.mu.Lock()
		s.base = "http://" + listeners[i].Addr().String()
		s.mu.Unlock()
		server := &http.Server{
			Handler:           s,
			ReadHeaderTimeout: 10 * time.Second,
			BaseContext:       func(net.Listener) context.Context { return ctx },
			ErrorLog:          log.New(io.Discard, "", 0),
		}
		w.servers = append(w.servers, server)
		w.serving.Go(func() { _ = server.Serve(listeners[i]) })
		w.serving.Go(func() { stop(ctx, server) })
	}
	for _, o := range w.orgs {
		w.serving.Go(func() { o.notifications.publish(ctx) })
	}
	return nil
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		_ = l.Close() // another error is the one to report
	}
}

// shutdownGrace is how long requests in hand may take to notice that the world has ended.
const shutdownGrace = 2 * time.Second

// stop waits for the end of ctx, then for the requests in hand: theirs is the same context.
func stop(ctx context.Context, server *http.Server) {
	<-ctx.Done()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	if server.Shutdown(grace) != nil {
		_ = server.Close() // connections that never sent a request
	}
}

func listenLoopback(ctx context.Context, listen string, n int) (net.Listener, error) {
	address, err := portAfter(ctx, listen, n)
	if err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("simulator: %w", err)
	}
	if tcp, ok := l.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		return nil, errors.Join(fmt.Errorf("simulator listens on loopback only, not on %s", address), l.Close())
	}
	return l, nil
}

func portAfter(ctx context.Context, address string, n int) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("simulator address: %w", err)
	}
	number, err := net.DefaultResolver.LookupPort(ctx, "tcp", port)
	if err != nil {
		return "", fmt.Errorf("simulator address: %w", err)
	}
	if number != 0 {
		number += n
	}
	return net.JoinHostPort(host, fmt.Sprint(number)), nil
}

// Close ends all requests, closes the listeners and waits for them.
func (w *World) Close() error {
	w.mu.Lock()
	cancel := w.cancel
	w.mu.Unlock()
	cancel()
	w.serving.Wait()
	return nil
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	now := time.Now()
	c := &call{
		world: s.world, site: s, request: r, path: r.URL.Path, query: r.URL.Query(), body: body,
		now: now, clock: now, stage: s.world.player.stage(now),
	}
	c.clock = c.clock.Add(c.skew())
	if s.fold {
		c.path = strings.ToLower(c.path)
	}
	s.count(c)
	f := s.fault(c)
	if f != nil {
		c.clock = c.clock.Add(f.ClockOffset)
	}
	var a answer
	switch {
	case err != nil:
		s.violate(c, "body: %v", err)
		a = s.fail(c, http.StatusRequestEntityTooLarge, "request.entity.too.large", "request entity too large")
	case f != nil && f.Status != 0 && f.Code != "" && f.Body == "":
		a = s.fail(c, f.Status, f.Code, http.StatusText(f.Status))
	case f != nil && f.Status != 0:
		a = answer{status: f.Status, body: []byte(f.Body)}
	default:
		a = f.repeat(c, s.answer)
	}
	if f != nil {
		c.wait(now.Add(f.Delay))
	}
	f.write(w, c, a)
}

// answer finds the route and lets it serve.
func (s *site) answer(c *call) answer {
	r, known := s.route(c)
	switch {
	case r == nil && known:
		s.violate(c, "method not allowed")
		return s.fail(c, http.StatusMethodNotAllowed, "method.not.allowed", "method not allowed")
	case r == nil:
		s.violate(c, "unknown path")
		return s.fail(c, http.StatusNotFound, "not.found", "the requested resource was not found")
	}
	if refusal, ok := s.admit(c, r); !ok {
		return refusal
	}
	if complaint := r.complaint(c.query); complaint != "" {
		s.violate(c, "%s", complaint)
		return s.fail(c, http.StatusBadRequest, "bad.request", complaint)
	}
	return r.serve(c)
}

// pause waits before the answer is made, which is as fresh as it would be without.
func (c *call) pause(d time.Duration) {
	at := c.now.Add(d)
	c.wait(at)
	c.now, c.clock = at, at.Add(c.clock.Sub(c.now))
}

// wait waits, or gives up with the client.
func (c *call) wait(until time.Time) {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.request.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

func (s *site) count(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[c.request.Method+" "+withoutIDs(c.path)]++
}
