package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/exporter-toolkit/web"

	"github.com/ccaas-exporter/ccaas_exporter/platform/webhook"
)

// webhooks is the second listener, with a web configuration of its own: it faces the senders. It serves the receiver while
// the configuration names an address.
type webhooks struct {
	receiver *webhook.Receiver
	log      *slog.Logger
	listen   func(address string) (net.Listener, error)
	serve    func(webhook.Config, net.Listener) *listener
	current  *listener // nil = off
}

// listener is a socket with its server.
type listener struct {
	config webhook.Config // as it was when the listener was opened
	net    net.Listener
	stop   func() // finishes the requests in hand; may be called again
}

// listenerSettings are what a listener is opened anew for when it changes.
type listenerSettings struct {
	address, webConfig string
	read, idle         model.Duration
}

func settingsOf(c *webhook.Config) listenerSettings {
	return listenerSettings{c.ListenAddress, c.WebConfigFile, c.ReadTimeout, c.IdleTimeout}
}

// webhookGrace is how long requests in hand may take when their listener ends.
const webhookGrace = 5 * time.Second

// newWebhooks returns one that is off. Its listeners end with ctx or with close, whichever is first.
func newWebhooks(ctx context.Context, log *slog.Logger) *webhooks {
	w := &webhooks{receiver: webhook.New(webhook.Options{Logger: log}), log: log.With("listener", "webhooks")}
	w.listen = func(address string) (net.Listener, error) {
		return new(net.ListenConfig).Listen(ctx, "tcp", address)
	}
	w.serve = func(c webhook.Config, l net.Listener) *listener {
		server := c.Server(w.receiver, w.log)
		var serving sync.WaitGroup
		serving.Go(func() {
			err := web.Serve(w.receiver.Listener(l), server, &web.FlagConfig{WebConfigFile: &c.WebConfigFile}, w.log)
			if !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
				w.log.Error("webhooks are not served", "err", err)
			}
			_ = l.Close() // closed already unless the server has never used it
		})
		stop := sync.OnceFunc(func() {
			grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), webhookGrace)
			defer cancel()
			if server.Shutdown(grace) != nil {
				_ = server.Close() // connections that do not end by themselves
			}
			serving.Wait()
		})
		unwatch := context.AfterFunc(ctx, stop)
		return &listener{c, l, func() { unwatch(); stop() }}
	}
	return w
}

// apply serves the hooks of a configuration. After an error everything is as before.
func (w *webhooks) apply(c webhook.Config) error {
	if err := checkWebhooksWeb(c); err != nil {
		return err
	}
	if w.current != nil && settingsOf(&w.current.config) == settingsOf(&c) {
		return w.receiver.Apply(c)
	}
	if c.ListenAddress == "" {
		w.stop()
		return w.receiver.Apply(c)
	}
	l, undo, err := w.open(c.ListenAddress)
	if err != nil {
		return fmt.Errorf("webhooks.listen_address: %w", err)
	}
	if err := w.receiver.Apply(c); err != nil {
		return errors.Join(err, undo())
	}
	w.stop()
	w.current = w.serve(c, l)
	return nil
}

// open opens a socket, and returns how to undo that. A socket that listens on this address already is used on: a
// sender that connects in between waits in its queue. One that listens on the same port of more addresses, or of fewer, is in the
// way: it is closed first.
func (w *webhooks) open(address string) (l net.Listener, undo func() error, err error) {
	if w.current != nil && (w.current.config.ListenAddress == address || w.address() == address) {
		l, err = duplicate(w.current.net)
	} else {
		l, err = w.listen(address)
	}
	if err == nil {
		return l, l.Close, nil
	}
	if w.current == nil || !errors.Is(err, syscall.EADDRINUSE) || portOf(w.address()) != portOf(address) {
		return nil, nil, err
	}
	before := w.address()
	reopen := func() error {
		again, err := w.listen(before)
		if err != nil {
			return fmt.Errorf("the webhooks' listener is closed: %w", err)
		}
		old := w.current
		w.current = w.serve(old.config, again)
		old.stop()
		return nil
	}
	_ = w.current.net.Close() // its connections go on
	if l, err = w.listen(address); err != nil {
		return nil, nil, errors.Join(err, reopen())
	}
	return l, func() error { return errors.Join(l.Close(), reopen()) }, nil
}

// duplicate returns another handle of a socket.
func duplicate(l net.Listener) (net.Listener, error) {
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		return nil, fmt.Errorf("%s is no TCP address", l.Addr())
	}
	file, err := tcp.File()
	if err != nil {
		return nil, err
	}
	again, err := net.FileListener(file)
	return again, errors.Join(err, file.Close())
}

func portOf(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	return port
}

// stop ends the listener. The hooks stay.
func (w *webhooks) stop() {
	if w.current != nil {
		w.current.stop()
		w.current = nil
	}
}

// address is where the listener listens, "" while it is off.
func (w *webhooks) address() string {
	if w.current == nil {
		return ""
	}
	return w.current.net.Addr().String()
}

// close ends the listener and counts what was acknowledged.
func (w *webhooks) close() {
	w.stop()
	w.receiver.Close()
}
