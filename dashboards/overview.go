package main

// overview answers the questions of an on-call engineer in the order in which they are asked. Its first screen says what is
// wrong, where and since when, and whether it can be trusted.
var overview = board{
	uid:   "ccaas-overview",
	title: titleOf("ccaas-overview"),
	about: "Can callers reach us, are they answered, is the sound good, whose fault is it, what changed, and is this screen true?",
	sections: []section{
		overviewStrip, overviewWhose, overviewTrust, overviewReach, overviewAnswered, overviewAgents, overviewSound, overviewSources,
		overviewChanged,
	},
}

var overviewWhose = section{title: "Vendor, us or carrier?", panels: []panel{
	{
		title: "Vendor: status page and API", w: 6, h: 4,
		view: tiles{words: statuses, list: true, queries: []query{{
			expr: `topk(4, ` + status("ccaas_component_status", `source=~"status_page|probe"`, "@account") + `)`, name: "{{account}}",
		}}},
		about: "The worst of what the vendor's status page says of the account's region and of our probe of its API. Red while the others " +
			"are green: open a ticket with the platform. The four worst accounts.",
		runbooks: []string{"CcaasPlatformCritical", "CcaasComponentsDown", "CcaasPlaneDivergence"}, detail: "ccaas-platform",
	},
	{
		title: "Carrier: answers the platform", w: 6, h: 4,
		view: tiles{unit: ratio, limits: below(mark{0.9, red}, mark{1, orange}), list: true, empty: "no checks", queries: []query{{
			expr: `bottomk(4, sum by (@account) (max by (@account, trunk, proxy) (ccaas_trunk_proxies_options_up{@selected}))
				/ sum by (@account) (max by (@account, trunk, proxy) (ccaas_trunk_proxies{@selected})
					and max by (@account, trunk, proxy) (ccaas_trunk_proxies_options_up{@selected})))`,
			name: "{{account}}",
		}}},
		about: "Share of the checks of the proxies of trunks (OPTIONS, from each trunk instance) that are answered. Below 100 % here and at " +
			"the right: call the carrier. Below in one of the two alone: look at the way from there to the carrier. The four worst accounts.",
		runbooks: []string{"CcaasTrunkProxyUnreachable", "CcaasTrunkDown"}, detail: "ccaas-telephony",
	},
	{
		title: "Carrier: answers our probes", w: 6, h: 4,
		view: tiles{unit: ratio, limits: below(mark{0.9, red}, mark{1, orange}), list: true, empty: "no probes", queries: []query{{
			expr: `bottomk(4, avg by (@account) (` + latest("ccaas_sip_success", perTarget) + `))`, name: "{{account}}",
		}}},
		about:    "Share of the targets of our own SIP probes that answered the last one. The four worst accounts.",
		runbooks: []string{"CcaasTrunkProbeDisagreement", "CcaasTrunkDown"}, detail: "ccaas-telephony",
	},
	{
		title: "Us: edges and login", w: 6, h: 4,
		view: tiles{words: statuses, list: true, queries: []query{{
			expr: `topk(4, max by (@account) (` + status("ccaas_edge_status", `edge!="cloud-media"`, perEdge) + ` or ` +
				status("ccaas_component_status", `source="token"`, "@account, source") + `))`,
			name: "{{account}}",
		}}},
		about: "The worst of your own edges and of the login with our credentials. All four green and callers still complain: numbers, " +
			"routing or schedules. The four worst accounts.",
		runbooks: []string{"CcaasEdgeOffline", "CcaasAuthFailing"}, detail: "ccaas-telephony",
	},
}}

var overviewReach = section{title: "Can callers reach us?", panels: []panel{
	{
		title: "Data plane over time", w: 8, h: 7,
		view:     states{words: statuses, queries: []query{{expr: status("ccaas_platform_status", `plane="data"`, "@account"), name: "{{account}}"}}},
		about:    "The data plane of each account. Red while the control plane is green: the vendor's status page will not show it.",
		runbooks: []string{"CcaasDataPlaneCritical", "CcaasPlaneDivergence"}, detail: "ccaas-telephony",
	},
	{
		title: "Trunks that are not operational", w: 8, h: 7,
		view: lines{unit: count, stack: true, colors: statuses.and(unread, grey), queries: []query{
			{expr: byStatus("ccaas_trunk_status", `status="critical"`, "@account, trunk"), name: "{{status}}"},
			{expr: byStatus("ccaas_trunk_status", `status="degraded"`, "@account, trunk"), name: "{{status}}"},
			notRead(`count by (@account) (max by (@account, trunk) (ccaas_trunk_status{@selected}))`),
		}},
		about: "Trunks of all accounts. Critical: no instance carries calls. Degraded: some do. Not read: all trunks of accounts of which " +
			"nothing is known now.",
		runbooks: []string{"CcaasTrunkDown", "CcaasTrunkDegraded"}, detail: "ccaas-telephony",
	},
	{
		title: "Calls in progress", w: 8, h: 7,
		view: lines{unit: count, queries: []query{{
			expr: latest("ccaas_calls_in_progress", "@account, deployment"), name: "{{account}} {{deployment}}",
		}}},
		about:    "Calls of each account. A sudden fall to a fraction means that callers are lost; a line that ends, that the account is not read.",
		runbooks: []string{"CcaasDataPlaneCritical"}, detail: "ccaas-telephony",
	},
}}

var overviewSources = section{title: "What does each source say?", closed: true, panels: []panel{
	verdictTimeline(12, 9, "", "ccaas-telephony"),
	{
		title: "What each source says", w: 12, h: 9,
		view: states{words: statuses, queries: []query{{
			expr: status("ccaas_component_status", "", "@account, source"), name: "{{account}} {{source}}",
		}}},
		about: "The worst component of each account by source: probe (our request to the API), token (login), status_page, document. " +
			"A probe that is red alone hints at the network between us and the vendor.",
		runbooks: []string{"CcaasComponentsDown", "CcaasPlatformCritical"}, detail: "ccaas-platform",
	},
	incidents("platform, region_code, impact", "{{region_code}} {{impact}}", 12, "ccaas-platform"),
	{
		title: "Control plane over time", w: 12,
		view:     states{words: statuses, queries: []query{{expr: status("ccaas_platform_status", `plane="control"`, "@account"), name: "{{account}}"}}},
		about:    "API, login and status page of each account. Red alone does not stop calls: look at the data plane first.",
		runbooks: []string{"CcaasPlatformCritical", "CcaasPlatformDegraded"}, detail: "ccaas-platform",
	},
}}

var overviewChanged = section{title: "What changed?", closed: true, panels: []panel{
	{
		title: "Components, last changed first", w: 24, h: 12,
		view:     grid{sort: "Since", columns: componentColumns()},
		about:    "Every component with its status and since when the exporter has seen it so. What changed last stands on top.",
		runbooks: []string{"CcaasComponentFlapping", "CcaasComponentsDown"}, detail: "ccaas-platform",
	},
}}

// incidents stands on two boards.
func incidents(by, name string, width int, detail string) panel {
	open := latest("ccaas_status_page_incidents", by)
	return panel{
		title: "Open incidents on status pages", w: width,
		view: lines{unit: count, colors: impacts, queries: []query{{
			expr: nonzero(by, open), name: name, quiet: "no incident in this time", trouble: "region-degraded",
		}}},
		about:    "Incidents that touch the region of an account, by impact, as the vendor admits them. Only what was above 0 in this time.",
		runbooks: []string{"CcaasPlatformDegraded"}, detail: detail,
	}
}
