package main

// telephony tells how calls get in and out: trunks, their far ends, edges, capacity.
var telephony = board{
	uid:   "ccaas-telephony",
	title: "CCaaS / Telephony",
	about: "The way of a call: trunks and the far ends that answer them, our own probes, the sound, calls against capacity, and the edges.",
	sections: []section{
		telephonyTrunks, telephonyProxies, telephonyProbes, telephonySound, telephonyCalls, telephonyEdges, telephonyHosts,
	},
}

var telephonyTrunks = section{"Trunks", []panel{
	{
		kind: graph, title: "Trunks by status", w: 8, stack: true, colors: statuses,
		about:    "Critical: no instance is healthy. Degraded: some are.",
		queries:  []query{{expr: byStatus("ccaas_trunk_status", "", "@account, trunk"), name: "{{status}}"}},
		runbooks: []string{"CcaasTrunkDown", "CcaasTrunkDegraded"},
	},
	{
		kind: timeline, title: "Trunks over time", w: 16, words: statuses,
		about:    "Each trunk. It is what an administrator calls the trunk: all its instances together.",
		queries:  []query{{expr: status("ccaas_trunk_status", "", "@account, trunk"), name: "{{account}} {{trunk}}"}},
		runbooks: []string{"CcaasTrunkDown", "CcaasTrunkDegraded"},
	},
	{
		kind: table, title: "Trunks now", w: 24, h: 10, sort: "Status",
		about: "The worst first. Instances that exist, and how many of them are enabled, in service and connected: " +
			"the first number that falls short tells where to look. Measured is the platform's own freshness.",
		queries: []query{
			{expr: status("ccaas_trunk_status", "", "@account, trunk"), name: "Status", words: statuses},
			{expr: latest("ccaas_trunk_instances", "@account, trunk"), name: "Instances"},
			{expr: latest("ccaas_trunk_instances_enabled", "@account, trunk"), name: "Enabled"},
			{expr: latest("ccaas_trunk_instances_in_service", "@account, trunk"), name: "In service"},
			{expr: latest("ccaas_trunk_instances_connected", "@account, trunk"), name: "Connected"},
			{expr: `sum by (@account, trunk) (` + latest("ccaas_trunk_calls", "@account, trunk, direction") + `)`, name: "Calls"},
			{expr: latest("ccaas_trunk_qos_mismatches", "@account, trunk"), name: "QoS mismatches, 24 h"},
			{expr: milliseconds("ccaas_trunk_observed_timestamp_seconds", "@account, trunk"), name: "Measured", unit: "dateTimeAsIso"},
		},
		runbooks: []string{"CcaasTrunkDown", "CcaasTrunkDegraded"},
	},
}}

var telephonyProxies = section{"Far ends", []panel{
	{
		kind: table, title: "Trunks and their proxies", w: 24, h: 10, sort: "Trunk status",
		about: "Every far end of every trunk: how many trunk instances list it, and to how many it answers OPTIONS or accepts REGISTER. " +
			"An empty cell is a check that is off. One proxy silent on all trunks: the carrier. All proxies silent on one edge: our network.",
		queries: []query{
			{
				expr: `0 * ` + latest("ccaas_trunk_proxies", "@account, trunk, proxy") + ` + on (@account, trunk) group_left () ` +
					status("ccaas_trunk_status", "", "@account, trunk"),
				name: "Trunk status", words: statuses,
			},
			{expr: latest("ccaas_trunk_proxies", "@account, trunk, proxy"), name: "Instances"},
			{expr: latest("ccaas_trunk_proxies_options_up", "@account, trunk, proxy"), name: "OPTIONS answered"},
			{expr: latest("ccaas_trunk_proxies_register_up", "@account, trunk, proxy"), name: "REGISTER accepted"},
			{
				expr: milliseconds("ccaas_trunk_options_last_change_timestamp_seconds", "@account, trunk, proxy"),
				name: "OPTIONS changed", unit: "dateTimeAsIso",
			},
		},
		runbooks: []string{"CcaasTrunkProxyUnreachable", "CcaasTrunkDown"},
	},
	{
		kind: graph, title: "Proxies that answer no trunk instance", w: 24,
		about: "Far ends whose OPTIONS are all unanswered, by account. Calls use the other proxies of the trunk, if it has any.",
		queries: []query{{
			expr: `count by (@account) (` + latest("ccaas_trunk_proxies_options_up", "@account, trunk, proxy") + ` == 0)
				or 0 * count by (@account) (` + latest("ccaas_trunk_proxies_options_up", "@account, trunk, proxy") + `)`,
			name: "{{account}}",
		}},
		runbooks: []string{"CcaasTrunkProxyUnreachable"},
	},
}}

