package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// feedRun is the one run of a feed in a check, and what it showed.
type feedRun struct {
	of   *accountCheck
	feed feed.Feed

	connected, ended chan struct{} // of a stream

	mu        sync.Mutex
	began     time.Time
	took      time.Duration
	done      bool
	err       error
	found     []found
	detail    string
	anomalies platform.Anomalies
	calls     int
	missing   []string // operations that the platform answered with 404
	forbidden []string // and with 403
	totals    listTotals
	remarks   []finding // worth knowing, without their account and feed
}

var errSilentProbe = errors.New("the target does not answer")

func newFeedRun(k *accountCheck, f feed.Feed) *feedRun {
	return &feedRun{of: k, feed: f, connected: make(chan struct{}), ended: make(chan struct{}), totals: listTotals{}}
}

// wrapped is the feed with this run around it.
func (r *feedRun) wrapped() feed.Feed {
	f := r.feed
	if f.Serve != nil {
		f.Serve = r.serve
		return f
	}
	f.Poll = r.poll
	return f
}

// poll runs the poll. What a stream makes it do after its one run only counts as calls.
func (r *feedRun) poll(ctx context.Context) (*platform.Snapshot, error) {
	r.mu.Lock()
	again := r.done || !r.began.IsZero()
	if !again {
		r.began = time.Now()
	}
	r.mu.Unlock()
	seen := r.seen
	if again {
		seen = func(rest.Exchange) { r.count() }
	}
	snapshot, err := r.feed.Poll(rest.WithObserver(ctx, r.of.observer(seen)))
	if !again {
		r.note(snapshot, err)
	}
	return snapshot, err
}

// note keeps what the run showed. Nothing of the snapshot is kept but counts.
func (r *feedRun) note(snapshot *platform.Snapshot, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if errors.Is(err, feed.Unchanged) {
		err = nil
	}
	r.took, r.done, r.err = time.Since(r.began), true, err
	if snapshot == nil {
		return
	}
	r.found, r.detail = foundIn(r.feed.Name, snapshot)
	r.anomalies.Add(snapshot.Anomalies)
	for _, probe := range snapshot.SIPProbes {
		if !probe.Success && r.err == nil {
			r.err = errSilentProbe
		}
	}
}

func (r *feedRun) count() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
}

// seen notes an exchange.
func (r *feedRun) seen(e rest.Exchange) {
	r.mu.Lock()
	r.calls++
	if e.Status == 404 && e.Operation != "" {
		r.missing = append(r.missing, e.Operation)
	}
	if e.Status == 403 && e.Operation != "" {
		r.forbidden = append(r.forbidden, e.Operation)
	}
	r.totals.note(e)
	r.mu.Unlock()
	if b := r.of.check.bundle; b != nil {
		b.exchange(r.of.source, r.feed.Name, e)
	}
}

// serve runs the stream once, after the polls.
func (r *feedRun) serve(ctx context.Context, to feed.Stream) error {
	defer func() { <-ctx.Done() }() // it is not started again
	select {
	case <-r.of.polled:
	case <-ctx.Done():
		return ctx.Err()
	}
	r.mu.Lock()
	r.began = time.Now()
	r.mu.Unlock()
	err := r.feed.Serve(rest.WithObserver(ctx, r.of.observer(r.seen)), watchedStream{to, sync.OnceFunc(func() { close(r.connected) })})
	r.mu.Lock()
	if !r.done {
		r.done, r.err, r.took = true, err, time.Since(r.began)
		if err == nil {
			r.err = errEnded
		}
	}
	r.mu.Unlock()
	close(r.ended)
	return err
}

// watchedStream calls connected when the stream is.
type watchedStream struct {
	feed.Stream
	connected func()
}

// Connected implements feed.Stream.
func (w watchedStream) Connected(up bool) {
	w.Stream.Connected(up)
	if up {
		w.connected()
	}
}

var (
	errEnded        = errors.New("the platform ended the stream")
	errNotConnected = errors.New("the stream did not connect in time")
	errNoHeartbeat  = errors.New("the stream is connected, but no heartbeat came")
)

// awaitStream waits until the stream is connected, and then for its first heartbeat.
func (r *feedRun) awaitStream(ctx context.Context, set *metric.Set) {
	r.of.check.progress.begin(r.of.source.Name, r.feed.Name+", until its first heartbeat")
	if !r.wait(ctx, connectPatience, errNotConnected, r.connected) {
		return
	}
	beat := make(chan struct{})
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	ctx, cancel := context.WithCancel(ctx)
	var looking sync.WaitGroup
	defer looking.Wait()
	defer cancel()
	looking.Go(func() {
		for {
			if readInstruments(set, "kind", eventsFamily)[eventsFamily]["heartbeat"] > 0 {
				close(beat)
				return
			}
			select {
			case <-look.C:
			case <-ctx.Done():
				return
			}
		}
	})
	if !r.wait(ctx, heartbeatPatience, errNoHeartbeat, beat) {
		return
	}
	topics := readInstruments(set, "", topicsFamily)[topicsFamily][""]
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done, r.took = true, time.Since(r.began)
	r.found = []found{{"topics", int(topics)}}
	r.detail = "a heartbeat came"
}

// wait waits for an event of the stream, and notes the failure when the stream ends or the time does before.
func (r *feedRun) wait(ctx context.Context, patience time.Duration, late error, event <-chan struct{}) bool {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-event:
		return true
	case <-r.ended:
		return false
	case <-ctx.Done():
		late = ctx.Err()
	case <-timer.C:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.done {
		r.done, r.err, r.took = true, late, time.Since(r.began)
	}
	return false
}

// failure is the failed call of the run; nil when it has none.
func (r *feedRun) failure() *rest.Error {
	failed, _ := errors.AsType[*rest.Error](r.err)
	return failed
}
