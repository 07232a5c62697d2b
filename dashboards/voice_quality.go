package main

import "fmt"

// This file holds the panels on the sound of calls, as the platform's voice-quality webhook and our SIP probes tell of it.

// perCall are the labels of a call that the configuration may choose; those it does not are empty.
const (
	perCall  = "@account, skill, team, location_country, connection_type, line_type"
	callName = "{{account}} {{skill}} {{team}} {{location_country}} {{connection_type}} {{line_type}}"
)

// poorCalls is the share of the calls with a mean opinion score of 3.6 or less: many users are dissatisfied (ITU-T G.107, annex B).
func poorCalls(by string) string {
	return fmt.Sprintf("%s / %s or histogram_fraction(-Inf, 3.6, %s)",
		rate(`ccaas_voice_mos_bucket{le="3.6"}`, by), rate("ccaas_voice_mos_count", by), rate("ccaas_voice_mos", by))
}

// worst are the highest series of a histogram's quantile at each moment.
func worst(q float64, histogram string) []query {
	return []query{{expr: "topk(15, " + quantile(q, histogram, perCall) + ")", name: callName}}
}

var overviewSound = section{"Is the sound good?", []panel{
	{
		kind: graph, title: "Mean opinion score of calls", w: 6, max: 5, limits: below(3.6, red),
		about: "As the agents' clients measure it and the voice-quality webhook tells: the median call, and the call of which 5 % are worse. " +
			"4 is good; below 3.6 many users are dissatisfied. Only where such a webhook is set up.",
		queries: []query{
			{expr: quantile(0.5, "ccaas_voice_mos", "@account"), name: "{{account}} median"},
			{expr: quantile(0.05, "ccaas_voice_mos", "@account"), name: "{{account}} worst 5 %"},
		},
		runbooks: []string{"CcaasVoiceQualityLow"}, detail: "ccaas-telephony",
	},
	{
		kind: graph, title: "Share of calls that sound bad", w: 6, unit: "percentunit", max: 1, limits: above(0.2, red),
		about: "Calls of the last 5 minutes with a mean opinion score of 3.6 or less. The line is the limit of the alert, which asks for " +
			"at least 20 calls.",
		queries: []query{{
			expr: latest(`ccaas:voice_calls_poor:increase5m{window="1"}`, "@account") + " / " +
				latest(`ccaas:voice_calls:increase5m{window="1"}`, "@account"),
			name: "{{account}}",
		}},
		runbooks: []string{"CcaasVoiceQualityLow"}, detail: "ccaas-telephony",
	},
	{
		kind: graph, title: "Jitter", w: 6, unit: "s", limits: above(0.4, red),
		about: "95 % of the calls had less; and our SIP probe of the worst target, mean of 5 minutes, to which the line applies. " +
			"Calls bad and probes good: not the way to the carrier.",
		queries: []query{
			{expr: quantile(0.95, "ccaas_voice_jitter_seconds", "@account"), name: "{{account}} calls"},
			{expr: latest(`ccaas:sip_jitter_seconds:mean5m{window="1"}`, "@account"), name: "{{account}} probe"},
		},
		runbooks: []string{"CcaasMediaPathJitter", "CcaasVoiceQualityLow"}, detail: "ccaas-telephony",
	},
	{
		kind: graph, title: "Loss", w: 6, unit: "percentunit", max: 1, limits: above(0.15, red),
		about: "95 % of the calls lost less; and our SIP probe of the worst target, mean of 5 minutes, to which the line applies. " +
			"Calls suffer from 3 % on.",
		queries: []query{
			{expr: quantile(0.95, "ccaas_voice_packet_loss_ratio", "@account"), name: "{{account}} calls"},
			{expr: latest(`ccaas:sip_loss_ratio:mean5m{window="1"}`, "@account"), name: "{{account}} probe"},
		},
		runbooks: []string{"CcaasMediaPathLoss", "CcaasVoiceQualityLow"}, detail: "ccaas-telephony",
	},
	{
		kind: timeline, title: "Media components", w: 8, words: statuses,
		about:    "Components of the data plane as the health documents report them, such as the media gateway.",
		queries:  []query{{expr: status("ccaas_component_status", `plane="data"`, "@account, component"), name: "{{account}} {{component}}"}},
		runbooks: []string{"CcaasComponentsDown", "CcaasComponentsDegraded"}, detail: "ccaas-platform",
	},
	{
		kind: graph, title: "Quality-of-service mismatches", w: 8,
		about: "Mismatches on all trunks of an account over the vendor's sliding 24 hours. Watch the slope, not the level.",
		queries: []query{{
			expr: `sum by (@account) (max by (@account, trunk) (ccaas_trunk_qos_mismatches{@selected}))`, name: "{{account}}",
		}},
		runbooks: []string{"CcaasTrunkDegraded"}, detail: "ccaas-telephony",
	},
	{
		kind: graph, title: "Slowest process of each edge", w: 8, unit: "s",
		about:    "Processing delay inside your own edges. Delay here is heard as choppy sound.",
		queries:  []query{{expr: latest("ccaas_edge_subsystem_delay_seconds", "@account, edge"), name: "{{account}} {{edge}}"}},
		runbooks: []string{"CcaasEdgeOffline"}, detail: "ccaas-telephony",
	},
}}

var telephonySound = section{"Sound of calls (from the voice-quality webhook, the 15 worst at each moment)", []panel{
	{
		kind: graph, title: "Mean opinion score: the median call", w: 8, max: 5, limits: below(3.6, red),
		about:    "By the labels that the configuration chooses, such as skill or country. One line low: look at what those agents share.",
		queries:  []query{{expr: "bottomk(15, " + quantile(0.5, "ccaas_voice_mos", perCall) + ")", name: callName}},
		runbooks: []string{"CcaasVoiceQualityLow"},
	},
	{
		kind: graph, title: "Share of calls that sound bad", w: 8, unit: "percentunit", max: 1, limits: above(0.2, red),
		about:    "Calls with a mean opinion score of 3.6 or less. The alert looks at all calls of an account, over 5 minutes.",
		queries:  []query{{expr: "topk(15, " + poorCalls(perCall) + ")", name: callName}},
		runbooks: []string{"CcaasVoiceQualityLow"},
	},
	{
		kind: graph, title: "Calls measured", w: 8, unit: "ops", stack: true,
		about:    "Calls that the webhook told of. Quantiles of few calls mean little.",
		queries:  []query{{expr: "topk(15, " + observations("ccaas_voice_mos", perCall) + ")", name: callName}},
		runbooks: []string{"CcaasWebhookSilent"},
	},
	callGraph("Jitter", "95 % of the calls had less.", "s", worst(0.95, "ccaas_voice_jitter_seconds")),
	callGraph("Packet loss", "95 % of the calls lost less. Calls suffer from 3 % on.", "percentunit", worst(0.95, "ccaas_voice_packet_loss_ratio")),
	callGraph("Round trip", "95 % of the calls had less. From 300 ms on people interrupt each other.", "s",
		worst(0.95, "ccaas_voice_round_trip_seconds")),
	callGraph("Time to set up a call", "95 % of the calls took less.", "s", worst(0.95, "ccaas_voice_call_setup_seconds")),
	callGraph("Duration of calls", "Half of the calls took less. A fall to seconds: callers hang up, or are cut off.", "s",
		worst(0.5, "ccaas_voice_call_duration_seconds")),
}}

func callGraph(title, about, unit string, queries []query) panel {
	return panel{kind: graph, title: title, w: 8, unit: unit, about: about, queries: queries, runbooks: []string{"CcaasVoiceQualityLow"}}
}
