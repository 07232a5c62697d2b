package webhook

import (
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// This file is one hook at work: it judges requests, queues their events and counts them.

// hook is replaced when its configuration changes. Its memory is handed on.
type hook struct {
	config   HookConfig
	zone     *time.Location
	auth     authenticator
	limiter  *rate.Limiter
	memory   *memory
	metrics  *metrics
	log      *slog.Logger
	refusals map[reason]*rate.Sometimes // when one is logged

	requests sync.WaitGroup // that use the hook just now
	pending  atomic.Int64   // events in the queue
	queue    chan []event
	counting sync.WaitGroup
}

// memory is what a hook has seen.
type memory struct {
	replays    *seen // signed requests; takes no more than it can hold
	duplicates *seen // events; forgets the oldest
	latest     atomic.Int64
}

const (
	// maxRemembered events are remembered at least, unless DuplicateWindow ends before.
	maxRemembered = 100_000
	// maxReplays bounds what a hook's rate limit and window can add up to.
	maxReplays = 1 << 24
	// logRefusals is the least time between two lines on requests that a hook refused for one reason.
	logRefusals = 10 * time.Minute
)

// newHook makes a hook that takes requests, and counts nothing before it is started. Old is the memory of the hook of
// that name before, or nil.
func newHook(config HookConfig, m *metrics, old *memory, log *slog.Logger) (*hook, error) {
	zone, err := time.LoadLocation(config.TimeZone)
	if err != nil {
		return nil, err
	}
	auth, err := newAuthenticator(&config)
	if err != nil {
		return nil, err
	}
	// A signature is good from one window before the time that it tells to one after it.
	life := 2 * time.Duration(config.Signature.Window)
	perLife := config.RateLimit.RequestsPerSecond*life.Seconds() + float64(config.RateLimit.Burst)
	replays, window := int(math.Min(perLife, maxReplays)), time.Duration(config.DuplicateWindow)
	if old == nil {
		old = &memory{replays: newSeen(life, replays, false), duplicates: newSeen(window, maxRemembered, true)}
	}
	old.replays.extend(life, replays)
	old.duplicates.extend(window, maxRemembered)
	refusals := map[reason]*rate.Sometimes{}
	for _, why := range reasons {
		refusals[why] = &rate.Sometimes{First: 1, Interval: logRefusals}
	}
	return &hook{
		config:   config,
		zone:     zone,
		auth:     auth,
		limiter:  rate.NewLimiter(rate.Limit(config.RateLimit.RequestsPerSecond), config.RateLimit.Burst),
		memory:   old,
		metrics:  m,
		log:      log.With("hook", config.Name, "account", config.Account),
		refusals: refusals,
		queue:    make(chan []event, config.QueueSize),
	}, nil
}

// start begins to count.
func (h *hook) start() {
	h.counting.Go(func() {
		for events := range h.queue {
			h.count(events, time.Now())
			h.pending.Add(-int64(len(events)))
			h.metrics.queued.WithLabelValues(h.config.Name).Sub(float64(len(events)))
		}
	})
}

// close waits for the requests in hand, then until all that was acknowledged is counted. Nobody may have been given the
// hook since it was replaced.
func (h *hook) close() {
	h.requests.Wait()
	close(h.queue)
	h.counting.Wait()
}

// take judges a request and queues its events. What it does not refuse is going to be counted.
func (h *hook) take(r *http.Request, body []byte, now time.Time) reason {
	if r.Method != http.MethodPost {
		return notPost
	}
	proof, why := h.auth.check(r, body, now)
	if why != "" {
		return why
	}
	if !h.limiter.AllowN(now, 1) {
		return rateLimited
	}
	if proof == nil {
		return h.accept(body)
	}
	id := sumOf(proof)
	isNew, room := h.memory.replays.add(id, now)
	switch {
	case !isNew:
		return replayed
	case !room:
		return busy
	}
	if why = h.accept(body); why != "" {
		h.memory.replays.forget(id) // the sender may try again
	}
	return why
}

// accept decodes a body and queues its events.
func (h *hook) accept(body []byte) reason {
	events, broken, err := decoders[h.config.Kind](body, &h.config, h.zone)
	switch {
	case err != nil, len(events) == 0 && broken > 0:
		return malformed
	case len(events) > h.config.QueueSize:
		return tooLarge
	case len(events) > 0 && !h.offer(events):
		return queueFull
	}
	h.metrics.broken.WithLabelValues(h.config.Name, string(h.config.Kind)).Add(float64(broken))
	return ""
}

// offer queues events, all or none.
func (h *hook) offer(events []event) bool {
	n := int64(len(events))
	if h.pending.Add(n) > int64(h.config.QueueSize) {
		h.pending.Add(-n)
		return false
	}
	h.metrics.queued.WithLabelValues(h.config.Name).Add(float64(n))
	h.queue <- events // has room: each entry holds an event at least
	return true
}

func (h *hook) count(events []event, now time.Time) {
	kind := string(h.config.Kind)
	for i := range events {
		e := &events[i]
		if isNew, _ := h.memory.duplicates.add(e.identity, now); !isNew {
			h.metrics.duplicates.WithLabelValues(h.config.Name, kind).Inc()
			continue
		}
		h.metrics.count(&h.config, e)
		if e.at.IsZero() || e.at.After(now) {
			e.at = now
		}
		if at := e.at.UnixMilli(); at > h.memory.latest.Load() { // events may arrive in any order
			h.memory.latest.Store(at)
			h.metrics.last.WithLabelValues(h.config.Name, kind).Set(seconds(e.at))
		}
	}
}

// answered notes how a request was answered.
func (h *hook) answered(why reason) {
	h.metrics.requests.WithLabelValues(h.config.Name, strconv.Itoa(why.status())).Inc()
	if why == "" {
		return
	}
	h.metrics.failures.WithLabelValues(h.config.Name, string(why)).Inc()
	h.refusals[why].Do(func() { h.log.Warn("webhook request refused", "reason", string(why)) })
}
