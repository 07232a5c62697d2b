package app

import (
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// What the main listener grants to a client. Prometheus needs far less: a scrape sends a short request, and is answered within
// its own timeout.
const (
	headerTimeout  = 10 * time.Second
	requestTimeout = 30 * time.Second
	answerTimeout  = 5 * time.Minute // longer than any scrape may take
	idleTimeout    = 3 * time.Minute // between two scrapes
	maxConnections = 1000            // a Prometheus that scrapes every account by itself opens one for each
)

// newServer returns the server of the main listener.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	limit := &connectionLimit{most: maxConnections}
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
	most int64
	open atomic.Int64
}

// note is the ConnState of a server.
func (l *connectionLimit) note(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		if l.open.Add(1) > l.most {
			_ = c.Close() // the server notices, and notes its end
		}
	case http.StateClosed, http.StateHijacked:
		l.open.Add(-1)
	case http.StateActive, http.StateIdle:
	}
}
