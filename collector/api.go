package collector

// apiFamilies are counted by an account's API client as calls happen. They are listed here too because the client's
// descriptions keep their snapshots to themselves; a test holds both against each other.
var apiFamilies = []Family{
	{
		Name: "ccaas_api_request_duration_seconds", Type: "histogram", Labels: by("operation"),
		Help: "Time from sending a request until its answer was read, by operation. " +
			"Every request sent counts, failed ones and retries too; waiting for the budget does not.",
	},
	{
		Name: "ccaas_api_request_failures_total", Type: "counter", Labels: by("operation", "reason"),
		Help: "Calls that failed for good, after all retries, by operation and reason. " +
			"Calls that our own pacing, a pause or the circuit breaker kept from being sent count too.",
	},
	{
		Name: "ccaas_api_retries_total", Type: "counter", Labels: by("operation"),
		Help: "Requests sent again after a failure, by operation.",
	},
	{
		Name: "ccaas_api_rate_limit_allowed", Type: "gauge",
		Help: "Requests that the platform allows in its current window, from its last answer. Absent when it never said.",
	},
	{
		Name: "ccaas_api_rate_limit_remaining", Type: "gauge",
		Help: "Requests left in the platform's current window, from its last answer. Absent when it never said.",
	},
	{
		Name: "ccaas_api_rate_limit_paused_until_timestamp_seconds", Type: "gauge",
		Help: "When the account's pause that the platform asked for ends, as Unix time; 0 when it does not pause.",
	},
	{
		Name: "ccaas_api_throttled_seconds_total", Type: "counter",
		Help: "Time that calls waited for the account's own budget, summed over all calls.",
	},
	{
		Name: "ccaas_api_rate_limited_total", Type: "counter",
		Help: "Answers of status 429 to authorised requests.",
	},
	{
		Name: "ccaas_api_breaker_open", Type: "gauge",
		Help: "1 from when a host is left alone after repeated failures until a request to it succeeds, else 0.",
	},
	{
		Name: "ccaas_token_expiry_timestamp_seconds", Type: "gauge",
		Help: "When the last access token received expires, as Unix time. Absent before the first token.",
	},
	{
		Name: "ccaas_token_refreshes_total", Type: "counter",
		Help: "Logins tried, whether they succeeded or failed.",
	},
	{
		Name: "ccaas_token_refresh_failures_total", Type: "counter", Labels: by("reason"),
		Help: "Logins that failed, by reason.",
	},
	{
		Name: "ccaas_clock_skew_seconds", Type: "gauge",
		Help: "Platform's clock minus ours, from the last answer that told it; exact to about a second. Absent until known.",
	},
}
