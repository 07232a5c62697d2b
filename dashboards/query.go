package main

import (
	"fmt"
	"strings"
)

// This file writes PromQL. Rules for queries: a family is aggregated with max by its own labels first, so that two
// exporters side by side, or one that restarts under another instance label, count once; counters are summed, because
// each exporter counts the calls that it made itself.

// notation is what expression puts in: @selected, @queues and @contacts are the matchers of the variables at the top of a
// board, @account are the labels that tell accounts apart.
var notation = strings.NewReplacer(
	"@selected", `platform=~"$platform", region_code=~"$region_code", account=~"$account"`,
	"@queues", `queue=~"$queue"`,
	"@contacts", `queue=~"$queue", channel=~"$channel"`,
	"@account", "platform, account, region_code",
)

// expression writes a query in full.
func expression(q string) string {
	return notation.Replace(strings.Join(strings.Fields(q), " "))
}

// status turns a state set into one number for each group: 0 unknown, 1 operational, 2 degraded, 3 critical; of several
// objects in a group the worst that is known. Exactly one series of a state set is 1, so the largest product is it.
func status(family, matchers, by string) string {
	if matchers != "" {
		matchers = ", " + matchers
	}
	of := func(word string) string { return fmt.Sprintf(`%s{@selected%s, status="%s"}`, family, matchers, word) }
	return fmt.Sprintf("max by (%s) (%s or 2 * %s or 3 * %s)", by, of("operational"), of("degraded"), of("critical"))
}

// byStatus counts objects by status.
func byStatus(family, matchers, by string) string {
	return fmt.Sprintf("sum by (status) (max by (%s, status) (%s{@selected%s}))", by, family, matchers)
}

// selected is a family as the variables select it. It may bring matchers of its own: name{label="value"}.
func selected(family, suffix string) string {
	name, matchers, found := strings.Cut(family, "{")
	if !found {
		return name + suffix + "{@selected}"
	}
	return name + suffix + "{@selected, " + matchers
}

// latest is the value of each group, from whichever exporter.
func latest(family, by string) string {
	return fmt.Sprintf("max by (%s) (%s)", by, selected(family, ""))
}

// age is the time since a timestamp.
func age(family, by string) string { return "time() - " + latest(family, by) }

// milliseconds is a timestamp as Grafana reads it.
func milliseconds(family, by string) string { return "1000 * " + latest(family, by) }

// rate is per second.
func rate(counter, by string) string { return rateOf(counter, "", by) }

// rateOf is the rate of one of the series of a histogram, by its suffix.
func rateOf(family, suffix, by string) string {
	return fmt.Sprintf("sum by (%s) (rate(%s[$__rate_interval]))", by, selected(family, suffix))
}

// increase is what a counter gained over the time range of the board.
func increase(counter, by string) string {
	return fmt.Sprintf("sum by (%s) (increase(%s[$__range]))", by, selected(counter, ""))
}

// quantile of a histogram, whether Prometheus stores it with classic buckets or as a native one.
func quantile(q float64, histogram, by string) string {
	return fmt.Sprintf("histogram_quantile(%g, %s) or histogram_quantile(%[1]g, %s)",
		q, rateOf(histogram, "_bucket", by+", le"), rate(histogram, by))
}

// observations is how many values per second a histogram took, of either kind.
func observations(histogram, by string) string {
	return fmt.Sprintf("(%s or histogram_count(%s))", rateOf(histogram, "_count", by), rate(histogram, by))
}

// orZero is a count that stays when there is nothing to count.
func orZero(count string) string { return count + " or vector(0)" }
