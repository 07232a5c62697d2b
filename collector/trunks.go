package collector

import "github.com/ccaas-exporter/ccaas_exporter/platform"

// proxy is a proxy with the name of its trunk.
type proxy struct {
	trunk string
	platform.Proxy
}

// proxies reads the proxies of a trunk. They are read trunk by trunk, so that the limit drops whole trunks.
func proxies(read func(proxy, emit)) func(*platform.Trunk, emit) {
	return func(t *platform.Trunk, e emit) {
		for _, p := range t.Proxies {
			read(proxy{t.Name, p}, e)
		}
	}
}

// trunkFamilies describe SIP trunks: a trunk is a trunk base with its instances, one for each edge.
var trunkFamilies = table(func(p *platform.Snapshot) []platform.Trunk { return p.Trunks },
	gauge("ccaas_trunk_status", by("trunk", "status"),
		"Status of a trunk as a state set: operational when every instance is healthy, degraded when some are, critical when none is; absent when trunks have not been read within their maximum age.",
		func(t *platform.Trunk, e emit) { e.status(t.Status, t.Name) }),
	gauge("ccaas_trunk_instances", by("trunk"),
		"Instances of a trunk; absent with its status.",
		func(t *platform.Trunk, e emit) { e.count(t.Instances, t.Name) }),
	gauge("ccaas_trunk_instances_connected", by("trunk"),
		"Instances of a trunk that are connected; absent with its status.",
		func(t *platform.Trunk, e emit) { e.count(t.Connected, t.Name) }),
	gauge("ccaas_trunk_instances_in_service", by("trunk"),
		"Instances of a trunk that are in service; absent with its status.",
		func(t *platform.Trunk, e emit) { e.count(t.InService, t.Name) }),
	gauge("ccaas_trunk_instances_enabled", by("trunk"),
		"Instances of a trunk that are enabled; absent with its status.",
		func(t *platform.Trunk, e emit) { e.count(t.Enabled, t.Name) }),
	gauge("ccaas_trunk_proxies", by("trunk", "proxy"),
		"Instances of a trunk that list the proxy address; absent when none does.",
		proxies(func(p proxy, e emit) { e.count(p.Instances, p.trunk, p.Address) })),
	gauge("ccaas_trunk_proxies_options_up", by("trunk", "proxy"),
		"Instances of a trunk whose OPTIONS the proxy answers; absent where that check is switched off.",
		proxies(func(p proxy, e emit) { e.maybeCount(p.OptionsUp, p.trunk, p.Address) })),
	gauge("ccaas_trunk_proxies_register_up", by("trunk", "proxy"),
		"Instances of a trunk whose REGISTER the proxy accepts; absent where that check is switched off.",
		proxies(func(p proxy, e emit) { e.maybeCount(p.RegisterUp, p.trunk, p.Address) })),
	gauge("ccaas_trunk_options_last_change_timestamp_seconds", by("trunk", "proxy"),
		"Unix time of the latest change of the proxy's OPTIONS state that the platform reports; absent where it reports none.",
		proxies(func(p proxy, e emit) { e.time(p.OptionsChanged, p.trunk, p.Address) })),
	gauge("ccaas_trunk_calls", by("trunk", "direction"),
		"Calls in progress on a trunk, by direction; absent where the platform reports no number.",
		func(t *platform.Trunk, e emit) {
			e.maybe(t.Inbound, t.Name, "inbound")
			e.maybe(t.Outbound, t.Name, "outbound")
		}),
	gauge("ccaas_trunk_qos_mismatches", by("trunk"),
		"Quality-of-service mismatches on a trunk over the vendor's sliding 24 hours; absent where the platform reports no number.",
		func(t *platform.Trunk, e emit) { e.maybe(t.QoSMismatches, t.Name) }),
	gauge("ccaas_trunk_observed_timestamp_seconds", by("trunk"),
		"Unix time of the platform's oldest measurement among the instances of a trunk; absent where it reports none.",
		func(t *platform.Trunk, e emit) { e.time(t.Observed, t.Name) }),
)
