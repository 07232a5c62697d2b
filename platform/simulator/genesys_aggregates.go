// Conversation aggregates of a Genesys org: what happened in its queues over a time.

package simulator

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// aggregateMetrics are all metrics that the API definition knows. What aggregateMeasures does not make has no data.
var aggregateMetrics = strings.Fields(`nBlindTransferred nBotInteractions nCallbackAttempts nCallbackOverSla
	nCallbackScheduled nCfcOffered nCobrowseSessions nConnected nConsult nConsultTransferred nConversations nError nOffered
	nOutbound nOutboundAbandoned nOutboundAttempted nOutboundConnected nOverSla nStateTransitionError nTakeover nTransferred
	oAudioMessageCount oCallbackServiceLevel oExternalAudioMessageCount oExternalMediaCount oMediaCount oMessageCount
	oMessageSegmentCount oMessageTurn oServiceLevel oServiceTarget oSkillExpressionApplications tAbandon tAcd tActiveCallback
	tActiveCallbackComplete tAcw tAgentResponseTime tAgentVideoConnected tAlert tAnswered tAverageAgentResponseTime
	tAverageCustomerResponseTime tBarging tCallbackAbandon tCallbackConnect tCallbackNotReached tCallbackVirtualWait tCfcAbandon
	tCfcAcd tCfcAnswered tCfcFlowOut tCoaching tCoachingComplete tConnected tContacting tDialing tFirstConnect tFirstDial
	tFirstEngagement tFirstResponse tFlowOut tHandle tHeld tHeldComplete tIvr tMonitoring tMonitoringComplete tNotResponding
	tPark tParkComplete tScreenMonitoring tShortAbandon tSnippetRecord tTalk tTalkComplete tTransmitting tUserResponseTime
	tVoicemail tWait`)

// aggregated is one metric of some time, with its stats.
type aggregated struct {
	metric string
	stats  obj
}

// aggregateMeasures turns figures into the metrics that they make. What did not happen has no metric.
func aggregateMeasures(f figures) (all []aggregated) {
	counts := []struct {
		metric string
		n      int
	}{{"nConnected", f.answered.count}, {"nOffered", f.offered}, {"nOverSla", f.answered.count - f.within}}
	for _, c := range counts {
		if c.n > 0 {
			all = append(all, aggregated{c.metric, obj{"count": c.n}})
		}
	}
	if n := f.answered.count + f.abandoned.count; n > 0 {
		all = append(all, aggregated{"oServiceLevel", obj{
			"ratio": float64(f.within) / float64(n), "numerator": f.within, "denominator": n, "target": serviceTarget,
		}})
	}
	waits := f.answered
	waits.merge(f.abandoned)
	times := []struct {
		metric string
		span   durations
	}{{"tAbandon", f.abandoned}, {"tAcd", waits}, {"tAnswered", f.answered}, {"tHandle", f.handled}, {"tTalk", f.handled}, {"tWait", waits}}
	for _, t := range times {
		if t.span.count > 0 {
			all = append(all, aggregated{t.metric, obj{
				"count": t.span.count, "sum": t.span.sum.Milliseconds(), "min": t.span.min.Milliseconds(), "max": t.span.max.Milliseconds(),
			}})
		}
	}
	return all
}

// aggregateQuery is the part of the query that is simulated; a query that wants more is refused.
type aggregateQuery struct {
	Interval, Granularity, TimeZone string
	GroupBy, Metrics                []string
	Filter                          *filter
	FlattenMultivaluedDimensions    bool
	QueryType                       string
}

// granularities are the usual ones; the API takes any ISO 8601 period.
var granularities = map[string]time.Duration{
	"PT15M": 15 * time.Minute, "PT30M": 30 * time.Minute, "PT1H": time.Hour, "P1D": 24 * time.Hour,
}

