package collector

import (
	"slices"
	"strings"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform/health"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// describedBy lists what a client may send.
func describedBy(client prometheus.Collector) (texts []string) {
	descs := make(chan *prometheus.Desc)
	go func() {
		defer close(descs)
		client.Describe(descs)
	}()
	for desc := range descs {
		texts = append(texts, desc.String())
	}
	slices.Sort(texts)
	return texts
}

// listed is the same of a table.
func listed(families ...Family) (texts []string) {
	for _, f := range families {
		texts = append(texts, prometheus.NewDesc(f.Name, f.Help, f.Labels, nil).String())
	}
	slices.Sort(texts)
	return texts
}

// TestStreamFamilies holds both tables against a client with a stream, word by word.
func TestStreamFamilies(t *testing.T) {
	c := genesys.DefaultConfig()
	c.Name, c.Region, c.ClientID, c.ClientSecret = "emea", "eu-central-1", "id", "secret"
	c.Stream.Enabled, c.Stream.Conversations = true, true
	source, err := c.Open(health.Surroundings{Thresholds: settings.DefaultThresholds})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(source.Close)
	if diff := cmp.Diff(listed(slices.Concat(apiFamilies, streamFamilies)...), describedBy(source.Metrics)); diff != "" {
		t.Errorf("the tables and the client differ (-tables +client):\n%s", diff)
	}
}

// TestAPIFamilies holds the table against the client that the metrics come from, word by word.
func TestAPIFamilies(t *testing.T) {
	client, err := rest.New(rest.Options{Operations: []string{"edges"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(listed(apiFamilies...), describedBy(client.Metrics())); diff != "" {
		t.Errorf("the table and the client differ (-table +client):\n%s", diff)
	}

	v := cxoneView()
	v.Metrics = client.Metrics()
	const family = "ccaas_api_request_duration_seconds_count{"
	wantLine := []string{family + `account="us",operation="edges",platform="cxone",region_code="na1"} 0`}
	if diff := cmp.Diff(wantLine, lines(page(t, checked(New(accounts(v), Options{}))), family)); diff != "" {
		t.Errorf("page differs (-want +got):\n%s", diff)
	}
}

// TestUndeclared makes sure that a metric of the API client that the table does not know is not left out in silence.
func TestUndeclared(t *testing.T) {
	v := cxoneView()
	v.Metrics = prometheus.NewGauge(prometheus.GaugeOpts{Name: "ccaas_api_news"})
	_, err := checked(New(accounts(v), Options{})).Gather()
	if err == nil || !strings.Contains(err.Error(), "ccaas_api_news is not in the table of API metrics") {
		t.Errorf("Gather() = %v, want an error that names the metric", err)
	}
}
