package collector

import (
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// agentFamilies count the agents by what they do. They never name one.
var agentFamilies = slices.Concat(
	table(func(p *platform.Snapshot) []platform.AgentCount { return p.Agents },
		gauge("ccaas_agents", by("state"),
			"Agents by normalized state, each agent counted once; a state is absent where the platform does not report it, and all are absent when agents have not been read within their maximum age.",
			func(c *platform.AgentCount, e emit) { e.count(c.Count, string(c.State)) }),
	),
	table(func(p *platform.Snapshot) []platform.PresenceCount { return p.Presences },
		gauge("ccaas_agents_presence", by("presence", "definition"),
			"Agents by presence in the vendor's own words, and by the name of the presence definition; absent when agents have not been read within their maximum age.",
			func(c *platform.PresenceCount, e emit) { e.count(c.Count, c.Presence, c.Definition) }),
	),
)