// wrong returns what is wrong with a query.
func (q *aggregateQuery) wrong() string {
	if q.QueryType != "" && q.QueryType != "groupBy" {
		return "only the query type groupBy is simulated"
	}
	if len(q.Metrics) == 0 {
		return "metrics are required"
	}
	for _, m := range q.Metrics {
		if !slices.Contains(aggregateMetrics, m) {
			return "metrics: unknown " + m
		}
	}
	for _, g := range q.GroupBy {
		if g != "queueId" && g != "mediaType" {
			return "only groups of queueId and mediaType are simulated, not " + g
		}
	}
	if _, known := granularities[q.Granularity]; q.Granularity != "" && !known {
		return "granularity " + q.Granularity + " is not simulated"
	}
	if q.Filter != nil {
		return q.Filter.wrong()
	}
	return ""
}

// parseInterval reads a/b; times without a zone are UTC.
func parseInterval(text string) (from, to time.Time, err error) {
	a, b, _ := strings.Cut(text, "/")
	if from, err = parseMoment(a); err != nil {
		return from, to, err
	}
	if to, err = parseMoment(b); err != nil {
		return from, to, err
	}
	if !from.Before(to) || to.Sub(from) > 31*24*time.Hour {
		return from, to, fmt.Errorf("interval %q is empty or longer than 31 days", text)
	}
	return from, to, nil
}

func parseMoment(text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at, nil
	}
	return time.Parse("2006-01-02T15:04:05", text)
}

// conversationAggregates sums up the quarter hours that the interval touches.
func (o *org) conversationAggregates(c *call) answer {
	var query aggregateQuery
	if refusal, ok := o.decode(c, &query); !ok {
		return refusal
	}
	from, to, err := parseInterval(query.Interval)
	if err != nil {
		return o.invalid(c, err.Error())
	}
	if wrong := query.wrong(); wrong != "" {
		return o.invalid(c, wrong)
	}
	step := to.Sub(from)
	if query.Granularity != "" {
		step = granularities[query.Granularity]
	}
	type key struct{ queue, medium string }
	var order []key
	sums := map[key][]figures{}
	o.queueList.look(c.elapsed(), func(queues []*queue) {
		for _, l := range queues {
			for k, m := range l.media {
				if query.Filter != nil && !query.Filter.matches(l.id, media[m].name) {
					continue
				}
				var group key
				if slices.Contains(query.GroupBy, "queueId") {
					group.queue = l.id
				}
				if slices.Contains(query.GroupBy, "mediaType") {
					group.medium = media[m].name
				}
				if sums[group] == nil {
					order = append(order, group)
					sums[group] = make([]figures, (to.Sub(from)+step-1)/step)
				}
				for i := range sums[group] {
					start := from.Add(time.Duration(i) * step)
					sums[group][i].merge(l.over(k, quarterNumber(start), quarterNumber(earlier(start.Add(step), to, c.now).Add(quarterHour-1))))
				}
			}
		}
	})
	results := list{}
	for _, group := range order {
		dimensions := obj{}
		if group.queue != "" {
			dimensions["queueId"] = group.queue
		}
		if group.medium != "" {
			dimensions["mediaType"] = group.medium
		}
		if data := aggregateData(sums[group], from, to, step, query.Metrics); len(data) > 0 {
			results = append(results, obj{"group": dimensions, "data": data})
		}
	}
	return reply(obj{"results": results})
}

// aggregateData renders the steps of one group that are not empty.
func aggregateData(sums []figures, from, to time.Time, step time.Duration, metrics []string) list {
	data := list{}
	for i, f := range sums {
		chosen := list{}
		for _, m := range aggregateMeasures(f) {
			if slices.Contains(metrics, m.metric) {
				chosen = append(chosen, obj{"metric": m.metric, "stats": m.stats})
			}
		}
		if start := from.Add(time.Duration(i) * step); len(chosen) > 0 {
			data = append(data, obj{"interval": iso(start) + "/" + iso(earlier(start.Add(step), to)), "metrics": chosen})
		}
	}
	return data
}

func quarterNumber(at time.Time) int64 { return at.Unix() / int64(quarterHour/time.Second) }

func earlier(first time.Time, others ...time.Time) time.Time {
	for _, at := range others {
		if at.Before(first) {
			first = at
		}
	}
	return first
}
