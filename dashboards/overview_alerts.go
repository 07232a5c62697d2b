package main

import "fmt"

// severities are the words for the rank of an alert.
var severities = words{{"info", blue, 1}, {"warning", orange, 2}, {"critical", red, 3}}

// alertBoards are the boards on which more is seen of an alert, by its name.
func alertBoards() [][2]string {
	return [][2]string{
		{"ccaas-telephony", "Ccaas(Trunk|Edge|DataPlane|Media|Voice|PlaneDivergence).*"},
		{"ccaas-agents", "Ccaas(Queue|Agents|Presence).*"},
		{"ccaas-exporter", "Ccaas(Exporter|Account|Auth|Feed|RateLimited|Budget|Token|Secret|Credential|Organization|Clock|Stream|Webhook).*"},
	}
}

// alertGrid is the table of the alerts that fire.
func alertGrid() grid {
	// An alert on the exporter has no account, so that a chosen account would hide it, and it is shown before it fires.
	const exporter = `ALERTS{alertname=~"CcaasExporter.*"}`
	firing := `max without (alertstate) (ALERTS{@selected, alertname=~"Ccaas.*", alertstate="firing"} or ` + exporter + `)`
	rank := `max without (alertstate) (3 * ALERTS{@selected, alertname=~"Ccaas.*", alertstate="firing", severity="critical"}
		or 2 * ALERTS{@selected, alertname=~"Ccaas.*", alertstate="firing", severity="warning"}
		or ALERTS{@selected, alertname=~"Ccaas.*", alertstate="firing", severity="info"}
		or 3 * ` + exporter + `)`
	began := `1000 * max without (alertstate) (ALERTS_FOR_STATE{@selected, alertname=~"Ccaas.*"} or ALERTS_FOR_STATE{alertname=~"CcaasExporter.*"})
		and ignoring (alertstate) ` + firing
	runbook := link{Title: "Runbook", URL: runbooks + "${__value.text}.md", TargetBlank: true}
	onBoard := toBoard("${__data.fields.board}", "account", here)
	onBoard.Title = "Open the board"
	board := label("board", "board", 1)
	board.hidden = true
	name := label("alertname", "Alert", 280)
	name.links = []link{runbook}
	return grid{
		sort: "Severity", then: "Since", empty: "No alert fires", trouble: "trunk-outage",
		columns: []column{
			state("Severity", alertRows(rank), 90, severities), name, account(), object("object", "Object", onBoard),
			value("Since", alertRows(began), 140, since), board,
		},
	}
}

// alertRows gives alerts the labels of the table: the object that an alert is about, whatever its label, and its board.
func alertRows(alerts string) string {
	replace := func(expr, to, value, from, match string) string {
		return fmt.Sprintf(`label_replace(%s, "%s", "%s", "%s", "%s")`, expr, to, value, from, match)
	}
	expr := `label_join(` + alerts + `, "object", " ", "trunk", "proxy", "target", "edge", "component", "queue", "channel", "feed", "hook", "pair", "limit")`
	expr = replace(expr, "object", "$1", "object", " *(.*?) *")
	expr = replace(expr, "object", "$1 $2", "object", "(.*?)  +(.*)")
	expr = replace(expr, "object", "–", "object", "")
	expr = replace(expr, "account", "All", "account", "")
	expr = replace(expr, "board", "ccaas-platform", "", "")
	for _, b := range alertBoards() {
		expr = replace(expr, "board", b[0], "alertname", b[1])
	}
	return `max by (alertname, account, object, board) (` + expr + `)`
}
