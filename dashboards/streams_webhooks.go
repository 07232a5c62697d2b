// What is pushed to the exporter, on the Exporter board: streams and webhooks.

package main

var exporterStreams = section{title: "Streams", closed: true, panels: []panel{
	{
		title: "Streams over time", w: 8,
		view:     states{words: stream, queries: []query{{expr: latest("ccaas_stream_connected", "@account"), name: "{{account}}"}}},
		about:    "Whether the whole stream of an account is connected. While it is not, polls stand in. Accounts without a stream are not here.",
		runbooks: []string{"CcaasStreamDown"},
	},
	{
		title: "Streams now", w: 16,
		view: grid{sort: "Last event", columns: []column{
			object("account", "Account"),
			state("Stream", latest("ccaas_stream_connected", "@account"), 110, stream),
			value("Topics", latest("ccaas_stream_topics", "@account"), 90, count),
			value("Last event", age("ccaas_stream_last_event_timestamp_seconds", "@account"), 180, duration),
			value("Events", increase("ccaas_stream_events_total", "@account"), 90, count),
			value("Reconnected", increase("ccaas_stream_reconnects_total", "@account"), 110, count),
			value("Left out", increase("ccaas_stream_dropped_events_total", "@account"), 90, count),
		}},
		about: "Topics subscribed to, the time since the last event other than a heartbeat, and, in the chosen time, events, reconnections and " +
			"events that came faster than they could be processed.",
		runbooks: []string{"CcaasStreamDown"},
	},
	{
		title: "Stream events by kind", w: 12,
		view: lines{unit: perSecond("events"), stack: true, ranked: true, queries: []query{{
			expr: nonzero("@account, kind", rate("ccaas_stream_events_total", "@account, kind")), name: "{{account}} {{kind}}",
		}}},
		about:    "A kind that ends while others go on lost its topics: a full reading makes up for it.",
		runbooks: []string{"CcaasStreamDown"},
	},
	{
		title: "Reconnections by reason", w: 12,
		view: lines{unit: perSecond("reconnections"), queries: []query{{
			expr: nonzero("@account, reason", rate("ccaas_stream_reconnects_total", "@account, reason")), name: "{{account}} {{reason}}",
			quiet: "no reconnection in this time",
		}}},
		about:    "One now and then is normal. Many: the network between, or another program with the same credentials that takes our channels.",
		runbooks: []string{"CcaasStreamDown"},
	},
}}

const (
	perHook   = "@account, hook, kind"
	perReason = "@account, hook, reason"
)

var exporterWebhooks = section{title: "Webhooks", closed: true, panels: []panel{
	{
		title: "Hooks in the chosen time", w: 24, h: 6,
		view: grid{sort: "Last event", columns: []column{
			object("hook", "Hook"), label("kind", "Kind", 140), account(),
			value("Events", increase("ccaas_webhook_events_total", perHook), 100, count),
			value("Came again", increase("ccaas_webhook_duplicates_total", perHook), 110, count),
			value("Broken", increase("ccaas_webhook_broken_events_total", perHook), 100, count),
			value("Last event", age("ccaas_webhook_last_event_timestamp_seconds", perHook), 180, duration),
		}},
		about: "Events counted, those that came again (what may be lost is sent twice), parts that were no events, " +
			"and the time since the last event.",
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		title: "Webhook events", w: 8,
		view: lines{unit: perSecond("events"), queries: []query{
			{expr: rate("ccaas_webhook_events_total", "@account, hook"), name: "{{account}} {{hook}}"},
			{expr: rate("ccaas_webhook_duplicates_total", "@account, hook"), name: "{{account}} {{hook}} again"},
		}},
		about:    "Counted, and those that came again.",
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		title: "Events in the queue", w: 8,
		view:     lines{unit: count, queries: []query{{expr: latest("ccaas_webhook_queued_events", "@account, hook"), name: "{{account}} {{hook}}"}}},
		about:    "Acknowledged and not counted yet. When the queue is full, requests are refused with 503 and come again.",
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		title: "Requests by the status of the answer", w: 8,
		view: lines{unit: perSecond("requests"), stack: true, queries: []query{{
			expr: nonzero("@account, hook, code", rate("ccaas_webhook_requests_total", "@account, hook, code")), name: "{{account}} {{hook}} {{code}}",
		}}},
		about:    "Unauthenticated requests get a 404.",
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		title: "Refused requests by reason", w: 9, h: 7,
		view: grid{sort: "Count", empty: "no request refused", columns: []column{
			object("hook", "Hook"), label("reason", "Reason", 120), account(), value("Count", positive(increase("ccaas_webhook_failures_total", perReason)), 70, count),
		}},
		about:    "In the chosen time. Reasons of authentication on a hook that has no events: the platform's certificate or key changed.",
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		title: "Numbers that made no sense", w: 9, h: 7,
		view: grid{sort: "Count", empty: "every number made sense", columns: []column{
			object("field", "Field"), label("hook", "Hook", 120), account(),
			value("Count", positive(increase("ccaas_webhook_invalid_values_total", "@account, hook, field")), 70, count),
		}},
		about:    "In the chosen time, by the vendor's name of the field. All of a field: its unit is not the configured one.",
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		title: "Requests for no hook", w: 6, h: 7,
		view: lines{unit: perSecond("requests"), queries: []query{
			{expr: `sum(rate(ccaas_webhook_stray_requests_total[$__rate_interval]))`, name: "requests", global: true},
			{
				expr: `sum by (reason) (rate(ccaas_webhook_refused_connections_total[$__rate_interval]))`,
				name: "connections: {{reason}}", global: true,
			},
		}},
		about:    "Requests to the listener for which there is no hook: scanners, or a subscription with a wrong address; and connections beyond a limit.",
		runbooks: []string{"CcaasWebhookSilent"},
	},
}}

