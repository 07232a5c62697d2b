package main

// agents tells whether contacts are answered: what waits in the queues, and what the agents do.
var agents = board{
	uid:   "ccaas-agents",
	title: "CCaaS / Agents and queues",
	about: "What waits in the queues and for how long, how waits end, agents by state, and the presences in the vendors' own words. " +
		"Numbers only: no agent and no caller is named.",
	choices:  queueChoices,
	sections: []section{queuesNow, queuesOverTime, queuesWaits, agentsNow, agentsChange, agentsPresence, queuesMembers},
}

var agentsNow = section{"Agents", []panel{
	{
		kind: stat, title: "Now", w: 24, h: 4, colors: agentStates,
		about:    "Agents of all chosen accounts by state. A platform that has no source for a state does not count in it.",
		queries:  []query{{expr: `sum by (state) (` + latest("ccaas_agents", "@account, state") + `)`, name: "{{state}}"}},
		runbooks: []string{"CcaasAgentsDropped", "CcaasAgentsNotResponding"},
	},
	{
		kind: graph, title: "Logged in, by state", w: 12, stack: true, colors: agentStates,
		about: "Every state but offline. A cliff means lost sessions; a growing share of not_responding means calls that ring in vain.",
		queries: []query{{
			expr: `sum by (state) (max by (@account, state) (ccaas_agents{@selected, state!="offline"}))`, name: "{{state}}",
		}},
		runbooks: []string{"CcaasAgentsDropped", "CcaasAgentsNotResponding"},
	},
	{
		kind: graph, title: "Logged in, by account", w: 12,
		about: "Every state but offline and unknown.",
		queries: []query{{
			expr: `sum by (@account) (max by (@account, state) (ccaas_agents{@selected, state!~"offline|unknown"}))`, name: "{{account}}",
		}},
		runbooks: []string{"CcaasAgentsDropped"},
	},
}}

var agentsChange = section{"Do agents answer?", []panel{
	{
		kind: graph, title: "Agents ready", w: 6,
		about:    "Agents who wait for a contact. At 0 the next caller waits.",
		queries:  []query{{expr: `max by (@account) (ccaas_agents{@selected, state="ready"})`, name: "{{account}}"}},
		runbooks: []string{"CcaasAgentsDropped"},
	},
	{
		kind: graph, title: "Occupancy", w: 6, unit: "percentunit", max: 1,
		about: "Share of the agents who serve contacts or wait for one that serve one. Above about 85 % for long, queues grow.",
		queries: []query{{
			expr: `max by (@account) (ccaas_agents{@selected, state="engaged"})
				/ (max by (@account) (ccaas_agents{@selected, state="engaged"}) + max by (@account) (ccaas_agents{@selected, state="ready"}))`,
			name: "{{account}}",
		}},
		runbooks: []string{"CcaasAgentsNotResponding"},
	},
	notResponding(6, ""),
	{
		kind: graph, title: "Logged in against 5 minutes ago", w: 6, unit: "percentunit",
		about: "1 is no change. The line at one half is the limit of the alert, which asks for at least 20 agents.",
		queries: []query{{
			expr: latest("ccaas:agents_logged_in", "@account") + " / " + latest("ccaas:agents_logged_in:offset5m", "@account"), name: "{{account}}",
		}},
		limits:   above(0.5, red),
		runbooks: []string{"CcaasAgentsDropped"},
	},
}}

var agentsPresence = section{"Agents in the vendors' words", []panel{
	{
		kind: graph, title: "Presences", w: 12, h: 10, stack: true,
		about: "Agents by the system presence or state name of the vendor; offline left out.",
		queries: []query{{
			expr: `sum by (platform, presence) (max by (@account, presence, definition) (ccaas_agents_presence{@selected, presence!="offline"}))`,
			name: "{{platform}} {{presence}}",
		}},
		runbooks: []string{"CcaasAgentsDropped"},
	},
	{
		kind: table, title: "Presences and their definitions", w: 12, h: 10, sort: "Agents",
		about:    "As at the left, with the names that people gave to the definitions or unavailable codes.",
		queries:  []query{{expr: latest("ccaas_agents_presence", "@account, presence, definition"), name: "Agents"}},
		runbooks: []string{"CcaasAgentsDropped"},
	},
}}

// notResponding stands on two boards.
func notResponding(width int, detail string) panel {
	return panel{
		kind: graph, title: "Agents who do not respond", w: width, unit: "percentunit", limits: above(0.2, red),
		about: "Share of the logged-in agents that do not take the calls offered to them: mean of the last 5 minutes. " +
			"The line is the limit of the alert.",
		queries: []query{{
			expr: `max by (@account) (ccaas:agents_not_responding:mean5m{@selected, window="1"})
				/ max by (@account) (ccaas:agents_logged_in:mean5m{@selected, window="1"})`,
			name: "{{account}}",
		}},
		runbooks: []string{"CcaasAgentsNotResponding"}, detail: detail,
	}
}
