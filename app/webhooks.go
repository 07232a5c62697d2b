package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/exporter-toolkit/web"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/webhook"
)

// This file is the second listener: it faces those who push, with a web configuration of its own.

// webhooks serves the receiver while the configuration names an address.
type webhooks struct {
	receiver *webhook.Receiver
	log      *slog.Logger
	listen   func(address string) (net.Listener, error)
	serve    func(listenerSettings, *http.Server, net.Listener) *listener
	current  *listener // nil = off
}

// listenerSettings are what a listener is restarted for when it changes.
type listenerSettings struct {
	address, webConfig string
	readTimeout        model.Duration
}

// listener is a socket with its server.
type listener struct {
	settings listenerSettings
	net      net.Listener
	stop     func() // finishes the requests in hand; may be called again
}

// webhookGrace is how long requests in hand may take when their listener ends.
const webhookGrace = 5 * time.Second

// newWebhooks returns one that is off. Its listeners end with ctx or with close, whichever is first.
func newWebhooks(ctx context.Context, log *slog.Logger) *webhooks {
	w := &webhooks{receiver: webhook.New(webhook.Options{Logger: log}), log: log.With("listener", "webhooks")}
	w.listen = func(address string) (net.Listener, error) {
		return new(net.ListenConfig).Listen(ctx, "tcp", address)
	}
	w.serve = func(settings listenerSettings, server *http.Server, l net.Listener) *listener {
		var serving sync.WaitGroup
		serving.Go(func() {
			err := web.Serve(l, server, &web.FlagConfig{WebConfigFile: &settings.webConfig}, w.log)
			if !errors.Is(err, http.ErrServerClosed) {
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
		return &listener{settings, l, func() { unwatch(); stop() }}
	}
	return w
}

// apply serves the hooks of a configuration. After an error everything is as before.
func (w *webhooks) apply(c webhook.Config) error {
	settings := listenerSettings{c.ListenAddress, c.WebConfigFile, c.ReadTimeout}
	if w.current != nil && w.current.settings == settings {
		return w.receiver.Apply(c)
	}
	if settings.address == "" {
		w.stop()
		return w.receiver.Apply(c)
	}
	if err := web.Validate(settings.webConfig); err != nil {
		return fmt.Errorf("webhooks.web_config_file: %w", err)
	}
	l, err := w.open(settings.address)
	if err != nil {
		return fmt.Errorf("webhooks.listen_address: %w", err)
	}
	if err := w.receiver.Apply(c); err != nil {
		return errors.Join(err, l.Close())
	}
	w.stop()
	w.current = w.serve(settings, c.Server(w.receiver, w.log), l)
	return nil
}

// open opens a socket. One that listens on this address already is used on: whoever connects in between waits in its
// queue.
func (w *webhooks) open(address string) (net.Listener, error) {
	if w.current == nil || w.current.settings.address != address && w.address() != address {
		return w.listen(address)
	}
	tcp, ok := w.current.net.(*net.TCPListener)
	if !ok {
		return nil, fmt.Errorf("%s is no TCP address", address)
	}
	file, err := tcp.File()
	if err != nil {
		return nil, err
	}
	l, err := net.FileListener(file)
	return l, errors.Join(err, file.Close())
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

// webhookMetrics renders what was pushed for some accounts, with the standard labels.
type webhookMetrics struct {
	receiver *webhook.Receiver
	accounts []*platform.Account
}

// Describe implements prometheus.Collector. Which accounts there are changes, so nothing is described beforehand.
func (webhookMetrics) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (m webhookMetrics) Collect(ch chan<- prometheus.Metric) {
	m.receiver.Global().Collect(ch)
	for _, account := range m.accounts {
		info := account.View().Info
		if set := m.receiver.Metrics(account.Name()); set != nil && info.RegionCode != "" {
			prometheus.WrapCollectorWith(prometheus.Labels{
				"platform": account.Platform(), "account": account.Name(), "region_code": info.RegionCode,
			}, set).Collect(ch)
		}
	}
}
