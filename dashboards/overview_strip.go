package main

import (
	"fmt"
	"strings"
)

// overviewStrip is what is read first: five tiles that name what is wrong, and the alerts.
var overviewStrip = section{panels: []panel{
	{
		title: "Can callers reach us?", w: 5, h: 5,
		view: tiles{words: reaches, list: true, queries: []query{{expr: "topk(5, " + reach() + ")", name: "{{account}}"}}},
		about: "The data plane (trunks, edges, media) of each account. Red: calls do not get through. Probes only: trunks or edges are not read, " +
			"and what is known rests on our own SIP probes. Not published: the platform publishes no trunks. The five worst accounts.",
		runbooks: []string{"CcaasDataPlaneCritical", "CcaasDataPlaneDegraded"}, detail: "ccaas-telephony",
	},
	{
		title: "Trunks and edges down", w: 5, h: 5,
		view:     tiles{words: downs, list: true, empty: "nothing is read", queries: []query{{expr: downNow(), name: "{{account}} {{object}}"}}},
		about:    "Trunks and edges of your own that are critical or degraded; of several the four worst. Not read: of this account nothing can be said.",
		runbooks: []string{"CcaasTrunkDown", "CcaasTrunkDegraded", "CcaasEdgeOffline"}, detail: "ccaas-telephony",
	},
	{
		title: "Queues stalled", w: 5, h: 5,
		view: tiles{
			unit: duration, words: words{{unread, grey, -1}, {"none", green, 0}}, limits: above(mark{1, red}), list: true, empty: "nothing is read",
			queries: []query{{expr: stalledNow(), name: queueName}},
		},
		about: "Queues in which contacts wait, agents are ready and no contact is active, with the wait of the first contact: for more than " +
			"5 minutes nothing was handed out. Of several the four longest. Not read: of this account nothing can be said.",
		runbooks: []string{"CcaasQueueStalled"}, detail: "ccaas-agents",
	},
	{
		title: "Calls that sound bad", w: 4, h: 5,
		view: tiles{unit: ratio, limits: above(mark{0.1, orange}, mark{0.2, red}), list: true, empty: "not measured", queries: []query{{
			expr: `topk(4, ` + poorShare() + `)`, name: "{{account}}",
		}}},
		about: "Share of the calls of the last 5 minutes with a mean opinion score of 3.6 or less. Only where the voice-quality webhook is set up. " +
			"The four worst accounts.",
		runbooks: []string{"CcaasVoiceQualityLow"}, detail: "ccaas-telephony",
	},
	{
		title: "Accounts we cannot read", w: 5, h: 5,
		view: tiles{words: sights, list: true, empty: "nothing is read", queries: []query{{
			expr: wellUnless("topk(4, "+blindness()+")", "ccaas_feed_up", "account", "every account"), name: "{{account}}",
		}}},
		about: "Accounts of which every feed that needs a login (unread) or some (in part) fail or are stale. What the other tiles show of them is " +
			"old or missing. Without a number here, no exporter is read and nothing on this screen counts.",
		runbooks: []string{"CcaasAuthFailing", "CcaasFeedStale", "CcaasExporterAbsent"}, detail: "ccaas-exporter",
	},
	{
		title: "Firing alerts", w: 20, h: 8,
		view: alertGrid(),
		about: "The alerts that fire, the most severe first. The name leads to the runbook, the object to its board. " +
			"An alert on the exporter itself shows with any account chosen.",
		runbooks: []string{"CcaasExporterAbsent"},
	},
	{
		title: "Alerts by severity", w: 4, h: 8,
		view: tiles{
			unit: count, list: true, empty: "nothing is read",
			own: map[string]limits{"critical": above(mark{1, red}), "warning": above(mark{1, orange}), "info": above(mark{1, blue})},
			queries: []query{
				{expr: firing("critical"), name: "critical"}, {expr: firing("warning"), name: "warning"}, {expr: firing("info"), name: "info"},
			},
		},
		about:    "How many alerts fire for the chosen accounts.",
		runbooks: []string{"CcaasPlatformCritical"},
	},
}}

// The words of the strip, by severity, so that the worst can be chosen by the number.
var (
	reaches = words{
		{"not published", grey, 0}, {"operational", green, 1}, {"unknown", grey, 2}, {"probes only", purple, 3}, {"degraded", orange, 4}, {"critical", red, 5},
	}
	downs  = words{{"none", green, 0}, {unread, grey, 1}, {"degraded", orange, 2}, {"critical", red, 3}}
	sights = words{{"read", green, 0}, {"in part", orange, 1}, {"unread", red, 2}}
)

