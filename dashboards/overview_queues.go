package main

// This file holds the overview's answer to whether callers are answered.

// calls are the contacts of which somebody holds a telephone.
const calls = `channel="voice"`

var overviewAnswered = section{"Are they answered?", []panel{
	{
		kind: graph, title: "Contacts waiting, by channel", w: 6, stack: true,
		about: "In all queues. Email and work items wait by design: look at voice first.",
		queries: []query{{
			expr: `sum by (platform, channel) (` + latest("ccaas_queue_waiting_contacts", perContact) + `)`, name: "{{platform}} {{channel}}",
		}},
		runbooks: []string{"CcaasQueueStalled"}, detail: "ccaas-agents",
	},
	{
		kind: graph, title: "Longest wait of a call", w: 6, unit: "s",
		about:    "Of the call that has waited longest now. A gap: no call waits. A line that rises without an end: nobody takes it.",
		queries:  []query{{expr: longest(calls, "@account"), name: "{{account}}"}},
		runbooks: []string{"CcaasQueueStalled"}, detail: "ccaas-agents",
	},
	{
		kind: graph, title: "Queues below their service level", w: 6,
		about:    "Queues, channel by channel, whose share of contacts answered in time is below its target. The table below names the worst.",
		queries:  []query{{expr: belowTarget(`channel!=""`), name: "{{account}}"}},
		runbooks: []string{"CcaasQueueStalled"}, detail: "ccaas-agents",
	},
	{
		kind: graph, title: "Share of calls answered", w: 6, unit: "percentunit", max: 1,
		about: "Of the calls whose wait ended with an agent or because the caller gave up. Only where the stream carries conversations; " +
			"a gap: none ended.",
		queries:  []query{{expr: answeredShare(calls, "@account"), name: "{{account}}"}},
		runbooks: []string{"CcaasQueueStalled", "CcaasStreamDown"}, detail: "ccaas-agents",
	},
	queueTable(panel{
		title: "Calls that wait longest", w: 24, h: 7, sort: "Longest wait",
		about: "The 15 queues whose first call has waited longest. Nobody ready: staffing. Agents ready and the wait grows: " +
			"the platform hands nothing out, or skills do not match.",
		runbooks: []string{"CcaasQueueStalled"}, detail: "ccaas-agents",
	}, calls, "topk(15, "+longest(calls, perContact)+")"),
	queueTable(panel{
		title: "Farthest below their service level", w: 24, h: 7, sort: "Below target",
		about: "The 15 queues, channel by channel, with the largest gap between target and share answered in time, over the vendor's window: " +
			"on Genesys Cloud the last 30 minutes. A negative gap is none.",
		runbooks: []string{"CcaasQueueStalled"}, detail: "ccaas-agents",
	}, `channel!=""`, "topk(15, "+shortfall(`channel!=""`)+")"),
	{
		kind: graph, title: "Agents logged in, by state", w: 12, stack: true, colors: agentStates,
		about: "Agents of all accounts who are logged in. A cliff means lost sessions.",
		queries: []query{{
			expr: `sum by (state) (max by (@account, state) (ccaas_agents{@selected, state!="offline"}))`, name: "{{state}}",
		}},
		runbooks: []string{"CcaasAgentsDropped"}, detail: "ccaas-agents",
	},
	{
		kind: graph, title: "Agents ready", w: 6,
		about:    "Agents who wait for a contact. At 0 the next caller waits.",
		queries:  []query{{expr: `max by (@account) (ccaas_agents{@selected, state="ready"})`, name: "{{account}}"}},
		runbooks: []string{"CcaasAgentsDropped"}, detail: "ccaas-agents",
	},
	notResponding(6, "ccaas-agents"),
}}
