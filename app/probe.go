package app

import (
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ccaas-exporter/ccaas_exporter/collector"
	"github.com/ccaas-exporter/ccaas_exporter/platform/sip"
)

// probeModule is the only one of /probe.
const probeModule = "sip_options"

// serveProbe probes a target of the configuration while the request waits, at most until the scrape's deadline.
func (a *app) serveProbe(offset time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s := a.current.Load()
		if s == nil {
			say(w, http.StatusServiceUnavailable, "no configuration applied")
			return
		}
		asked, err := query(r, "module", "target")
		switch {
		case err != nil:
			say(w, http.StatusBadRequest, err.Error())
			return
		case len(asked["module"]) > 1 || len(asked["target"]) > 1:
			say(w, http.StatusBadRequest, "module and target may be given once")
			return
		case asked.Get("module") != probeModule:
			say(w, http.StatusBadRequest, "unknown module, expected "+probeModule)
			return
		}
		name := asked.Get("target")
		i := slices.IndexFunc(s.config.SIPTargets, func(t sip.Target) bool { return t.Name == name })
		if i < 0 {
			say(w, http.StatusNotFound, "unknown target")
			return
		}
		ctx, cancel := a.scrapeContext(r, offset)
		defer cancel()
		result, err := a.prober.Probe(ctx, s.config.SIPTargets[i])
		if err != nil { // nothing is known about the target: no metrics are the truth
			say(w, http.StatusServiceUnavailable, err.Error())
			return
		}
		promhttp.HandlerFor(collector.ProbePage(result), promhttp.HandlerOpts{ErrorLog: gatherLog(a.log, r)}).ServeHTTP(w, r)
	}
}
