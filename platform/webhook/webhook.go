// Package webhook receives what NICE CXone's Monitoring Gateway pushes: the audio quality of calls and the API calls of
// scripts. Its listener is one of its own, so that it can face the Internet while the metrics page stays inside.
//
// A Receiver lives as long as the program. Apply gives it the hooks of a configuration, now and at each reload; hooks
// that did not change go on, and what the others have acknowledged is counted. Listener bounds the connections, in all
// and for each source address. A request passes these steps, and each may refuse it:
//
//  1. The head: path, method, credentials. The body of a request that its head refuses is read into a small buffer and
//     forgotten, so that strangers take no memory.
//  2. The body: its size, the memory of all bodies in hand, the share of its source address.
//  3. The hook: the signature, the rate limit, the form of the body, room in the queue.
//
// Then the sender gets a 200, and a goroutine of the hook counts the events: each once, however often it is delivered.
// A request that is not authentic gets the answer of a path that does not exist, as late as that: a stranger cannot
// find out which hooks there are. Metrics returns what was counted for an account, Global what belongs to none.
package webhook

import (
	"fmt"
	"log/slog"
	"reflect"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// Options of New.
type Options struct {
	Logger *slog.Logger
}

// Receiver serves the hooks. It is an http.Handler whose counts Metrics and Global return.
type Receiver struct {
	log         *slog.Logger
	global      metric.Set
	stray       prometheus.Counter
	refused     *prometheus.CounterVec     // connections
	refusals    map[string]*rate.Sometimes // when one is logged
	buffers     buffers
	connections connections
	known       *seen // sources of accepted requests

	applying sync.Mutex
	mu       sync.RWMutex // for what is below
	config   Config
	hooks    map[string]*hook
	accounts map[string]*metrics
}

// New returns a receiver without hooks.
func New(o Options) *Receiver {
	r := &Receiver{log: o.Logger, known: newSeen(knownFor, maxKnown, true), refusals: map[string]*rate.Sometimes{}}
	r.stray, r.refused = r.global.Counter(strayTotal), r.global.Counters(refusedConnections)
	for _, why := range []string{allTaken, shareTaken} {
		r.refused.WithLabelValues(why)
		r.refusals[why] = &rate.Sometimes{First: 1, Interval: logRefusals}
	}
	return r
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
		h, err := newHook(config, m, old, r.log)
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
		if hooks[name] != old {
			old.retire(hooks[name])
		}
	}
	for account, m := range accounts {
		m.prune(c.of(account))
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

// Metrics returns the instruments of an account, or nil when it has no hooks.
func (r *Receiver) Metrics(account string) *metric.Set {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if m := r.accounts[account]; m != nil {
		return &m.set
	}
	return nil
}

// Global returns a collector of what belongs to no account: requests for which there is no hook, and connections that
// were refused. It collects nothing while there are no hooks at all.
func (r *Receiver) Global() prometheus.Collector { return global{r} }

// global renders the metrics of the listener itself.
type global struct{ receiver *Receiver }

// Describe implements prometheus.Collector.
func (g global) Describe(ch chan<- *prometheus.Desc) { g.receiver.global.Describe(ch) }

// Collect implements prometheus.Collector.
func (g global) Collect(ch chan<- prometheus.Metric) {
	g.receiver.mu.RLock()
	on := len(g.receiver.accounts) > 0
	g.receiver.mu.RUnlock()
	if on {
		g.receiver.global.Collect(ch)
	}
}
