// The program itself on the Exporter board: memory, goroutines, configuration.

package main

var exporterSelf = section{title: "The program", closed: true, panels: []panel{
	perInstance("Duration of scrapes", seconds, "scrape_duration_seconds",
		"A scrape answers half a second before Prometheus's time-out at the latest, with what is ready by then."),
	perInstance("Series of a scrape", count, "scrape_samples_scraped",
		"What Prometheus keeps of the exporter. A step is a new account, or a platform with more objects."),
	perInstance("Memory", octets, "process_resident_memory_bytes",
		"Resident memory of the process. A line that rises for days is a leak."),
	perInstance("Goroutines", count, "go_goroutines",
		"A line that rises for days is a leak."),
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

// perInstance is a graph of a metric that every program has, of the exporters alone.
func perInstance(title string, of unit, metric, about string) panel {
	return panel{
		title: title, w: 8, h: 7, about: about, runbooks: []string{"CcaasExporterAbsent"},
		view: lines{unit: of, queries: []query{{
			expr: metric + ` and on (job, instance) ccaas_exporter_build_info`, name: "{{instance}}", global: true,
		}}},
	}
}
