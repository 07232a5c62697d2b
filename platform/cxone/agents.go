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

const (
	feedAgents      = "agents"
	opAgentStates   = "agents_states"
	pathAgentStates = "/agents/states"
)

// agentsFeed returns the feed of the states of all agents.
func (c *client) agentsFeed() feed.Feed {
	return feed.Feed{
		Name: feedAgents, Class: platform.ClassPresence, Calls: 1, Poll: (&agentsPoll{client: c}).poll,
		Fields: []string{fieldAgentState},
	}
}

// agentsPoll reads the states of all agents: everything each time, or in delta mode what has changed. Its runs do not
// overlap.
type agentsPoll struct {
	*client
	// Delta mode only.
	roster   map[int64]*activity // what each agent does
	since    string              // lastPollTime of the latest answer; "" = everything must be read
	fullRead time.Time           // when everything was last read
}

func (a *agentsPoll) poll(ctx context.Context) (*platform.Snapshot, error) {
	started := time.Now()
	if started.Sub(a.fullRead) >= time.Duration(a.config.Agents.FullRead) {
		a.since = ""
	}
	delta := a.since != ""
	r, err := a.read(ctx)
	if err != nil {
		a.since = ""
		return nil, err
	}
	if !r.changed {
		return nil, nothingNew(delta)
	}
	a.logTimes(r.times)
	if a.config.Agents.Delta {
		a.merge(r, started)
	}
	snapshot := r.snapshot(a.roster)
	return &snapshot, nil
}

// merge brings the roster up to date.
func (a *agentsPoll) merge(r *agentReading, started time.Time) {
	if a.since == "" {
		a.roster, a.fullRead = r.agents, started
	}
	maps.Copy(a.roster, r.agents)
	a.since = r.lastPoll
}

// agentReading is what the pages of one list say.
type agentReading struct {
	listHead // of the first
	anomalies
	counts activityCounts
	agents map[int64]*activity // delta mode only
}

// read asks for all agents, or for those whose state has changed since the answer before.
func (a *agentsPoll) read(ctx context.Context) (r *agentReading, err error) {
	r = &agentReading{counts: activityCounts{}}
	query := url.Values{"fields": {agentFields}}
	if a.config.Agents.Delta {
		r.agents = map[int64]*activity{}
		query.Set("fields", "agentId,"+agentFields)
	}
	if a.since != "" {
		query.Set("updatedSince", a.since)
	}
	var page *agentAnswer
	r.listHead, err = a.readList(ctx, listRequest{platform.ClassPresence, opAgentStates, pathAgentStates, query},
		func(answer rest.Response) (h listHead, err error) {
			page, err = decodeAgents(answer, r.agents != nil)
			return page.listHead, err
		}, func() { r.take(page) })
	return r, err
}

// take adds a page.
func (r *agentReading) take(page *agentAnswer) {
	for _, g := range page.groups {
		r.counts[g.activity] += g.agents
	}
	maps.Copy(r.agents, page.agents)
	r.add(page.anomalies)
}

// snapshot returns what the reading says, or in delta mode, with a roster, what is known after it.
func (r *agentReading) snapshot(roster map[int64]*activity) platform.Snapshot {
	counts := r.counts
	if roster != nil {
		counts = activityCounts{}
		for _, what := range roster {
			counts[*what]++
		}
	}
	snapshot := counts.snapshot()
	snapshot.Anomalies = r.Anomalies
	return snapshot
}
