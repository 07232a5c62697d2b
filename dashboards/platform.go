package main

// platformBoard shows how the control planes of the platforms are: components, latency, incidents.
var platformBoard = board{
	uid:      "ccaas-platform",
	title:    titleOf("ccaas-platform"),
	about:    "The platforms themselves: both planes, who is hit, their components, the latency of their APIs, open incidents, and the APIs that scripts call.",
	sections: []section{platformStatus, platformCohorts, platformNow, platformLatency, platformComponents, platformPolicies, platformEvents, platformScripts},
}

var platformStatus = section{title: "Status, and who is hit", panels: []panel{
	{
		title: "Control plane", w: 12, h: 7,
		view: states{words: statuses, queries: []query{{
			expr: status("ccaas_platform_status", `plane="control"`, "@account"), name: "{{account}}",
		}}},
		about:    "API, login, status page and database of each account: the worst of them.",
		runbooks: []string{"CcaasPlatformCritical", "CcaasPlatformDegraded"},
	},
	{
		title: "Data plane", w: 12, h: 7,
		view: states{words: statuses, queries: []query{{
			expr: status("ccaas_platform_status", `plane="data"`, "@account"), name: "{{account}}",
		}}},
		about:    "Trunks, edges and media of each account. Grey for a platform that publishes none of them.",
		runbooks: []string{"CcaasDataPlaneCritical", "CcaasPlaneDivergence"}, detail: "ccaas-telephony",
	},
	{
		title: "Accounts", w: 12, h: 7,
		view: grid{sort: "Control plane", then: "Data plane", columns: []column{
			object("account", "Account", toBoard("ccaas-overview", "account", "${__value.raw:percentencode}")), label("api_host", "API", 200),
			state("Control plane", stateOfAccounts("ccaas_account_info", "api_host", "control"), 120, statuses),
			state("Data plane", stateOfAccounts("ccaas_account_info", "api_host", "data"), 120, statuses),
			hidden("rows", query{
				expr: latest("ccaas_account_info", "@account, api_host") + " and on (platform, account) " + latest(ofPlatform, "platform, account"),
			}),
		}},
		about:    "The accounts, the worst first, where their APIs are and how they are.",
		runbooks: []string{"CcaasPlatformCritical"},
	},
	{
		title: "Agent cohorts", w: 12, h: 7,
		view: grid{sort: "Data plane", then: "Control plane", columns: []column{
			object("cohort", "Cohort"), account(),
			state("Control plane", stateOfAccounts("ccaas_region_cohort_info", "cohort", "control"), 120, statuses),
			state("Data plane", stateOfAccounts("ccaas_region_cohort_info", "cohort", "data"), 120, statuses),
		}},
		about:    "The groups of agents, the worst first, and how the account is to which each is expected to route.",
		runbooks: []string{"CcaasCohortRegionSlow", "CcaasDataPlaneCritical"},
	},
}}

const perCohortQueue = "@account, queue, cohort, expected_account, expected_region"

// platformCohorts show where the contacts of cohorts arrive.
var platformCohorts = section{title: "Contacts of cohorts", closed: true, panels: []panel{
	{
		title: "Queues with contacts of cohorts", w: 24, h: 9,
		view: grid{sort: "Elsewhere", then: "Contacts", columns: []column{
			object("queue", "Queue"), account(), label("cohort", "Cohort", 160), label("expected_account", "Expected at", 120),
			label("expected_region", "Expected region", 140),
			state("Expected here", latest("ccaas_cohort_queue_expected", perCohortQueue), 130, words{{"no", orange, 0}, {"yes", green, 1}}),
			value("Contacts", contactsOfCohorts, 100, count),
			value("Elsewhere", latest("ccaas:cohort_contacts_elsewhere", perCohortQueue), 100, count).quietly("every cohort's contacts are where they are expected"),
		}},
		about: "The queues that hold contacts of a cohort, as the configuration names them, on whichever account; those with contacts where the " +
			"cohort is not expected first. Contacts wait or are handled by an agent.",
		runbooks: []string{"CcaasCohortElsewhere", "CcaasCohortRegionSlow"}, detail: "ccaas-agents",
	},
	{
		title: "Regions of cohorts", w: 12, h: 6,
		view: grid{sort: "Control plane", columns: []column{
			object("cohort", "Cohort"), account(), label("expected_region", "Expected region", 140),
			state("Control plane", stateOfAccounts("ccaas_cohort_expected_region_info", "cohort, expected_region", "control"), 120, statuses),
		}},
		about: "Where cohorts are expected that are configured with queues or a region, the worst first by the control plane of the account that " +
			"lists them.",
		runbooks: []string{"CcaasCohortRegionSlow"},
	},
}}

