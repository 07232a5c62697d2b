package app

import (
	"encoding/json"
	"io"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/ccaas-exporter/ccaas_exporter/collector"
	"github.com/ccaas-exporter/ccaas_exporter/platform/webhook"
)

// standardLabels stand on every family that is not about the exporter itself.
var standardLabels = []string{"platform", "account", "region_code"}

// families are all that are on the metrics page, but those of the process.
func families() []collector.Family {
	all := collector.Families()
	for _, f := range webhook.Families() {
		all = append(all, collector.Family{Name: f.Name, Type: string(f.Type), Labels: f.Labels, Help: f.Help, Global: f.Global})
	}
	return all
}

// exported is a family as other programs read it.
type exported struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"`
	Labels []string `json:"labels"` // all of them
	Help   string   `json:"help"`
}

// listFamilies writes everything on the metrics page as a JSON array, for checks of rules and dashboards.
func listFamilies(out io.Writer) error {
	var list []exported
	for _, f := range families() {
		labels := slices.Clone(f.Labels)
		if !f.Global {
			labels = slices.Concat(standardLabels, labels)
		}
		list = append(list, exported{f.Name, f.Type, labels, f.Help})
	}
	process := prometheus.NewRegistry()
	process.MustRegister(processCollectors()...)
	gathered, err := process.Gather()
	if err != nil {
		return err
	}
	for _, f := range gathered {
		var labels []string
		for _, pair := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, pair.GetName())
		}
		list = append(list, exported{f.GetName(), f.GetType().String(), labels, f.GetHelp()})
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", " ")
	return encoder.Encode(list)
}

// processCollectors tell what every Go exporter tells about its process.
func processCollectors() []prometheus.Collector {
	return []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	}
}
