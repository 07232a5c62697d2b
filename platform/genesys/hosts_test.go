package genesys

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform/health"

	promconfig "github.com/prometheus/common/config"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// Without overrides the hosts follow from the region, and the proxy of the configuration is used.
func TestHosts(t *testing.T) {
	asked := make(chan string, 10)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.Host
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer proxy.Close()
	address, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	config := DefaultConfig()
	config.Name, config.Region, config.ClientID, config.ClientSecret = "emea", "eu-central-1", "id", "canary"
	config.HTTP.ProxyURL = promconfig.URL{URL: address}
	source, err := config.Open(health.Surroundings{Thresholds: settings.DefaultThresholds})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	account := feed.NewAccount(t.Context(), feed.Source{
		Platform: "genesys", Name: "emea", Info: source.Info, Metrics: source.Metrics, Feeds: source.Feeds[:1],
	}, feed.PlaneLimits{Degraded: 1}, slog.New(slog.DiscardHandler))
	defer account.Close()
	account.Refresh(t.Context())
	if got, want := <-asked, "CONNECT login.mypurecloud.de:443"; got != want {
		t.Errorf("first request = %s, want %s", got, want)
	}
}
