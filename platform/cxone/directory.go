package cxone

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

const (
	feedDirectory = "directory"
	opAgents      = "agents"
	pathAgents    = "/agents"
	// directoryFields are all fields that the list is asked for: what an agent is matched by, and nothing else of a person.
	directoryFields = "agentId,emailAddress,userName,isActive"
	// directoryTimeout bounds one run: where the API sends 100 agents at a time, 10,000 are 100 answers.
	directoryTimeout = 5 * time.Minute
	// directoryFull is how many runs apart everything is read: it is not documented that a delta lists agents who are gone.
	directoryFull = 24
)

// directoryPages are the sizes of pages that are asked for, one after the other until the API accepts one: clients in public use
// ask for 10,000 agents at once, and others have found 100 to be the most.
var directoryPages = [...]string{"10000", "100"}

// directoryFeed returns the feed that lists the agents as persons.
func (c *client) directoryFeed(interval time.Duration) feed.Feed {
	return feed.Feed{
		Name: feedDirectory, Class: platform.ClassPresence, MinInterval: interval, Timeout: directoryTimeout, Calls: 1,
		Poll: (&directoryPoll{client: c}).poll,
	}
}

// directoryPoll lists everyone, and between two such reads only those who have changed. Its runs do not overlap.
type directoryPoll struct {
	*client
	persons map[string]platform.Person // never modified once they are in the roster
	missed  map[string]bool            // whom the last full read left out
	since   string                     // lastPollTime of the latest answer; "" = everything must be read
	runs    int                        // since everything was read
	size    int                        // index of the page size that the API accepted when everything was read last
}

func (d *directoryPoll) poll(ctx context.Context) (*platform.Snapshot, error) {
	started := time.Now()
	if d.runs++; d.runs >= directoryFull {
		d.since = ""
	}
	delta := d.since != ""
	if !delta {
		d.size = 0 // the API may have refused the size, or something else that day
	}
	r, err := d.read(ctx)
	if err == nil && !r.changed && !delta {
		err = errEmpty
	}
	snapshot := &platform.Snapshot{Anomalies: r.Anomalies}
	if err == nil && !delta {
		err = feed.Suspect(opAgents, "persons", len(r.persons), len(d.persons))
	}
	if err != nil {
		d.since = ""
		if _, suspect := errors.AsType[*feed.SuspectError](err); suspect {
			d.people.doubtPersons()
			return snapshot, err
		}
		return nil, err
	}
	d.logTimes(r.times)
	d.merge(r, delta)
	d.people.list(d.persons, started)
	return snapshot, nil
}

// merge brings the persons up to date. A person whom a full read leaves out may have slipped from one page to another: the next
// run reads everything again, and only then they are gone.
func (d *directoryPoll) merge(r *directoryReading, delta bool) {
	if delta {
		persons := maps.Clone(d.persons)
		maps.Copy(persons, r.persons)
		maps.DeleteFunc(persons, func(id string, _ platform.Person) bool { return r.gone[id] })
		d.persons, d.since = persons, cmp.Or(r.lastPoll, d.since)
		return
	}
	missed := map[string]bool{}
	for id, person := range d.persons {
		if _, listed := r.persons[id]; !listed && !r.gone[id] && !d.missed[id] {
			r.persons[id], missed[id] = person, true
		}
	}
	d.persons, d.missed, d.since, d.runs = r.persons, missed, r.lastPoll, 0
	if len(missed) > 0 {
		d.since = ""
	}
}

// read asks for all agents, or for those who have changed since the answer before.
func (d *directoryPoll) read(ctx context.Context) (r *directoryReading, err error) {
	for ; ; d.size++ {
		r = newDirectoryReading()
		query := url.Values{"fields": {directoryFields}, "top": {directoryPages[d.size]}}
		if d.since != "" {
			query.Set("updateSince", d.since) // spelled so, unlike everywhere else
		}
		var page *directoryReading
		r.listHead, err = d.readList(ctx, request{
			class: platform.ClassPresence, operation: opAgents, path: pathAgents, query: query, personal: true,
		},
			func(answer rest.Response) (h listHead, err error) {
				page, err = decodeDirectory(answer)
				return page.listHead, err
			}, func() { r.take(page) })
		failed, ok := errors.AsType[*rest.Error](err)
		if !ok || failed.Status != http.StatusBadRequest || d.size == len(directoryPages)-1 {
			return r, err
		}
	}
}

// directoryReading is what the pages of one list say.
type directoryReading struct {
	listHead // of the first
	anomalies
	persons map[string]platform.Person // who are active
	gone    map[string]bool            // who are not
}

func newDirectoryReading() *directoryReading {
	return &directoryReading{persons: map[string]platform.Person{}, gone: map[string]bool{}}
}

// take adds a page. An agent on two pages, because the list moved between them, is as the later shows.
func (r *directoryReading) take(page *directoryReading) {
	for _, person := range page.persons {
		r.note(person, true)
	}
	for id := range page.gone {
		r.note(platform.Person{ID: id}, false)
	}
	r.add(page.anomalies)
}

// note adds an agent.
func (r *directoryReading) note(person platform.Person, active bool) {
	if active {
		r.persons[person.ID] = person
		delete(r.gone, person.ID)
	} else {
		r.gone[person.ID] = true
		delete(r.persons, person.ID)
	}
}

// directoryAgent is an element of agents.
type directoryAgent struct {
	AgentID  scalar `json:"agentId"`
	Email    scalar `json:"emailAddress"`
	Username scalar `json:"userName"`
	IsActive scalar `json:"isActive"`
}

func (a *directoryAgent) reset() {
	a.AgentID, a.Email, a.Username, a.IsActive = a.AgentID[:0], a.Email[:0], a.Username[:0], a.IsActive[:0]
}

// decodeDirectory reads one answer as a stream.
func decodeDirectory(r rest.Response) (p *directoryReading, err error) {
	p = newDirectoryReading()
	var a directoryAgent
	p.listHead, err = decodeList(r, "agents", into(&a, a.reset, func(readable bool) {
		number, ok := a.AgentID.integer()
		if !readable || !ok {
			p.Violate("agents[].agentId")
			return
		}
		active, known := a.IsActive.boolean()
		email, emailOK := a.Email.text()
		username, usernameOK := a.Username.text()
		switch {
		case !known && !a.IsActive.missing():
			p.Violate("agents[].isActive")
		case !emailOK && !a.Email.missing():
			p.Violate("agents[].emailAddress")
		case !usernameOK && !a.Username.missing():
			p.Violate("agents[].userName")
		}
		p.note(platform.Person{ID: strconv.FormatInt(number, 10), Email: email, Username: username}, active || !known)
	}), &p.anomalies)
	return p, err
}
