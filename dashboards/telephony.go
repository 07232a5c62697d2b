package main

// telephony shows how calls get in and out: trunks, their proxies, edges, capacity.
var telephony = board{
	uid:     "ccaas-telephony",
	title:   titleOf("ccaas-telephony"),
	about:   "The way of a call: trunks and the proxies that answer them, our own probes, the sound, calls against capacity, and the edges.",
	choices: []choice{{"trunk", "Trunk", `ccaas_trunk_status{@selected}`}},
	sections: []section{
		telephonyTrunks, telephonyProxies, telephonyVerdicts, telephonyProbes, telephonySound, telephonyEnds, telephonyCalls, telephonyEdges, telephonyHosts,
	},
}

const (
	perTrunk = "@account, trunk"
	perProxy = "@account, trunk, proxy"
)

// ofTrunks is a number of each of the chosen trunks.
func ofTrunks(what string) string { return latest("ccaas_trunk_"+what+"{@trunks}", perTrunk) }

// trunkSince is when a trunk last was operational, in milliseconds, within the time range of the board.
func trunkSince() string {
	return `1000 * max by (@account, trunk) (max_over_time((timestamp(ccaas_trunk_status{@selected, @trunks, status="operational"} == 1))[$__range:$__interval]))
		and on (` + perTrunk + `) ` + trunkStatus() + ` > 1`
}

func trunkStatus() string { return status("ccaas_trunk_status", "@trunks", perTrunk) }

// troubled are the rows of a timeline of statuses that were not operational at some time in the range.
func troubled(by, expr string) string { return chosenBy("topk", "max", by, expr, " > 1", rowsPerPage) }

var telephonyTrunks = section{title: "Trunks", panels: []panel{
	{
		title: "Trunks by status", w: 6, h: 9,
		view: lines{unit: count, stack: true, colors: statuses.and(unread, grey), queries: []query{
			{expr: byStatus("ccaas_trunk_status", "@trunks", perTrunk) + " > 0", name: "{{status}}"},
			notRead(`count by (@account) (max by (@account, trunk) (ccaas_trunk_status{@selected, @trunks}))`),
		}},
		about: "Critical: no instance is healthy. Degraded: some are. Not read: the last known number of trunks of accounts of which nothing " +
			"is known now.",
		runbooks: []string{"CcaasTrunkDown", "CcaasTrunkDegraded"},
	},
	{
		title: "Trunks that were not operational in this time", w: 18, h: 9,
		view: states{words: statuses, queries: []query{{
			expr: troubled(perTrunk, trunkStatus()), name: "{{account}} {{trunk}}",
			quiet: "every trunk was operational", trouble: "trunk-outage",
		}}},
		about:    "Each such trunk: what an administrator calls the trunk, all its instances together. At most 20.",
		runbooks: []string{"CcaasTrunkDown", "CcaasTrunkDegraded"},
	},
	{
		title: "Trunks now", w: 24, h: 11,
		view: grid{sort: "Status", then: "QoS mismatches, 24 h", columns: []column{
			object("trunk", "Trunk", toObject("ccaas-telephony", "trunk")), account(),
			state("Status", trunkStatus(), 120, statuses),
			value("Last well", trunkSince(), 140, since).quietly("every trunk is operational"),
			value("Instances", ofTrunks("instances"), 100, count),
			value("Enabled", ofTrunks("instances_enabled"), 90, count),
			value("In service", ofTrunks("instances_in_service"), 100, count),
			value("Connected", ofTrunks("instances_connected"), 100, count),
			value("Calls", `sum by (@account, trunk) (`+latest("ccaas_trunk_calls{@trunks}", "@account, trunk, direction")+`)`, 80, count),
			value("QoS mismatches, 24 h", ofTrunks("qos_mismatches"), 170, count),
			value("Measured", `1000 * `+ofTrunks("observed_timestamp_seconds"), 140, since),
		}},
		about: "The worst first. Last well: when a trunk that is not well last was. Instances that exist, and how many of them are enabled, in " +
			"service and connected: the first number that falls short shows where to look. Measured is the platform's own freshness.",
		runbooks: []string{"CcaasTrunkDown", "CcaasTrunkDegraded"},
	},
}}

