package cxone

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file reads the states of all agents: everything each time, or in delta mode what has changed.

// maxPages is how many answers a list may take. One is the rule: without top the API sends everyone.
const maxPages = 100

// agents is the feed of that name. Its runs do not overlap.
type agents struct {
	*client
	known bool // something has been published

	// Delta mode only.
	roster map[int64]*activity // what each agent does
	since  string              // lastPollTime of the latest answer; "" = everything must be read
	full   time.Time           // when everything was last read
}

func (a *agents) run(ctx context.Context, sink platform.Sink) error {
	delta := a.config.Agents.Delta
	started := time.Now()
	if started.Sub(a.full) >= time.Duration(a.config.Agents.FullRead) {
		a.since = ""
	}
	r, err := a.read(ctx, a.since)
	if err != nil {
		a.since = ""
		return err
	}
	if r.changed && delta {
		a.merge(r, started)
	}
	return publish(sink, &a.known, r.changed, r.part(a.roster), nil)
}

// merge brings the roster up to date.
func (a *agents) merge(r *reading, started time.Time) {
	if a.since == "" {
		a.roster, a.full = r.agents, started
	}
	maps.Copy(a.roster, r.agents)
	a.since = r.lastPoll
}

// reading is what the pages of one list say.
type reading struct {
	changed    bool
	lastPoll   string // of the first page: later ones may miss what changed since
	rows       int64  // so far
	total      int64  // as the latest page tells; 0 when none does
	counts     counts
	agents     map[int64]*activity // delta mode only
	unknown    int
	violations int
}

// read asks for all agents, or for those whose state has changed since then. The list takes more than one page when
// the API sends fewer agents than it says there are.
func (a *agents) read(ctx context.Context, since string) (*reading, error) {
	r := &reading{counts: counts{}}
	query := url.Values{"fields": {agentFields}}
	if a.config.Agents.Delta {
		r.agents = map[int64]*activity{}
		query.Set("fields", "agentId,"+agentFields)
	}
	if since != "" {
		query.Set("updatedSince", since)
	}
	for range maxPages {
		var p *page
		err := a.get(ctx, platform.ClassPresence, opAgentStates, pathAgentStates, query, func(answer rest.Response) (err error) {
			p, err = decodePage(answer, r.agents != nil)
			return err
		})
		if err != nil {
			return nil, err
		}
		if done, err := r.add(p, since != ""); done || err != nil {
			return r, err
		}
		if !query.Has("top") {
			query.Set("top", strconv.Itoa(p.rows))
		}
		query.Set("skip", strconv.FormatInt(r.rows, 10))
	}
	return nil, fmt.Errorf("agents/states takes more than %d pages", maxPages)
}

// add takes in a page, and tells whether it was the last. A list that breaks off is an error when it was to be
// complete: fewer agents than there are would look like people leaving.
func (r *reading) add(p *page, delta bool) (done bool, err error) {
	first := r.rows == 0
	if first {
		r.changed, r.lastPoll = p.changed, p.lastPoll
		if !p.changed {
			return true, nil
		}
	}
	if p.changed && !p.listed && !delta {
		return true, errors.New("agents/states holds no agentStates")
	}
	for _, g := range p.groups {
		r.counts[g.activity] += g.agents
		if g.unknown {
			r.unknown += g.agents
		}
		if g.broken {
			r.violations += g.agents
		}
	}
	maps.Copy(r.agents, p.agents)
	r.violations += p.violations
	r.rows += int64(p.rows)
	if p.total >= 0 {
		r.total = p.total
	}
	switch {
	case r.rows >= r.total, p.rows == 0 && delta:
		return true, nil
	case p.rows == 0:
		return true, fmt.Errorf("agents/states ends after %d agents of %d", r.rows, r.total)
	}
	return false, nil
}

// part is what the reading says, or in delta mode, with a roster, what is known after it.
func (r *reading) part(roster map[int64]*activity) platform.Part {
	if roster != nil {
		r.counts = counts{}
		for _, what := range roster {
			r.counts[*what]++
		}
	}
	part := r.counts.part()
	if r.unknown > 0 {
		part.Unknowns = map[string]int{fieldAgentState: r.unknown}
	}
	part.Violations = r.violations
	return part
}
