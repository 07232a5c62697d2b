package app

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ccaas-exporter/ccaas_exporter/collector"
	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/sip"
)

// probeModule is the only one of /probe.
const probeModule = "sip_options"

// probeTurn is how long a feed's probe may wait for its turn under the limits of the process.
const probeTurn = 15 * time.Second

// serveProbe probes a target of the configuration while the request waits, at most until the scrape's deadline.
func (a *app) serveProbe(offset time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s := a.current.Load()
		if s == nil {
			say(w, http.StatusServiceUnavailable, "no configuration applied")
			return
		}
		if r.URL.Query().Get("module") != probeModule {
			say(w, http.StatusBadRequest, "unknown module, expected "+probeModule)
			return
		}
		name := r.URL.Query().Get("target")
		i := slices.IndexFunc(s.config.SIPTargets, func(t sip.Target) bool { return t.Name == name })
		if i < 0 {
			say(w, http.StatusNotFound, "unknown target")
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), scrapeTimeout(r.Header, offset))
		defer cancel()
		result, err := a.prober.Probe(ctx, s.config.SIPTargets[i])
		if err != nil { // nothing was learned about the target: no metrics are the truth
			say(w, http.StatusServiceUnavailable, err.Error())
			return
		}
		promhttp.HandlerFor(collector.Probe(result), promhttp.HandlerOpts{ErrorLog: gatherLog(a.log, r)}).ServeHTTP(w, r)
	}
}

// sipFeeds probe the targets of an account whenever it is scraped. A target that does not answer is no failure of its
// feed: that is what it learns.
func (a *app) sipFeeds(targets []sip.Target) (feeds []feed.Feed) {
	for _, t := range targets {
		feeds = append(feeds, feed.Feed{
			Name: "sip/" + t.Name, Class: platform.ClassTrunks, MinInterval: time.Duration(t.Every), Timeout: t.Longest() + probeTurn,
			Poll: func(ctx context.Context) (*platform.Snapshot, error) {
				result, err := a.prober.Probe(ctx, t)
				if err != nil {
					return nil, err
				}
				return &platform.Snapshot{Probes: []platform.Probe{probeOf(t, result)}}, nil
			},
		})
	}
	return feeds
}

func probeOf(t sip.Target, r sip.Result) platform.Probe {
	status := platform.Critical
	if r.Success {
		status = platform.Operational
	}
	return platform.Probe{
		Target: t.Name, Trunk: t.Trunk, Success: r.Success, Duration: r.Duration, Phases: r.Phases, Code: r.Code,
		RoundTrip: r.RoundTrip(), Jitter: r.Jitter, Loss: r.Loss, Expiry: r.Expiry,
		Condition: platform.Condition{Status: status, Evidence: platform.Evidence{Payload: []byte(r.String())}},
	}
}
