package simulator

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// TestConcurrent lets many ask while scenarios, faults and secrets change; the race detector is the judge.
func TestConcurrent(t *testing.T) {
	w := started(t, Options{Agents: 100})
	var clients sync.WaitGroup
	for name, paths := range map[string][]string{
		emea:     {telephony, telephony + "/trunks", "/api/v2/telephony/calls/metrics", "/api/v2/date", "/api/v2/health/details"},
		americas: {telephony + "/trunks", "/api/v2/presence/definitions"},
		us:       {services + "/agents/states", services + "/skills/activity", services + "/contacts/active"},
		status:   {"/api/v2/summary.json", "/api/v2/system/health"},
	} {
		for range 2 {
			c := plain(t, w, name)
			if k := w.sites[name].keys; k != nil {
				value := k.issue(time.Now(), time.Hour, func(random string, _ *token) string { return random }).value
				c = c.with("Authorization", "Bearer "+value)
			}
			clients.Go(func() {
				for i := range 20 {
					request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.URL(name)+paths[i%len(paths)], nil)
					if err != nil {
						t.Error(err)
						return
					}
					request.Header = c.header
					response, err := http.DefaultClient.Do(request)
					if err != nil {
						t.Error(err)
						return
					}
					if response.StatusCode == http.StatusNotFound || response.StatusCode == http.StatusBadRequest {
						t.Errorf("%s = %d", request.URL, response.StatusCode)
					}
					if err := response.Body.Close(); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	quick := slices.DeleteFunc(Scenarios(), func(name string) bool { return name == apiSlow })
	for i := range 50 {
		if err := w.SetScenario(quick[i%len(quick)]); err != nil {
			t.Error(err)
		}
		remove := w.Inject(emea, Fault{Path: "/api/v2/date", Status: http.StatusBadGateway})
		w.Credentials(us)
		w.Calls(emea)
		w.Violations()
		w.Scenario()
		if i%10 == 0 {
			w.ResetCalls()
			w.RotateSecret(americas, "demo-secret-other")
		}
		remove()
	}
	clients.Wait()
	noViolations(t, w)
}
