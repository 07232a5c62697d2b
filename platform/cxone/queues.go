package cxone

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

const (
	feedQueues        = "queues"
	opSkillActivity   = "skills_activity"
	pathSkillActivity = "/skills/activity"

	// queuesFullRead is how often all skills are read: it is not documented that a delta lists skills that are gone.
	queuesFullRead = 5 * time.Minute
	// skewSlack is how far two estimates of the platform's clock may be apart, beside the time that the answer took,
	// before the newer one counts.
	skewSlack = 100 * time.Millisecond
)

// queuesFeed returns the feed of what happens in the queues.
func (c *client) queuesFeed() feed.Feed {
	return feed.Feed{
		Name: feedQueues, Class: platform.ClassQueues, Calls: 1, Poll: (&queuesPoll{client: c}).poll,
		Fields: []string{fieldMediaType},
	}
}

// queuesPoll reads the activity of skills. A queue is a skill: contacts of one media type that wait for agents who have it.
// Outbound skills are left out, because no contact waits there to be answered, and so are inactive ones once they are empty;
// both are watched when the configuration lists their ids. The runs of the poll do not overlap.
type queuesPoll struct {
	*client
	roster    map[string]*skill // the chosen ones by id
	since     string            // lastPollTime of the latest answer; "" = everything must be read
	fullRead  time.Time         // when everything was last read
	clock     skew
	unmatched settings.UnmatchedLog
}

func (q *queuesPoll) poll(ctx context.Context) (*platform.Snapshot, error) {
	started := time.Now()
	if started.Sub(q.fullRead) >= queuesFullRead {
		q.since = ""
	}
	delta := q.since != ""
	r, err := q.read(ctx)
	if err != nil {
		q.since = ""
		return nil, err
	}
	if !r.changed {
		return nil, nothingNew(delta)
	}
	q.logTimes(r.times)
	q.merge(r, delta, started)
	if delta && r.found == 0 {
		return nil, feed.Unchanged
	}
	return &platform.Snapshot{Queues: q.list(), Anomalies: r.Anomalies}, nil
}

// queueReading is what the pages of one list say.
type queueReading struct {
	listHead // of the first
	anomalies
	found  int
	skills []*skill
}

// read asks for all skills, or for those of which something has changed since the answer before.
func (q *queuesPoll) read(ctx context.Context) (r queueReading, err error) {
	query := url.Values{"fields": {skillFields}}
	if q.since != "" {
		query.Set("updatedSince", q.since)
	}
	var page *skillAnswer
	var answer rest.Response
	r.listHead, err = q.readList(ctx, request{
		class: platform.ClassQueues, operation: opSkillActivity, path: pathSkillActivity, query: query,
	},
		func(a rest.Response) (h listHead, err error) {
			answer = a
			page, err = decodeSkills(a)
			return page.listHead, err
		}, func() {
			r.found += page.rows
			r.skills = append(r.skills, page.skills...)
			r.add(page.anomalies)
			q.clock.read(page.clock, answer)
		})
	return r, err
}

// merge brings the roster up to date.
func (q *queuesPoll) merge(r queueReading, delta bool, started time.Time) {
	if !delta {
		q.roster, q.fullRead = map[string]*skill{}, started
		q.report(r.skills)
	}
	for _, s := range r.skills {
		if q.config.Queues.Chooses(s.id, s.name) && (!s.unwatched || q.config.Queues.Lists(s.id)) {
			q.roster[s.id] = s
		} else {
			delete(q.roster, s.id)
		}
	}
	q.since = r.lastPoll
}

// report logs the patterns of the configuration that fit none of all skills.
func (q *queuesPoll) report(all []*skill) {
	names := map[string]string{}
	for _, s := range all {
		names[s.id] = s.name
	}
	q.unmatched.Report(q.log, q.config.Queues, names)
}

// list returns the roster in the form that is published.
func (q *queuesPoll) list() (list []platform.Queue) {
	for _, id := range slices.Sorted(maps.Keys(q.roster)) {
		s := q.roster[id]
		channel := s.channel
		if q.clock.known && !s.earliest.IsZero() {
			channel.OldestWaiting = s.earliest.Add(-q.clock.ahead)
		}
		list = append(list, platform.Queue{ID: s.id, Name: s.name, Channels: []platform.QueueChannel{channel}, Agents: s.agents})
	}
	return list
}

// skew is how far the platform's clock is ahead of ours. The oldest wait is serverTime - earliestQueueTime, both by the
// platform's clock; what is exported is the moment on our own clock at which it began, so that the wait is right
// between two reads and whatever the platform's clock shows.
type skew struct {
	ahead time.Duration
	known bool
}

// read assumes that the platform read its clock when half of the latency had passed, which may be wrong by the other half. An
// estimate that the one before does not contradict changes nothing: a wait must not begin at another moment with every read.
func (s *skew) read(clock time.Time, answer rest.Response) {
	if clock.IsZero() {
		return
	}
	ahead := clock.Sub(answer.Received.Add(-answer.Latency / 2))
	if !s.known || (ahead-s.ahead).Abs() > answer.Latency/2+skewSlack {
		s.ahead, s.known = ahead, true
	}
}
