package main

// overview answers the questions of somebody on call, in the order in which they are asked.
var overview = board{
	uid:   "ccaas-overview",
	title: "CCaaS / Overview",
	about: "Can callers reach us, are they answered, is the sound good, whose fault is it, what changed, and is this screen true?",
	sections: []section{
		overviewNow, overviewReach, overviewAnswered, overviewSound, overviewWhose, overviewChanged, overviewTrust,
	},
}

var overviewNow = section{"Now", []panel{
	{
		kind: stat, title: "Voice: the data plane", w: 12, h: 5, words: statuses,
		about: "The worst data plane (trunks, edges, media) of the accounts in each region. Red: calls do not get through. " +
			"Grey: nothing tells, which is normal for a platform that publishes no trunks.",
		queries:  []query{{expr: status("ccaas_platform_status", `plane="data"`, "platform, region_code"), name: "{{platform}} {{region_code}}"}},
		runbooks: []string{"CcaasDataPlaneCritical", "CcaasDataPlaneDegraded"}, detail: "ccaas-telephony",
	},
	{
		kind: stat, title: "Administration: the control plane", w: 12, h: 5, words: statuses,
		about: "The worst control plane (API, login, status page) of the accounts in each region. Red alone does not stop calls: " +
			"look at the data plane first.",
		queries:  []query{{expr: status("ccaas_platform_status", `plane="control"`, "platform, region_code"), name: "{{platform}} {{region_code}}"}},
		runbooks: []string{"CcaasPlatformCritical", "CcaasPlatformDegraded"}, detail: "ccaas-platform",
	},
}}

var overviewReach = section{"Can callers reach us?", []panel{
	{
		kind: timeline, title: "Data plane", w: 8, words: statuses,
		about:    "The data plane of each account. Red while the control plane is green: the vendor's status page will not show it.",
		queries:  []query{{expr: status("ccaas_platform_status", `plane="data"`, "@account"), name: "{{account}}"}},
		runbooks: []string{"CcaasDataPlaneCritical", "CcaasPlaneDivergence"}, detail: "ccaas-telephony",
	},
	{
		kind: graph, title: "Trunks by status", w: 8, stack: true, colors: statuses,
		about:    "Trunks of all accounts. Critical: no instance carries calls. Degraded: some do.",
		queries:  []query{{expr: byStatus("ccaas_trunk_status", "", "@account, trunk"), name: "{{status}}"}},
		runbooks: []string{"CcaasTrunkDown", "CcaasTrunkDegraded"}, detail: "ccaas-telephony",
	},
	{
		kind: graph, title: "Calls in progress", w: 8,
		about:    "Calls of each account. A sudden fall to a fraction means that callers are lost.",
		queries:  []query{{expr: latest("ccaas_calls_in_progress", "@account, deployment"), name: "{{account}} {{deployment}}"}},
		runbooks: []string{"CcaasDataPlaneCritical"}, detail: "ccaas-telephony",
	},
}}

var overviewWhose = section{"Vendor, us or carrier?", []panel{
	{
		kind: text, title: "How to tell", w: 6, h: 7,
		about: "How to read the panels beside and below.",
		markdown: "**Vendor** red, the others green: open a ticket with the platform.\n\n" +
			"**Carrier** red for the platform and for our probes: call the carrier. Red for one of them alone: the way from there to it.\n\n" +
			"**Us** red: an edge of our own, or our credentials.\n\n" +
			"All green and callers still complain: numbers, routing or schedules.",
		runbooks: []string{"CcaasPlaneDivergence"},
	},
	{
		kind: stat, title: "Vendor: status page and API", w: 4, h: 7, words: statuses,
		about: "The worst of what the vendor's status page says of the account's region and of our probe of its API.",
		queries: []query{{
			expr: status("ccaas_component_status", `source=~"status_page|probe"`, "@account"), name: "{{account}}",
		}},
		runbooks: []string{"CcaasPlatformCritical", "CcaasComponentsDown"}, detail: "ccaas-platform",
	},
	{
		kind: stat, title: "Carrier: answers the platform", w: 5, h: 7, unit: "percentunit",
		about: "Share of the checks of the far ends of trunks (OPTIONS, from each trunk instance) that are answered.",
		queries: []query{{
			expr: `sum by (@account) (max by (@account, trunk, proxy) (ccaas_trunk_proxies_options_up{@selected}))
				/ sum by (@account) (max by (@account, trunk, proxy) (ccaas_trunk_proxies{@selected})
					and max by (@account, trunk, proxy) (ccaas_trunk_proxies_options_up{@selected}))`,
			name: "{{account}}",
		}},
		limits:   []step{{Color: red}, {orange, new(0.5)}, {green, new(1.0)}},
		runbooks: []string{"CcaasTrunkProxyUnreachable", "CcaasTrunkDown"}, detail: "ccaas-telephony",
	},
	{
		kind: stat, title: "Carrier: answers our probes", w: 5, h: 7, unit: "percentunit",
		about:    "Share of the targets of our own SIP probes that answered the last one.",
		queries:  []query{{expr: `avg by (@account) (` + latest("ccaas_sip_success", perTarget) + `)`, name: "{{account}}"}},
		limits:   []step{{Color: red}, {orange, new(0.5)}, {green, new(1.0)}},
		runbooks: []string{"CcaasTrunkProbeDisagreement", "CcaasTrunkDown"}, detail: "ccaas-telephony",
	},
	{
		kind: stat, title: "Us: edges and login", w: 4, h: 7, words: statuses,
		about: "The worst of your own edges, and whether the platform takes our credentials.",
		queries: []query{
			{expr: status("ccaas_edge_status", `edge!="cloud-media"`, "@account"), name: "{{account}} edges"},
			{expr: status("ccaas_component_status", `source="token"`, "@account"), name: "{{account}} login"},
		},
		runbooks: []string{"CcaasEdgeOffline", "CcaasAuthFailing"}, detail: "ccaas-telephony",
	},
	verdictTimeline(12, "ccaas-telephony"),
	{
		kind: timeline, title: "What each source says", w: 12, h: 9, words: statuses,
		about: "The worst component of each account by source: probe (our request to the API), token (login), status_page, document. " +
			"A probe that is red alone hints at the network between us and the vendor.",
		queries:  []query{{expr: status("ccaas_component_status", "", "@account, source"), name: "{{account}} {{source}}"}},
		runbooks: []string{"CcaasComponentsDown", "CcaasPlatformCritical"}, detail: "ccaas-platform",
	},
	{
		kind: graph, title: "Open incidents on status pages", w: 24, h: 6,
		about:    "Incidents that touch the region of an account, by impact, as the vendor admits them.",
		queries:  []query{{expr: latest("ccaas_status_page_incidents", "platform, region_code, impact"), name: "{{region_code}} {{impact}}"}},
		runbooks: []string{"CcaasPlatformDegraded"}, detail: "ccaas-platform",
	},
}}

