// Queues of a Genesys org over its API: names and observations.

package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"time"
)

func (o *org) listQueues(c *call) answer {
	return reply(page(c, o.queueList.queues, func(l *queue) obj {
		queue := ref("routing/queues", l.id, l.name)
		queue["division"] = o.division("Home")
		if l.german() {
			queue["division"] = o.division("Germany")
		}
		return queue
	}))
}

// observedMetrics are all metrics of a queue observation query.
var observedMetrics = []string{
	"oActiveUsers", "oAlerting", "oInteracting", "oLongestInteracting", "oLongestWaiting", "oMemberUsers", "oOffQueueUsers",
	"oOnQueueUsers", "oUserPresences", "oUserRoutingStatuses", "oWaiting",
}

// maxPredicates is the largest number of predicates in one observation query.
const maxPredicates = 200

// predicate compares a dimension with a value.
type predicate struct {
	Type, Dimension, Operator, Value string
	Range                            json.RawMessage
}

// filter is a condition on the groups of an answer, and the form of the clauses in it.
type filter struct {
	Type       string
	Predicates []predicate
	Clauses    []filter
}

// wrong returns what is wrong with a filter that knows the dimensions queueId and mediaType.
func (f *filter) wrong() string {
	switch {
	case f.Type != "and" && f.Type != "or":
		return fmt.Sprintf("filter type %q is neither and nor or", f.Type)
	case f.size() > maxPredicates:
		return "more than 200 predicates"
	}
	for _, p := range f.Predicates {
		switch {
		case p.Type != "" && p.Type != "dimension" || p.Operator != "" && p.Operator != "matches" || p.Range != nil:
			return "only predicates that match a dimension are simulated"
		case p.Dimension != "queueId" && p.Dimension != "mediaType" || p.Value == "":
			return "want queueId or mediaType with a value, not " + p.Dimension
		}
	}
	for i := range f.Clauses {
		if wrong := f.Clauses[i].wrong(); wrong != "" {
			return wrong
		}
	}
	return ""
}

func (f *filter) size() int {
	n := len(f.Predicates)
	for i := range f.Clauses {
		n += f.Clauses[i].size()
	}
	return n
}

// matches reports whether a group passes. A group of users has no medium.
func (f *filter) matches(queue, medium string) bool {
	or := f.Type == "or"
	for _, p := range f.Predicates {
		have := queue
		if p.Dimension == "mediaType" {
			have = medium
		}
		if (p.Value == have) == or {
			return or
		}
	}
	for i := range f.Clauses {
		if f.Clauses[i].matches(queue, medium) == or {
			return or
		}
	}
	return !or
}

// decode reads a JSON body strictly; a body that is wrong gets a refusal.
func (o *org) decode(c *call, into any) (refusal answer, ok bool) {
	mediaType, _, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if mediaType != "application/json" {
		o.violate(c, "Content-Type is not application/json")
		return genesysError(c, http.StatusUnsupportedMediaType, "unsupported.media.type", "unsupported media type"), false
	}
	decoder := json.NewDecoder(bytes.NewReader(c.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		o.violate(c, "body: %v", err)
		return genesysError(c, http.StatusBadRequest, "bad.request", "the request could not be understood"), false
	}
	return answer{}, true
}

// invalid refuses a value that the API definition does not allow.
func (o *org) invalid(c *call, text string) answer {
	o.violate(c, "%s", text)
	return genesysError(c, http.StatusBadRequest, "invalid.value", text)
}

// queueObservations answers with the groups that are not empty: counts of zero are left out.
func (o *org) queueObservations(c *call) answer {
	var query struct {
		Filter                 filter
		Metrics, DetailMetrics []string
	}
	if refusal, ok := o.decode(c, &query); !ok {
		return refusal
	}
	switch wrong := query.Filter.wrong(); {
	case wrong != "":
		return o.invalid(c, wrong)
	case query.Filter.size() == 0:
		return o.invalid(c, "filter names no queue")
	case len(query.Metrics) == 0:
		return o.invalid(c, "metrics are required")
	case len(query.DetailMetrics) > 0:
		return o.invalid(c, "detailMetrics are not simulated")
	}
	for _, m := range query.Metrics {
		if !slices.Contains(observedMetrics, m) {
			return o.invalid(c, "metrics: unknown "+m)
		}
	}
	b := []byte(`{"systemToOrganizationMappings":`)
	b = append(append(b, o.mappings...), `,"results":[`...)
	o.queueList.look(c.elapsed(), func(queues []*queue) {
		for _, l := range queues {
			for _, g := range l.groups() {
				if query.Filter.matches(l.id, mediumName(g)) {
					b = o.appendObserved(b, l, g, query.Metrics, c.elapsed())
				}
			}
		}
	})
	return answer{status: http.StatusOK, body: append(bytes.TrimSuffix(b, []byte(",")), "]}"...)}
}

func mediumName(group int) string {
	if group == usersGroup {
		return ""
	}
	return media[group].name
}

// appendObserved writes one group with a comma behind, or nothing.
func (o *org) appendObserved(b []byte, l *queue, group int, metrics []string, elapsed time.Duration) []byte {
	before := len(b)
	b = append(appendGroup(append(b, `{"group":`...), l, group), `,"data":[`...)
	empty := len(b)
	for _, m := range o.measures(l, group, elapsed) {
		if slices.Contains(metrics, m.metric) && (m.longest() || m.count > 0) {
			b = append(o.appendMeasure(b, m, elapsed), ',')
		}
	}
	if len(b) == empty {
		return b[:before]
	}
	return append(b[:len(b)-1], "]},"...)
}

// presenceMappings lists the presences in use by what they stand for.
func (o *org) presenceMappings() obj {
	mappings := obj{}
	for _, p := range presences {
		if p.retired || p.serial == 2 && o.name != emea {
			continue
		}
		key := analyticsPresence(p.system)
		ids, _ := mappings[key].(list)
		mappings[key] = append(ids, o.presenceID(p))
	}
	return mappings
}
