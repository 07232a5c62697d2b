package collector

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// TestAPIFamilies holds the table against the client that the metrics come from, word by word.
func TestAPIFamilies(t *testing.T) {
	client, err := rest.New(rest.Options{Operations: []string{"edges"}})
	if err != nil {
		t.Fatal(err)
	}
	descs := make(chan *prometheus.Desc)
	go func() {
		defer close(descs)
		client.Metrics().Describe(descs)
	}()
	var got, want []string
	for desc := range descs {
		got = append(got, desc.String())
	}
	for _, f := range apiFamilies {
		want = append(want, prometheus.NewDesc(f.Name, f.Help, f.Labels, nil).String())
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the table and the client differ (-table +client):\n%s", diff)
	}

	v := cxoneView()
	v.Metrics = client.Metrics()
	const family = "ccaas_api_request_duration_seconds_count{"
	wantLine := []string{family + `account="us",operation="edges",platform="cxone",region_code="na1"} 0`}
	if diff := cmp.Diff(wantLine, lines(page(t, register(t, New(accounts(v), Options{}))), family)); diff != "" {
		t.Errorf("page differs (-want +got):\n%s", diff)
	}
}

// TestUndeclared makes sure that a metric of the API client that the table does not know is not left out in silence.
func TestUndeclared(t *testing.T) {
	v := cxoneView()
	v.Metrics = prometheus.NewGauge(prometheus.GaugeOpts{Name: "ccaas_api_news"})
	_, err := register(t, New(accounts(v), Options{})).Gather()
	if err == nil || !strings.Contains(err.Error(), "ccaas_api_news is not in the table of API metrics") {
		t.Errorf("Gather() = %v, want an error that names the metric", err)
	}
}