// reach is the data plane of each account in the words of the tile: a status that rests on probes alone is not green.
func reach() string {
	plane := status("ccaas_platform_status", `plane="data"`, "@account")
	feeds := `ccaas_feed_up{feed=~"trunks|edges"}`
	return `(` + plane + ` > 1) + 2
		or 3 + 0 * ` + plane + ` and on (platform, account) (` + notFresh(feeds) + `)
		or 0 * (` + plane + ` == 0) unless on (platform, account) ` + latest(feeds, "platform, account") + `
		or ` + plane + ` == 1
		or 2 + 0 * ` + plane + `
		or on (platform, account) 2 + 0 * ` + latest(feeds, "@account") + `
		or on (platform, account) 0 * ` + latest(ofPlatform, "@account")
}

// ofPlatform is there for every account of a platform: its health feed cannot be switched off. A pair of accounts, which is measured as
// an account of its own, has none.
const ofPlatform = `ccaas_feed_up{feed="health"}`

// notFresh are the feeds whose last run failed or whose last success is old.
func notFresh(family string) string {
	matchers := strings.TrimPrefix(family, "ccaas_feed_up")
	return failing(matchers) + ` or ` + stale(matchers)
}

const perFeedOnly = "platform, account, feed"

// failing are the feeds whose last run failed.
func failing(matchers string) string { return latest("ccaas_feed_up"+matchers, perFeedOnly) + " == 0" }

// stale are the feeds whose last success is older than 5 minutes and than 3 of their intervals.
func stale(matchers string) string {
	return "(" + age("ccaas_feed_last_success_timestamp_seconds"+matchers, perFeedOnly) + " > clamp_min(3 * " +
		latest("ccaas_feed_minimum_interval_seconds"+matchers, perFeedOnly) + ", 300))"
}

// neverRead are the feeds that fail and have never succeeded.
func neverRead() string {
	return failing("") + " unless " + latest("ccaas_feed_last_success_timestamp_seconds", perFeedOnly) + " > 0"
}

// blindness is 2 for an account of which no feed that needs a login is fresh, and 1 for one of which some are not.
func blindness() string {
	login := `{feed!~"(status_page|document|sip)/.+"}`
	return `1 + (count by (platform, account) (` + notFresh("ccaas_feed_up"+login) + `)
		== bool count by (platform, account) (` + latest("ccaas_feed_up"+login, "platform, account, feed") + `))`
}

// downNow are the trunks and edges that are not well, by the label object, and the accounts of which that is not known.
func downNow() string {
	named := func(expr, value, label, match string) string {
		return fmt.Sprintf(`label_replace(%s, "object", "%s", "%s", "%s")`, expr, value, label, match)
	}
	trunks := named(status("ccaas_trunk_status", "", perTrunk)+" > 1", "$1", "trunk", "(.+)")
	edges := named(status("ccaas_edge_status", `edge!="cloud-media"`, perEdge)+" > 1", "$1", "edge", "(.+)")
	blind := named(`1 + 0 * count by (platform, account) (`+notFresh(`ccaas_feed_up{feed=~"trunks|edges"}`)+`)`, "trunks and edges", "", "")
	return wellUnless("topk(4, "+trunks+" or "+edges+" or "+blind+")", "ccaas_trunk_status", "object", "trunks and edges")
}

// stalledNow are the queues that are stalled, with their longest wait, and the accounts of which that is not known.
func stalledNow() string {
	blind := `label_replace(-1 + 0 * (` + latest(`ccaas_feed_up{feed=~"queues|stream"}`, "platform, account") + ` == 0), "queue", "queues", "", "")`
	return wellUnless("topk(4, "+stalled(`channel!=""`)+" or "+blind+")", "ccaas_queue_waiting_contacts", "queue", "queues")
}

// wellUnless is what is wrong or, where nothing is and something is known, one 0 with a name.
func wellUnless(wrong, known, label, name string) string {
	return wrong + ` or on () label_replace(0 * count(` + selected(known, "") + `), "` + label + `", "` + name + `", "", "")`
}

// firing counts the alerts of a severity; one on the exporter itself counts with any account chosen.
func firing(severity string) string {
	const fires = `alertstate="firing", severity="`
	return noneOf(`count(max without (instance, job) (ALERTS{@selected, alertname=~"Ccaas.*", `+fires+severity+`"} or ALERTS{alertname=~"CcaasExporter.*", `+
		fires+severity+`"}))`, "ccaas_feed_up")
}
