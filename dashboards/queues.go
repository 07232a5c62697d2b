package main

import "fmt"

// This file holds the panels on queues. Members of queues are never added up over queues: one agent is a member of many.

const (
	perQueue   = "@account, queue"
	perContact = "@account, queue, channel"
)

// queueChoices narrow the panels of a board on queues.
var queueChoices = []choice{
	{"queue", "Queue", `ccaas_queue_waiting_contacts{@selected}`},
	{"channel", "Channel", `ccaas_queue_waiting_contacts{@selected, queue=~"$queue"}`},
}

// contacts is a number of each queue and channel, of those that the matchers leave.
func contacts(what, matchers string) string {
	return latest("ccaas_queue_"+what+"{"+matchers+"}", perContact)
}

// ready are the members of each queue who wait for a contact.
var ready = latest(`ccaas_queue_agents{state="ready"}`, perQueue)

// readyFor repeats the ready members of a queue for each of its channels, which share them.
func readyFor(matchers string) string {
	return "0 * " + contacts("waiting_contacts", matchers) + " + on (" + perQueue + ") group_left () " + ready
}

// longest is how long the contact that waits longest in each group has waited.
func longest(matchers, by string) string {
	return fmt.Sprintf("time() - min by (%s) (ccaas_queue_oldest_waiting_timestamp_seconds{@selected, %s})", by, matchers)
}

// shortfall is how far the service level is below its target; negative where it is above.
func shortfall(matchers string) string {
	return contacts("service_level_target_ratio", matchers) + " - " + contacts("service_level_ratio", matchers)
}

// belowTarget counts the queues, channel by channel, that miss their service level.
func belowTarget(matchers string) string {
	missing := shortfall(matchers)
	return fmt.Sprintf("count by (@account) (%s > 0) or 0 * count by (@account) (%s)", missing, missing)
}

// attention tells of each queue and channel: 0 nobody waits, 1 contacts wait and agents are ready, 2 they wait and nobody is.
func attention(matchers string) string {
	return fmt.Sprintf("(%s > bool 0) * on (%s) group_left () (1 + (%s == bool 0))",
		contacts("waiting_contacts", matchers), perQueue, ready)
}

var attentions = words{{"nobody waits", green, 0}, {"wait, agents ready", "blue", 1}, {"wait, nobody ready", orange, 2}}

// answeredShare is the share of the waits that ended with an agent, of those that ended there or because the caller gave up.
func answeredShare(matchers, by string) string {
	of := func(outcomes string) string {
		return observations(fmt.Sprintf(`ccaas_queue_wait_seconds{outcome=~"%s", %s}`, outcomes, matchers), by)
	}
	return fmt.Sprintf("(%s or 0 * %s) / %[2]s", of("answered"), of("answered|abandoned"))
}

// queueTable shows the queues, channel by channel, that a query picks.
func queueTable(p panel, matchers, pick string) panel {
	p.kind = table
	among := func(expr string) string { return fmt.Sprintf("(%s) and on (%s) %s", expr, perContact, pick) }
	p.queries = []query{
		{expr: among(attention(matchers)), name: "State", words: attentions},
		{expr: among(contacts("waiting_contacts", matchers)), name: "Waiting"},
		{expr: among(longest(matchers, perContact)), name: "Longest wait", unit: "s"},
		{expr: among(contacts("alerting_contacts", matchers)), name: "Offered"},
		{expr: among(contacts("active_contacts", matchers)), name: "Active"},
		{expr: among(readyFor(matchers)), name: "Agents ready", limits: below(1, orange)},
		{expr: among(contacts("service_level_ratio", matchers)), name: "Service level", unit: "percentunit"},
		{expr: among(contacts("service_level_target_ratio", matchers)), name: "Target", unit: "percentunit"},
		{expr: among(shortfall(matchers)), name: "Below target", unit: "percentunit", limits: above(0.001, orange)},
	}
	return p
}

// chosen are the matchers of the variables.
const chosen = "@contacts"

var queuesNow = section{"Queues now", []panel{
	{
		kind: stat, title: "Contacts waiting", w: 8, h: 4,
		about:    "By channel, in all chosen queues.",
		queries:  []query{{expr: "sum by (channel) (" + contacts("waiting_contacts", chosen) + ")", name: "{{channel}}"}},
		runbooks: []string{"CcaasQueueStalled"},
	},
	{
		kind: stat, title: "Longest wait", w: 8, h: 4, unit: "s",
		about:    "Of the contact that has waited longest, by channel. A channel in which nobody waits has no tile.",
		queries:  []query{{expr: longest(chosen, "channel"), name: "{{channel}}"}},
		runbooks: []string{"CcaasQueueStalled"},
	},
	{
		kind: stat, title: "Queues below their service level", w: 8, h: 4, limits: above(1, orange),
		about:    "Each channel of a queue counts. Queues without a target, or without contacts in the vendor's window, do not.",
		queries:  []query{{expr: belowTarget(chosen), name: "{{account}}"}},
		runbooks: []string{"CcaasQueueStalled"},
	},
	queueTable(panel{
		title: "The 100 busiest queues", w: 24, h: 14, sort: "Waiting",
		about: "Those with most contacts, waiting or active, channel by channel; the variables narrow them. Agents ready are those of the " +
			"queue, for all its channels together. An empty cell is a number that the platform does not report.",
		runbooks: []string{"CcaasQueueStalled"},
	}, chosen, "topk(100, "+contacts("waiting_contacts", chosen)+" + "+contacts("active_contacts", chosen)+")"),
}}

