package cxone

import (
	"context"
	"maps"
	"net/url"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file reads the states of all agents: everything each time, or in delta mode what has changed.

// agents is the feed of that name. Its runs do not overlap.
type agents struct {
	*client
	// Delta mode only.
	roster map[int64]*activity // what each agent does
	since  string              // lastPollTime of the latest answer; "" = everything must be read
	full   time.Time           // when everything was last read
}

func (a *agents) poll(ctx context.Context) (*platform.Snapshot, error) {
	delta := a.config.Agents.Delta
	started := time.Now()
	if started.Sub(a.full) >= time.Duration(a.config.Agents.FullRead) {
		a.since = ""
	}
	asked := a.since
	r, err := a.read(ctx, asked)
	if err != nil {
		a.since = ""
		return nil, err
	}
	if r.changed && delta {
		a.merge(r, started)
	}
	switch {
	case !r.changed && asked == "":
		return nil, errEmpty
	case !r.changed:
		return nil, feed.Unchanged
	}
	snapshot := r.snapshot(a.roster)
	return &snapshot, nil
}

// merge brings the roster up to date.
func (a *agents) merge(r *agentReading, started time.Time) {
	if a.since == "" {
		a.roster, a.full = r.agents, started
	}
	maps.Copy(a.roster, r.agents)
	a.since = r.lastPoll
}

// reading is what the pages of one list say.
type agentReading struct {
	listHead   // of the first
	counts     activityCounts
	agents     map[int64]*activity // delta mode only
	unknown    int
	violations int
}

// read asks for all agents, or for those whose state has changed since then.
func (a *agents) read(ctx context.Context, since string) (r *agentReading, err error) {
	r = &agentReading{counts: activityCounts{}}
	query := url.Values{"fields": {agentFields}}
	if a.config.Agents.Delta {
		r.agents = map[int64]*activity{}
		query.Set("fields", "agentId,"+agentFields)
	}
	if since != "" {
		query.Set("updatedSince", since)
	}
	var p *agentAnswer
	r.listHead, err = a.readList(ctx, listRequest{platform.ClassPresence, opAgentStates, pathAgentStates, query},
		func(answer rest.Response) (e listHead, err error) {
			p, err = decodeAgents(answer, r.agents != nil)
			return p.listHead, err
		}, func() { r.add(p) })
	return r, err
}

// add takes in a page.
func (r *agentReading) add(p *agentAnswer) {
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
}

// snapshot is what the reading says, or in delta mode, with a roster, what is known after it.
func (r *agentReading) snapshot(roster map[int64]*activity) platform.Snapshot {
	if roster != nil {
		r.counts = activityCounts{}
		for _, what := range roster {
			r.counts[*what]++
		}
	}
	snapshot := r.counts.snapshot()
	if r.unknown > 0 {
		snapshot.Unknowns = map[string]int{fieldAgentState: r.unknown}
	}
	snapshot.Violations = r.violations
	return snapshot
}
