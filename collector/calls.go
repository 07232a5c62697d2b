package collector

import "github.com/ccaas-exporter/ccaas_exporter/platform"

// callFamilies are the number of calls in progress in an account and its capacity.
var callFamilies = table(func(p *platform.Snapshot) []platform.Calls { return p.Calls },
	gauge("ccaas_calls_in_progress", by("deployment"),
		"Calls in progress in the whole account, by deployment; absent where the platform reports no number.",
		func(c *platform.Calls, e emit) { e.maybe(c.InProgress, c.Deployment) }),
	gauge("ccaas_calls_capacity", by("deployment"),
		"Maximum number of concurrent calls of the account, by deployment; absent where the platform reports no number.",
		func(c *platform.Calls, e emit) { e.maybe(c.Capacity, c.Deployment) }),
)
