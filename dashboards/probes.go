package main

// perTarget are the labels of our own SIP probes, which stand beside the platform's word on the same trunks.
const perTarget = "@account, trunk, target"

// verdict compares the platform's word on a trunk with our probe of it: twice the platform's status, and 1 for no answer.
func verdict(matchers string) string {
	return "1 - " + latest(`ccaas_sip_success{trunk!=""`+matchers+`}`, perTarget) + " + on (@account, trunk) group_left () (2 * " +
		status("ccaas_trunk_status", "", "@account, trunk") + ")"
}

var (
	verdicts = words{
		{"answers, platform silent", green, 0},
		{"no answer, platform silent", orange, 1},
		{"both up", green, 2},
		{"DISAGREE: up, no answer", orange, 3},
		{"degraded, answers", orange, 4},
		{"degraded, no answer", red, 5},
		{"DISAGREE: down, answers", red, 6},
		{"both down", red, 7},
	}
	probed = words{{"no answer", red, 0}, {"answers", green, 1}}
)

// truthTable explains the verdicts.
const truthTable = "| Platform | Our probe | Look at |\n|---|---|---|\n" +
	"| up | answers | numbers, routing, schedules |\n" +
	"| up | no answer | our way to the **carrier**, its filter; if calls fail: the carrier |\n" +
	"| down | answers | the **vendor**, or our edges |\n" +
	"| down | no answer | the **carrier** |\n" +
	"| degraded | answers | edges not connected: **us** |\n" +
	"| degraded | no answer | the **carrier**, about to go |\n" +
	"| unknown | – | our probe alone counts |\n"

// verdictTimeline stands on two boards.
func verdictTimeline(width, height int, matchers, detail string) panel {
	return panel{
		title: "Trunks: the platform's word and our probe", w: width, h: height,
		view: states{words: verdicts, queries: []query{{expr: verdict(matchers), name: "{{account}} {{trunk}} {{target}}"}}},
		about: "Every trunk that we probe. DISAGREE: the platform calls it up and the carrier does not answer us, or the reverse. " +
			"The table of what to make of it is on the board Telephony.",
		runbooks: []string{"CcaasTrunkProbeDisagreement", "CcaasTrunkDown"}, detail: detail,
	}
}

// ofTargets is a number of each target of our probes.
func ofTargets(what string) string { return latest("ccaas_sip_"+what+"{@trunks}", perTarget) }

var telephonyVerdicts = section{title: "Our own probes (SIP OPTIONS)", panels: []panel{
	{
		title: "Targets now", w: 24, h: 10,
		view: grid{sort: "Verdict", columns: []column{
			object("target", "Target"), label("trunk", "Trunk", 180), account(),
			state("Verdict", verdict(", @trunks"), 190, verdicts),
			state("Platform", "0 * "+ofTargets("success")+" + on (@account, trunk) group_left () "+status("ccaas_trunk_status", "", perTrunk), 110, statuses),
			state("Our probe", ofTargets("success"), 100, probed),
			value("Code", ofTargets("response_code"), 60, code),
			value("Round trip", ofTargets("round_trip_seconds"), 100, seconds).limited(above(mark{0.3, red})),
			value("Jitter", ofTargets("jitter_seconds"), 90, seconds).limited(above(mark{0.4, red})),
			value("Loss", ofTargets("loss_ratio"), 70, ratio).limited(above(mark{0.15, red})),
			value("Burst took", ofTargets("duration_seconds"), 100, seconds),
			value("Certificate ends", `1000 * `+ofTargets("cert_expiry_timestamp_seconds"), 130, since),
		}},
		about: "Every target of our probes, the worst first. A target without a trunk has no word of the platform beside it. " +
			"Code is of the last response; the other numbers are of the last burst.",
		runbooks: []string{"CcaasTrunkProbeDisagreement", "CcaasTrunkDown"},
	},
}}

var telephonyProbes = section{title: "Our own probes over time", closed: true, panels: []panel{
	verdictTimeline(16, 12, ", @trunks", ""),
	{
		title: "Who it is", w: 8, h: 12, view: prose{truthTable},
		about:    "What the platform's word on a trunk and our probe of its carrier say together.",
		runbooks: []string{"CcaasTrunkProbeDisagreement"},
	},
	probeGraph("Jitter of probes", "Mean over 5 minutes of the jitter of the round trips. The line is the limit of the alert.", "CcaasMediaPathJitter",
		lines{unit: seconds, limits: above(mark{0.4, red})}, perTarget, latest(`ccaas:sip_jitter_seconds:mean5m{window="1"}`, perTarget)),
	probeGraph("Loss of probes", "Mean over 5 minutes of the share of requests without an answer. The line is the limit of the alert.", "CcaasMediaPathLoss",
		lines{unit: ratio, max: 1, limits: above(mark{0.15, red})}, perTarget, latest(`ccaas:sip_loss_ratio:mean5m{window="1"}`, perTarget)),
	probeGraph("Round trip of probes", "Mean over 5 minutes of the time from a request to its final response. The line is the limit of the alert. A gap: no answer.",
		"CcaasMediaPathLatency", lines{unit: seconds, limits: above(mark{0.3, red})}, perTarget,
		latest(`ccaas:sip_round_trip_seconds:mean5m{window="1"}`, perTarget)),
	{
		title: "Phases of probes", w: 12,
		view: lines{unit: seconds, ranked: true, queries: []query{{
			expr: highest("@account, target, phase", latest("ccaas_sip_phase_duration_seconds{@trunks}", "@account, target, phase")),
			name: "{{account}} {{target}} {{phase}}",
		}}},
		about: "What the last burst spent on its way to the first answer: resolve (DNS), connect (TCP), tls, response. " +
			"One that grows alone is the culprit. The 8 longest in this time.",
		runbooks: []string{"CcaasTrunkProbeDisagreement"},
	},
	{
		title: "Certificates end in", w: 12,
		view: tiles{unit: duration, limits: below(mark{7 * day, red}, mark{30 * day, orange}), list: true, empty: "no target over TLS", queries: []query{{
			expr: "bottomk(4, " + ofTargets("cert_expiry_timestamp_seconds") + " - time())", name: "{{account}} {{target}}",
		}}},
		about:    "Time until the first certificate of each target over TLS expires, the four soonest. Once it has, calls over it are refused.",
		runbooks: []string{"CcaasTrunkProbeDisagreement", "CcaasTrunkDown"},
	},
}}

// probeGraph is a graph of the targets for which a number was highest.
func probeGraph(title, about, alert string, v lines, by, expr string) panel {
	v.ranked = true
	v.queries = []query{{expr: highest(by, expr), name: "{{account}} {{target}}"}}
	return panel{title: title, w: 12, about: about, view: v, runbooks: []string{alert}}
}

const day = 86400.0 // seconds
