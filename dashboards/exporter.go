package main

// exporter shows whether the monitor itself can be trusted.
var exporter = board{
	uid:     "ccaas-exporter",
	title:   titleOf("ccaas-exporter"),
	about:   "Can the other boards be trusted? Feeds, streams, webhooks, the budget of API calls, tokens and the circuit breaker.",
	choices: []choice{{"feed", "Feed", `ccaas_feed_up{@selected}`}},
	sections: []section{
		exporterFeeds, exporterRuns, exporterStreams, exporterWebhooks, exporterAPI, exporterBudget, exporterToken, exporterData, exporterSelf,
	},
}

const perFeed = "@account, feed"

// ofFeeds is a number of each of the chosen feeds.
func ofFeeds(what string) string { return latest("ccaas_feed_"+what+"{@feeds}", perFeed) }

// mainReason picks, of each feed whose last run failed, the reason of most of its failures in the time range of the board.
func mainReason() string {
	return "topk by (" + perFeed + ") (1, " + increase("ccaas_feed_failures_total{@feeds}", perFeed+", reason") + " > 0) and on (platform, account, feed) " +
		ofFeeds("up") + " == 0"
}

var exporterFeeds = section{title: "Feeds", panels: []panel{
	{
		title: "Feeds now", w: 24, h: 14,
		view: grid{sort: "Last run", then: "Intervals", columns: []column{
			object("feed", "Feed", toObject("ccaas-exporter", "feed")), account(),
			state("Last run", "1 - "+ofFeeds("up"), 110, failure),
			label("reason", "Fails for", 130),
			value("Intervals", "("+age("ccaas_feed_last_success_timestamp_seconds{@feeds}", perFeed)+") / "+ofFeeds("minimum_interval_seconds"), 110, number).
				limited(above(mark{3, red})),
			value("Last success", `1000 * (`+ofFeeds("last_success_timestamp_seconds")+` > 0)`, 160, since),
			value("Tried", `1000 * (`+ofFeeds("last_attempt_timestamp_seconds")+` > 0)`, 160, since),
			value("Interval", ofFeeds("minimum_interval_seconds"), 180, duration),
			value("Took", ofFeeds("duration_seconds"), 100, seconds),
			hidden("failures", query{expr: mainReason(), quiet: "no feed fails", trouble: "auth-broken"}),
		}},
		about: "Those that fail first, then those whose last success is most of their intervals ago: from 3 on, and from 5 minutes on, a feed is stale. " +
			"A failing feed keeps its last values for a while, then they disappear. Fails for is the reason of most of its failures in the chosen time.",
		runbooks: []string{"CcaasFeedStale", "CcaasAuthFailing"},
	},
	{
		title: "Feeds that failed in this time", w: 24, h: 12,
		view: states{words: success, queries: []query{{
			expr: chosenBy("bottomk", "min", perFeed, ofFeeds("up"), " == 0", rowsPerPage), name: "{{account}} {{feed}}",
			quiet: "no feed failed in this time", trouble: "auth-broken",
		}}},
		about:    "Whether the last run of each feed succeeded. At most 20.",
		runbooks: []string{"CcaasFeedStale", "CcaasAuthFailing"},
	},
}}

var exporterRuns = section{title: "Runs of feeds", panels: []panel{
	{
		title: "Runs", w: 8,
		view:     lines{unit: perSecond("runs"), queries: []query{{expr: rate("ccaas_feed_runs_total{@feeds}", "@account"), name: "{{account}}"}}},
		about:    "Runs of feeds that ended. A scrape starts what is due: 0 means that no Prometheus reads the metrics.",
		runbooks: []string{"CcaasExporterAbsent"},
	},
	{
		title: "Failures by reason", w: 8,
		view: lines{unit: perSecond("failures"), queries: []query{{
			expr: nonzero("@account, reason", rate("ccaas_feed_failures_total{@feeds}", "@account, reason")), name: "{{account}} {{reason}}",
			quiet: "no run failed in this time", trouble: "auth-broken",
		}}},
		about: "forbidden: a permission is missing. budget: our own pacing. rate_limited: the platform's. " +
			"breaker_open: the host is left alone after repeated failures.",
		runbooks: []string{"CcaasFeedStale", "CcaasAuthFailing", "CcaasRateLimited"},
	},
	{
		title: "Duration of the last run", w: 8,
		view:     lines{unit: seconds, queries: []query{{expr: highest(perFeed, ofFeeds("duration_seconds")), name: "{{account}} {{feed}}"}}},
		about:    "The 8 longest in this time. Longer than the scrape allows is no fault: the result serves the next scrape.",
		runbooks: []string{"CcaasFeedStale"},
	},
}}

