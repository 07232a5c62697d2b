package webhook

import (
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// hook is one hook at work: it checks requests, queues their events and counts them. When its configuration changes, a
// new hook replaces it, which has the same memory.
type hook struct {
	config   HookConfig
	zone     *time.Location
	auth     authenticator
	limiter  *rate.Limiter
	memory   memory
	metrics  *metrics
	log      *slog.Logger
	decode   decoder
	refusals map[reason]*rate.Sometimes // when one is logged
	panics   rate.Sometimes             // when one is logged
	messages map[string]*rate.Sometimes // when one of a class is logged

	requests sync.WaitGroup // that use the hook just now
	pending  atomic.Int64   // events in the queue
	queue    chan []event
	counting sync.WaitGroup
}

// memory is what a hook has seen.
type memory struct {
	replays    *seen         // signed requests, with their numbers of events; takes no more than it can hold
	duplicates *seen         // events; forgets the oldest
	latest     *atomic.Int64 // time of the latest event, in milliseconds; of one kind and account
}

const (
	// maxRemembered events are remembered at least, unless DuplicateWindow ends before.
	maxRemembered = 100_000
	// maxReplays bounds what a hook's rate limit and window can add up to.
	maxReplays = 1 << 24
	// logRefusals is the least time between two lines on requests, or connections, that were refused for one reason.
	logRefusals = 10 * time.Minute
)

// newHook makes a hook that accepts requests, and counts nothing before it is started. Old is the hook of that name
// before, or nil.
func newHook(config HookConfig, m *metrics, old *hook, log *slog.Logger) (*hook, error) {
	zone, err := time.LoadLocation(config.TimeZone)
	if err != nil {
		return nil, err
	}
	auth, err := newAuthenticator(&config)
	if err != nil {
		return nil, err
	}
	// A signature is good from one window before its own time to one after it, and as much longer as it is used.
	life := 2*time.Duration(config.Signature.Window) + time.Duration(config.Signature.RefreshRate)
	perLife := config.RateLimit.RequestsPerSecond*life.Seconds() + float64(config.RateLimit.Burst)
	replays, window := int(math.Min(perLife, maxReplays)), time.Duration(config.DuplicateWindow)
	remembered := memory{latest: &atomic.Int64{}}
	if old != nil {
		remembered.replays, remembered.duplicates = old.memory.replays, old.memory.duplicates
		remembered.replays.extend(life, replays)
		remembered.duplicates.extend(window, maxRemembered)
		if old.metrics == m && old.config.Kind == config.Kind {
			remembered.latest = old.memory.latest
		}
	} else {
		remembered.replays, remembered.duplicates = newSeen(life, replays, false), newSeen(window, maxRemembered, true)
	}
	refusals := map[reason]*rate.Sometimes{}
	for _, why := range reasons {
		refusals[why] = &rate.Sometimes{First: 1, Interval: logRefusals}
	}
	messages := map[string]*rate.Sometimes{}
	for _, class := range scriptMessages.words {
		messages[class] = &rate.Sometimes{First: 1, Interval: logRefusals}
	}
	return &hook{
		config:   config,
		zone:     zone,
		auth:     auth,
		limiter:  rate.NewLimiter(rate.Limit(config.RateLimit.RequestsPerSecond), config.RateLimit.Burst),
		memory:   remembered,
		metrics:  m,
		log:      log.With("hook", config.Name, "account", config.Account),
		decode:   decoders[config.Kind],
		refusals: refusals,
		panics:   rate.Sometimes{First: 1, Interval: logRefusals},
		messages: messages,
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

// close waits for the requests in hand, then until all that was acknowledged is counted. No request may have acquired
// the hook since it was replaced.
func (h *hook) close() {
	h.requests.Wait()
	close(h.queue)
	h.counting.Wait()
}

// retire closes a hook that next replaces, nil for none, and removes the series that nothing adds to any more.
func (h *hook) retire(next *hook) {
	h.close()
	switch {
	case next == nil || next.metrics != h.metrics:
		h.metrics.end(h.config.Name)
	case next.config.Kind != h.config.Kind:
		h.metrics.endKind(h.config.Name, h.config.Kind)
	}
}

// judgeHead returns why the head of a request alone refuses it, or "".
func (h *hook) judgeHead(r *http.Request, now time.Time) (why reason) {
	if r.Method != http.MethodPost {
		return notPost
	}
	if !h.guard("judging the head of a request", func() { why = h.auth.judgeHead(r, now) }) {
		return badForm
	}
	return why
}

// take checks a request and queues its events. What it does not refuse is going to be counted, unless it repeats a request
// that was counted before.
func (h *hook) take(r *http.Request, body []byte, now time.Time) (why reason, repeated bool) {
	if r.Method != http.MethodPost {
		return notPost, false
	}
	var proof []byte
	if !h.guard("judging a request", func() { proof, why = h.auth.check(r, body, now) }) {
		return badForm, false // an answer of its own would show that there is a hook
	}
	if why != "" {
		return why, false
	}
	var id sum
	if proof != nil {
		id = sumOf(proof)
		isNew, room := h.memory.replays.add(id, now)
		switch {
		case !isNew: // costs the other requests nothing
			h.metrics.duplicates.WithLabelValues(h.config.Name, string(h.config.Kind)).Add(float64(h.memory.replays.noted(id)))
			return "", true
		case !room:
			return busy, false
		}
	}
	n := 0
	if why = rateLimited; h.limiter.AllowN(now, 1) {
		n, why = h.accept(body)
	}
	switch {
	case proof == nil:
	case why != "":
		h.memory.replays.forget(id) // the sender may try again
	default:
		h.memory.replays.note(id, n)
	}
	return why, false
}

// accept decodes a body and queues its events. It returns their number.
func (h *hook) accept(body []byte) (n int, why reason) {
	var events []event
	var broken int
	var err error
	if !h.guard("decoding", func() { events, broken, err = h.decode(body, &h.config, h.zone) }) {
		return 0, panicked
	}
	switch {
	case err != nil, len(events) == 0 && broken > 0:
		return 0, malformed
	case len(events) > h.config.QueueSize:
		return 0, tooLarge
	case len(events) > 0 && !h.offer(events):
		return 0, queueFull
	}
	h.metrics.broken.WithLabelValues(h.config.Name, string(h.config.Kind)).Add(float64(broken))
	return len(events), ""
}

// guard calls f and reports whether it returned. A panic costs only what f was doing.
func (h *hook) guard(doing string, f func()) (returned bool) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		what := fmt.Sprintf("%T", value) // its text may quote what a sender has sent
		if err, ok := value.(runtime.Error); ok {
			what = err.Error()
		}
		h.panics.Do(func() { h.log.Error("webhook panicked", "doing", doing, "panic", what, "stack", string(debug.Stack())) })
	}()
	f()
	return true
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

// count counts the events of one request.
func (h *hook) count(events []event, now time.Time) {
	for i := range events {
		if !h.guard("counting", func() { h.countOne(&events[i], now) }) {
			h.metrics.broken.WithLabelValues(h.config.Name, string(h.config.Kind)).Inc()
		}
	}
}

func (h *hook) countOne(e *event, now time.Time) {
	kind := string(h.config.Kind)
	if isNew, _ := h.memory.duplicates.add(e.identity, now); !isNew {
		h.metrics.duplicates.WithLabelValues(h.config.Name, kind).Inc()
		return
	}
	h.metrics.count(&h.config, e)
	h.logMessage(e)
	if e.at.IsZero() || e.at.After(now) {
		e.at = now
	}
	if at := e.at.UnixMilli(); at > h.memory.latest.Load() { // events may arrive in any order
		h.memory.latest.Store(at)
		h.metrics.last.WithLabelValues(h.config.Name, kind).Set(metric.Unix(e.at))
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
