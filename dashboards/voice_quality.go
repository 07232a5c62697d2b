package main

import "fmt"

// perCall are the labels of a call that the configuration may choose; those it does not are empty.
const (
	perCall = "@account, skill, team, location_country, connection_type, line_type, " +
		"browser, operating_system, sdk_version, console, media_transport"
	callName = "{{account}} {{skill}} {{team}} {{location_country}} {{connection_type}} {{line_type}} " +
		"{{browser}} {{operating_system}} {{sdk_version}} {{console}} {{media_transport}}"
)

// poorCalls is the share of the calls with a mean opinion score of 3.6 or less: many users are dissatisfied (ITU-T G.107, annex B).
func poorCalls(by string) string {
	return fmt.Sprintf("%s / %s or histogram_fraction(-Inf, 3.6, %s)",
		rate(`ccaas_voice_mos_bucket{le="3.6"}`, by), rate("ccaas_voice_mos_count", by), rate("ccaas_voice_mos", by))
}

// poorShare is what the alert looks at: the share of poor calls of the last 5 minutes, of accounts that are read now.
func poorShare() string {
	return latest(`ccaas:voice_calls_poor:increase5m{window="1"}`, "@account") + " / " + latest(`ccaas:voice_calls:increase5m{window="1"}`, "@account") +
		" and on (platform, account) " + latest("ccaas_feed_up", "platform, account")
}

var overviewSound = section{title: "Is the sound good?", closed: true, panels: []panel{
	{
		title: "Mean opinion score of calls", w: 6,
		view: lines{unit: number, max: 5, limits: below(mark{3.6, red}), queries: []query{
			{expr: quantile(0.5, "ccaas_voice_mos", "@account"), name: "{{account}} median"},
			{expr: quantile(0.05, "ccaas_voice_mos", "@account"), name: "{{account}} worst 5 %"},
		}},
		about: "As the agents' clients measure it and the voice-quality webhook reports it: the median call, and the call of which 5 % are worse. " +
			"4 is good; below 3.6 many users are dissatisfied. Only where such a webhook is set up.",
		runbooks: []string{"CcaasVoiceQualityLow"}, detail: "ccaas-telephony",
	},
	{
		title: "Share of calls that sound bad", w: 6,
		view: lines{unit: ratio, max: 1, limits: above(mark{0.2, red}), queries: []query{{expr: poorShare(), name: "{{account}}"}}},
		about: "Calls of the last 5 minutes with a mean opinion score of 3.6 or less. The line is the limit of the alert, which asks for " +
			"at least 20 calls.",
		runbooks: []string{"CcaasVoiceQualityLow"}, detail: "ccaas-telephony",
	},
	{
		title: "Jitter of calls and probes", w: 6,
		view: lines{unit: seconds, limits: above(mark{0.4, red}), queries: []query{
			{expr: quantile(0.95, "ccaas_voice_jitter_seconds", "@account"), name: "{{account}} calls"},
			{expr: latest(`ccaas:sip_jitter_seconds:mean5m{window="1"}`, "@account"), name: "{{account}} probe"},
		}},
		about: "95 % of the calls had less; and our SIP probe of the worst target, mean of 5 minutes, to which the line applies. " +
			"Calls bad and probes good: not the way to the carrier.",
		runbooks: []string{"CcaasMediaPathJitter", "CcaasVoiceQualityLow"}, detail: "ccaas-telephony",
	},
	{
		title: "Loss of calls and probes", w: 6,
		view: lines{unit: ratio, max: 1, limits: above(mark{0.15, red}), queries: []query{
			{expr: quantile(0.95, "ccaas_voice_packet_loss_ratio", "@account"), name: "{{account}} calls"},
			{expr: latest(`ccaas:sip_loss_ratio:mean5m{window="1"}`, "@account"), name: "{{account}} probe"},
		}},
		about: "95 % of the calls lost less; and our SIP probe of the worst target, mean of 5 minutes, to which the line applies. " +
			"Calls suffer from 3 % on.",
		runbooks: []string{"CcaasMediaPathLoss", "CcaasVoiceQualityLow"}, detail: "ccaas-telephony",
	},
	{
		title: "Media components", w: 24, h: 6,
		view: states{words: statuses, queries: []query{{
			expr: status("ccaas_component_status", `plane="data"`, "@account, component"), name: "{{account}} {{component}}",
		}}},
		about:    "Components of the data plane as the health documents report them, such as the media gateway.",
		runbooks: []string{"CcaasComponentsDown", "CcaasComponentsDegraded"}, detail: "ccaas-platform",
	},
}}