const (
	perScript  = "@account, script, action, host"
	scriptName = "{{account}} {{script}} {{action}} {{host}}"
)

// platformScripts are the APIs on which callers depend without being able to see them.
var platformScripts = section{title: "APIs that scripts call (from the script-API webhook)", closed: true, panels: []panel{
	{
		title: "Calls of scripts by class of the answer", w: 8,
		view: lines{unit: perSecond("calls"), stack: true, colors: codeClasses, queries: []query{{
			expr: nonzero("@account, code_class", rate("ccaas_script_api_requests_total", "@account, code_class")), name: "{{account}} {{code_class}}",
		}}},
		about:    "Calls that scripts make on behalf of callers. 5xx: the API; 4xx: the script, or its credentials.",
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		title: "Share that failed: the 8 highest in this time", w: 16,
		view: lines{unit: ratio, max: 1, ranked: true, queries: []query{{
			expr: nonzero(perScript, rate(`ccaas_script_api_requests_total{code_class!~"2xx|3xx"}`, perScript)+" / "+
				rate("ccaas_script_api_requests_total", perScript)),
			name: scriptName,
		}}},
		about:    "Answers of 4xx, 5xx or none of HTTP, by script and host. Callers of these scripts are lost or sent elsewhere.",
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		title: "95 % of the calls took less than: the 8 longest in this time", w: 24,
		view: lines{unit: seconds, ranked: true, queries: []query{{
			expr: highest(perScript, quantile(0.95, "ccaas_script_api_duration_seconds", perScript)), name: scriptName,
		}}},
		about:    "The caller waits as long. One host slow for all scripts: that API; all hosts slow: the way to them.",
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		title: "Calls under way at once: the 8 highest in this time", w: 12,
		view: lines{unit: number, ranked: true, queries: []query{{expr: highest(perScript, underWay("ccaas_script_api_duration_seconds", perScript)), name: scriptName}}},
		about: "On average: how often scripts call, times how long each call takes. The times of single calls are whole seconds, so that no " +
			"peak can be read from them. A rise without more calls: the API answers more slowly.",
		runbooks: []string{"CcaasWebhookSilent"},
	},
	{
		title: "What the answers of failed calls say", w: 12,
		view: lines{unit: perSecond("calls"), stack: true, ranked: true, queries: []query{{
			expr: nonzero("@account, message_class", rate(`ccaas_script_api_messages_total{message_class!~"success|none|other"}`, "@account, message_class")),
			name: "{{account}} {{message_class}}",
		}}},
		about: "The class of the message beside the status. The texts themselves are in the exporter's log, redacted: " +
			"one of each class in 10 minutes.",
		runbooks: []string{"CcaasWebhookSilent"},
	},
}}
