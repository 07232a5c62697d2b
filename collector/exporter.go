package collector

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors/version"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// exporterFamilies are about the program itself.
var exporterFamilies = []*metric.Family{
	{
		Name: "ccaas_exporter_config_last_reload_successful", Type: metric.Gauge, Global: true,
		Help: "1 when the last configuration that was read was applied, 0 when it was rejected; absent before the first.",
	},
	{
		Name: "ccaas_exporter_config_last_reload_success_timestamp_seconds", Type: metric.Gauge, Global: true,
		Help: "Unix time at which a configuration was last applied; absent until one has been.",
	},
	{
		Name: "ccaas_exporter_build_info", Type: metric.Gauge, Global: true,
		Labels: by("version", "revision", "branch", "goversion", "goos", "goarch", "tags"),
		Help:   "A metric with a constant '1' value labeled by version, revision, branch, goversion from which ccaas_exporter was built, and the goos and goarch for the build.",
	},
}

// Exporter collects the families that describe the program itself.
type Exporter struct {
	successful, success *prometheus.GaugeVec // without labels: absent until set
	build               prometheus.Collector
}

// NewExporter returns a collector that does not know of any reload yet.
func NewExporter() *Exporter {
	unset := func(f *metric.Family) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: f.Name, Help: f.Help}, f.Labels)
	}
	return &Exporter{
		unset(exporterFamilies[0]), unset(exporterFamilies[1]), version.NewCollector("ccaas_exporter"),
	}
}

// SetReload notes whether the configuration that was read at this time was applied.
func (e *Exporter) SetReload(ok bool, at time.Time) {
	if !ok {
		e.successful.WithLabelValues().Set(0)
		return
	}
	e.successful.WithLabelValues().Set(1)
	e.success.WithLabelValues().Set(metric.Unix(at))
}

// Describe implements prometheus.Collector.
func (e *Exporter) Describe(ch chan<- *prometheus.Desc) {
	for _, c := range []prometheus.Collector{e.successful, e.success, e.build} {
		c.Describe(ch)
	}
}

// Collect implements prometheus.Collector.
func (e *Exporter) Collect(ch chan<- prometheus.Metric) {
	for _, c := range []prometheus.Collector{e.successful, e.success, e.build} {
		c.Collect(ch)
	}
}