var telephonyCalls = section{"Calls", []panel{
	{
		kind: graph, title: "Calls in progress and capacity", w: 8,
		about: "Calls of each account and deployment, and how many it may carry at once.",
		queries: []query{
			{expr: latest("ccaas_calls_in_progress", "@account, deployment"), name: "{{account}} {{deployment}}"},
			{expr: latest("ccaas_calls_capacity", "@account, deployment"), name: "{{account}} {{deployment}} capacity"},
		},
		runbooks: []string{"CcaasDataPlaneCritical"},
	},
	{
		kind: graph, title: "Share of the capacity in use", w: 8, unit: "percentunit", max: 1,
		about: "Near 100 % new calls are refused.",
		queries: []query{{
			expr: latest("ccaas_calls_in_progress", "@account, deployment") + " / " + latest("ccaas_calls_capacity", "@account, deployment"),
			name: "{{account}} {{deployment}}",
		}},
		runbooks: []string{"CcaasDataPlaneDegraded"},
	},
	{
		kind: graph, title: "Calls on trunks, by direction", w: 8, stack: true,
		about: "Inbound that falls while outbound stays: callers do not reach us.",
		queries: []query{{
			expr: `sum by (@account, direction) (` + latest("ccaas_trunk_calls", "@account, trunk, direction") + `)`,
			name: "{{account}} {{direction}}",
		}},
		runbooks: []string{"CcaasTrunkDown"},
	},
}}

var telephonyEdges = section{"Edges", []panel{
	{
		kind: timeline, title: "Edges over time", w: 12, words: statuses,
		about:    "Your own edges by name, and all cloud media edges as one row.",
		queries:  []query{{expr: status("ccaas_edge_status", "", "@account, edge, site"), name: "{{account}} {{edge}} {{site}}"}},
		runbooks: []string{"CcaasEdgeOffline"},
	},
	{
		kind: graph, title: "Edges by deployment and online status", w: 12, stack: true,
		about: "hardware and ldm are your own, cdm are the vendor's cloud media edges, which come and go with the load.",
		queries: []query{{
			expr: `sum by (deployment, online_status) (` + latest("ccaas_edges", "@account, deployment, online_status") + `)`,
			name: "{{deployment}} {{online_status}}",
		}},
		runbooks: []string{"CcaasEdgeOffline"},
	},
}}

var telephonyHosts = section{"Hosts of your own edges", []panel{
	host("CPU", "percentunit", "Time in use over all processors.", latest("ccaas_edge_cpu_ratio", "@account, edge"), "{{account}} {{edge}}", 1),
	host("Memory in use", "percentunit", "Physical memory.",
		"1 - "+latest("ccaas_edge_memory_available_bytes", "@account, edge")+" / "+latest("ccaas_edge_memory_bytes", "@account, edge"),
		"{{account}} {{edge}}", 1),
	host("Disk in use", "percentunit", "Each partition. A full one stops recordings, then calls.",
		"1 - "+latest("ccaas_edge_disk_available_bytes", "@account, edge, partition")+" / "+latest("ccaas_edge_disk_bytes", "@account, edge, partition"),
		"{{account}} {{edge}} {{partition}}", 1),
	host("Network in use", "percentunit", "Share of the bandwidth of each interface.",
		latest("ccaas_edge_network_utilization_ratio", "@account, edge, interface"), "{{account}} {{edge}} {{interface}}", 1),
	host("Network received", "Bps", "As the edge reports it.",
		latest("ccaas_edge_network_receive_bytes_per_second", "@account, edge, interface"), "{{account}} {{edge}} {{interface}}", 0),
	host("Network sent", "Bps", "As the edge reports it.",
		latest("ccaas_edge_network_transmit_bytes_per_second", "@account, edge, interface"), "{{account}} {{edge}} {{interface}}", 0),
	host("Delay of processes", "s", "Processing delay of each process. Delay here is heard as choppy sound.",
		latest("ccaas_edge_subsystem_delay_seconds", "@account, edge, subsystem"), "{{account}} {{edge}} {{subsystem}}", 0),
	host("Uptime", "s", "A fall to 0 is a restart.", latest("ccaas_edge_uptime_seconds", "@account, edge"), "{{account}} {{edge}}", 0),
	host("Age of these numbers", "s", "Time since the platform measured the edge.",
		age("ccaas_edge_observed_timestamp_seconds", "@account, edge"), "{{account}} {{edge}}", 0),
}}

// host is a graph of what an edge reports about its machine.
func host(title, unit, about, expr, name string, most float64) panel {
	return panel{
		kind: graph, title: title, w: 8, h: 7, unit: unit, about: about, max: most,
		queries: []query{{expr: expr, name: name}}, runbooks: []string{"CcaasEdgeOffline"},
	}
}
