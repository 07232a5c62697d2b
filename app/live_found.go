package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// found is how many objects of a kind a feed found.
type found struct {
	What  string `json:"what"` // plural
	Count int    `json:"count"`
}

// singulars are the words of found for one object, where they are not the plural without its last letter.
var singulars = map[string]string{
	"kinds of events": "kind of events", "nearly reached": "nearly reached", "own edges": "own edge", "calls in progress": "call in progress",
	"open incidents": "open incident", "calls at most": "call at most", "agents matched": "agent matched", "ambiguous": "ambiguous",
}

func (f found) String() string {
	if f.Count != 1 {
		return fmt.Sprintf("%d %s", f.Count, f.What)
	}
	if one, ok := singulars[f.What]; ok {
		return "1 " + one
	}
	return "1 " + strings.TrimSuffix(f.What, "s")
}

// foundIn counts what a snapshot of a feed holds; what the feed is named after also when there is none. A detail says what a probe
// measured.
func foundIn(feed string, s *platform.Snapshot) (all []found, detail string) {
	add := func(what string, n int, shown bool) {
		if shown {
			all = append(all, found{what, n})
		}
	}
	instances, own, edges, agents, presences := 0, 0, 0, 0, 0
	for _, t := range s.Trunks {
		instances += t.Instances
	}
	for _, e := range s.Edges {
		if e.Own {
			own++
		}
	}
	for _, c := range s.EdgeCounts {
		edges += c.Count
	}
	for _, a := range s.Agents {
		agents += a.Count
	}
	for _, p := range s.Presences {
		if p.Count > 0 {
			presences++
		}
	}
	list := func(what string, n int) { add(what, n, n > 0 || lists[feed] == what) }
	list("trunks", len(s.Trunks))
	add("instances", instances, len(s.Trunks) > 0)
	list("edges", edges)
	add("own edges", own, edges > 0)
	list("queues", len(s.Queues))
	list("agents", agents)
	add("presences", presences, agents > 0 && presences > 0)
	inProgress, capacity := sumOf(s.Calls, func(c platform.Calls) *float64 { return c.InProgress }),
		sumOf(s.Calls, func(c platform.Calls) *float64 { return c.Capacity })
	if inProgress != nil {
		add("calls in progress", *inProgress, true)
	}
	if capacity != nil {
		add("calls at most", *capacity, true)
	}
	components := 0
	for _, c := range s.Components {
		if c.Source == platform.SourceStatusPage || c.Source == platform.SourceDocument {
			components++
		}
	}
	add("components", components, components > 0)
	incidents := 0
	for _, i := range s.Incidents {
		incidents += i.Count
	}
	add("open incidents", incidents, len(s.Incidents) > 0)
	limits, near := limitsOf(s)
	add("limits", limits, limits > 0)
	add("nearly reached", near, near > 0)
	add("kinds of events", s.EventKinds, s.EventKinds > 0)
	return all, measured(s)
}

// limitsOf counts the limits of the organization, and those that are nearly reached.
func limitsOf(s *platform.Snapshot) (limits, near int) {
	for _, l := range s.Limits {
		if l.Near {
			near++
		} else {
			limits++
		}
	}
	return limits, near
}

// sumOf sums up what is known; nil when nothing is.
func sumOf(calls []platform.Calls, number func(platform.Calls) *float64) *int {
	var sum *float64
	for _, c := range calls {
		sum = platform.Sum(sum, number(c))
	}
	if sum == nil {
		return nil
	}
	return new(int(*sum))
}

// measured says what a probe measured.
func measured(s *platform.Snapshot) string {
	if s.Latency != nil {
		return "answered in " + short(*s.Latency)
	}
	switch c := s.Credential; {
	case c == nil:
	case c.Expires.IsZero():
		return "the client has no end"
	default:
		return "the client ends on " + c.Expires.UTC().Format(time.DateOnly)
	}
	for _, p := range s.SIPProbes {
		if p.Success && p.RoundTrip != nil {
			return fmt.Sprintf("SIP %d in %s", p.Code, short(*p.RoundTrip))
		}
	}
	return ""
}

// short writes a duration by its first digits.
func short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "<1ms"
	case d >= 10*time.Second:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Millisecond).String()
}

// listTotals compares lists with the totals that their own answers name, by operation.
type listTotals map[string]*listTotal

type listTotal struct {
	field         string // that names the total
	named, listed int
	whole         bool // the last page was not full
}

// note reads an answer. One that names no total, or is cut, says nothing.
func (t listTotals) note(e rest.Exchange) {
	if e.Status != http.StatusOK || e.Cut || e.Operation == "" {
		return
	}
	var body map[string]json.RawMessage
	if json.Unmarshal(e.Body, &body) != nil {
		return
	}
	field, total, lists := "", -1, 0
	length := 0
	look := func(fields map[string]json.RawMessage) {
		for key, raw := range fields {
			switch strings.ToLower(key) {
			case "total", "totalrecords":
				if n, err := strconv.Atoi(strings.Trim(string(raw), `"`)); err == nil {
					field, total = key, n
				}
			default:
				var list []json.RawMessage
				if json.Unmarshal(raw, &list) == nil && list != nil {
					lists, length = lists+1, len(list)
				}
			}
		}
	}
	look(body)
	for key, raw := range body {
		var inner map[string]json.RawMessage
		if strings.EqualFold(key, "resultset") && json.Unmarshal(raw, &inner) == nil {
			look(inner)
		}
	}
	if total < 0 || lists != 1 {
		return
	}
	of := t[e.Operation]
	if of == nil {
		of = &listTotal{}
		t[e.Operation] = of
	}
	of.field, of.named, of.listed = field, total, of.listed+length
	of.whole = length < pageSize(e)
}

// pageSize is how many objects a request asked for at most.
func pageSize(e rest.Exchange) int {
	for name, values := range e.URL.Query() {
		switch strings.ToLower(name) {
		case "pagesize", "top", "limit":
			if n, err := strconv.Atoi(values[0]); err == nil {
				return n
			}
		}
	}
	return 1 << 30
}

// short lists the operations whose lists, read to their end, hold less than their total.
func (t listTotals) short() (operations map[string]*listTotal) {
	operations = map[string]*listTotal{}
	for operation, of := range t {
		if of.whole && of.listed < of.named {
			operations[operation] = of
		}
	}
	return operations
}
