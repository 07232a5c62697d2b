package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.yaml.in/yaml/v3"

	"github.com/ccaas-exporter/ccaas_exporter/collector"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// defaultScrapeTimeout is Prometheus's own default, for scrapes that do not name theirs.
const defaultScrapeTimeout = 10 * time.Second

// metrics refreshes the accounts that are asked for and renders them, all within the scrape's time-out.
func (a *app) metrics(offset time.Duration) http.Handler {
	self := prometheus.NewRegistry()
	self.MustRegister(append(processCollectors(), a.exporter, a.webhooks.receiver.Global())...)
	pages := &collector.Handler{Self: self}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := a.current.Load()
		if s == nil {
			say(w, http.StatusServiceUnavailable, "no configuration applied")
			return
		}
		asked, err := query(r, "account")
		if err != nil {
			say(w, http.StatusBadRequest, err.Error())
			return
		}
		names := asked["account"]
		accounts, known := s.pick(names)
		if !known {
			say(w, http.StatusNotFound, "unknown account")
			return
		}
		ctx, cancel := a.scrapeContext(r, offset)
		defer cancel()
		pages.Serve(w, r, func() *collector.Collector {
			a.refresh(ctx, accounts)
			if len(names) > 0 {
				return s.collector.Only(names...)
			}
			return s.collector
		}, gatherLog(a.log, r))
		a.served()
	})
}

// refresh refreshes accounts, all at once.
func (a *app) refresh(ctx context.Context, accounts []*feed.Account) {
	var refreshing sync.WaitGroup
	for _, account := range accounts {
		refreshing.Go(func() {
			if err := guard.Func(func() error { account.Refresh(ctx); return nil })(); err != nil {
				a.log.Error("account not refreshed", "account", account.Name(), "err", err)
			}
		})
		// Let what is ready to run go first: answers that have come are read, and their connections and memory free, before more
		// is asked. Where platforms are slower than we are, nothing is ready, and all accounts are asked at once.
		runtime.Gosched()
	}
	refreshing.Wait()
}

// gatherLog logs what kept a family from being rendered, unless the client has gone.
func gatherLog(log *slog.Logger, r *http.Request) promhttp.Logger {
	return printer(func(v ...any) {
		if r.Context().Err() == nil {
			log.Error("metrics not rendered", "err", fmt.Sprint(v...))
		}
	})
}

// printer is what promhttp logs with.
type printer func(v ...any)

// Println implements promhttp.Logger.
func (p printer) Println(v ...any) { p(v...) }

// pick returns the accounts of these names, or all when none is given; not known when a name is none of them.
func (s *setup) pick(names []string) (picked []*feed.Account, known bool) {
	for _, account := range s.all() {
		if len(names) == 0 || slices.Contains(names, account.Name()) {
			picked = append(picked, account)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(picked, func(p *feed.Account) bool { return p.Name() == name }) {
			return nil, false
		}
	}
	return picked, true
}

// scrapeTimeout is the time that a scrape may take: what Prometheus says less the offset.
func scrapeTimeout(header http.Header, offset time.Duration) time.Duration {
	timeout := defaultScrapeTimeout
	const most = 1e6 // seconds: more would overflow
	if seconds, err := strconv.ParseFloat(header.Get("X-Prometheus-Scrape-Timeout-Seconds"), 64); err == nil && seconds > 0 && seconds < most {
		timeout = time.Duration(seconds * float64(time.Second))
	}
	if timeout <= offset {
		return timeout
	}
	return timeout - offset
}

func (a *app) ready(w http.ResponseWriter, _ *http.Request) {
	if a.current.Load() == nil {
		say(w, http.StatusServiceUnavailable, "no configuration applied")
		return
	}
	say(w, http.StatusOK, "ready")
}

func (a *app) serveReload(w http.ResponseWriter, _ *http.Request) {
	if err := a.reload(); err != nil {
		a.log.Error("configuration not loaded", "err", err)
		say(w, http.StatusInternalServerError, err.Error())
		return
	}
	say(w, http.StatusOK, "configuration loaded")
}

// serveConfig shows the applied configuration; secrets print as <secret>.
func (a *app) serveConfig(w http.ResponseWriter, _ *http.Request) {
	s := a.current.Load()
	if s == nil {
		say(w, http.StatusServiceUnavailable, "no configuration applied")
		return
	}
	var shown yaml.Node
	err := shown.Encode(s.config)
	settings.MaskNode(&shown)
	text, failed := yaml.Marshal(&shown)
	if err != nil || failed != nil {
		say(w, http.StatusInternalServerError, "the configuration cannot be written")
		return
	}
	w.Header().Set("Content-Type", "text/yaml; charset=utf-8")
	_, _ = w.Write(text)
}

func switchScenario(world *simulator.World) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := world.SetScenario(r.FormValue("name")); err != nil {
			say(w, http.StatusBadRequest, err.Error())
			return
		}
		backToPage(w, r, "scenario set")
	}
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
