package main

// This file holds the panels on what the platforms push to us: streams and webhooks.

var exporterStreams = section{"Streams", []panel{
	{
		kind: timeline, title: "Streams over time", w: 12, words: stream,
		about:    "Whether the whole stream of an account is connected. While it is not, polls stand in. Accounts without a stream are not here.",
		queries:  []query{{expr: latest("ccaas_stream_connected", "@account"), name: "{{account}}"}},
		runbooks: []string{"CcaasStreamDown"},
	},
	{
		kind: table, title: "Streams now", w: 12, sort: "Last event",
		about: "Topics subscribed to, the time since the last event other than a heartbeat, and, in the chosen time, reconnections and " +
			"events that came faster than they could be taken in.",
		queries: []query{
			{expr: latest("ccaas_stream_connected", "@account"), name: "Stream", words: stream},
			{expr: latest("ccaas_stream_topics", "@account"), name: "Topics"},
			{expr: age("ccaas_stream_last_event_timestamp_seconds", "@account"), name: "Last event", unit: "s"},
			{expr: increase("ccaas_stream_events_total", "@account"), name: "Events"},
			{expr: increase("ccaas_stream_reconnects_total", "@account"), name: "Reconnected"},
			{expr: increase("ccaas_stream_dropped_events_total", "@account"), name: "Left out"},
		},
		runbooks: []string{"CcaasStreamDown"},
	},
	{
		kind: graph, title: "Events by kind", w: 12, unit: "ops", stack: true,
		about:    "A kind that ends while others go on lost its topics: a full reading makes up for it.",
		queries:  []query{{expr: rate("ccaas_stream_events_total", "@account, kind"), name: "{{account}} {{kind}}"}},
		runbooks: []string{"CcaasStreamDown"},
	},
	{
		kind: graph, title: "Reconnections by reason", w: 12, unit: "ops",
		about:    "One now and then is normal. Many: the network between, or another program with the same credentials that takes our channels.",
		queries:  []query{{expr: rate("ccaas_stream_reconnects_total", "@account, reason"), name: "{{account}} {{reason}}"}},
		runbooks: []string{"CcaasStreamDown"},
	},
}}

const perHook = "@account, hook, kind"

var exporterWebhooks = section{"Webhooks", []panel{
	{
		kind: table, title: "Hooks in the chosen time", w: 12, sort: "Last event",
		about: "Events counted, those that came again (what may be lost is sent twice), parts that were no events, " +
			"and the time since the last event.",
		queries: []query{
			{expr: increase("ccaas_webhook_events_total", perHook), name: "Events"},
			{expr: increase("ccaas_webhook_duplicates_total", perHook), name: "Came again"},
			{expr: increase("ccaas_webhook_broken_events_total", perHook), name: "Broken"},
			{expr: age("ccaas_webhook_last_event_timestamp_seconds", perHook), name: "Last event", unit: "s"},
		},
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		kind: graph, title: "Events", w: 6, unit: "ops",
		about: "Counted, and those that came again.",
		queries: []query{
			{expr: rate("ccaas_webhook_events_total", "@account, hook"), name: "{{account}} {{hook}}"},
			{expr: rate("ccaas_webhook_duplicates_total", "@account, hook"), name: "{{account}} {{hook}} again"},
		},
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		kind: graph, title: "Events in the queue", w: 6,
		about:    "Acknowledged and not counted yet. When the queue is full, requests are refused with 503 and come again.",
		queries:  []query{{expr: latest("ccaas_webhook_queued_events", "@account, hook"), name: "{{account}} {{hook}}"}},
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		kind: graph, title: "Requests by the status of the answer", w: 8, unit: "reqps", stack: true,
		about:    "404 is the answer to whoever is not authenticated.",
		queries:  []query{{expr: "topk(15, " + rate("ccaas_webhook_requests_total", "@account, hook, code") + ")", name: "{{account}} {{hook}} {{code}}"}},
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		kind: table, title: "Refused requests by reason", w: 8, sort: "Count",
		about:    "In the chosen time. Reasons of authentication on a hook that has no events: the platform's certificate or key changed.",
		queries:  []query{{expr: increase("ccaas_webhook_failures_total", "@account, hook, reason"), name: "Count"}},
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		kind: table, title: "Numbers that made no sense", w: 8, sort: "Count",
		about:    "In the chosen time, by the vendor's name of the field. All of a field: its unit is not the configured one.",
		queries:  []query{{expr: increase("ccaas_webhook_invalid_values_total", "@account, hook, field"), name: "Count"}},
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		kind: graph, title: "Requests for no hook", w: 8, unit: "reqps",
		about:    "Requests to the listener for which there is no hook: scanners, or a subscription with a wrong address.",
		queries:  []query{{expr: `sum(rate(ccaas_webhook_stray_requests_total[$__rate_interval]))`, name: "requests", global: true}},
		runbooks: []string{"CcaasWebhookSilent"},
	},
}}

const perScript = "@account, script, action, host"

// platformScripts are the APIs on which callers depend without being able to see them.
var platformScripts = section{"APIs that scripts call (from the script-API webhook)", []panel{
	{
		kind: graph, title: "Calls by class of the answer", w: 8, unit: "reqps", stack: true,
		about:    "Calls that scripts make on behalf of callers. 5xx: the API; 4xx: the script, or its credentials.",
		queries:  []query{{expr: rate("ccaas_script_api_requests_total", "@account, code_class"), name: "{{account}} {{code_class}}"}},
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		kind: graph, title: "Share that failed: the 15 highest", w: 8, unit: "percentunit", max: 1,
		about: "Answers of 4xx, 5xx or none of HTTP, by script and host. Callers of these scripts are lost or sent elsewhere.",
		queries: []query{{
			expr: "topk(15, " + rate(`ccaas_script_api_requests_total{code_class!~"2xx|3xx"}`, perScript) + " / " +
				rate("ccaas_script_api_requests_total", perScript) + ")",
			name: "{{account}} {{script}} {{action}} {{host}}",
		}},
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		kind: graph, title: "95 % of the calls took less than: the 15 longest", w: 8, unit: "s",
		about: "The caller waits as long. One host slow for all scripts: that API; all hosts slow: the way to them.",
		queries: []query{{
			expr: "topk(15, " + quantile(0.95, "ccaas_script_api_duration_seconds", perScript) + ")", name: "{{account}} {{script}} {{action}} {{host}}",
		}},
		runbooks: []string{"CcaasWebhookSilent"},
	},
}}
