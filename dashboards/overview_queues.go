package main

// calls are the contacts in which a caller holds a telephone.
const calls = `channel="voice"`

var overviewAnswered = section{title: "Are they answered?", panels: []panel{
	{
		title: "Calls waiting", w: 6, h: 7,
		view: lines{unit: count, stack: true, colors: words{{text: unread, color: grey}}, queries: []query{
			{expr: waitingCalls(), name: "{{account}}"}, notRead(waitingCalls()),
		}},
		about:    "In all queues, by account. Not read: the last known number of accounts of which nothing is known now.",
		runbooks: []string{"CcaasQueueStalled"}, detail: "ccaas-agents",
	},
	{
		title: "Longest wait of a call", w: 6, h: 7,
		view: lines{unit: duration, queries: []query{{expr: longest(calls, "@account"), name: "{{account}}"}}},
		about: "Of the call that has waited longest now, where the queues are read. A gap: no call waits. A line that rises without an end: " +
			"no agent takes it.",
		runbooks: []string{"CcaasQueueStalled"}, detail: "ccaas-agents",
	},
	{
		title: "Share of queues below their service level", w: 6, h: 7,
		view: lines{unit: ratio, max: 1, queries: []query{{expr: shareBelow(`channel!=""`), name: "{{account}}"}}},
		about: "Of the queues with a target, channel by channel, those whose share of contacts answered in time is below it. Compare with " +
			"the same hour of another day.",
		runbooks: []string{"CcaasQueueStalled"}, detail: "ccaas-agents",
	},
	{
		title: "Share of calls answered", w: 6, h: 7,
		view: lines{unit: ratio, max: 1, queries: []query{{expr: answeredShare(calls, "@account"), name: "{{account}}"}}},
		about: "Of the calls whose wait ended with an agent or because the caller gave up. Only where the stream carries conversations; " +
			"a gap: none ended.",
		runbooks: []string{"CcaasQueueStalled", "CcaasStreamDown"}, detail: "ccaas-agents",
	},
	{
		title: "Calls that wait longest", w: 24, h: 9,
		view: queueGrid("State", "Longest wait", calls, "(topk(15, "+longest(calls, perContact)+") or "+stalled(calls)+")"),
		about: "The 15 queues whose first call has waited longest, stalled ones first. Stalled: agents are ready and nothing is handed out. No agent " +
			"ready: staffing. Agents ready and the wait grows: skills do not match.",
		runbooks: []string{"CcaasQueueStalled"}, detail: "ccaas-agents",
	},
}}

var overviewAgents = section{title: "Service levels and agents", closed: true, panels: []panel{
	{
		title: "Farthest below their service level", w: 24, h: 9,
		view: queueGrid("Below target", "", `channel!=""`, "topk(15, "+shortfall(`channel!=""`)+")"),
		about: "The 15 queues, channel by channel, with the largest gap between target and share answered in time, over the vendor's window: " +
			"on Genesys Cloud the last 30 minutes. A negative gap is none.",
		runbooks: []string{"CcaasQueueStalled"}, detail: "ccaas-agents",
	},
	loggedIn(12, "ccaas-agents"),
	agentsReady(6, "ccaas-agents"),
	notResponding(6, "ccaas-agents"),
}}

func waitingCalls() string {
	return `sum by (@account) (` + contacts("waiting_contacts", calls) + `)`
}
