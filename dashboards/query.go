// Rules for queries: a family is aggregated with max by its own labels first, so that two exporters side by side, or one
// that restarts under another instance label, count once; counters are summed, because each exporter counts the calls that
// it made itself.

package main

import (
	"fmt"
	"strings"
)

// notation is what expression puts in: @selected and the matchers after it are those of the variables at the top of a board,
// @account are the labels that distinguish accounts.
var notation = strings.NewReplacer(
	"@selected", `platform=~"$platform", region_code=~"$region_code", account=~"$account"`,
	"@queues", `queue=~"$queue"`,
	"@contacts", `queue=~"$queue", channel=~"$channel"`,
	"@trunks", `trunk=~"$trunk"`,
	"@feeds", `feed=~"$feed"`,
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
	return fmt.Sprintf("sum by (status) (max by (%s, status) (%s{@selected, %s}))", by, family, matchers)
}

// selected is a family as the variables select it. It may bring matchers of its own: name{label="value"}.
func selected(family, suffix string) string {
	name, matchers, found := strings.Cut(family, "{")
	if !found || matchers == "}" {
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

// increase is what a counter gained over the time range of the board, in whole events.
func increase(counter, by string) string {
	return fmt.Sprintf("round(sum by (%s) (increase(%s[$__range])))", by, selected(counter, ""))
}

// quantile of a histogram, whether Prometheus stores it with classic buckets or as a native one.
func quantile(q float64, histogram, by string) string {
	return fmt.Sprintf("histogram_quantile(%g, %s) or histogram_quantile(%[1]g, %s)",
		q, rateOf(histogram, "_bucket", by+", le"), rate(histogram, by))
}

// observations is the number of values per second that a histogram recorded, of either kind.
func observations(histogram, by string) string {
	return fmt.Sprintf("(%s or histogram_count(%s))", rateOf(histogram, "_count", by), rate(histogram, by))
}

// underWay is how many of the things that a histogram of durations measures are under way at once, on average: their rate
// times their mean duration (Little's law), which is the rate of the sum.
func underWay(histogram, by string) string {
	return fmt.Sprintf("(%s or histogram_sum(%s))", rateOf(histogram, "_sum", by), rate(histogram, by))
}

// few is the number of series in a graph of the worst.
const few = 8

// highest keeps the few series of a graph that were highest in its time range. They are chosen once: chosen anew at each
// moment, every moment would have other winners.
func highest(by, expr string) string { return chosenBy("topk", "max", by, expr, "", few) }

// lowest keeps the few series of a graph that were lowest in its time range.
func lowest(by, expr string) string { return chosenBy("bottomk", "min", by, expr, "", few) }

// lowestMean keeps the few series of a graph whose mean over its time range was lowest, where single moments at the bottom
// say little.
func lowestMean(by, expr string) string { return chosenBy("bottomk", "avg", by, expr, "", few) }

// nonzero keeps the few highest series of a graph among those that were above 0 in its time range.
func nonzero(by, expr string) string { return chosenBy("topk", "max", by, expr, " > 0", few) }

func chosenBy(pick, over, by, expr, limit string, n int) string {
	return fmt.Sprintf("(%s) and on (%s) %s(%d, %s_over_time((%s)[$__range:$__interval] @ end())%s)", expr, by, pick, n, over, expr, limit)
}

// positive leaves the rows of a table that have something to count.
func positive(expr string) string { return expr + " > 0" }

// noneOf is a count that is 0 when there is nothing to count and something is known, and absent when nothing is known.
func noneOf(count, known string) string {
	return fmt.Sprintf("%s or 0 * count(%s)", count, selected(known, ""))
}

// notRead is the last known sum of the accounts of which nothing is known now: without it, a sum over accounts would fall as
// if things got better.
func notRead(perAccount string) query {
	return query{
		expr:  fmt.Sprintf("sum(last_over_time((%[1]s)[1h:1m]) unless on (platform, account) (%[1]s))", perAccount),
		name:  unread,
		quiet: "every account is read",
	}
}

// unread is the legend of what notRead returns.
const unread = "not read"