const perOperation = "@account, operation"

var exporterAPI = section{title: "API calls", closed: true, panels: []panel{
	{
		title: "Requests by operation", w: 12,
		view: lines{unit: perSecond("requests"), stack: true, ranked: true, queries: []query{{
			expr: highest(perOperation, observations("ccaas_api_request_duration_seconds", perOperation)), name: "{{account}} {{operation}}",
		}}},
		about:    "Every request sent, also retries; the 8 most frequent in this time.",
		runbooks: []string{"CcaasBudgetExhausted"},
	},
	{
		title: "95 % of the requests took less than", w: 12,
		view: lines{unit: seconds, ranked: true, queries: []query{{
			expr: highest(perOperation, quantile(0.95, "ccaas_api_request_duration_seconds", perOperation)), name: "{{account}} {{operation}}",
		}}},
		about:    "By operation, the 8 longest in this time. A gap is an operation without requests.",
		runbooks: []string{"CcaasControlPlaneSlow"},
	},
	{
		title: "Failed calls and retries", w: 12,
		view: lines{unit: perSecond("calls"), queries: []query{
			{expr: rate("ccaas_api_request_failures_total", "@account"), name: "{{account}} failed"},
			{expr: rate("ccaas_api_retries_total", "@account"), name: "{{account}} retried"},
		}},
		about:    "Calls that failed for good, and requests sent again after a failure.",
		runbooks: []string{"CcaasFeedStale", "CcaasPlatformCritical"},
	},
}}

var exporterBudget = section{title: "Budget and breaker", closed: true, panels: []panel{
	{
		title: "Requests left in the platform's window", w: 8,
		view: lines{unit: count, dashed: " allowed$", queries: []query{
			{expr: latest("ccaas_api_rate_limit_remaining", "@account"), name: "{{account}} left"},
			{expr: latest("ccaas_api_rate_limit_allowed", "@account"), name: "{{account}} allowed"},
		}},
		about:    "From the platform's answers; absent where it publishes none. At 0 it answers 429.",
		runbooks: []string{"CcaasRateLimited", "CcaasBudgetExhausted"},
	},
	{
		title: "Waiting for our own budget", w: 8,
		view:     lines{unit: number, queries: []query{{expr: rate("ccaas_api_throttled_seconds_total", "@account"), name: "{{account}}"}}},
		about:    "Seconds that calls waited, for each second: above 1, more calls are planned than the budget allows.",
		runbooks: []string{"CcaasBudgetExhausted"},
	},
	{
		title: "Refused by the platform (429)", w: 8,
		view:     lines{unit: perSecond("requests"), queries: []query{{expr: rate("ccaas_api_rate_limited_total", "@account"), name: "{{account}}"}}},
		about:    "One is no trouble: the account pauses for as long as the platform asks.",
		runbooks: []string{"CcaasRateLimited"},
	},
	{
		title: "Share of 10 minutes in which the account paused", w: 12,
		view:     lines{unit: ratio, max: 1, limits: above(mark{0.5, red}), queries: []query{{expr: latest("ccaas:api_paused:ratio10m", "@account"), name: "{{account}}"}}},
		about:    "Because the platform asked for it with a 429. The line is the limit of the alert.",
		runbooks: []string{"CcaasRateLimited"},
	},
	{
		title: "Pause left", w: 6,
		view: tiles{unit: duration, limits: above(mark{1, orange}), list: true, queries: []query{{
			expr: `clamp_min(` + latest("ccaas_api_rate_limit_paused_until_timestamp_seconds", "@account") + ` - time(), 0)`, name: "{{account}}",
		}}},
		about:    "How long the account will send nothing.",
		runbooks: []string{"CcaasRateLimited"},
	},
	{
		title: "Circuit breaker", w: 6,
		view:     tiles{words: breaker, list: true, queries: []query{{expr: latest("ccaas_api_breaker_open", "@account"), name: "{{account}}"}}},
		about:    "Open: a host is left alone after repeated failures until a request to it succeeds.",
		runbooks: []string{"CcaasPlatformCritical", "CcaasFeedStale"},
	},
	{
		title: "Limits of the organization", w: 24, h: 7,
		view: grid{sort: "Minutes of 30", then: "Limit", columns: []column{
			object("limit", "Key"), account(), label("limit_namespace", "Namespace", 140),
			value("Limit", latest("ccaas_organization_limit", perLimit), 120, count),
			state("Some client is at 90 %", latest("ccaas_organization_limit_near", perLimit), 180, words{{"yes", orange, 1}}).
				quietly("no client is near a limit").in("quota-near"),
			value("Minutes of 30", latest("ccaas:organization_limit_near:minutes30m", perLimit), 130, count).limited(above(mark{25, red})).
				quietly("no client was near a limit"),
		}},
		about: "Of all clients of the organization, not of the exporter alone: Genesys Cloud records a limit once some client uses 90 % of it. " +
			"The record is an estimate. An account without the permission for it has limits and no records. The red limit is that of the alert.",
		runbooks: []string{"CcaasOrganizationQuotaNearLimit", "CcaasRateLimited"}, detail: "ccaas-platform",
	},
}}