// contactsOfCohorts are the contacts of a queue, for each cohort that they belong to.
const contactsOfCohorts = `0 * max by (@account, queue, cohort, expected_account, expected_region) (ccaas_cohort_queue_expected{@selected})
	+ on (platform, account, queue) group_left () sum by (platform, account, queue) (
		max by (platform, account, queue, channel) (ccaas_queue_waiting_contacts{@selected})
		+ max by (platform, account, queue, channel) (ccaas_queue_active_contacts{@selected}))`

const perComponent = "@account, plane, component, source"

// componentColumns stand on two boards.
func componentColumns(more ...column) []column {
	return append([]column{
		object("component", "Component"), account(),
		state("Status", status("ccaas_component_status", "", perComponent), 120, statuses),
		value("Since", milliseconds("ccaas_component_last_change_timestamp_seconds", perComponent), 160, since),
		label("source", "Source", 110), label("plane", "Plane", 80),
	}, more...)
}

var platformNow = section{title: "Components now", panels: []panel{
	{
		title: "Components now", w: 24, h: 14,
		view: grid{sort: "Status", then: "Since", columns: componentColumns(
			value("Changes, 30 min", latest("ccaas:component_status:changes30m", perComponent), 140, count),
			value("Changes", increase("ccaas_component_status_changes_total", perComponent), 90, count),
			state("Counts alone", latest("ccaas_component_critical_info", perComponent), 120, words{{"yes", blue, 1}}))},
		about: "The worst first, with the time since when the exporter has seen the status as it is, its changes in the last half hour and in the " +
			"chosen time, and whether a fault of it is worth an alert without others.",
		runbooks: []string{"CcaasComponentsDown", "CcaasComponentFlapping"},
	},
}}

// componentsOfPolicies is the number of components that each policy governs.
const componentsOfPolicies = `count by (@account, policy) (max by (@account, plane, component, source, policy) (ccaas_component_policy_info{@selected}))`

const (
	perPolicy     = "@account, policy"
	perDependency = "@account, component, depends_on"
)

// platformPolicies show from when on faults of components are alerts, as the configuration of the exporter says.
var platformPolicies = section{title: "When faults of components are alerts", closed: true, panels: []panel{
	{
		title: "Policies of components", w: 24, h: 6,
		view: grid{sort: "Degraded at once", columns: []column{
			object("policy", "Policy"), account(),
			value("Components", componentsOfPolicies, 120, count),
			value("Down at once", latest(`ccaas_component_policy_minimum_components{status="critical"}`, perPolicy), 120, count),
			value("Degraded at once", latest(`ccaas_component_policy_minimum_components{status="degraded"}`, perPolicy), 140, count),
			value("Changes allowed", latest("ccaas_component_policy_flap_changes", perPolicy), 140, count),
			value("Window", latest("ccaas_component_policy_flap_window_seconds", perPolicy), 130, duration),
			state("Flapping excuses", latest("ccaas_component_policy_flap_suppression", perPolicy), 140, words{{"no", grey, 0}, {"yes", blue, 1}}),
		}},
		about: "As many components of a policy have to be down, or degraded, at once before they are an alert; and more changes than allowed within the " +
			"window are flapping. Policies are part of the exporter's configuration.",
		runbooks: []string{"CcaasComponentsDown", "CcaasComponentsDegraded", "CcaasComponentFlapping"},
	},
	{
		title: "Dependencies of components", w: 12, h: 7,
		view: grid{sort: "Rows", columns: []column{
			object("component", "Component"), label("depends_on", "Depends on", 200), account(),
			hidden("Rows", query{expr: latest("ccaas_component_dependency_info", perDependency)}),
		}},
		about:    "While a component on the right is worth an alert, the one on the left has none.",
		runbooks: []string{"CcaasComponentsDown", "CcaasComponentsDegraded"},
	},
}}

