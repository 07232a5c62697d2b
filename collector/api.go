package collector

// apiFamilies are counted by an account's API client as calls happen. They are listed here too because the client's
// descriptions keep their snapshots to themselves; a test holds both against each other.
var apiFamilies = []Family{
	{
		Name: "ccaas_api_request_duration_seconds", Type: "histogram", Labels: by("operation"),
		Help: "Time from sending a request until its response was read, by operation. " +
			"Includes failed requests and retries; excludes waiting for the budget.",
	},
	{
		Name: "ccaas_api_request_failures_total", Type: "counter", Labels: by("operation", "reason"),
		Help: "Calls that failed after all retries, by operation and reason. " +
			"Includes calls never sent because of pacing, a rate-limit pause or an open circuit breaker.",
	},
	{
		Name: "ccaas_api_retries_total", Type: "counter", Labels: by("operation"),
		Help: "Requests sent again after a failure, by operation.",
	},
	{
		Name: "ccaas_api_rate_limit_allowed", Type: "gauge",
		Help: "Requests that the platform allows in its current window, from its last response. Absent unless the platform reports it.",
	},
	{
		Name: "ccaas_api_rate_limit_remaining", Type: "gauge",
		Help: "Requests left in the platform's current window, from its last response. Absent unless the platform reports it.",
	},
	{
		Name: "ccaas_api_rate_limit_paused_until_timestamp_seconds", Type: "gauge",
		Help: "Unix time at which the pause of the account ends that the platform asked for. 0 while the account does not pause.",
	},
	{
		Name: "ccaas_api_throttled_seconds_total", Type: "counter",
		Help: "Time that calls waited for the account's own request budget, summed over all calls.",
	},
	{
		Name: "ccaas_api_rate_limited_total", Type: "counter",
		Help: "Responses of status 429 to authorised requests.",
	},
	{
		Name: "ccaas_api_breaker_open", Type: "gauge",
		Help: "1 while requests to a host, or of one operation, are held back after repeated failures, until one succeeds; else 0.",
	},
	{
		Name: "ccaas_token_expiry_timestamp_seconds", Type: "gauge",
		Help: "Unix time at which the last access token received expires. Absent before the first token.",
	},
	{
		Name: "ccaas_token_refreshes_total", Type: "counter",
		Help: "Logins attempted, successful or not.",
	},
	{
		Name: "ccaas_token_refresh_failures_total", Type: "counter", Labels: by("reason"),
		Help: "Logins that failed, by reason.",
	},
	{
		Name: "ccaas_clock_skew_seconds", Type: "gauge",
		Help: "Platform's clock minus the exporter's, from the last response that showed it; exact to about a second. Absent until known.",
	},
}
