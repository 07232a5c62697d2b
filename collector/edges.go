package collector

import (
	"cmp"
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

// ownEdge is an edge of the customer's own: the names of the vendor's come and go.
type ownEdge struct{ *platform.Edge }

func ownEdges(p *platform.Snapshot) (list []ownEdge) {
	for i := range p.Edges {
		if p.Edges[i].Own {
			list = append(list, ownEdge{&p.Edges[i]})
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
	table(ownEdges,
		gauge("ccaas_edge_info", by("edge", "software_version", "status_code", "draining"),
			"1 for each edge of your own, with the version of its software and the platform's words for its status and for the draining of its conversations, in lower case; a word that is missing or not known is unknown. Absent with the status.",
			func(x *ownEdge, e emit) { e(1, x.Name, known(x.Version), known(x.StatusCode), known(x.Draining)) }),
		gauge("ccaas_edge_draining_conversations", by("edge"),
			"Conversations that an edge of your own has left to drain before it can restart or update; absent while it does not drain.",
			func(x *ownEdge, e emit) { e.maybeCount(x.Conversations, x.Name) }),
		gauge("ccaas_edge_software_update_info", by("edge", "update_status"),
			"1 for each edge of your own whose software is or recently was updated, with the platform's word for the state of the update, in lower case; a word that is missing or not known is unknown. Absent for all others.",
			func(x *ownEdge, e emit) {
				if x.Update != "" {
					e(1, x.Name, x.Update)
				}
			}),
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

// known is a word, or the one for what the platform does not say.
func known(word string) string { return cmp.Or(word, platform.EdgeUnknown) }

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
