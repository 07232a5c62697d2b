package genesys_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// A platform that does not offer the call is asked once an hour. That is no failure, and it is logged once.
func TestCallsNotOffered(t *testing.T) {
	t.Parallel()
	w := world(t, simulator.Options{})
	w.Inject("emea", simulator.Fault{Path: calls, Status: http.StatusNotFound, Body: `{"status":404,"code":"not.found"}`})
	var log bytes.Buffer
	a := accountWithLog(t, w, w.URL("emea"), health.Surroundings{}, slog.New(slog.NewTextHandler(&log, nil)), func(c *genesys.Config) {
		c.Feeds.Edges = 0 // no premises
	})
	for range 5 {
		view, feeds := refreshed(t, a)
		if f := feeds["calls"]; !f.Up || len(f.Failures) != 0 || len(merged(view).Calls) != 0 {
			t.Errorf("calls up = %t, failures %v, calls %v, want true, none, none", f.Up, f.Failures, merged(view).Calls)
		}
	}
	a.Close()
	if n := w.Calls("emea")["GET "+calls]; n != 1 {
		t.Errorf("%d calls, want 1 in an hour", n)
	}
	if n := strings.Count(log.String(), "platform does not offer call metrics"); n != 1 {
		t.Errorf("logged %d times, want once:\n%s", n, log.String())
	}
}

// Without the permission the feed fails, and its error names the permission.
func TestCallsForbidden(t *testing.T) {
	w := world(t, simulator.Options{})
	w.Inject("emea", simulator.Fault{Path: calls, Status: http.StatusForbidden, Body: `{"status":403,"code":"missing.permissions"}`})
	var log bytes.Buffer
	a := accountWithLog(t, w, w.URL("emea"), health.Surroundings{}, slog.New(slog.NewTextHandler(&log, nil)), func(*genesys.Config) {})
	_, feeds := refreshed(t, a)
	a.Close()
	if f := feeds["calls"]; f.Up || f.Failures[platform.ReasonForbidden] != 1 || !strings.Contains(log.String(), "telephony:callMetrics:view") {
		t.Errorf("calls up = %t, failures %v, want false, one forbidden, and a line with the permission:\n%s", f.Up, f.Failures, log.String())
	}
}

// The list of edges says whether there are premises: their call does not wait for the metrics of edges.
func TestCallsNeedTheListOfEdgesOnly(t *testing.T) {
	w := world(t, simulator.Options{})
	w.Inject("emea", simulator.Fault{Path: edgesMetrics, Hang: true})
	a := account(t, w, w.URL("emea"))
	var polling sync.WaitGroup
	polling.Go(func() { _ = a.Poll(t.Context(), "edges") }) // ends when the account closes
	err := a.Poll(t.Context(), "calls")
	read := merged(a.State()).Calls
	a.Close()
	polling.Wait()
	if err != nil || len(read) != 2 {
		t.Errorf("calls = %+v, %v, want those of the cloud and of the premises", read, err)
	}
}
