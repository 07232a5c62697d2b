package collector

import (
	"fmt"

	dto "github.com/prometheus/client_model/go"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
	"github.com/ccaas-exporter/ccaas_exporter/platform/sip"
)

// The help of families that stand both among an account's and on the page of a probe.
const (
	phasesHelp = "resolve, connect, tls, response (from the first request to the first final response, or for as long as none came); absent when the phase was not reached."
	jitterHelp = "Interarrival jitter of the round trips as RFC 3550 defines it, smoothed over the bursts of the target; absent when no final response came, and before the target's second one."
	expiryHelp = "Unix time of the expiry of the verified certificate chain, or the earliest expiry among the presented certificates when no chain verifies; absent without TLS or when none was presented."
)

// sipFamilies are the results of the last burst of OPTIONS to each SIP target of an account.
var sipFamilies = table(func(p *platform.Snapshot) []platform.SIPProbe { return p.SIPProbes },
	gauge("ccaas_sip_success", by("target", "trunk"),
		"1 when the code of the burst's last final response counts as alive, else 0; absent when the target has not been probed within the feed's maximum age.",
		func(p *platform.SIPProbe, e emit) { e.truth(p.Success, p.Target, p.Trunk) }),
	gauge("ccaas_sip_duration_seconds", by("target", "trunk"),
		"Duration of the whole burst; absent with its success.",
		func(p *platform.SIPProbe, e emit) { e(p.Duration.Seconds(), p.Target, p.Trunk) }),
	gauge("ccaas_sip_phase_duration_seconds", by("target", "trunk", "phase"),
		"Duration of a phase of the burst: "+phasesHelp,
		func(p *platform.SIPProbe, e emit) {
			for phase, d := range p.Phases {
				e(d.Seconds(), p.Target, p.Trunk, phase)
			}
		}),
	gauge("ccaas_sip_response_code", by("target", "trunk"),
		"Code of the last final response of the burst; absent when none came.",
		func(p *platform.SIPProbe, e emit) { e.nonzero(p.Code, p.Target, p.Trunk) }),
	gauge("ccaas_sip_round_trip_seconds", by("target", "trunk"),
		"Mean time from a request's first transmission to its final response over the burst; absent when none came.",
		func(p *platform.SIPProbe, e emit) { e.maybeSeconds(p.RoundTrip, p.Target, p.Trunk) }),
	gauge("ccaas_sip_jitter_seconds", by("target", "trunk"),
		jitterHelp,
		func(p *platform.SIPProbe, e emit) { e.maybeSeconds(p.Jitter, p.Target, p.Trunk) }),
	gauge("ccaas_sip_loss_ratio", by("target", "trunk"),
		"Ratio of the requests of the burst without a final response in time; absent when no request had its full time.",
		func(p *platform.SIPProbe, e emit) { e.maybe(p.Loss, p.Target, p.Trunk) }),
	gauge("ccaas_sip_cert_expiry_timestamp_seconds", by("target", "trunk"),
		expiryHelp,
		func(p *platform.SIPProbe, e emit) { e.time(p.Expiry, p.Target, p.Trunk) }),
)

// probeGauge is a gauge on the page of a single probe, which knows of no account.
func probeGauge(name string, labels []string, help string, read func(*sip.Result, emit)) row[sip.Result] {
	return row[sip.Result]{&metric.Family{Name: name, Type: metric.Gauge, Labels: labels, Help: help, Global: true}, read}
}

// probePageFamilies are those on the page of a single SIP probe.
var probePageFamilies = table(self[sip.Result],
	probeGauge("probe_success", nil,
		"1 when the code of the last final response counts as alive, else 0.",
		func(r *sip.Result, e emit) { e.truth(r.Success) }),
	probeGauge("probe_duration_seconds", nil,
		"Duration of the whole burst, up to the deadline of the scrape.",
		func(r *sip.Result, e emit) { e(r.Duration.Seconds()) }),
	probeGauge("probe_ip_protocol", nil,
		"4 or 6: IP protocol of the probed address; absent when none was found.",
		func(r *sip.Result, e emit) { e.nonzero(r.IP) }),
	probeGauge("probe_sip_addresses", nil,
		"Addresses of the next hop, at most 16; absent when none was found.",
		func(r *sip.Result, e emit) { e.nonzero(r.Addresses) }),
	probeGauge("probe_sip_address_index", nil,
		"Index of the address that was probed last, counted from 1 in the order of preference: earlier ones refused a connection or did not answer; absent when none was found.",
		func(r *sip.Result, e emit) { e.nonzero(r.AddressIndex) }),
	probeGauge("probe_sip_phase_duration_seconds", by("phase"),
		"Duration of a phase: "+phasesHelp,
		func(r *sip.Result, e emit) {
			for phase, d := range r.Phases {
				e(d.Seconds(), phase)
			}
		}),
	probeGauge("probe_sip_response_code", nil,
		"Code of the last final response; absent when none came.",
		func(r *sip.Result, e emit) { e.nonzero(r.Code) }),
	probeGauge("probe_sip_responses", by("class"),
		"Final responses of the burst, by class of their code.",
		func(r *sip.Result, e emit) {
			for class := 2; class <= 6; class++ {
				e.count(r.Classes[class], fmt.Sprintf("%dxx", class))
			}
		}),
	probeGauge("probe_sip_requests", nil,
		"Requests of the burst that were sent, each counted once.",
		func(r *sip.Result, e emit) { e.count(r.Requests) }),
	probeGauge("probe_sip_retransmissions", nil,
		"Requests sent again because no answer had come, as SIP demands over UDP.",
		func(r *sip.Result, e emit) { e.count(r.Retransmissions) }),
	probeGauge("probe_sip_ignored_messages", by("reason"),
		"Messages received that are not a timely answer from the probed address, by reason.",
		func(r *sip.Result, e emit) {
			for _, reason := range sip.Ignored {
				e.count(r.Ignored[reason], reason)
			}
		}),
	probeGauge("probe_sip_round_trip_seconds", nil,
		"Mean time from a request's first transmission to its final response; absent when none came.",
		func(r *sip.Result, e emit) { e.maybeSeconds(r.RoundTrip()) }),
	probeGauge("probe_sip_jitter_seconds", nil,
		jitterHelp,
		func(r *sip.Result, e emit) { e.maybeSeconds(r.Jitter) }),
	probeGauge("probe_sip_loss_ratio", nil,
		"Ratio of the requests without a final response in time; absent when no request had its full time.",
		func(r *sip.Result, e emit) { e.maybe(r.Loss) }),
	probeGauge("probe_ssl_earliest_cert_expiry", nil,
		expiryHelp,
		func(r *sip.Result, e emit) { e.time(r.Expiry) }),
)

// ProbePageFamilies lists every family on the page of a single SIP probe.
func ProbePageFamilies() []*metric.Family { return plain(probePageFamilies) }

// ProbePage is the page of a single SIP probe's result. It is a prometheus.Gatherer.
type ProbePage sip.Result

// Gather implements prometheus.Gatherer.
func (r ProbePage) Gather() ([]*dto.MetricFamily, error) {
	result, p := sip.Result(r), page{}
	for i := range probePageFamilies {
		f := &probePageFamilies[i]
		p[f.Name] = []chunk{{Family: f.Family, samples: func(memory *scratch) ([]sample, error) {
			samples, _ := merge([]rendered{render(f, &result, nil, memory)}, 0, memory)
			return samples, nil
		}}}
	}
	return p.families()
}
