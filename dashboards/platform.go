package main

// platformBoard tells how the control planes of the platforms are: components, latency, incidents.
var platformBoard = board{
	uid:      "ccaas-platform",
	title:    "CCaaS / Platform",
	about:    "The platforms themselves: both planes, their components, the latency of their APIs, open incidents, the regions of agent cohorts, and the APIs that scripts call.",
	sections: []section{platformStatus, platformLatency, platformComponents, platformRegions, platformScripts},
}

var platformStatus = section{"Status", []panel{
	{
		kind: timeline, title: "Control plane", w: 12, words: statuses,
		about:    "API, login, status page and database of each account: the worst of them.",
		queries:  []query{{expr: status("ccaas_platform_status", `plane="control"`, "@account"), name: "{{account}}"}},
		runbooks: []string{"CcaasPlatformCritical", "CcaasPlatformDegraded"},
	},
	{
		kind: timeline, title: "Data plane", w: 12, words: statuses,
		about:    "Trunks, edges and media of each account. Grey for a platform that publishes none of them.",
		queries:  []query{{expr: status("ccaas_platform_status", `plane="data"`, "@account"), name: "{{account}}"}},
		runbooks: []string{"CcaasDataPlaneCritical", "CcaasPlaneDivergence"}, detail: "ccaas-telephony",
	},
}}

var platformLatency = section{"Latency", []panel{
	{
		kind: graph, title: "API probe", w: 8, unit: "s", limits: above(0.8, orange),
		about: "Time the API took to answer the last probe, as measured by the exporter. A gap is a probe that failed. " +
			"The line is the default limit of degraded.",
		queries:  []query{{expr: latest("ccaas_control_plane_latency_seconds", "@account"), name: "{{account}}"}},
		runbooks: []string{"CcaasControlPlaneSlow"},
	},
	{
		kind: graph, title: "API probe against the other regions", w: 8, unit: "percentunit", limits: above(1.3, orange),
		about: "Mean of the last 5 minutes, divided by the mean over all accounts of the platform. Above the line in two windows, " +
			"with at least three accounts, this region or the way to it is slow.",
		queries: []query{{
			expr: `max by (@account, window) (ccaas:control_plane_latency_seconds:mean5m{@selected, window="1"})
				/ on (platform, window) group_left () max by (platform, window) (ccaas:control_plane_latency_seconds:baseline5m)`,
			name: "{{account}}",
		}},
		runbooks: []string{"CcaasRegionLatencyDivergence"},
	},
	{
		kind: graph, title: "Latency as health documents report it", w: 8, unit: "s",
		about:    "Latency of components in the platform's own words, where a health document names it.",
		queries:  []query{{expr: latest("ccaas_component_latency_seconds", "@account, component, source"), name: "{{account}} {{component}}"}},
		runbooks: []string{"CcaasControlPlaneSlow"},
	},
}}

var platformComponents = section{"Components", []panel{
	{
		kind: timeline, title: "Components over time", w: 14, h: 14, words: statuses,
		about:    "Every component of every source: API probe, login, status page, health documents.",
		queries:  []query{{expr: status("ccaas_component_status", "", "@account, component, source"), name: "{{account}} {{component}}"}},
		runbooks: []string{"CcaasComponentsDown", "CcaasComponentsDegraded"},
	},
	{
		kind: table, title: "Components now", w: 10, h: 14, sort: "Status",
		about: "The worst first, with the time since when the exporter has seen the status as it is and the changes of the last half hour.",
		queries: []query{
			{expr: status("ccaas_component_status", "", "@account, plane, component, source"), name: "Status", words: statuses},
			{
				expr: milliseconds("ccaas_component_last_change_timestamp_seconds", "@account, plane, component, source"),
				name: "Since", unit: "dateTimeAsIso",
			},
			{expr: latest("ccaas:component_status:changes30m", "@account, plane, component, source"), name: "Changes"},
		},
		runbooks: []string{"CcaasComponentsDown", "CcaasComponentFlapping"},
	},
	{
		kind: graph, title: "Components by status", w: 8, stack: true, colors: statuses,
		about:    "Components of all chosen accounts, counted.",
		queries:  []query{{expr: byStatus("ccaas_component_status", "", "@account, plane, component, source"), name: "{{status}}"}},
		runbooks: []string{"CcaasComponentsDown", "CcaasComponentsDegraded"},
	},
	{
		kind: graph, title: "Open incidents on status pages", w: 8,
		about:    "Incidents that touch the region of an account, by impact.",
		queries:  []query{{expr: latest("ccaas_status_page_incidents", "@account, impact"), name: "{{account}} {{impact}}"}},
		runbooks: []string{"CcaasPlatformDegraded"},
	},
	{
		kind: graph, title: "Announced maintenance in progress", w: 8,
		about: "Scheduled maintenances on status pages that touch the region of an account. While there is one, what the page alone " +
			"calls degraded is no alert.",
		queries:  []query{{expr: latest("ccaas_status_page_maintenances", "@account"), name: "{{account}}"}},
		runbooks: []string{"CcaasPlatformDegraded"},
	},
}}

var platformRegions = section{"Regions", []panel{
	{
		kind: table, title: "Accounts", w: 12,
		about: "The accounts, where they live and how they are.",
		queries: []query{
			{expr: latest("ccaas_account_info", "@account, api_host")},
			{expr: stateOfAccounts("ccaas_account_info", "api_host", "control"), name: "Control plane", words: statuses},
			{expr: stateOfAccounts("ccaas_account_info", "api_host", "data"), name: "Data plane", words: statuses},
		},
		runbooks: []string{"CcaasPlatformCritical"},
	},
	{
		kind: table, title: "Agent cohorts", w: 12,
		about: "The groups of agents, the region that each is expected to route to, and how that region is.",
		queries: []query{
			{expr: stateOfAccounts("ccaas_region_cohort_info", "cohort", "control"), name: "Control plane", words: statuses},
			{expr: stateOfAccounts("ccaas_region_cohort_info", "cohort", "data"), name: "Data plane", words: statuses},
		},
		runbooks: []string{"CcaasRegionLatencyDivergence", "CcaasDataPlaneCritical"},
	},
}}

// stateOfAccounts gives each series of an info family the status of its account.
func stateOfAccounts(info, label, plane string) string {
	return latest(info, "@account, "+label) + " * on (@account) group_left () " +
		status("ccaas_platform_status", `plane="`+plane+`"`, "@account")
}
