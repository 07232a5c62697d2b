package main

// This file holds the panels on our own SIP probes, beside the platform's word on the same trunks.

const perTarget = "@account, trunk, target"

// verdict compares the platform's word on a trunk with our probe of it: twice the platform's status, and 1 for no answer.
var verdict = "1 - " + latest(`ccaas_sip_success{trunk!=""}`, perTarget) + " + on (@account, trunk) group_left () (2 * " +
	status("ccaas_trunk_status", "", "@account, trunk") + ")"

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

// truthTable tells what each verdict means.
const truthTable = "| Platform | Our probe | Look at |\n|---|---|---|\n" +
	"| up | answers | numbers, routing, schedules |\n" +
	"| up | no answer | our network to the carrier, its filter for us; callers fail, too: the **carrier** |\n" +
	"| down | answers | the **vendor**, or our edges: the carrier lives |\n" +
	"| down | no answer | the **carrier** |\n" +
	"| degraded | answers | the edges that are not connected: **us** |\n" +
	"| degraded | no answer | the **carrier**, about to go |\n" +
	"| unknown | – | our probe alone counts |\n"

// verdictTimeline stands on two boards.
func verdictTimeline(width int, detail string) panel {
	return panel{
		kind: timeline, title: "Trunks: the platform's word and our probe", w: width, h: 9, words: verdicts,
		about: "Every trunk that we probe. DISAGREE: the platform calls it up and the carrier does not answer us, or the reverse. " +
			"The table of what to make of it is on the board Telephony.",
		queries:  []query{{expr: verdict, name: "{{account}} {{trunk}} {{target}}"}},
		runbooks: []string{"CcaasTrunkProbeDisagreement", "CcaasTrunkDown"}, detail: detail,
	}
}

var telephonyProbes = section{"Our own probes (SIP OPTIONS)", []panel{
	verdictTimeline(16, ""),
	{
		kind: text, title: "Who it is", w: 8, h: 9, markdown: truthTable,
		about:    "What the platform's word on a trunk and our probe of its carrier tell together.",
		runbooks: []string{"CcaasTrunkProbeDisagreement"},
	},
	{
		kind: table, title: "Targets now", w: 24, h: 9, sort: "Verdict",
		about: "Every target of our probes, the worst first. A target without a trunk has no word of the platform beside it. " +
			"Code is of the last response; the other numbers are of the last burst.",
		queries: []query{
			{expr: verdict, name: "Verdict", words: verdicts},
			{
				expr: "0 * " + latest("ccaas_sip_success", perTarget) + " + on (@account, trunk) group_left () " +
					status("ccaas_trunk_status", "", "@account, trunk"),
				name: "Platform", words: statuses,
			},
			{expr: latest("ccaas_sip_success", perTarget), name: "Our probe", words: probed},
			{expr: latest("ccaas_sip_response_code", perTarget), name: "Code", unit: "none"},
			{expr: latest("ccaas_sip_round_trip_seconds", perTarget), name: "Round trip", unit: "s"},
			{expr: latest("ccaas_sip_jitter_seconds", perTarget), name: "Jitter", unit: "s", limits: above(0.4, red)},
			{expr: latest("ccaas_sip_loss_ratio", perTarget), name: "Loss", unit: "percentunit", limits: above(0.15, red)},
			{expr: latest("ccaas_sip_duration_seconds", perTarget), name: "Burst took", unit: "s"},
			{expr: milliseconds("ccaas_sip_cert_expiry_timestamp_seconds", perTarget), name: "Certificate ends", unit: "dateTimeAsIso"},
		},
		runbooks: []string{"CcaasTrunkProbeDisagreement", "CcaasTrunkDown"},
	},
	{
		kind: graph, title: "Jitter", w: 8, unit: "s", limits: above(0.4, red),
		about:    "Mean over 5 minutes of the jitter of the round trips. The line is the limit of the alert.",
		queries:  []query{{expr: latest(`ccaas:sip_jitter_seconds:mean5m{window="1"}`, perTarget), name: "{{account}} {{target}}"}},
		runbooks: []string{"CcaasMediaPathJitter"},
	},
	{
		kind: graph, title: "Loss", w: 8, unit: "percentunit", max: 1, limits: above(0.15, red),
		about:    "Mean over 5 minutes of the share of requests without an answer. The line is the limit of the alert.",
		queries:  []query{{expr: latest(`ccaas:sip_loss_ratio:mean5m{window="1"}`, perTarget), name: "{{account}} {{target}}"}},
		runbooks: []string{"CcaasMediaPathLoss"},
	},
	{
		kind: graph, title: "Round trip", w: 8, unit: "s",
		about:    "From a request to its final response, over the burst. A gap: no answer.",
		queries:  []query{{expr: latest("ccaas_sip_round_trip_seconds", perTarget), name: "{{account}} {{target}}"}},
		runbooks: []string{"CcaasMediaPathJitter"},
	},
	{
		kind: graph, title: "Phases", w: 16, unit: "s",
		about: "What the last burst spent on its way to the first answer: resolve (DNS), connect (TCP), tls, response. " +
			"One that grows alone is the culprit.",
		queries:  []query{{expr: latest("ccaas_sip_phase_duration_seconds", "@account, target, phase"), name: "{{account}} {{target}} {{phase}}"}},
		runbooks: []string{"CcaasTrunkProbeDisagreement"},
	},
	{
		kind: stat, title: "Certificates end in", w: 8, unit: "s", limits: []step{{Color: red}, {orange, new(7 * day)}, {green, new(30 * day)}},
		about:    "Time until the first certificate of each target over TLS expires. Once it has, calls over it are refused.",
		queries:  []query{{expr: latest("ccaas_sip_cert_expiry_timestamp_seconds", perTarget) + " - time()", name: "{{account}} {{target}}"}},
		runbooks: []string{"CcaasTrunkProbeDisagreement", "CcaasTrunkDown"},
	},
}}

const day = 86400.0 // seconds
