// Operational events on the Platform board.

package main

const perEvent = "@account, event"

// platformEvents show what the platform itself records about the organization.
var platformEvents = section{title: "What the platform recorded", closed: true, panels: []panel{
	{
		title: "Operational events in 10 minutes", w: 14,
		view: lines{unit: count, queries: []query{{
			expr: nonzero(perEvent, "round("+latest("ccaas:operational_events:increase10m", perEvent)+")"), name: "{{account}} {{event}}", quiet: "the platform recorded no event in this time",
		}}},
		about: "Events that Genesys Cloud recorded in the 10 minutes before, by its own names for their kinds; the 8 most frequent in this time. " +
			"They arrive 2 to 8 minutes late. Nothing for an account without the permission to read them, and for CXone.",
		runbooks: []string{"CcaasOrganizationQuotaNearLimit"},
	},
	{
		title: "Operational events in the chosen time", w: 10,
		view: grid{sort: "Events", empty: "the platform recorded no event in this time", columns: []column{
			object("event", "Kind"), account(),
			value("Events", positive("round(max by ("+perEvent+") (increase(ccaas_operational_events_total{@selected}[$__range])))"), 100, count),
		}},
		about:    "How many events of each kind the platform recorded in the chosen time. A kind named other is all that the platform does not list.",
		runbooks: []string{"CcaasOrganizationQuotaNearLimit"},
	},
}}

// recorded marks in every graph when events of a kind begin that there were none of in the 10 minutes before: off until it is
// chosen.
func recorded() annotation {
	const recently = "ccaas:operational_events:increase10m{@selected}"
	return annotation{
		Name:        "Operational events of the platform",
		Datasource:  source,
		IconColor:   string(blue),
		Expr:        expression(recently + " > 0 unless " + recently + " offset 1m > 0"),
		Step:        "60s",
		TitleFormat: "{{event}}",
		TextFormat:  "{{platform}} {{account}}",
		TagKeys:     "region_code",
	}
}
