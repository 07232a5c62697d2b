// Package webhook receives what NICE CXone's Monitoring Gateway pushes: the audio quality of calls and the API calls of
// scripts. It is a listener of its own, so that it can face the Internet while the metrics page stays inside. Who is
// not authenticated learns nothing: each refusal looks like a path that does not exist, and takes as long.
package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// This file is the receiver: the way of a request, the hooks and their replacement, the metrics of all.

// Options of New.
type Options struct {
	Logger *slog.Logger
}

// Receiver serves the hooks. It is an http.Handler whose counts Metrics and Global return.
type Receiver struct {
	log      *slog.Logger
	stray    prometheus.Counter
	buffered atomic.Int64 // bytes of all bodies in hand

	applying sync.Mutex
	mu       sync.RWMutex // for what is below
	config   Config
	hooks    map[string]*hook
	accounts map[string]*metrics
}

// New returns a receiver without hooks.
func New(o Options) *Receiver {
	return &Receiver{
		log:   o.Logger,
		stray: prometheus.NewCounter(prometheus.CounterOpts{Name: strayTotal.Name, Help: strayTotal.Help}),
	}
}

// Apply replaces the hooks by those of a valid configuration. Hooks whose configuration is the same go on; the others
// finish what they have acknowledged. After an error everything is as before.
func (r *Receiver) Apply(c Config) error {
	r.applying.Lock()
	defer r.applying.Unlock()
	hooks, accounts := map[string]*hook{}, map[string]*metrics{}
	var started []*hook
	for _, config := range c.Hooks {
		m := accounts[config.Account]
		if m == nil {
			m = r.accounts[config.Account]
		}
		if m == nil {
			m = newMetrics()
		}
		accounts[config.Account] = m
		old := r.hooks[config.Name]
		if old != nil && reflect.DeepEqual(old.config, config) {
			hooks[config.Name] = old
			continue
		}
		var remembered *memory
		if old != nil {
			remembered = old.memory
		}
		h, err := newHook(config, m, remembered, r.log)
		if err != nil {
			return fmt.Errorf("webhook %s: %w", config.Name, err)
		}
		hooks[config.Name], started = h, append(started, h)
	}
	for _, h := range started {
		h.metrics.begin(&h.config)
		h.start()
	}
	before := r.hooks
	r.mu.Lock()
	r.config, r.hooks, r.accounts = c, hooks, accounts
	r.mu.Unlock()
	for name, old := range before {
		if hooks[name] == old {
			continue
		}
		old.close()
		if next := hooks[name]; next == nil || next.metrics != old.metrics {
			old.metrics.end(name)
		}
	}
	return nil
}

// Close counts what was acknowledged and removes all hooks.
func (r *Receiver) Close() {
	r.mu.RLock()
	c := r.config
	r.mu.RUnlock()
	c.Hooks = nil
	_ = r.Apply(c) // nothing in it can fail
}

// HeaderTimeout is how long the head of a request may take to arrive.
const HeaderTimeout = 5 * time.Second

// Server returns a server for a handler that waits for nobody too long.
func (c *Config) Server(handler http.Handler, log *slog.Logger) *http.Server {
	timeout := time.Duration(c.ReadTimeout)
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: min(HeaderTimeout, timeout),
		ReadTimeout:       timeout,
		WriteTimeout:      timeout + HeaderTimeout,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // anybody can cause these
	}
}

// refusalTime is how long a refusal takes from the end of the body: longer than any check, so that its length does not
// tell which check it was.
const refusalTime = 100 * time.Millisecond

// ServeHTTP serves POST /webhook/NAME. Everything up to the end of the body is the same for every path.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, taken, why := r.read(req)
	now := time.Now()
	if h := r.acquire(req.URL.Path); h == nil {
		r.stray.Inc()
		if why == "" {
			why = unknownHook
		}
	} else {
		if why == "" {
			why = h.take(req, body, now)
		}
		h.answered(why)
		h.requests.Done()
	}
	r.buffered.Add(-taken)
	status := why.status()
	switch status {
	case http.StatusNotFound:
		wait(req.Context(), time.Until(now.Add(refusalTime)))
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	}
	if why == tooLarge || why == notRead || why == badEncoding || why == busy {
		w.Header().Set("Connection", "close") // what is left of the body is not worth reading
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, strings.ToLower(http.StatusText(status))+"\n") // a sender that has left is its own business
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// acquire returns the hook of a path, or nil. Whoever gets one calls its requests.Done.
func (r *Receiver) acquire(path string) *hook {
	name, ok := strings.CutPrefix(path, "/webhook/")
	r.mu.RLock()
	defer r.mu.RUnlock()
	h := r.hooks[name]
	if !ok || h == nil {
		return nil
	}
	h.requests.Add(1)
	return h
}

// firstChunk is how much of a body is read at first: a voice event fits in.
const firstChunk = 4096

// read returns the body and how much memory it takes, which the caller gives back. Memory is taken as the body arrives:
// who announces much and sends little holds little.
func (r *Receiver) read(req *http.Request) (body []byte, taken int64, why reason) {
	r.mu.RLock()
	most, all := r.config.MaxBody, r.config.MaxBuffered
	r.mu.RUnlock()
	switch encoding := req.Header.Get("Content-Encoding"); {
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		return nil, 0, badEncoding // no decompression: small requests stay small
	case req.ContentLength > most:
		return nil, 0, tooLarge
	}
	for {
		if len(body) == cap(body) {
			more := int64(max(firstChunk, cap(body)))
			taken += more
			if r.buffered.Add(more) > all {
				return nil, taken, busy
			}
			body = append(make([]byte, 0, taken), body...)
		}
		n, err := req.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > most:
			return nil, taken, tooLarge
		case errors.Is(err, io.EOF):
			return body, taken, ""
		case err != nil:
			return nil, taken, notRead
		}
	}
}

// Metrics returns the instruments of an account, or nil when it has no hooks.
func (r *Receiver) Metrics(account string) *metric.Set {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if m := r.accounts[account]; m != nil {
		return &m.set
	}
	return nil
}

// Global returns a collector of what belongs to no account: the requests for which there is no hook. It collects
// nothing while there are no hooks at all.
func (r *Receiver) Global() prometheus.Collector { return global{r} }

// global renders the metrics of the listener itself.
type global struct{ receiver *Receiver }

// Describe implements prometheus.Collector.
func (g global) Describe(ch chan<- *prometheus.Desc) { g.receiver.stray.Describe(ch) }

// Collect implements prometheus.Collector.
func (g global) Collect(ch chan<- prometheus.Metric) {
	g.receiver.mu.RLock()
	on := len(g.receiver.accounts) > 0
	g.receiver.mu.RUnlock()
	if on {
		g.receiver.stray.Collect(ch)
	}
}