// ofProxies is a number of each proxy of the chosen trunks.
func ofProxies(what string) string { return latest("ccaas_trunk_"+what+"{@trunks}", perProxy) }

var telephonyProxies = section{title: "Proxies", panels: []panel{
	{
		title: "Trunks and their proxies", w: 24, h: 11,
		view: grid{sort: "Silent", then: "Instances", columns: []column{
			object("proxy", "Proxy"), label("trunk", "Trunk", 200), account(),
			value("Silent", `1 - `+ofProxies("proxies_options_up")+` / `+ofProxies("proxies"), 100, ratio).limited(above(mark{0.001, orange}, mark{1, red})),
			value("Instances", ofProxies("proxies"), 100, count),
			value("OPTIONS answered", ofProxies("proxies_options_up"), 150, count),
			value("REGISTER accepted", ofProxies("proxies_register_up"), 150, count),
			value("OPTIONS changed", `1000 * `+ofProxies("options_last_change_timestamp_seconds"), 150, since),
			state("Trunk status", `0 * `+ofProxies("proxies")+` + on (`+perTrunk+`) group_left () `+trunkStatus(), 120, statuses),
		}},
		about: "Every proxy of every trunk, the silent ones first: how many trunk instances list it, and to how many it answers OPTIONS or accepts " +
			"REGISTER. A dash is a check that is off. One proxy silent on all trunks: the carrier. All proxies silent on one edge: our network.",
		runbooks: []string{"CcaasTrunkProxyUnreachable", "CcaasTrunkDown"},
	},
}}

var telephonyCalls = section{title: "Calls", closed: true, panels: []panel{
	{
		title: "Calls in progress and capacity", w: 8,
		view: lines{unit: count, dashed: " capacity$", queries: []query{
			{expr: latest("ccaas_calls_in_progress", "@account, deployment"), name: "{{account}} {{deployment}}"},
			{expr: latest("ccaas_calls_capacity", "@account, deployment"), name: "{{account}} {{deployment}} capacity"},
		}},
		about:    "Calls of each account and deployment, and, dashed, how many it may carry at once.",
		runbooks: []string{"CcaasDataPlaneCritical"},
	},
	{
		title: "Share of the capacity in use", w: 8,
		view: lines{unit: ratio, max: 1, queries: []query{{
			expr: latest("ccaas_calls_in_progress", "@account, deployment") + " / " + latest("ccaas_calls_capacity", "@account, deployment"),
			name: "{{account}} {{deployment}}",
		}}},
		about:    "Near 100 % new calls are refused.",
		runbooks: []string{"CcaasDataPlaneDegraded"},
	},
	{
		title: "Calls on trunks, by direction", w: 8,
		view: lines{unit: count, stack: true, queries: []query{{
			expr: `sum by (@account, direction) (` + latest("ccaas_trunk_calls{@trunks}", "@account, trunk, direction") + `)`,
			name: "{{account}} {{direction}}",
		}}},
		about:    "Inbound that falls while outbound stays: callers do not reach us.",
		runbooks: []string{"CcaasTrunkDown"},
	},
	{
		title: "Quality-of-service mismatches", w: 12,
		view: lines{unit: count, queries: []query{{
			expr: `sum by (@account) (max by (@account, trunk) (ccaas_trunk_qos_mismatches{@selected, @trunks}))`, name: "{{account}}",
		}}},
		about:    "Mismatches on all trunks of an account over the vendor's sliding 24 hours. Watch the slope, not the level.",
		runbooks: []string{"CcaasTrunkDegraded"},
	},
}}