var platformLatency = section{title: "Latency", panels: []panel{
	{
		title: "API probe", w: 8,
		view: lines{unit: seconds, limits: above(mark{0.8, orange}), queries: []query{{
			expr: latest("ccaas_control_plane_latency_seconds", "@account"), name: "{{account}}",
		}}},
		about: "Time the API took to answer the last probe, as measured by the exporter. A gap is a probe that failed. " +
			"The line is the default limit of degraded.",
		runbooks: []string{"CcaasControlPlaneSlow"},
	},
	{
		title: "API probe against the other regions", w: 8,
		view: lines{unit: ratio, limits: above(mark{1.3, orange}), queries: []query{{
			expr: otherRegions(), name: "{{account}}",
			quiet: "no region is slow: above 200 ms, with at least three accounts of a platform",
		}}},
		about: "Mean of the last 5 minutes, divided by the mean over all accounts of the platform, where the mean is above 200 ms and the platform " +
			"has at least three accounts. Above the line in two windows, this region or the way to it is slow.",
		runbooks: []string{"CcaasRegionLatencyDivergence"},
	},
	{
		title: "Latency as health documents report it", w: 8,
		view: lines{unit: seconds, ranked: true, queries: []query{{
			expr: highest("@account, component, source", latest("ccaas_component_latency_seconds", "@account, component, source")),
			name: "{{account}} {{component}}",
		}}},
		about:    "Latency of components in the platform's own words, where a health document names it; the 8 highest in this time.",
		runbooks: []string{"CcaasControlPlaneSlow"},
	},
}}

// otherRegions is the latency of each account against the mean of its platform. Of few milliseconds, or of two regions, of
// which each is the other's mirror, the share means nothing.
func otherRegions() string {
	mean := `max by (@account, window) (ccaas:control_plane_latency_seconds:mean5m{@selected, window="1"})`
	return `(` + mean + ` > 0.2) / on (platform, window) group_left () max by (platform, window) (ccaas:control_plane_latency_seconds:baseline5m)
		and on (platform) count by (platform) (max by (platform, account) (ccaas:control_plane_latency_seconds:mean5m{window="1"})) >= 3`
}

var platformComponents = section{title: "Components over time", closed: true, panels: []panel{
	{
		title: "Components over time", w: 24, h: 16,
		view: states{words: statuses, queries: []query{{
			expr: status("ccaas_component_status", "", "@account, component, source"), name: "{{account}} {{component}}",
		}}},
		about:    "Every component of every source: API probe, login, status page, health documents.",
		runbooks: []string{"CcaasComponentsDown", "CcaasComponentsDegraded"},
	},
	{
		title: "Components by status", w: 8,
		view: lines{unit: count, stack: true, colors: statuses, queries: []query{{
			expr: byStatus("ccaas_component_status", `status!=""`, perComponent) + " > 0", name: "{{status}}",
		}}},
		about:    "Components of all chosen accounts, counted.",
		runbooks: []string{"CcaasComponentsDown", "CcaasComponentsDegraded"},
	},
	incidents("@account, impact", "{{account}} {{impact}}", 8, ""),
	{
		title: "Announced maintenance in progress", w: 8,
		view: lines{unit: count, queries: []query{{
			expr: nonzero("@account", latest("ccaas_status_page_maintenances", "@account")), name: "{{account}}",
			quiet: "no maintenance in this time",
		}}},
		about: "Scheduled maintenances on status pages that touch the region of an account. While there is one, what the page alone " +
			"calls degraded is no alert.",
		runbooks: []string{"CcaasPlatformDegraded"},
	},
}}

// stateOfAccounts gives each series of an info family the status of its account.
func stateOfAccounts(info, label, plane string) string {
	return latest(info, "@account, "+label) + " * on (@account) group_left () " +
		status("ccaas_platform_status", `plane="`+plane+`"`, "@account")
}
