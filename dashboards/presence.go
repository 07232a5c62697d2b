package main

// ofPair is a query about pairs. A pair has its name for a label instead of the labels of accounts, so nothing selects it.
func ofPair(name, expr string) query {
	return query{expr: expr, name: name, global: true}
}

// seldom is a query about pairs that returns something only when there is something to show.
func seldom(quiet, name, expr string) query {
	q := ofPair(name, expr)
	q.quiet = quiet
	return q
}

// pairColumn is a column of a table of pairs.
func pairColumn(title, expr string, width int, u unit) column {
	return column{title: title, query: ofPair(title, expr), width: width, unit: u}
}

// pairWord is a column of words about pairs.
func pairWord(title, expr string, width int, w words) column {
	c := pairColumn(title, expr, width, code)
	c.words = w
	return c
}

var (
	writing = words{{"none", red, 0}, {"writes", green, 1}}
	reading = words{{"read", green, 0}, {"lost", red, 1}}
)

var agentsPairs = section{title: "Agents on two platforms", closed: true, panels: []panel{
	{
		title: "Double-booked", w: 6, h: 4,
		view: tiles{unit: count, limits: above(mark{1, red}), queries: []query{
			ofPair("{{pair}}", `max by (pair) (ccaas_presence_double_booked)`),
		}},
		about:    "Agents who are On Queue on Genesys Cloud while they are on a contact of CXone, for more than 10 seconds: the next call rings at them in vain.",
		runbooks: []string{"CcaasPresenceDoubleBooked"},
	},
	{
		title: "Disagreements", w: 6, h: 4,
		view: tiles{unit: count, queries: []query{
			ofPair("{{pair}}", `sum by (pair) (max by (pair, source_state, target_state) (ccaas_presence_disagreements))
				or on (pair) 0 * max by (pair) (ccaas_presence_double_booked)`),
		}},
		about:    "Agents whose states on the two platforms have contradicted each other for more than 10 seconds.",
		runbooks: []string{"CcaasPresenceDoubleBooked"},
	},
	{
		title: "Oldest disagreement", w: 12, h: 4,
		view: tiles{unit: duration, queries: []query{
			ofPair("{{pair}}", `time() - min by (pair) (ccaas_presence_oldest_disagreement_timestamp_seconds)`),
		}},
		about:    "How long the oldest of the disagreements has lasted. Minutes are an agent's own choice, or one whom the sync leaves alone.",
		runbooks: []string{"CcaasPresenceDoubleBooked"},
	},
	pairsNow, pairsStates, pairsMatches,
	{
		title: "Double-booked over time", w: 12,
		view: lines{unit: count, queries: []query{
			ofPair("{{pair}}", `max by (pair) (ccaas_presence_double_booked)`),
		}},
		about:    "A few for seconds are in the nature of two platforms. A line that stays above 0 is what the alert is about.",
		runbooks: []string{"CcaasPresenceDoubleBooked"},
	},
	pairsDelay, pairsChanges, pairsRefused, pairsRequests, pairsState,
}}

var pairsNow = panel{
	title: "Pairs now", w: 24, h: 6,
	view: grid{sort: "Matched", columns: []column{
		object("pair", "Pair"),
		pairColumn("Matched", `max by (pair) (ccaas_presence_agents{match="matched"})`, 100, count),
		pairColumn("Ambiguous", `max by (pair) (ccaas_presence_agents{match="ambiguous"})`, 110, count),
		pairColumn("Source read", `time() - max by (pair) (ccaas_presence_source_last_read_timestamp_seconds)`, 170, duration),
		pairColumn("Target read", `time() - max by (pair) (ccaas_presence_target_last_read_timestamp_seconds)`, 170, duration),
		pairWord("Writer", `max by (pair) (ccaas_presence_leader)`, 100, writing),
		pairWord("Source", `max by (pair) (ccaas_presence_source_lost)`, 100, reading),
		pairColumn("Changes that wait", `max by (pair) (ccaas_presence_pending_changes)`, 150, count),
	}},
	about: "Agents found on both platforms, and those who are left out because several may be meant; the time since both sides were read; " +
		"whether one of the exporters is the one that writes. A dash: the pair is only compared.",
	runbooks: []string{"CcaasPresenceNoLeader", "CcaasPresenceSourceLost"},
}

