package app

import (
	"encoding/json"
	"net/http"
)

// discovery serves Prometheus HTTP service discovery: a target group for each account and each pair, so that each is scraped alone.
// It names the scheme when the request came over TLS. What a proxy says of the scheme counts when the external URL is https.
func (a *app) discovery(f flags) http.HandlerFunc {
	type group struct {
		Targets []string          `json:"targets"`
		Labels  map[string]string `json:"labels"`
	}
	path, external := f.externalPath(f.telemetryPath), f.external()
	return func(w http.ResponseWriter, r *http.Request) {
		secure := r.TLS != nil || external != nil && external.Scheme == "https" && r.Header.Get("X-Forwarded-Proto") == "https"
		groups := []group{}
		s := a.current.Load()
		if s == nil {
			s = &setup{}
		}
		for _, account := range s.all() {
			labels := map[string]string{
				"__metrics_path__":      path,
				"__param_account":       account.Name(),
				"__meta_ccaas_platform": account.Platform(),
			}
			if secure {
				labels["__scheme__"] = "https"
			}
			groups = append(groups, group{Targets: []string{r.Host}, Labels: labels})
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(groups)
	}
}
