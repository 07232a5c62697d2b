// What of the Overview shows whether the rest of it can be trusted: exporters, feeds, streams.

package main

var overviewTrust = section{title: "Can I trust this screen?", panels: []panel{
	{
		title: "Exporters", w: 6, h: 4,
		view:     tiles{words: watched, list: true, empty: "none is read", queries: []query{{expr: exportersNow(), name: "exporters", global: true}}},
		about:    "Whether Prometheus reads as many exporters now as at any moment of the last hour. None: everything here is empty or old.",
		runbooks: []string{"CcaasExporterAbsent"}, detail: "ccaas-exporter",
	},
	{
		title: "Failing feeds", w: 6, h: 4,
		view: tiles{unit: count, limits: above(mark{1, red}), list: true, empty: "nothing is read", queries: []query{{
			expr: noneOf(`count(`+failing("")+`)`, "ccaas_feed_up"), name: "feeds",
		}}},
		about:    "Feeds whose last run failed. Their last values stay for a while and then disappear.",
		runbooks: []string{"CcaasFeedStale", "CcaasRateLimited"}, detail: "ccaas-exporter",
	},
	{
		title: "Stale feeds", w: 6, h: 4,
		view: tiles{unit: count, limits: above(mark{1, red}), list: true, empty: "nothing is read", queries: []query{{
			expr: noneOf(`count(`+stale("")+` or `+neverRead()+`)`, "ccaas_feed_up"), name: "feeds",
		}}},
		about:    "Feeds whose last success is older than 5 minutes and than 3 of their intervals, or that never succeeded.",
		runbooks: []string{"CcaasFeedStale"}, detail: "ccaas-exporter",
	},
	{
		title: "Streams cut off", w: 6, h: 4,
		view: tiles{unit: count, limits: above(mark{1, orange}), list: true, empty: "no stream", queries: []query{{
			expr: noneOf(`count(`+latest("ccaas_stream_connected", "@account")+` == 0)`, "ccaas_stream_connected"), name: "streams",
		}}},
		about:    "Streams that are not connected. Polls stand in for them: numbers are up to half a minute older.",
		runbooks: []string{"CcaasStreamDown"}, detail: "ccaas-exporter",
	},
}}

var watched = words{{"none is read", red, 0}, {"one is missing", orange, 1}, {"read", green, 2}}

// exportersNow is 0 when no exporter is read, 1 when fewer are than were in the last hour, else 2.
func exportersNow() string {
	const now = `count(ccaas_exporter_build_info)`
	const most = `(max_over_time(` + now + `[1h:1m]) or ` + now + `)`
	const read = `(` + now + ` or 0 * ` + most + `)`
	return `(` + read + ` > bool 0) + (` + read + ` >= bool ` + most + `)`
}
