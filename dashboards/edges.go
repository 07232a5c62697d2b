// Edges of the Telephony board: the media servers, their hosts and their software.

package main

import (
	"fmt"
	"strings"
)

const perEdge = "@account, edge"

var telephonyEdges = section{title: "Edges", closed: true, panels: []panel{
	{
		title: "Edges over time", w: 12, h: 12,
		view: states{words: statuses, queries: []query{{
			expr: status("ccaas_edge_status", "", "@account, edge, site"), name: "{{account}} {{edge}} {{site}}",
		}}},
		about:    "Your own edges by name, and all cloud media edges as one row.",
		runbooks: []string{"CcaasEdgeOffline"},
	},
	{
		title: "Edges by deployment and online status", w: 12, h: 12,
		view: lines{unit: count, stack: true, ranked: true, queries: []query{{
			expr: nonzero("deployment, online_status",
				`sum by (deployment, online_status) (`+latest("ccaas_edges", "@account, deployment, online_status")+`)`),
			name: "{{deployment}} {{online_status}}",
		}}},
		about:    "hardware and ldm are your own, cdm are the vendor's cloud media edges, which come and go with the load.",
		runbooks: []string{"CcaasEdgeOffline"},
	},
	{
		title: "Edges now", w: 24, h: 9,
		view: grid{sort: "Status", columns: []column{
			object("edge", "Edge"), account(),
			state("Status", status("ccaas_edge_status", "", perEdge), 130, statuses),
			value("Started", `1000 * (time() - `+latest("ccaas_edge_uptime_seconds", perEdge)+`)`, 160, since),
			value("Measured", milliseconds("ccaas_edge_observed_timestamp_seconds", perEdge), 160, since),
			value("CPU", latest("ccaas_edge_cpu_ratio", perEdge), 90, ratio),
			value("Memory", memoryUsed(), 90, ratio),
			value("Slowest process", latest("ccaas_edge_subsystem_delay_seconds", perEdge), 140, seconds),
		}},
		about:    "The worst first. Started a moment ago: it restarted. Measured is the platform's own freshness.",
		runbooks: []string{"CcaasEdgeOffline"},
	},
	{
		title: "Software of your own edges", w: 24, h: 8,
		view: grid{sort: "Left to drain", then: "Update", columns: []column{
			object("edge", "Edge"), account(),
			label("software_version", "Version", 160), label("status_code", "Status code", 200), label("draining", "Draining", 130),
			value("Left to drain", latest("ccaas_edge_draining_conversations", perEdge), 120, count).quietly("no edge is being drained").in("maintenance"),
			state("Update", edgeUpdate(), 130, edgeUpdates).quietly("no edge is or was recently updated").in("maintenance"),
			hidden("Rows", query{expr: latest("ccaas_edge_info", perEdge+", software_version, status_code, draining")}),
		}},
		about: "Status code, draining and update are the platform's own words. Left to drain are conversations that an edge waits for before it restarts; " +
			"the platform forgets an update some time after its end.",
		runbooks: []string{"CcaasEdgeVersionsDiffer", "CcaasEdgeOffline"},
	},
}}

// edgeUpdates are the platform's words for the state of an update, the worst last.
var edgeUpdates = words{
	{"none", grey, 0},
	{"unknown", grey, 1},
	{"succeeded", green, 2},
	{"init", blue, 3},
	{"in progress", blue, 4},
	{"delete", orange, 5},
	{"expired", orange, 6},
	{"aborted", orange, 7},
	{"exception", red, 8},
	{"failed", red, 9},
}

// edgeUpdate turns the word for the update of an edge into its number.
func edgeUpdate() string {
	var numbers []string
	for _, w := range edgeUpdates {
		word := strings.ReplaceAll(w.text, " ", "_")
		numbers = append(numbers, fmt.Sprintf(`%d * ccaas_edge_software_update_info{@selected, update_status="%s"}`, w.value, word))
	}
	return fmt.Sprintf("max by (%s) (%s)", perEdge, strings.Join(numbers, " or "))
}

// memoryUsed is the share of the physical memory of an edge that is in use.
func memoryUsed() string {
	return "1 - " + latest("ccaas_edge_memory_available_bytes", perEdge) + " / " + latest("ccaas_edge_memory_bytes", perEdge)
}

var telephonyHosts = section{title: "Hosts of your own edges: the 8 highest in this time", closed: true, panels: []panel{
	host("CPU", ratio, "Time in use over all processors.", latest("ccaas_edge_cpu_ratio", perEdge), "edge", 1),
	host("Memory in use", ratio, "Physical memory.", memoryUsed(), "edge", 1),
	host("Disk in use", ratio, "Each partition. A full one stops recordings, then calls.",
		"1 - "+latest("ccaas_edge_disk_available_bytes", perEdge+", partition")+" / "+latest("ccaas_edge_disk_bytes", perEdge+", partition"),
		"edge, partition", 1),
	host("Network in use", ratio, "Share of the bandwidth of each interface.",
		latest("ccaas_edge_network_utilization_ratio", perEdge+", interface"), "edge, interface", 1),
	host("Network received", octetsPS, "As the edge reports it.",
		latest("ccaas_edge_network_receive_bytes_per_second", perEdge+", interface"), "edge, interface", 0),
	host("Network sent", octetsPS, "As the edge reports it.",
		latest("ccaas_edge_network_transmit_bytes_per_second", perEdge+", interface"), "edge, interface", 0),
	host("Delay of processes", seconds, "Processing delay of each process. Delay here is heard as choppy sound.",
		latest("ccaas_edge_subsystem_delay_seconds", perEdge+", subsystem"), "edge, subsystem", 0),
}}

// host is a graph of what edges report about their machines, where it was highest.
func host(title string, u unit, about, expr, by string, most float64) panel {
	name := "{{account}} {{" + strings.ReplaceAll(by, ", ", "}} {{") + "}}"
	return panel{
		title: title, w: 12, about: about, runbooks: []string{"CcaasEdgeOffline"},
		view: lines{unit: u, max: most, ranked: true, queries: []query{{expr: highest("@account, "+by, expr), name: name}}},
	}
}
