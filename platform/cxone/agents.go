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

// agentsPoll reads the states of all agents: everything each time, or what has changed, in delta mode and where presences are
// compared. One poll serves the counts and the roster. Its runs do not overlap.
type agentsPoll struct {
	*client
	// Of what follows nothing is used where everything is read each time.
	table    map[int64]row // what each agent does
	since    string        // lastPollTime of the latest answer; "" = everything must be read
	fullRead time.Time     // when everything was last read
}

// keeps reports whether it is kept what each agent does.
func (a *agentsPoll) keeps() bool { return a.config.Agents.Delta || a.people != nil }

func (a *agentsPoll) poll(ctx context.Context) (*platform.Snapshot, error) {
	started := time.Now()
	wanted := a.people != nil && a.people.wanted.Swap(false)
	if wanted || started.Sub(a.fullRead) >= time.Duration(a.config.Agents.FullRead) {
		a.since = ""
	}
	delta := a.since != ""
	r, err := a.read(ctx)
	if err == nil && a.people != nil {
		err = a.judge(r, delta, started)
	}
	if err != nil {
		a.since = ""
		return nil, err
	}
	if !r.changed {
		return nil, nothingNew(delta)
	}
	a.logTimes(r.times)
	if a.keeps() {
		a.merge(r, started)
	}
	snapshot := r.snapshot(a.table)
	return &snapshot, nil
}

// judge notes that nothing is new, and returns why a full read is not trusted. The roster then stays as it is.
func (a *agentsPoll) judge(r *agentReading, delta bool, started time.Time) error {
	if delta {
		if !r.changed {
			a.people.confirm(started)
		}
		return nil
	}
	known := 0
	for _, row := range a.table {
		if row.absences < 2 {
			known++
		}
	}
	err := feed.Suspect(opAgentStates, "agents", len(r.agents), known)
	if err != nil {
		a.people.doubtActivities()
	}
	return err
}

// merge brings the table up to date, and with it the roster.
func (a *agentsPoll) merge(r *agentReading, started time.Time) {
	full := a.since == ""
	table := a.table
	if full {
		table, a.fullRead = make(map[int64]row, len(r.agents)), started
	}
	for id, read := range r.agents {
		if before, known := a.table[id]; known {
			read = read.after(before, full)
		}
		table[id] = read
	}
	if full && a.people != nil {
		a.keepAbsent(table)
	}
	a.table, a.since = table, r.lastPoll
	if a.people != nil {
		a.people.update(table, r.agents, started, full)
	}
}

// keepAbsent adds the agents whom a full read leaves out, until both the states and the directory have lost them.
func (a *agentsPoll) keepAbsent(table map[int64]row) {
	for id, before := range a.table {
		if _, read := table[id]; !read && (before.absences < 2 || a.people.lists(id)) {
			before.absences++
			table[id] = before
		}
	}
}

// agentReading is what the pages of one list say.
type agentReading struct {
	listHead // of the first
	anomalies
	counts activityCounts
	agents map[int64]row // nil unless they are kept
}

// read asks for all agents, or for those whose state has changed since the answer before.
func (a *agentsPoll) read(ctx context.Context) (r *agentReading, err error) {
	r = &agentReading{counts: activityCounts{}}
	query := url.Values{"fields": {agentFields}}
	if a.keeps() {
		r.agents = map[int64]row{}
		query.Set("fields", "agentId,"+agentFields)
	}
	if a.people != nil {
		query.Set("fields", "agentId,"+agentFields+","+personFields)
		if a.config.Agents.OpenContacts {
			query.Set("fields", query.Get("fields")+","+contactField)
		}
	}
	if a.since != "" {
		query.Set("updatedSince", a.since)
	}
	var page *agentAnswer
	r.listHead, err = a.readList(ctx, request{
		class: platform.ClassPresence, operation: opAgentStates, path: pathAgentStates, query: query, personal: true,
	},
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

// snapshot returns what the reading says, or with a table what is known after it.
func (r *agentReading) snapshot(table map[int64]row) platform.Snapshot {
	counts := r.counts
	if table != nil {
		counts = activityCounts{}
		for _, what := range table {
			if what.counted() {
				counts[what.group.activity]++
			}
		}
	}
	snapshot := counts.snapshot()
	snapshot.Anomalies = r.Anomalies
	return snapshot
}
