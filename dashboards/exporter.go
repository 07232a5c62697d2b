package main

// exporter tells whether the monitor itself can be trusted.
var exporter = board{
	uid:      "ccaas-exporter",
	title:    "CCaaS / Exporter",
	about:    "Can the other boards be trusted? Feeds, streams, webhooks, the budget of API calls, tokens and the circuit breaker.",
	sections: []section{exporterFeeds, exporterStreams, exporterWebhooks, exporterAPI, exporterBudget, exporterToken, exporterData, exporterSelf},
}

var exporterFeeds = section{"Feeds", []panel{
	{
		kind: timeline, title: "Feeds over time", w: 12, h: 10, words: success,
		about:    "Whether the last run of each feed succeeded. A failing feed keeps its last values for a while, then they disappear.",
		queries:  []query{{expr: latest("ccaas_feed_up", "@account, feed"), name: "{{account}} {{feed}}"}},
		runbooks: []string{"CcaasFeedStale", "CcaasAuthFailing"},
	},
	{
		kind: table, title: "Feeds now", w: 12, h: 10, sort: "Age",
		about: "Age is the time since the last success. Stale is older than 5 minutes and than 3 intervals.",
		queries: []query{
			{expr: latest("ccaas_feed_up", "@account, feed"), name: "Last run", words: success},
			{expr: age("ccaas_feed_last_success_timestamp_seconds", "@account, feed"), name: "Age", unit: "s"},
			{expr: age("ccaas_feed_last_attempt_timestamp_seconds", "@account, feed"), name: "Tried", unit: "s"},
			{expr: latest("ccaas_feed_minimum_interval_seconds", "@account, feed"), name: "Interval", unit: "s"},
			{expr: latest("ccaas_feed_duration_seconds", "@account, feed"), name: "Took", unit: "s"},
		},
		runbooks: []string{"CcaasFeedStale"},
	},
	{
		kind: graph, title: "Runs", w: 8, unit: "ops",
		about:    "Runs of feeds that ended. Nobody scrapes, nobody calls: 0 means that nobody reads the metrics.",
		queries:  []query{{expr: rate("ccaas_feed_runs_total", "@account"), name: "{{account}}"}},
		runbooks: []string{"CcaasExporterAbsent"},
	},
	{
		kind: graph, title: "Failures by reason", w: 8, unit: "ops",
		about: "forbidden: a permission is missing. budget: our own pacing. rate_limited: the platform's. " +
			"breaker_open: the host is left alone after repeated failures.",
		queries:  []query{{expr: rate("ccaas_feed_failures_total", "@account, reason"), name: "{{account}} {{reason}}"}},
		runbooks: []string{"CcaasFeedStale", "CcaasAuthFailing", "CcaasRateLimited"},
	},
	{
		kind: graph, title: "Duration of the last run", w: 8, unit: "s",
		about:    "Longer than the scrape allows is no fault: the result serves the next scrape.",
		queries:  []query{{expr: latest("ccaas_feed_duration_seconds", "@account, feed"), name: "{{account}} {{feed}}"}},
		runbooks: []string{"CcaasFeedStale"},
	},
}}

var exporterAPI = section{"API calls", []panel{
	{
		kind: graph, title: "Requests by operation", w: 8, unit: "reqps", stack: true,
		about:    "Every request sent, also retries.",
		queries:  []query{{expr: observations("ccaas_api_request_duration_seconds", "@account, operation"), name: "{{account}} {{operation}}"}},
		runbooks: []string{"CcaasBudgetExhausted"},
	},
	{
		kind: graph, title: "95 % of the requests took less than", w: 8, unit: "s",
		about:    "By operation. A gap is an operation without requests.",
		queries:  []query{{expr: quantile(0.95, "ccaas_api_request_duration_seconds", "@account, operation"), name: "{{account}} {{operation}}"}},
		runbooks: []string{"CcaasControlPlaneSlow"},
	},
	{
		kind: graph, title: "Failed calls and retries", w: 8, unit: "ops",
		about: "Calls that failed for good, and requests sent again after a failure.",
		queries: []query{
			{expr: rate("ccaas_api_request_failures_total", "@account"), name: "{{account}} failed"},
			{expr: rate("ccaas_api_retries_total", "@account"), name: "{{account}} retried"},
		},
		runbooks: []string{"CcaasFeedStale", "CcaasPlatformCritical"},
	},
}}