var telephonySound = section{title: "Sound of calls (from the voice-quality webhook): the 8 of most concern in this time", closed: true, panels: []panel{
	{
		title: "Mean opinion score: the median call", w: 12,
		view: lines{
			unit: number, max: 5, limits: below(mark{3.6, red}), ranked: true,
			queries: []query{{expr: lowest(perCall, quantile(0.5, "ccaas_voice_mos", perCall)), name: callName}},
		},
		about: "By the labels that the configuration chooses, such as skill, country or browser. One line low: look at what those agents share: " +
			"one country is a network, one browser or version of the agent's software a roll-out.",
		runbooks: []string{"CcaasVoiceQualityLow"},
	},
	{
		title: "Share of calls that sound bad", w: 12,
		view: lines{
			unit: ratio, max: 1, limits: above(mark{0.2, red}), ranked: true,
			queries: []query{{expr: highest(perCall, poorCalls(perCall)), name: callName}},
		},
		about:    "Calls with a mean opinion score of 3.6 or less. The alert looks at all calls of an account, over 5 minutes.",
		runbooks: []string{"CcaasVoiceQualityLow"},
	},
	{
		title: "Calls measured", w: 12,
		view: lines{
			unit: perSecond("calls"), stack: true, ranked: true,
			queries: []query{{expr: highest(perCall, observations("ccaas_voice_mos", perCall)), name: callName}},
		},
		about:    "Calls that the webhook reported. Quantiles of few calls mean little.",
		runbooks: []string{"CcaasWebhookSilent"},
	},
	callGraph("Jitter of calls", "95 % of the calls had less.", seconds, 0.95, "ccaas_voice_jitter_seconds"),
	callGraph("Packet loss of calls", "95 % of the calls lost less. Calls suffer from 3 % on.", ratio, 0.95, "ccaas_voice_packet_loss_ratio"),
	callGraph("Round trip of calls", "95 % of the calls had less. From 300 ms on people interrupt each other.", seconds, 0.95,
		"ccaas_voice_round_trip_seconds"),
	callGraph("Time to set up a call", "95 % of the calls took less.", seconds, 0.95, "ccaas_voice_call_setup_seconds"),
	callGraph("Duration of calls", "Half of the calls took less. A fall to seconds: callers hang up, or are cut off.", duration, 0.5,
		"ccaas_voice_call_duration_seconds"),
	lowGraph("Transmission rating R: the median call", "The scale behind the opinion score: above 80 nearly all users are satisfied, below 60 nearly all are not.",
		"ccaas_voice_r_factor"),
	lowGraph("Score of calls: the median call", "The platform's own score, on a scale that it does not document: compare a call with others, not with a limit.",
		"ccaas_voice_call_score"),
	{
		title: "Bit rate of calls: the median call", w: 12,
		view: lines{unit: octetsPS, ranked: true, queries: []query{{
			expr: lowest(perCall, quantile(0.5, "ccaas_voice_bitrate_bytes_per_second", perCall)), name: callName,
		}}},
		about:    "A codec that saves bits sounds worse; a fall where the codec stays is a way that is too narrow.",
		runbooks: []string{"CcaasVoiceQualityLow"},
	},
	callGraph("Time that calls rang", "95 % of the calls rang for less. Long: agents do not answer, or their phones are not reached.", seconds, 0.95,
		"ccaas_voice_ring_seconds"),
}}

// telephonyEnds are the codes and reasons with which calls end, as signalling has them.
var telephonyEnds = section{title: "How calls end (from the voice-quality webhook)", closed: true, panels: []panel{
	{
		title: "Failed and dropped calls by SIP code", w: 12,
		view: lines{unit: perSecond("calls"), stack: true, ranked: true, queries: []query{
			{expr: nonzero("@account, code", rate("ccaas_voice_sip_failures_total", "@account, code")), name: "{{account}} failed {{code}}"},
			{expr: nonzero("@account, code", rate("ccaas_voice_sip_drops_total", "@account, code")), name: "{{account}} dropped {{code}}"},
		}},
		about: "486 and 480: the agent or callee is busy or away. 403, 404, 484: numbers and routing. 408, 503, 504: the carrier, or the way to it. " +
			"One code for most calls: ask the carrier with it.",
		runbooks: []string{"CcaasVoiceQualityLow", "CcaasTrunkDown"},
	},
	{
		title: "Share of calls that failed, were dropped or abandoned", w: 12,
		view: lines{unit: ratio, max: 1, queries: []query{
			{expr: rate("ccaas_voice_sip_failures_total", "@account") + " / " + observations("ccaas_voice_call_duration_seconds", "@account"), name: "{{account}} failed"},
			{expr: rate("ccaas_voice_sip_drops_total", "@account") + " / " + observations("ccaas_voice_call_duration_seconds", "@account"), name: "{{account}} dropped"},
			{
				expr: rate(`ccaas_voice_abandoned_total{abandoned="true"}`, "@account") + " / " + observations("ccaas_voice_call_duration_seconds", "@account"),
				name: "{{account}} abandoned",
			},
		}},
		about:    "Of all calls that the webhook reported. What is normal differs from one contact centre to the next: look for a rise.",
		runbooks: []string{"CcaasVoiceQualityLow", "CcaasTrunkDown"},
	},
	{
		title: "SIP responses of calls", w: 12,
		view: lines{unit: perSecond("calls"), stack: true, ranked: true, queries: []query{{
			expr: nonzero("@account, code", rate("ccaas_voice_sip_responses_total", "@account, code")), name: "{{account}} {{code}}",
		}}},
		about:    "The last SIP response of each call, where the platform reports one. Most are 200.",
		runbooks: []string{"CcaasVoiceQualityLow"},
	},
	{
		title: "Reasons for which calls ended", w: 12,
		view: lines{unit: perSecond("calls"), stack: true, ranked: true, queries: []query{{
			expr: nonzero("@account, reason", rate("ccaas_voice_disconnects_total", "@account, reason")), name: "{{account}} {{reason}}",
		}}},
		about:    "The platform's own codes, which it does not document. A reason that is new, or becomes many, is worth a question to the platform.",
		runbooks: []string{"CcaasVoiceQualityLow"},
	},
}}

// lowGraph is the median of the calls, where it was lowest.
func lowGraph(title, about, histogram string) panel {
	return panel{
		title: title, w: 12, about: about, runbooks: []string{"CcaasVoiceQualityLow"},
		view: lines{unit: number, ranked: true, queries: []query{{expr: lowest(perCall, quantile(0.5, histogram, perCall)), name: callName}}},
	}
}

// callGraph is a quantile of the calls, where it was highest.
func callGraph(title, about string, u unit, q float64, histogram string) panel {
	return panel{
		title: title, w: 12, about: about, runbooks: []string{"CcaasVoiceQualityLow"},
		view: lines{unit: u, ranked: true, queries: []query{{expr: highest(perCall, quantile(q, histogram, perCall)), name: callName}}},
	}
}
