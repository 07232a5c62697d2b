package app

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/ccaas-exporter/ccaas_exporter/collector"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
	"github.com/ccaas-exporter/ccaas_exporter/platform/presence"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/webhook"
)

// clientFamilies are all that the clients of accounts on these platforms may send.
func clientFamilies(kinds []platformKind) []*metric.Family {
	all := slices.Clone(rest.Families())
	for _, kind := range kinds {
		all = append(all, kind.families...)
	}
	return all
}

// families are all that are on the metrics page, but those of the process.
func families() []*metric.Family {
	return slices.Concat(collector.Families(), clientFamilies(platforms()), webhook.Families(), presence.Families())
}

// exported is a family as other programs read it.
type exported struct {
	Name   string      `json:"name"`
	Type   metric.Type `json:"type"`
	Labels []string    `json:"labels"` // all of them
	Help   string      `json:"help"`
}

// listFamilies writes everything on the metrics page as a JSON array, for checks of rules and dashboards.
func listFamilies(out io.Writer) error {
	var list []exported
	for _, f := range families() {
		list = append(list, exported{f.Name, f.Type, f.AllLabels(), f.Help})
	}
	process := prometheus.NewRegistry()
	process.MustRegister(processCollectors()...)
	gathered, err := process.Gather()
	if err != nil {
		return err
	}
	for _, f := range gathered {
		labels := []string{}
		for _, pair := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, pair.GetName())
		}
		list = append(list, exported{f.GetName(), metric.Type(strings.ToLower(f.GetType().String())), labels, f.GetHelp()})
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", " ")
	return encoder.Encode(list)
}

// processCollectors are what every Go exporter has about its process.
func processCollectors() []prometheus.Collector {
	return []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	}
}
