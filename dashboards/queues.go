// Members of queues are never added up over queues: one agent is a member of many.

package main

import "fmt"

const (
	perQueue   = "@account, queue"
	perContact = "@account, queue, channel"
	queueName  = "{{account}} {{queue}} {{channel}}"
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
func ready() string { return latest(`ccaas_queue_agents{state="ready"}`, perQueue) }

// readyFor repeats the ready members of a queue for each of its channels, which share them.
func readyFor(matchers string) string {
	return "0 * " + contacts("waiting_contacts", matchers) + " + on (" + perQueue + ") group_left () " + ready()
}

// queuesRead are the accounts whose queues are read at the moment: a wait that is not read goes on by the clock alone.
func queuesRead() string {
	return latest(`ccaas_feed_up{feed=~"queues|stream"}`, "platform, account") + " == 1"
}

// longest is how long the contact that waits longest in each group has waited.
func longest(matchers, by string) string {
	return fmt.Sprintf("time() - min by (%s) (ccaas_queue_oldest_waiting_timestamp_seconds{@selected, %s} and on (platform, account) (%s))",
		by, matchers, queuesRead())
}

// stalledAfter is how long the first contact has waited, in seconds, when a queue that hands nothing out counts as stalled.
const stalledAfter = 300

// stalled is the longest wait of each queue and channel in which contacts wait, agents are ready and no contact is active:
// where the first has waited for long, or where the alert fires, since callers give up before that.
func stalled(matchers string) string {
	return fmt.Sprintf("((%s > %d or (%[1]s) and on (%[3]s) %[4]s) and on (%[3]s) %[5]s > 0 and on (%[3]s) %[6]s == 0 and on (%[7]s) %[8]s > 0)",
		longest(matchers, perContact), stalledAfter, perContact, latest(`ALERTS{alertname="CcaasQueueStalled", alertstate="firing"}`, perContact),
		contacts("waiting_contacts", matchers), contacts("active_contacts", matchers), perQueue, ready())
}

// shortfall is how far the service level is below its target; negative where it is above.
func shortfall(matchers string) string {
	return contacts("service_level_target_ratio", matchers) + " - " + contacts("service_level_ratio", matchers)
}

// shareBelow is the share of the queues with a target, channel by channel, that miss it.
func shareBelow(matchers string) string {
	return fmt.Sprintf("avg by (@account) (%s > bool 0)", shortfall(matchers))
}

// attention is the state of each queue and channel: 0 no contact waits, 1 contacts wait and agents are ready, 2 they wait and
// no agent is ready, 3 they wait and nothing is handed out.
func attention(matchers string) string {
	return fmt.Sprintf("3 + 0 * %s or on (%s) (%s > bool 0) * on (%s) group_left () (1 + (%s == bool 0))",
		stalled(matchers), perContact, contacts("waiting_contacts", matchers), perQueue, ready())
}

var attentions = words{{"none waits", green, 0}, {"wait, agents ready", blue, 1}, {"wait, none ready", yellow, 2}, {"STALLED", red, 3}}

// answeredShare is the share of the waits that ended with an agent, of those that ended there or because the caller gave up.
func answeredShare(matchers, by string) string {
	of := func(outcomes string) string {
		return observations(fmt.Sprintf(`ccaas_queue_wait_seconds{outcome=~"%s", %s}`, outcomes, matchers), by)
	}
	return fmt.Sprintf("(%s or 0 * %s) / %[2]s", of("answered"), of("answered|abandoned"))
}

// queueGrid shows the queues, channel by channel, that a query picks.
func queueGrid(sort, then, matchers, pick string) grid {
	among := func(expr string) string { return fmt.Sprintf("(%s) and on (%s) %s", expr, perContact, pick) }
	return grid{sort: sort, then: then, columns: []column{
		object("queue", "Queue", toObject("ccaas-agents", "queue")), label("channel", "Channel", 90), account(),
		state("State", among(attention(matchers)), 150, attentions),
		value("Longest wait", among(longest(matchers, perContact)), 180, duration),
		value("Waiting", among(contacts("waiting_contacts", matchers)), 80, count),
		value("Offered", among(contacts("alerting_contacts", matchers)), 80, count),
		value("Active", among(contacts("active_contacts", matchers)), 80, count),
		value("Agents ready", among(readyFor(matchers)), 110, count),
		value("Service level", among(contacts("service_level_ratio", matchers)), 110, ratio),
		value("Target", among(contacts("service_level_target_ratio", matchers)), 80, ratio),
		value("Below target", among(shortfall(matchers)), 110, ratio),
	}}
}

// chosen are the matchers of the variables.
const chosen = "@contacts"

// voiceFirst are the tiles of channels: voice, because a caller holds a telephone, then the others by their number.
func voiceFirst(expr func(matchers string) string) []query {
	return []query{
		{expr: expr(chosen + `, channel="voice"`), name: "{{channel}}"},
		{expr: "sort_desc(" + expr(chosen+`, channel!="voice"`) + ")", name: "{{channel}}"},
	}
}

var queuesNow = section{title: "Queues now", panels: []panel{
	{
		title: "Contacts waiting", w: 12, h: 4,
		view: tiles{unit: count, queries: voiceFirst(func(matchers string) string {
			return "sum by (channel) (" + contacts("waiting_contacts", matchers) + ")"
		})},
		about:    "By channel, in all chosen queues: voice, then the most first.",
		runbooks: []string{"CcaasQueueStalled"},
	},
	{
		title: "Longest wait by channel", w: 12, h: 4,
		view:     tiles{unit: duration, queries: voiceFirst(func(matchers string) string { return longest(matchers, "channel") })},
		about:    "Of the contact that has waited longest. A channel without a waiting contact, and an account whose queues are not read, has no tile.",
		runbooks: []string{"CcaasQueueStalled"},
	},
	{
		title: "The 100 busiest queues", w: 24, h: 14,
		view: queueGrid("State", "Longest wait", chosen, "topk(100, "+contacts("waiting_contacts", chosen)+" + "+contacts("active_contacts", chosen)+")"),
		about: "Those with most contacts, waiting or active, channel by channel, stalled ones first; the variables narrow them. Agents ready are " +
			"those of the queue, for all its channels together. A dash is a number that the platform does not report.",
		runbooks: []string{"CcaasQueueStalled"},
	},
	{
		title: "Stalled queues", w: 16, h: 5,
		view: grid{
			sort: "Longest wait", empty: "No queue is stalled", trouble: "queue-stalled",
			columns: []column{
				object("queue", "Queue", toObject("ccaas-agents", "queue")), label("channel", "Channel", 90), account(),
				value("Longest wait", stalled(chosen), 180, duration).limited(above(mark{1, red})),
			},
		},
		about:    "All queues in which contacts have waited for more than 5 minutes, agents are ready and no contact is active.",
		runbooks: []string{"CcaasQueueStalled"},
	},
	{
		title: "Share of queues below their service level", w: 8, h: 5,
		view:     tiles{unit: ratio, limits: above(mark{0.5, orange}), list: true, queries: []query{{expr: shareBelow(chosen), name: "{{account}}"}}},
		about:    "Each channel of a queue counts. Queues without a target, or without contacts in the vendor's window, do not.",
		runbooks: []string{"CcaasQueueStalled"},
	},
}}

// queueGraph is a graph of single queues.
func queueGraph(title, about string, u unit, expr string) panel {
	return panel{
		title: title, w: 12, about: about, runbooks: []string{"CcaasQueueStalled"},
		view: lines{unit: u, ranked: true, queries: []query{{expr: expr, name: queueName}}},
	}
}

var queuesOverTime = section{title: "Queues over time: the 8 of most concern in this time", panels: []panel{
	queueGraph("Most contacts waiting", "A line that rises while agents are ready is a queue that hands nothing out.", count,
		highest(perContact, contacts("waiting_contacts", chosen))),
	queueGraph("Longest wait", "A line that rises by a second each second is one contact that no agent takes. A gap: no contact waits.", duration,
		highest(perContact, longest(chosen, perContact))),
	queueGraph("Most contacts being offered", "They ring at an agent. Many for long: agents do not take them. CXone reports no number.", count,
		highest(perContact, contacts("alerting_contacts", chosen))),
	queueGraph("Most contacts active", "Contacts that agents handle.", count, highest(perContact, contacts("active_contacts", chosen))),
	{
		title: "Service level against its target", w: 12,
		view: lines{
			unit: ratio, signed: true, limits: below(mark{0, orange}), ranked: true,
			queries: []query{{
				expr: lowest(perContact, contacts("service_level_ratio", chosen)+" - "+contacts("service_level_target_ratio", chosen)), name: queueName,
			}},
		},
		about: "Service level minus target; the farthest below it. On Genesys Cloud over the last 30 minutes, on CXone over a window " +
			"that the vendor does not state.",
		runbooks: []string{"CcaasQueueStalled"},
	},
	{
		title: "Fewest agents ready where contacts wait", w: 12,
		view: lines{
			unit: count, ranked: true,
			queries: []query{{
				expr: lowestMean(perQueue, ready()+" and on ("+perQueue+") ("+contacts("waiting_contacts", chosen)+" > 0)"), name: "{{account}} {{queue}}",
			}},
		},
		about:    "At 0 callers wait for an agent to finish. Above 0 for long, with contacts that wait, skills or routing do not match.",
		runbooks: []string{"CcaasQueueStalled"},
	},
}}

const waits = "ccaas_queue_wait_seconds{" + chosen

var queuesWaits = section{title: "How waits end (where the stream carries conversations)", closed: true, panels: []panel{
	{
		title: "Waits that ended, by outcome", w: 8,
		view: lines{
			unit: perSecond("waits"), stack: true, colors: outcomes, queries: []query{{expr: observations(waits+"}", "outcome"), name: "{{outcome}}"}},
		},
		about:    "answered by an agent, abandoned by the caller, flowed_out to somewhere else.",
		runbooks: []string{"CcaasQueueStalled", "CcaasStreamDown"},
	},
	{
		title: "Share answered: the 8 lowest", w: 16,
		view: lines{
			unit: ratio, max: 1, ranked: true, queries: []query{{expr: lowestMean(perContact, answeredShare(chosen, perContact)), name: queueName}},
		},
		about:    "Of the waits that were answered or abandoned, the queues with the lowest mean in this time. A gap: none ended.",
		runbooks: []string{"CcaasQueueStalled", "CcaasStreamDown"},
	},
	{
		title: "How long answered waits took", w: 12,
		view: lines{unit: duration, queries: []query{
			{expr: quantile(0.5, waits+`, outcome="answered"}`, "@account, channel"), name: "{{account}} {{channel}} half"},
			{expr: quantile(0.95, waits+`, outcome="answered"}`, "@account, channel"), name: "{{account}} {{channel}} 95 %"},
		}},
		about:    "Half and 95 % of the answered waits took less.",
		runbooks: []string{"CcaasQueueStalled", "CcaasStreamDown"},
	},
	{
		title: "How long abandoned waits took", w: 12,
		view: lines{unit: duration, queries: []query{
			{
				expr: quantile(0.5, waits+`, outcome="abandoned"}`, "@account, channel"), name: "{{account}} {{channel}} half",
				trouble: "queue-stalled",
			},
		}},
		about:    "Half of the abandoned waits took less: the patience of callers.",
		runbooks: []string{"CcaasQueueStalled", "CcaasStreamDown"},
	},
}}

var queuesMembers = section{title: "Members of queues", closed: true, panels: []panel{
	{
		title: "Members by state: the 100 queues with most engaged", w: 24, h: 12,
		view: grid{sort: "Engaged", columns: []column{
			object("queue", "Queue", toObject("ccaas-agents", "queue")), account(),
			members("ready", "Ready"), members("engaged", "Engaged"), members("after_contact_work", "After-contact work"),
			members("not_responding", "Not responding"), members("unavailable", "Unavailable"), members("offline", "Offline"),
			members("unknown", "Unknown"),
		}},
		about: "A member of several queues counts in each, so a column has no sum: for agents, read above. " +
			"A dash is a state for which the platform reports no number.",
		runbooks: []string{"CcaasQueueStalled", "CcaasAgentsNotResponding"},
	},
}}

// members is a column of queues by the number of members in a state.
func members(state, title string) column {
	return value(title, latest(`ccaas_queue_agents{state="`+state+`", @queues}`, perQueue)+
		" and on ("+perQueue+") topk(100, "+latest(`ccaas_queue_agents{state="engaged", @queues}`, perQueue)+")", 150, count)
}
