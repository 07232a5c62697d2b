package main

var exporterSelf = section{title: "The program", closed: true, panels: []panel{
	{
		title: "Duration of scrapes", w: 8, h: 7,
		view: lines{unit: seconds, queries: []query{{
			expr: `scrape_duration_seconds and on (job, instance) ccaas_exporter_build_info`, name: "{{instance}}", global: true,
		}}},
		about:    "A scrape answers half a second before Prometheus's time-out at the latest, with what is ready by then.",
		runbooks: []string{"CcaasExporterAbsent"},
	},
	{
		title: "Series of a scrape", w: 8, h: 7,
		view: lines{unit: count, queries: []query{{
			expr: `scrape_samples_scraped and on (job, instance) ccaas_exporter_build_info`, name: "{{instance}}", global: true,
		}}},
		about:    "What Prometheus keeps of the exporter. A step is a new account, or a platform with more objects.",
		runbooks: []string{"CcaasExporterAbsent"},
	},
	{
		title: "Memory", w: 8, h: 7,
		view: lines{unit: octets, queries: []query{{
			expr: `process_resident_memory_bytes and on (job, instance) ccaas_exporter_build_info`, name: "{{instance}}", global: true,
		}}},
		about:    "Resident memory of the process. A line that rises for days is a leak.",
		runbooks: []string{"CcaasExporterAbsent"},
	},
	{
		title: "Goroutines", w: 8, h: 7,
		view: lines{unit: count, queries: []query{{
			expr: `go_goroutines and on (job, instance) ccaas_exporter_build_info`, name: "{{instance}}", global: true,
		}}},
		about:    "A line that rises for days is a leak.",
		runbooks: []string{"CcaasExporterAbsent"},
	},
	{
		title: "Configuration", w: 6, h: 7,
		view: tiles{
			unit: since, words: words{{"refused", red, 0}}, list: true,
			queries: []query{{
				expr: `1000 * min(ccaas_exporter_config_last_reload_success_timestamp_seconds) * min(ccaas_exporter_config_last_reload_successful)`,
				name: "applied", global: true,
			}},
		},
		about: "When a configuration was last applied; the oldest of all exporters. Refused: a configuration was refused and changed nothing, " +
			"the one before it stays at work. The log names every problem.",
		runbooks: []string{"CcaasExporterAbsent"},
	},
	{
		title: "Versions", w: 10, h: 7,
		view: grid{columns: []column{
			object("instance", "Instance"), label("version", "Version", 120), label("revision", "Revision", 110), label("goversion", "Go", 90),
			{title: "Exporters", width: 90, unit: count, query: query{
				expr: `count by (instance, version, revision, goversion) (ccaas_exporter_build_info)`, global: true,
			}},
		}},
		about:    "The exporters that are scraped. Two versions at once outside an upgrade are a mistake.",
		runbooks: []string{"CcaasExporterAbsent"},
	},
}}
