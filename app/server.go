package app

import (
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// What the main listener grants to a client. Prometheus needs far less: a scrape sends a short request, and is answered within
// its own timeout.
const (
	headerTimeout  = 10 * time.Second
	requestTimeout = 30 * time.Second
	answerTimeout  = 5 * time.Minute // longer than any scrape may take
	idleTimeout    = 3 * time.Minute // between two scrapes
	maxConnections = 1000            // a Prometheus that scrapes every account by itself opens one for each
	logRefusals    = 10 * time.Minute
)

// newServer returns the server of the main listener.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	limit := &connectionLimit{most: maxConnections, log: log, refusals: rate.Sometimes{First: 1, Interval: logRefusals}}
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      answerTimeout,
		IdleTimeout:       idleTimeout,
		ConnState:         limit.note,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// connectionLimit closes connections beyond a number as soon as they are accepted, before anything is read from them: each
// takes a descriptor and memory.
type connectionLimit struct {
	most     int64
	open     atomic.Int64
	log      *slog.Logger
	refusals rate.Sometimes // when one is logged
}

// note is the ConnState of a server.
func (l *connectionLimit) note(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		if l.open.Add(1) > l.most {
			l.refusals.Do(func() { l.log.Warn("connections refused", "limit", l.most) })
			_ = c.Close() // the server notices, and notes its end
		}
	case http.StateClosed, http.StateHijacked:
		l.open.Add(-1)
	case http.StateActive, http.StateIdle:
	}
}