var pairsStates = panel{
	title: "Disagreements by states", w: 12,
	view: grid{sort: "Agents", columns: []column{
		object("pair", "Pair"), label("source_state", "On CXone", 150), label("target_state", "On Genesys Cloud", 150),
		pairColumn("Agents", `max by (pair, source_state, target_state) (ccaas_presence_disagreements) > 0`, 80, count),
	}},
	about:    "What agents do on either platform whose states contradict each other.",
	runbooks: []string{"CcaasPresenceDoubleBooked"},
}

var pairsMatches = panel{
	title: "Agents by match", w: 12,
	view: lines{unit: count, stack: true, queries: []query{
		ofPair("{{pair}} {{match}}", `max by (pair, match) (ccaas_presence_agents)`),
	}},
	about:    "Ambiguous: several may be meant, and none is guessed. Only matched agents are compared and synced.",
	runbooks: []string{"CcaasPresenceDoubleBooked"},
}

var pairsDelay = panel{
	title: "Delay of changes", w: 12,
	view: lines{unit: seconds, queries: []query{seldom("no change in this time", "{{pair}} {{action}}",
		`histogram_quantile(0.95, sum by (pair, action, le) (rate(ccaas_presence_change_delay_seconds_bucket[$__rate_interval])))
			or histogram_quantile(0.95, sum by (pair, action) (rate(ccaas_presence_change_delay_seconds[$__rate_interval])))`)}},
	about: "From the change on CXone to the write that Genesys Cloud accepted; 95 of 100 are faster. Giving the queue back takes one call for " +
		"each agent, and so minutes after a large change.",
	runbooks: []string{"CcaasPresenceDoubleBooked", "CcaasPresenceWritesFailing"},
}

var pairsChanges = panel{
	title: "Changes by action and result", w: 12,
	view: lines{unit: perSecond("changes"), stack: true, queries: []query{ofPair("{{pair}} {{action}} {{result}}",
		`sum by (pair, action, result) (rate(ccaas_presence_changes_total[$__rate_interval])) > 0`)}},
	about:    "Unconfirmed: sent, and not seen yet; decided anew. In a dry run nothing is written.",
	runbooks: []string{"CcaasPresenceWritesFailing", "CcaasPresenceChangeStorm"},
}

var pairsRefused = panel{
	title: "Agents left alone, by reason", w: 12,
	view: lines{unit: perSecond("agents"), stack: true, queries: []query{seldom("no agent left alone in this time", "{{pair}} {{reason}}",
		`sum by (pair, reason) (rate(ccaas_presence_refused_total[$__rate_interval])) > 0`)}},
	about:    "Agents whose presence the rules would change. loop_guard: another system writes too; rate_limit: too many changes.",
	runbooks: []string{"CcaasPresenceChangeStorm"},
}

var pairsRequests = panel{
	title: "Requests that write, by failure", w: 12,
	view: lines{unit: perSecond("requests"), stack: true, queries: []query{seldom("no request in this time", "{{pair}} {{kind}} {{reason}}",
		`sum by (pair, kind, reason) (rate(ccaas_presence_requests_total[$__rate_interval])) > 0`)}},
	about:    "Bulk requests write up to 50 presences, single ones put an agent back On Queue. Those without a reason succeeded.",
	runbooks: []string{"CcaasPresenceWritesFailing"},
}

var pairsState = panel{
	title: "Failed calls of Redis", w: 12,
	view: lines{unit: perSecond("calls"), stack: true, queries: []query{seldom("no failed call in this time", "{{pair}} {{operation}}",
		`sum by (pair, operation) (rate(ccaas_presence_state_failures_total[$__rate_interval])) > 0`)}},
	about:    "claim: the right to write is not given or renewed; save: what is to be written cannot be kept, and so is not written.",
	runbooks: []string{"CcaasPresenceNoLeader"},
}
