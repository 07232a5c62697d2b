package collector

import (
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// host is one of the customer's own edges whose host metrics are known.
type host struct {
	edge string
	*platform.EdgeMetrics
}

func hosts(p *platform.Snapshot) (list []host) {
	for _, edge := range p.Edges {
		if edge.Own && edge.Metrics != nil {
			list = append(list, host{edge.Name, edge.Metrics})
		}
	}
	return list
}

// edgeFamilies describe media servers: the customer's own one by one, the vendor's as one.
var edgeFamilies = slices.Concat(
	table(func(p *platform.Snapshot) []platform.Edge { return p.Edges },
		gauge("ccaas_edge_status", by("edge", "site", "status"),
			"Status of an edge as a state set; all cloud media edges together are one series named cloud-media without a site; absent when edges have not been read within their maximum age.",
			func(x *platform.Edge, e emit) { e.status(x.Status, x.Name, x.Site) }),
	),
	table(func(p *platform.Snapshot) []platform.EdgeCount { return p.EdgeCounts },
		gauge("ccaas_edges", by("deployment", "online_status"),
			"Edges by deployment type and online status; absent when edges have not been read within their maximum age.",
			func(c *platform.EdgeCount, e emit) { e.count(c.Count, c.Deployment, c.OnlineStatus) }),
	),
	table(hosts,
		gauge("ccaas_edge_cpu_ratio", by("edge"),
			"Ratio of time in use over all processors of an edge of your own; absent where it reports no number.",
			func(h *host, e emit) { e.maybe(h.CPU, h.edge) }),
		gauge("ccaas_edge_memory_available_bytes", by("edge"),
			"Physical memory available on an edge of your own; absent where it reports no number.",
			func(h *host, e emit) { e.maybe(h.MemoryAvailable, h.edge) }),
		gauge("ccaas_edge_memory_bytes", by("edge"),
			"Physical memory of an edge of your own; absent where it reports no number.",
			func(h *host, e emit) { e.maybe(h.Memory, h.edge) }),
		gauge("ccaas_edge_disk_available_bytes", by("edge", "partition"),
			"Space available on a partition of an edge of your own; absent where it reports no number.",
			disks(func(d platform.Disk) *float64 { return d.Available })),
		gauge("ccaas_edge_disk_bytes", by("edge", "partition"),
			"Size of a partition of an edge of your own; absent where it reports no number.",
			disks(func(d platform.Disk) *float64 { return d.Total })),
		gauge("ccaas_edge_network_receive_bytes_per_second", by("edge", "interface"),
			"Rate at which a network interface of an edge of your own receives, as the edge reports it; absent where it reports no number.",
			networks(func(n platform.Network) *float64 { return n.Receive })),
		gauge("ccaas_edge_network_transmit_bytes_per_second", by("edge", "interface"),
			"Rate at which a network interface of an edge of your own sends, as the edge reports it; absent where it reports no number.",
			networks(func(n platform.Network) *float64 { return n.Transmit })),
		gauge("ccaas_edge_network_utilization_ratio", by("edge", "interface"),
			"Ratio of its bandwidth that a network interface of an edge of your own uses; absent where it reports no number.",
			networks(func(n platform.Network) *float64 { return n.Utilization })),
		gauge("ccaas_edge_subsystem_delay_seconds", by("edge", "subsystem"),
			"Processing delay of a process of an edge of your own; absent where it reports no number.",
			func(h *host, e emit) {
				for _, s := range h.Subsystems {
					e.maybeSeconds(s.Delay, h.edge, s.Name)
				}
			}),
		gauge("ccaas_edge_uptime_seconds", by("edge"),
			"Time since an edge of your own started; absent where it reports no number.",
			func(h *host, e emit) { e.maybeSeconds(h.Uptime, h.edge) }),
		gauge("ccaas_edge_observed_timestamp_seconds", by("edge"),
			"Unix time at which an edge of your own took its measurements; absent where it reports none.",
			func(h *host, e emit) { e.time(h.Observed, h.edge) }),
	),
)

func disks(number func(platform.Disk) *float64) func(*host, emit) {
	return func(h *host, e emit) {
		for _, d := range h.Disks {
			e.maybe(number(d), h.edge, d.Partition)
		}
	}
}

func networks(number func(platform.Network) *float64) func(*host, emit) {
	return func(h *host, e emit) {
		for _, n := range h.Networks {
			e.maybe(number(n), h.edge, n.Interface)
		}
	}
}