var queuesOverTime = section{"Queues over time: the 15 of most concern at each moment", []panel{
	{
		kind: graph, title: "Most contacts waiting", w: 8,
		about:    "A line that rises while agents are ready in the panel below is a queue that hands nothing out.",
		queries:  []query{{expr: "topk(15, " + contacts("waiting_contacts", chosen) + " > 0)", name: "{{account}} {{queue}} {{channel}}"}},
		runbooks: []string{"CcaasQueueStalled"},
	},
	{
		kind: graph, title: "Longest wait", w: 8, unit: "s",
		about:    "A line that rises by a second each second is one contact that nobody takes. A gap: nobody waits.",
		queries:  []query{{expr: "topk(15, " + longest(chosen, perContact) + ")", name: "{{account}} {{queue}} {{channel}}"}},
		runbooks: []string{"CcaasQueueStalled"},
	},
	{
		kind: graph, title: "Service level against its target", w: 8, unit: "percentunit", signed: true, limits: below(0, orange),
		about: "Service level minus target; the farthest below it. On Genesys Cloud over the last 30 minutes, on CXone over a window " +
			"of which the vendor tells nothing.",
		queries: []query{{
			expr: "bottomk(15, " + contacts("service_level_ratio", chosen) + " - " + contacts("service_level_target_ratio", chosen) + ")",
			name: "{{account}} {{queue}} {{channel}}",
		}},
		runbooks: []string{"CcaasQueueStalled"},
	},
	{
		kind: graph, title: "Fewest agents ready where contacts wait", w: 8,
		about: "At 0 callers wait for an agent to finish. Above 0 for long, with contacts that wait, skills or routing do not match.",
		queries: []query{{
			expr: "bottomk(15, " + ready + " and on (" + perQueue + ") (" + contacts("waiting_contacts", chosen) + " > 0))",
			name: "{{account}} {{queue}}",
		}},
		runbooks: []string{"CcaasQueueStalled"},
	},
	{
		kind: graph, title: "Most contacts being offered", w: 8,
		about:    "They ring at an agent. Many for long: agents do not take them. CXone reports no number.",
		queries:  []query{{expr: "topk(15, " + contacts("alerting_contacts", chosen) + ")", name: "{{account}} {{queue}} {{channel}}"}},
		runbooks: []string{"CcaasAgentsNotResponding"},
	},
	{
		kind: graph, title: "Most contacts active", w: 8,
		about:    "Contacts that agents handle.",
		queries:  []query{{expr: "topk(15, " + contacts("active_contacts", chosen) + ")", name: "{{account}} {{queue}} {{channel}}"}},
		runbooks: []string{"CcaasQueueStalled"},
	},
}}

const waits = "ccaas_queue_wait_seconds{" + chosen

var queuesWaits = section{"How waits end (where the stream carries conversations)", []panel{
	{
		kind: graph, title: "Waits that ended, by outcome", w: 8, unit: "ops", stack: true,
		about:    "answered by an agent, abandoned by the caller, flowed_out to somewhere else.",
		queries:  []query{{expr: observations(waits+"}", "outcome"), name: "{{outcome}}"}},
		runbooks: []string{"CcaasQueueStalled", "CcaasStreamDown"},
	},
	{
		kind: graph, title: "Share answered: the 15 lowest", w: 8, unit: "percentunit", max: 1,
		about:    "Of the waits that were answered or abandoned. A gap: none ended.",
		queries:  []query{{expr: "bottomk(15, " + answeredShare(chosen, perContact) + ")", name: "{{account}} {{queue}} {{channel}}"}},
		runbooks: []string{"CcaasQueueStalled", "CcaasStreamDown"},
	},
	{
		kind: graph, title: "How long they took", w: 8, unit: "s",
		about: "Half and 95 % of the answered waits took less, and half of the abandoned ones: the patience of callers.",
		queries: []query{
			{expr: quantile(0.5, waits+`, outcome="answered"}`, "@account, channel"), name: "{{account}} {{channel}} answered, half"},
			{expr: quantile(0.95, waits+`, outcome="answered"}`, "@account, channel"), name: "{{account}} {{channel}} answered, 95 %"},
			{expr: quantile(0.5, waits+`, outcome="abandoned"}`, "@account, channel"), name: "{{account}} {{channel}} abandoned, half"},
		},
		runbooks: []string{"CcaasQueueStalled", "CcaasStreamDown"},
	},
}}

var queuesMembers = section{"Members of queues", []panel{
	{
		kind: table, title: "Members by state: the 100 queues with most engaged", w: 24, h: 12, sort: "Engaged",
		about: "A member of several queues counts in each, so a column has no sum: for agents, read above. " +
			"An empty cell is a state for which the platform reports no number.",
		queries: []query{
			members("ready", "Ready"), members("engaged", "Engaged"), members("after_contact_work", "After-contact work"),
			members("not_responding", "Not responding"), members("unavailable", "Unavailable"), members("offline", "Offline"),
			members("unknown", "Unknown"),
		},
		runbooks: []string{"CcaasQueueStalled", "CcaasAgentsNotResponding"},
	},
}}

// members is a column of queues by the number of members in a state.
func members(state, name string) query {
	return query{name: name, expr: latest(`ccaas_queue_agents{state="`+state+`", @queues}`, perQueue) +
		" and on (" + perQueue + ") topk(100, " + latest(`ccaas_queue_agents{state="engaged", @queues}`, perQueue) + ")"}
}