var exporterBudget = section{"Budget and breaker", []panel{
	{
		kind: graph, title: "Requests left in the platform's window", w: 8,
		about: "From the platform's answers; absent where it publishes none. At 0 it answers 429.",
		queries: []query{
			{expr: latest("ccaas_api_rate_limit_remaining", "@account"), name: "{{account}} left"},
			{expr: latest("ccaas_api_rate_limit_allowed", "@account"), name: "{{account}} allowed"},
		},
		runbooks: []string{"CcaasRateLimited", "CcaasBudgetExhausted"},
	},
	{
		kind: graph, title: "Waiting for our own budget", w: 8,
		about:    "Seconds that calls waited, for each second: above 1, more calls are planned than the budget allows.",
		queries:  []query{{expr: rate("ccaas_api_throttled_seconds_total", "@account"), name: "{{account}}"}},
		runbooks: []string{"CcaasBudgetExhausted"},
	},
	{
		kind: graph, title: "Refused by the platform (429)", w: 8, unit: "reqps",
		about:    "One is no trouble: the account pauses for as long as it is told.",
		queries:  []query{{expr: rate("ccaas_api_rate_limited_total", "@account"), name: "{{account}}"}},
		runbooks: []string{"CcaasRateLimited"},
	},
	{
		kind: graph, title: "Share of 10 minutes in which the account paused", w: 12, unit: "percentunit", max: 1, limits: above(0.5, red),
		about:    "Because the platform asked for it with a 429. The line is the limit of the alert.",
		queries:  []query{{expr: latest("ccaas:api_paused:ratio10m", "@account"), name: "{{account}}"}},
		runbooks: []string{"CcaasRateLimited"},
	},
	{
		kind: stat, title: "Pause left", w: 6, unit: "s", limits: above(1, orange),
		about: "How long the account will send nothing.",
		queries: []query{{
			expr: `clamp_min(` + latest("ccaas_api_rate_limit_paused_until_timestamp_seconds", "@account") + ` - time(), 0)`, name: "{{account}}",
		}},
		runbooks: []string{"CcaasRateLimited"},
	},
	{
		kind: stat, title: "Circuit breaker", w: 6, words: breaker,
		about:    "Open: a host is left alone after repeated failures until a request to it succeeds.",
		queries:  []query{{expr: latest("ccaas_api_breaker_open", "@account"), name: "{{account}}"}},
		runbooks: []string{"CcaasPlatformCritical", "CcaasFeedStale"},
	},
}}

var exporterToken = section{"Tokens and clock", []panel{
	{
		kind: graph, title: "Time until the token expires", w: 8, unit: "s",
		about:    "It is renewed before its end: a saw that touches 0 means that logins fail.",
		queries:  []query{{expr: `clamp_min(` + latest("ccaas_token_expiry_timestamp_seconds", "@account") + ` - time(), 0)`, name: "{{account}}"}},
		runbooks: []string{"CcaasTokenExpiring", "CcaasAuthFailing"},
	},
	{
		kind: table, title: "Logins in the chosen time", w: 8, sort: "Failed",
		about: "Logins tried, and those that failed.",
		queries: []query{
			{expr: increase("ccaas_token_refreshes_total", "@account"), name: "Tried"},
			{expr: increase("ccaas_token_refresh_failures_total", "@account"), name: "Failed"},
		},
		runbooks: []string{"CcaasAuthFailing"},
	},
	{
		kind: graph, title: "Clock skew", w: 8, unit: "s", signed: true,
		about:    "The platform's clock minus ours. Beyond a minute either way, timestamps and tokens mislead.",
		queries:  []query{{expr: latest("ccaas_clock_skew_seconds", "@account"), name: "{{account}}"}},
		runbooks: []string{"CcaasClockSkew"},
	},
}}

var exporterData = section{"What did not fit", []panel{
	{
		kind: table, title: "Unknown values", w: 8, sort: "Count",
		about:    "Words of the platform that the exporter does not know, in the chosen time. They count as unknown: time to update.",
		queries:  []query{{expr: increase("ccaas_unknown_values_total", "@account, field"), name: "Count"}},
		runbooks: []string{"CcaasFeedStale"},
	},
	{
		kind: table, title: "Answers that broke their form", w: 8, sort: "Count",
		about:    "Answers or entities that were not as the vendor documents them, in the chosen time.",
		queries:  []query{{expr: increase("ccaas_schema_violations_total", "@account, feed"), name: "Count"}},
		runbooks: []string{"CcaasFeedStale"},
	},
	{
		kind: table, title: "Series left out", w: 8, sort: "Count",
		about:    "Beyond the series limit, or twice the same, in the chosen time.",
		queries:  []query{{expr: increase("ccaas_series_dropped_total", "@account, family"), name: "Count"}},
		runbooks: []string{"CcaasFeedStale"},
	},
}}

var exporterSelf = section{"The program", []panel{
	{
		kind: graph, title: "Duration of scrapes", w: 8, h: 6, unit: "s",
		about: "A scrape answers half a second before Prometheus's time-out at the latest, with what is ready by then.",
		queries: []query{{
			expr: `scrape_duration_seconds and on (job, instance) ccaas_exporter_build_info`, name: "{{instance}}", global: true,
		}},
		runbooks: []string{"CcaasExporterAbsent"},
	},
	{
		kind: stat, title: "Last reload", w: 4, h: 6, words: reloaded,
		about:    "A refused configuration changes nothing: the one before it stays at work. The log names every problem.",
		queries:  []query{{expr: `min(ccaas_exporter_config_last_reload_successful)`, name: "configuration", global: true}},
		runbooks: []string{"CcaasExporterAbsent"},
	},
	{
		kind: stat, title: "Configuration applied", w: 4, h: 6, unit: "dateTimeAsIso",
		about: "When a configuration was last applied; the oldest of all exporters.",
		queries: []query{{
			expr: `1000 * min(ccaas_exporter_config_last_reload_success_timestamp_seconds)`, name: "applied", global: true,
		}},
		runbooks: []string{"CcaasExporterAbsent"},
	},
	{
		kind: table, title: "Versions", w: 8, h: 6,
		about:    "The exporters that are scraped. Two versions at once outside an upgrade are a mistake.",
		queries:  []query{{expr: `count by (instance, version, revision, goversion) (ccaas_exporter_build_info)`, name: "Exporters", global: true}},
		runbooks: []string{"CcaasExporterAbsent"},
	},
}}
