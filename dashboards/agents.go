package main

// agents shows whether contacts are answered: what waits in the queues, and what the agents do.
var agents = board{
	uid:   "ccaas-agents",
	title: titleOf("ccaas-agents"),
	about: "What waits in the queues and for how long, how waits end, agents by state, and the presences in the vendors' own words. " +
		"Numbers only: no agent and no caller is named.",
	choices:  queueChoices,
	sections: []section{queuesNow, queuesArrivals, queuesOverTime, queuesWaits, agentsNow, agentsChange, agentsPresence, agentsPairs, queuesMembers},
}

// inState counts the agents in a state.
func inState(state string) string {
	return `sum(` + latest(`ccaas_agents{state="`+state+`"}`, "@account") + `)`
}

var agentsNow = section{title: "Agents", closed: true, panels: []panel{
	{
		title: "Agents now", w: 20, h: 4,
		view: tiles{unit: count, queries: []query{
			{expr: inState("ready"), name: "ready"},
			{expr: inState("engaged"), name: "engaged"},
			{expr: inState("after_contact_work"), name: "after-contact work"},
			{expr: inState("not_responding"), name: "not responding"},
			{expr: inState("unavailable"), name: "unavailable"},
			{expr: inState("offline"), name: "offline"},
		}},
		about:    "Agents of all chosen accounts by state. A platform that has no source for a state does not count in it.",
		runbooks: []string{"CcaasAgentsDropped", "CcaasAgentsNotResponding"},
	},
	{
		title: "Not responding", w: 4, h: 4,
		view: tiles{unit: ratio, limits: above(mark{0.1, orange}, mark{0.2, red}), list: true, queries: []query{{
			expr: notRespondingShare(), name: "{{account}}",
		}}},
		about:    "Share of the logged-in agents that do not take the calls offered to them.",
		runbooks: []string{"CcaasAgentsNotResponding"},
	},
	loggedIn(12, ""),
	{
		title: "Logged in, by account", w: 12,
		view: lines{unit: count, stack: true, queries: []query{{
			expr: `sum by (@account) (max by (@account, state) (ccaas_agents{@selected, state!~"offline|unknown"}))`, name: "{{account}}",
		}}},
		about:    "Every state but offline and unknown.",
		runbooks: []string{"CcaasAgentsDropped"},
	},
}}

var agentsChange = section{title: "Do agents answer?", closed: true, panels: []panel{
	agentsReady(6, ""),
	{
		title: "Occupancy", w: 6,
		view: lines{unit: ratio, max: 1, queries: []query{{
			expr: `max by (@account) (ccaas_agents{@selected, state="engaged"})
				/ (max by (@account) (ccaas_agents{@selected, state="engaged"}) + max by (@account) (ccaas_agents{@selected, state="ready"}))`,
			name: "{{account}}",
		}}},
		about:    "Share of the agents who serve contacts or wait for one that serve one. Above about 85 % for long, queues grow.",
		runbooks: []string{"CcaasAgentsNotResponding"},
	},
	notResponding(6, ""),
	{
		title: "Logged in against 5 minutes ago", w: 6,
		view: lines{unit: ratio, limits: below(mark{0.5, red}), queries: []query{{
			expr: latest("ccaas:agents_logged_in", "@account") + " / " + latest("ccaas:agents_logged_in:offset5m", "@account"), name: "{{account}}",
		}}},
		about:    "1 is no change. The line at one half is the limit of the alert, which asks for at least 20 agents.",
		runbooks: []string{"CcaasAgentsDropped"},
	},
}}

var agentsPresence = section{title: "Agents in the vendors' words", closed: true, panels: []panel{
	{
		title: "Presences", w: 12, h: 10,
		view: lines{unit: count, stack: true, ranked: true, queries: []query{{
			expr: highest("platform, presence",
				`sum by (platform, presence) (max by (@account, presence, definition) (ccaas_agents_presence{@selected, presence!="offline"}))`),
			name: "{{platform}} {{presence}}",
		}}},
		about:    "Agents by the system presence or state name of the vendor, the 8 with most agents in this time; offline left out.",
		runbooks: []string{"CcaasAgentsDropped"},
	},
	{
		title: "Presences and their definitions", w: 12, h: 10,
		view: grid{sort: "Agents", columns: []column{
			object("presence", "Presence"), label("definition", "Definition", 220), account(),
			value("Agents", latest("ccaas_agents_presence", "@account, presence, definition"), 90, count),
		}},
		about:    "As at the left, with the names that people gave to the definitions or unavailable codes.",
		runbooks: []string{"CcaasAgentsDropped"},
	},
}}

// loggedIn stands on two boards.
func loggedIn(width int, detail string) panel {
	perAccount := `sum by (@account) (max by (@account, state) (ccaas_agents{@selected, state!="offline"}))`
	return panel{
		title: "Agents logged in, by state", w: width,
		view: lines{unit: count, stack: true, colors: agentStates.and(unread, grey), queries: []query{
			{expr: `sum by (state) (max by (@account, state) (ccaas_agents{@selected, state!="offline"})) > 0`, name: "{{state}}"},
			notRead(perAccount),
		}},
		about: "Agents of all accounts who are logged in. A cliff means lost sessions; a growing share of not_responding means calls that " +
			"ring in vain; not read: the last known number of accounts of which nothing is known now.",
		runbooks: []string{"CcaasAgentsDropped", "CcaasAgentsNotResponding"}, detail: detail,
	}
}

// agentsReady stands on two boards.
func agentsReady(width int, detail string) panel {
	return panel{
		title: "Agents ready", w: width,
		view:     lines{unit: count, queries: []query{{expr: `max by (@account) (ccaas_agents{@selected, state="ready"})`, name: "{{account}}"}}},
		about:    "Agents who wait for a contact. At 0 the next caller waits.",
		runbooks: []string{"CcaasAgentsDropped"}, detail: detail,
	}
}

// notResponding stands on two boards.
func notResponding(width int, detail string) panel {
	return panel{
		title: "Agents who do not respond", w: width,
		view: lines{unit: ratio, limits: above(mark{0.2, red}), queries: []query{{expr: notRespondingShare(), name: "{{account}}"}}},
		about: "Share of the logged-in agents that do not take the calls offered to them: mean of the last 5 minutes. " +
			"The line is the limit of the alert.",
		runbooks: []string{"CcaasAgentsNotResponding"}, detail: detail,
	}
}

func notRespondingShare() string {
	return `max by (@account) (ccaas:agents_not_responding:mean5m{@selected, window="1"})
		/ max by (@account) (ccaas:agents_logged_in:mean5m{@selected, window="1"})`
}
