package app

import (
	"cmp"
	"slices"
	"time"

	"github.com/prometheus/common/version"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// status is how everything is at one moment, for the page and for scripts. It is made of what the accounts hold: nothing is
// refreshed for it and no platform is asked.
type status struct {
	Time       time.Time       `json:"time"`
	Version    string          `json:"version"`
	Configured bool            `json:"configured"`           // a configuration is applied
	LastPoll   time.Time       `json:"last_poll,omitzero"`   // when a poll last began: by a scrape, a stream or a sync
	LastScrape time.Time       `json:"last_scrape,omitzero"` // when a scrape last asked one of the accounts
	Picked     []string        `json:"-"`                    // the accounts that were asked for; empty for all
	Demo       *demoStatus     `json:"demo,omitempty"`       // nil outside the demo
	Accounts   []accountStatus `json:"accounts"`             // the worst first
	Changes    []changeStatus  `json:"changes"`              // the latest first, at most feed.MaxTransitions
	Unwell     []objectStatus  `json:"unwell"`               // the worst first
	Probes     []probeStatus   `json:"probes"`               // those that contradict the platform first, then the worst
	Feeds      []feedStatus    `json:"feeds"`                // those that fail first
	Clients    []clientStatus  `json:"clients"`              // those that are held back first
	Webhooks   []webhookStatus `json:"webhooks"`             //
	Pairs      []pairStatus    `json:"pairs"`                // those of which callers may notice something first
}

// demoStatus is what the simulated platforms go through.
type demoStatus struct {
	Scenario  string    `json:"scenario"`
	Since     time.Time `json:"since"`
	Scenarios []string  `json:"scenarios"`
}

// accountStatus answers the first questions: can callers reach us, and are they answered.
type accountStatus struct {
	accountName
	Region        string      `json:"region_code,omitempty"`
	Control       planeStatus `json:"control_plane"`
	Data          planeStatus `json:"data_plane"`
	Waiting       *float64    `json:"callers_waiting,omitempty"` // absent when no queue reports it
	OldestWaiting time.Time   `json:"oldest_waiting,omitzero"`
	AgentsReady   *int        `json:"agents_ready,omitempty"` // absent when no feed counts agents
	FeedsFailing  int         `json:"feeds_failing"`
	LastPoll      time.Time   `json:"last_poll,omitzero"`
}

// accountName names the account that a row is about.
type accountName struct {
	Platform string `json:"platform"`
	Account  string `json:"account"`
}

// planeStatus is the status of a plane and since when it holds.
type planeStatus struct {
	Status level     `json:"status"`
	Since  time.Time `json:"since,omitzero"`
}

// level is a status that is written as its word.
type level platform.Status

func (l level) String() string { return platform.Status(l).String() }

// MarshalText implements encoding.TextMarshaler.
func (l level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// changeStatus is a status that changed.
type changeStatus struct {
	accountName
	Time   time.Time `json:"time"`
	Kind   string    `json:"kind"`
	Object string    `json:"object"`
	Source string    `json:"source,omitempty"`
	From   string    `json:"from"`
	To     string    `json:"to"`
}

// objectStatus is a component, trunk or edge that the platform reports as degraded or critical.
type objectStatus struct {
	accountName
	Kind      string    `json:"kind"`
	Object    string    `json:"object"`
	Source    string    `json:"source,omitempty"`
	Status    level     `json:"status"`
	Since     time.Time `json:"since"`
	Connected *int      `json:"connected,omitempty"` // instances of a trunk
	Instances *int      `json:"instances,omitempty"`
	Probed    *level    `json:"probed,omitempty"` // the worst of the SIP probes of a trunk
}

// probeStatus is a SIP probe beside the platform's word on the same trunk.
type probeStatus struct {
	accountName
	Target      string    `json:"target"`
	Trunk       string    `json:"trunk,omitempty"`
	Status      level     `json:"status"`
	Since       time.Time `json:"since"`
	Says        *level    `json:"platform_status,omitempty"` // the platform, of the trunk
	Contradicts bool      `json:"contradicts"`               // one of both is critical, and the other is not
	Code        int       `json:"code,omitempty"`
	RoundTrip   *float64  `json:"round_trip_seconds,omitempty"`
	Jitter      *float64  `json:"jitter_seconds,omitempty"`
	Loss        *float64  `json:"loss_ratio,omitempty"`
	Poor        bool      `json:"poor"` // calls over this path sound bad
}

// feedStatus is how the runs of a feed went.
type feedStatus struct {
	accountName
	Feed        string    `json:"feed"`
	Stream      bool      `json:"stream"`
	State       string    `json:"state"` // ok, failing, or waiting for its first run
	Succeeded   time.Time `json:"last_success,omitzero"`
	NextDue     time.Time `json:"next_due,omitzero"`
	LastError   string    `json:"last_error,omitempty"`
	Runs        uint64    `json:"runs"`
	Failures    uint64    `json:"failures"`
	Consecutive uint64    `json:"consecutive_failures"`
}

// The states of a feed.
const (
	feedOK      = "ok"
	feedFailing = "failing"
	feedWaiting = "waiting"
)

// status reports how the accounts of these names are, or all when none is given; not known when a name is none of them.
// World is nil outside the demo.
func (a *app) status(world *simulator.World, names []string) (s *status, known bool) {
	s = &status{
		Time: time.Now(), Version: version.Version, Picked: names,
		Accounts: []accountStatus{}, Changes: []changeStatus{}, Unwell: []objectStatus{}, Probes: []probeStatus{},
		Feeds: []feedStatus{}, Clients: []clientStatus{}, Webhooks: []webhookStatus{}, Pairs: []pairStatus{},
	}
	if world != nil {
		name, since := world.Scenario()
		s.Demo = &demoStatus{name, s.Time.Add(-since), simulator.Scenarios()}
	}
	current := a.current.Load()
	if current == nil {
		return s, true
	}
	s.Configured = true
	accounts, known := current.pick(current.withAccountsOfPairs(names))
	for _, account := range accounts {
		if current.isPair(account) {
			continue
		}
		state, name := account.State(), accountName{account.Platform(), account.Name()}
		s.add(state, account.Transitions())
		if scraped := account.Scraped(); scraped.After(s.LastScrape) {
			s.LastScrape = scraped
		}
		s.Clients = append(s.Clients, readClient(name, account.Budget(), state.Metrics))
		s.Webhooks = append(s.Webhooks, readWebhooks(name, a.webhooks.receiver.Metrics(account.Name()))...)
	}
	s.addPairs(current.pairs, names)
	s.sort()
	return s, known
}

// add adds what one account holds.
func (s *status) add(state feed.AccountState, changes []feed.Transition) {
	name := accountName{state.Platform, state.Account}
	row := accountStatus{accountName: name, Region: state.Info.RegionCode}
	for _, p := range state.Planes {
		to := &row.Control
		if p.Plane == platform.DataPlane {
			to = &row.Data
		}
		*to = planeStatus{level(p.Status), p.Since}
	}
	for _, f := range state.Feeds {
		r := feedRow(name, f)
		s.Feeds = append(s.Feeds, r)
		if r.State == feedFailing {
			row.FeedsFailing++
		}
		if !r.Stream && f.Attempted.After(row.LastPoll) {
			row.LastPoll = f.Attempted
		}
	}
	for _, snapshot := range state.Snapshots {
		row.count(snapshot)
	}
	s.addObjects(name, state.Snapshots)
	for _, c := range changes {
		s.Changes = append(s.Changes, changeStatus{name, c.Time, c.Kind, c.Object, c.Source, c.From, c.To})
	}
	if row.LastPoll.After(s.LastPoll) {
		s.LastPoll = row.LastPoll
	}
	s.Accounts = append(s.Accounts, row)
}

// worst is the status of the account's worse plane.
func (r *accountStatus) worst() level { return max(r.Control.Status, r.Data.Status) }

// count adds the callers that wait and the agents that are ready.
func (r *accountStatus) count(s *platform.Snapshot) {
	for _, queue := range s.Queues {
		for _, c := range queue.Channels {
			if c.Channel != platform.ChannelVoice || c.Waiting == nil {
				continue
			}
			r.Waiting = platform.Sum(r.Waiting, c.Waiting)
			if !c.OldestWaiting.IsZero() && (r.OldestWaiting.IsZero() || c.OldestWaiting.Before(r.OldestWaiting)) {
				r.OldestWaiting = c.OldestWaiting
			}
		}
	}
	for _, agents := range s.Agents {
		n := 0
		if agents.State == platform.AgentReady {
			n = agents.Count
		}
		r.AgentsReady = platform.Sum(r.AgentsReady, &n)
	}
}

// feedRow says how the runs of a feed went.
func feedRow(name accountName, f feed.State) feedStatus {
	r := feedStatus{
		accountName: name, Feed: f.Name, Stream: f.MinInterval == 0, State: feedOK, Succeeded: f.Succeeded, NextDue: f.NextDue,
		LastError: f.LastError, Runs: f.Runs, Consecutive: f.Consecutive,
	}
	for _, n := range f.Failures {
		r.Failures += n
	}
	switch {
	case f.Up:
	case f.Runs == 0:
		r.State = feedWaiting
	default:
		r.State = feedFailing
	}
	return r
}

// sort puts what needs attention first; what is alike stays in the order of the configuration.
func (s *status) sort() {
	slices.SortStableFunc(s.Accounts, func(x, y accountStatus) int { return cmp.Compare(y.worst(), x.worst()) })
	slices.SortStableFunc(s.Changes, func(x, y changeStatus) int { return y.Time.Compare(x.Time) })
	s.Changes = s.Changes[:min(len(s.Changes), feed.MaxTransitions)]
	slices.SortStableFunc(s.Unwell, func(x, y objectStatus) int { return cmp.Compare(y.Status, x.Status) })
	slices.SortStableFunc(s.Probes, func(x, y probeStatus) int {
		return cmp.Or(compareBools(y.Contradicts, x.Contradicts), cmp.Compare(y.Status, x.Status), compareBools(y.Poor, x.Poor))
	})
	slices.SortStableFunc(s.Feeds, func(x, y feedStatus) int {
		return compareBools(y.State == feedFailing, x.State == feedFailing)
	})
	slices.SortStableFunc(s.Clients, func(x, y clientStatus) int {
		return compareBools(y.held(s.Time), x.held(s.Time))
	})
	slices.SortStableFunc(s.Pairs, comparePairs)
}

// compareBools orders false before true.
func compareBools(x, y bool) int {
	switch {
	case x == y:
		return 0
	case y:
		return -1
	}
	return 1
}
