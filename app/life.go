package app

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/exporter-toolkit/web"
)

// When SIGTERM comes, everything ends by these times after it. An orchestrator that waits 10 s never has to kill.
const (
	endAnswers = 6 * time.Second // scrapes and probes in hand answer with what is known by then
	endServer  = 7 * time.Second // connections are closed whose clients do not read
	endAll     = 9 * time.Second // what has not ended is left to the end of the process
)

// after returns a context that ends a while after ctx has ended, or when it is cancelled.
func after(ctx context.Context, while time.Duration) (context.Context, context.CancelFunc) {
	later, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		late := time.AfterFunc(while, cancel)
		context.AfterFunc(later, func() { late.Stop() })
	})
	return later, func() { stop(); cancel() }
}

// scrapeContext returns the context of a scrape: it ends with the request and before Prometheus gives up, or when the
// program ends.
func (a *app) scrapeContext(r *http.Request, offset time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(r.Context(), scrapeTimeout(r.Header, offset))
	stop := context.AfterFunc(a.answering, cancel)
	return ctx, func() { stop(); cancel() }
}

// serve listens until ctx ends, then finishes the scrapes in hand while the accounts live on.
func serve(ctx context.Context, server *http.Server, app *app, f flags) error {
	grace, cancel := after(ctx, endServer)
	defer cancel()
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		if server.Shutdown(grace) != nil {
			app.log.Warn("connections closed that did not end by themselves")
			_ = server.Close()
		}
	})
	defer stop()
	err := web.ListenAndServe(server, f.web, app.log)
	if !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-stopped
	return nil
}

// end ends everything, but does not wait for it longer than the grace lives.
func (a *app) end(grace context.Context, more ...func()) {
	ended := make(chan struct{})
	go func() { // left to the end of the process when the grace is over
		defer close(ended)
		for _, do := range more {
			do()
		}
		a.close()
	}()
	select {
	case <-ended:
	case <-grace.Done():
		a.log.Warn("not everything ended in time")
	}
}

// onHangup calls do at each SIGHUP until the function that it returns is called.
func onHangup(do func()) (stop func()) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	var loop sync.WaitGroup
	loop.Go(func() {
		for range hangup {
			do()
		}
	})
	return func() {
		signal.Stop(hangup)
		close(hangup)
		loop.Wait()
	}
}