var overviewChanged = section{"What changed?", []panel{
	{
		kind: stat, title: "Firing alerts", w: 4, limits: above(1, red),
		about: "Alerts that fire for the chosen accounts, by severity. They are also marked in every graph.",
		queries: []query{
			{expr: firingAlerts("critical"), name: "critical"},
			{expr: firingAlerts("warning"), name: "warning"},
			{expr: firingAlerts("info"), name: "info"},
		},
		runbooks: []string{"CcaasPlatformCritical"},
	},
	{
		kind: table, title: "Firing alerts", w: 20,
		about: "The alerts themselves. Each has a runbook of its name beside the rules.",
		queries: []query{{
			expr:  `max without (alertstate) (ALERTS{@selected, alertname=~"Ccaas.*", alertstate="firing"})`,
			quiet: "no alert fires while nothing is wrong",
		}},
		runbooks: []string{"CcaasPlatformCritical"},
	},
	{
		kind: table, title: "Components, last changed first", w: 24, h: 9, sort: "Since",
		about: "Every component with its status and since when the exporter has seen it so. What changed last stands on top.",
		queries: []query{
			{expr: status("ccaas_component_status", "", "@account, plane, component, source"), name: "Status", words: statuses},
			{
				expr: milliseconds("ccaas_component_last_change_timestamp_seconds", "@account, plane, component, source"),
				name: "Since", unit: "dateTimeAsIso",
			},
		},
		runbooks: []string{"CcaasComponentFlapping", "CcaasComponentsDown"}, detail: "ccaas-platform",
	},
}}

func firingAlerts(severity string) string {
	return orZero(`count(max without (instance, job) (ALERTS{@selected, alertname=~"Ccaas.*", alertstate="firing", severity="` + severity + `"}))`)
}

var overviewTrust = section{"Can I trust this screen?", []panel{
	{
		kind: stat, title: "Exporters", w: 4, h: 5, limits: below(1, red),
		about:    "Exporters that Prometheus reads now. At 0 everything above is empty or old.",
		queries:  []query{{expr: orZero(`count(ccaas_exporter_build_info)`), name: "exporters", global: true}},
		runbooks: []string{"CcaasExporterAbsent"}, detail: "ccaas-exporter",
	},
	{
		kind: stat, title: "Failing feeds", w: 4, h: 5, limits: above(1, red),
		about:    "Feeds whose last run failed. What they told stays for a while and then disappears.",
		queries:  []query{{expr: orZero(`count(max by (@account, feed) (ccaas_feed_up{@selected}) == 0)`), name: "feeds"}},
		runbooks: []string{"CcaasFeedStale", "CcaasRateLimited"}, detail: "ccaas-exporter",
	},
	{
		kind: stat, title: "Stale feeds", w: 4, h: 5, limits: above(1, red),
		about: "Feeds whose last success is older than 5 minutes and than 3 of their intervals.",
		queries: []query{{
			expr: orZero(`count(` + age("ccaas_feed_last_success_timestamp_seconds", "@account, feed") +
				` > clamp_min(3 * ` + latest("ccaas_feed_minimum_interval_seconds", "@account, feed") + `, 300))`),
			name: "feeds",
		}},
		runbooks: []string{"CcaasFeedStale"}, detail: "ccaas-exporter",
	},
	{
		kind: stat, title: "Streams cut off", w: 4, h: 5, limits: above(1, orange),
		about:    "Streams that are not connected. Polls stand in for them: what they tell is up to half a minute older.",
		queries:  []query{{expr: orZero(`count(` + latest("ccaas_stream_connected", "@account") + ` == 0)`), name: "streams"}},
		runbooks: []string{"CcaasStreamDown"}, detail: "ccaas-exporter",
	},
	{
		kind: timeline, title: "Accounts with all feeds well", w: 8, h: 5, words: success,
		about:    "Whether the last run of every feed of an account succeeded.",
		queries:  []query{{expr: `min by (platform, account) (max by (@account, feed) (ccaas_feed_up{@selected}))`, name: "{{account}}"}},
		runbooks: []string{"CcaasFeedStale", "CcaasAuthFailing"}, detail: "ccaas-exporter",
	},
}}