const perLimit = "@account, limit_namespace, limit"

var exporterToken = section{title: "Tokens and clock", closed: true, panels: []panel{
	{
		title: "Time until the token expires", w: 8,
		view: lines{unit: duration, queries: []query{{
			expr: `clamp_min(` + latest("ccaas_token_expiry_timestamp_seconds", "@account") + ` - time(), 0)`, name: "{{account}}",
		}}},
		about:    "It is renewed before its end: a saw that touches 0 means that logins fail.",
		runbooks: []string{"CcaasTokenExpiring", "CcaasAuthFailing"},
	},
	{
		title: "Logins in the chosen time", w: 8,
		view: grid{sort: "Failed", columns: []column{
			object("account", "Account"),
			value("Tried", increase("ccaas_token_refreshes_total", "@account"), 90, count),
			value("Failed", increase("ccaas_token_refresh_failures_total", "@account"), 90, count).limited(above(mark{1, orange})),
		}},
		about:    "Logins tried, and those that failed.",
		runbooks: []string{"CcaasAuthFailing"},
	},
	{
		title: "Clock skew", w: 8,
		view:     lines{unit: seconds, signed: true, queries: []query{{expr: latest("ccaas_clock_skew_seconds", "@account"), name: "{{account}}"}}},
		about:    "The platform's clock minus ours. Beyond a minute either way, timestamps and tokens mislead.",
		runbooks: []string{"CcaasClockSkew"},
	},
	{
		title: "Age of secret files", w: 14, h: 6,
		view: grid{sort: "Age", empty: "No secret is read from a file", columns: []column{
			object("key", "Configuration key"), account(),
			value("Age", "time() - "+latest("ccaas_secret_file_modified_timestamp_seconds", "@account, key"), 140, duration).limited(above(mark{90 * 24 * 3600, orange})),
		}},
		about: "Since the file of a secret was last modified, as of the last login. The limit is that of the alert: 90 days. " +
			"A secret that is given as a value has no age.",
		runbooks: []string{"CcaasSecretOld"},
	},
	{
		title: "End of the OAuth client", w: 10, h: 6,
		view: tiles{unit: duration, limits: below(mark{14 * 24 * 3600, orange}), list: true, empty: "no client has an end", queries: []query{{
			expr: latest("ccaas_credential_expiry_timestamp_seconds", "@account") + " - time()", name: "{{account}}",
		}}},
		about: "Time until the platform deletes the OAuth client that the account logs in with, where an administrator has set a date and the " +
			"permission to read it is granted. The limit is that of the alert: 14 days. CXone documents no end of an access key.",
		runbooks: []string{"CcaasCredentialExpiring"},
	},
}}

var exporterData = section{title: "What did not fit", closed: true, panels: []panel{
	leftOver("Unknown values", "Words of the platform that the exporter does not know, in the chosen time. They count as unknown: time to update.",
		"no unknown value", object("field", "Field"), "ccaas_unknown_values_total", "@account, field", ""),
	leftOver("Answers that broke their form", "Answers or entities that were not as the vendor documents them, in the chosen time.",
		"every answer had its form", object("feed", "Feed"), "ccaas_schema_violations_total", perFeed, ""),
	leftOver("Series left out", "Beyond the series limit, or twice the same, in the chosen time.",
		"nothing left out", object("family", "Family"), "ccaas_series_dropped_total", "@account, family", ""),
}}

// leftOver is a table of what a counter counted, without the rows of zeros.
func leftOver(title, about, empty string, what column, counter, by, trouble string) panel {
	return panel{
		title: title, w: 8, about: about, runbooks: []string{"CcaasFeedStale"},
		view: grid{sort: "Count", empty: empty, trouble: trouble, columns: []column{
			what, account(), value("Count", positive(increase(counter, by)), 80, count),
		}},
	}
}
