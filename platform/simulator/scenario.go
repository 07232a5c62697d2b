// The player of scenarios: which one is played at a given moment, and when each began or ended last.

package simulator

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// The scenarios that the code below asks for by name.
const (
	calm           = "calm"
	tour           = "tour"
	trunkOutage    = "trunk-outage"
	apiSlow        = "api-slow"
	rateLimited    = "rate-limited"
	authBroken     = "auth-broken"
	edgeOffline    = "edge-offline"
	regionDegraded = "region-degraded"
	maintenance    = "maintenance"
	queueStalled   = "queue-stalled"
	streamFlapping = "stream-flapping"
	badAudio       = "bad-audio"

	voiceDown           = "voice-down"
	badCarriers         = "bad-carriers"
	streamDown          = "stream-down"
	webhooksSilent      = "webhooks-silent"
	shortTokens         = "short-tokens"
	clockSkew           = "clock-skew"
	agentsDropped       = "agents-dropped"
	agentsNotResponding = "agents-not-responding"
	doubleBooked        = "double-booked"
	sourceLost          = "source-lost"
	quotaNear           = "quota-near"
	clientExpiring      = "client-expiring"
)

// Scenarios lists the names that Options.Scenario and SetScenario accept:
//
//	calm             nothing is wrong
//	tour             those from trunk-outage to bad-audio in turn, with calm before each
//	trunk-outage     emea: every instance of one carrier's trunk is down, of another some are
//	api-slow         americas: every API call takes 900 to 1500 ms longer; us: 200 to 500 ms
//	rate-limited     emea: 429 with Retry-After; us: 429 without
//	auth-broken      americas and us: secrets are refused, tokens revoked
//	edge-offline     emea: one edge of its own is offline and its trunk instances disconnected
//	region-degraded  emea: bursts of 503 on probe and login; incident on the status page; documents degraded or down
//	maintenance      americas: announced maintenance on the status page, one edge draining, the software of another updated
//	queue-stalled    emea: in the first queue contacts wait, agents are ready and none becomes active; us: so in one skill
//	stream-flapping  emea: every notification socket is dropped after 2 to 5 seconds
//	bad-audio        us: the webhooks report calls with a mean opinion score of 1.9 to 3.3, with jitter and loss
//	voice-down       emea: no external trunk is connected and no carrier answers, while the API is well
//	bad-carriers     emea: to SIP probes the first carrier is silent although its trunk is well, the second answers with a
//	                 jitter above 400 ms, the third leaves two requests of five unanswered
//	stream-down      emea: the notification service answers 503, its sockets are dropped
//	webhooks-silent  us: the webhooks send nothing
//	short-tokens     americas and us: tokens are good for 50 s, older ones are revoked
//	clock-skew       americas: the clock is 90 s ahead; us: 90 s behind
//	agents-dropped   emea and us: two of three agents are logged out at once
//	agents-not-responding  emea: six of ten agents on queue do not respond
//	double-booked    six persons are on queue in emea while they are on a contact in us, until their presence is written
//	source-lost      us: the list of agents' states answers 503
//	quota-near       emea: another client nearly reaches a limit of the organization
//	client-expiring  americas: the OAuth client is going to be deleted in 10 days
func Scenarios() []string {
	return append(append([]string{calm, tour}, tourScenarios[:]...),
		voiceDown, badCarriers, streamDown, webhooksSilent, shortTokens, clockSkew, agentsDropped, agentsNotResponding, doubleBooked, sourceLost, quotaNear, clientExpiring)
}

// tourScenarios are the ones that a tour visits.
var tourScenarios = [...]string{
	trunkOutage, apiSlow, rateLimited, authBroken, edgeOffline, regionDegraded, maintenance, queueStalled, streamFlapping, badAudio,
}

// affected maps a scenario to the sites that it touches.
var affected = map[string][]string{
	trunkOutage:    {emea},
	apiSlow:        {americas, us},
	rateLimited:    {emea, us},
	authBroken:     {americas, us},
	edgeOffline:    {emea},
	regionDegraded: {emea, status},
	maintenance:    {americas, status},
	queueStalled:   {emea, us},
	streamFlapping: {emea},
	badAudio:       {us},

	voiceDown:           {emea},
	badCarriers:         {emea},
	streamDown:          {emea},
	webhooksSilent:      {us},
	shortTokens:         {americas, us},
	clockSkew:           {americas, us},
	agentsDropped:       {emea, us},
	agentsNotResponding: {emea},
	doubleBooked:        {emea, us},
	sourceLost:          {us},
	quotaNear:           {emea},
	clientExpiring:      {americas},
}

// touches reports whether a scenario touches a site.
func touches(scenario, site string) bool { return slices.Contains(affected[scenario], site) }

// tourLength is how long a tour at pace 1 takes.
const tourLength = 20 * time.Minute

// stops are how long calm and trouble last on a tour at pace 1, so that all scenarios fit in.
func stops() (calmStop, troubleStop time.Duration) {
	each := tourLength / time.Duration(len(tourScenarios))
	return each / 3, each - each/3
}

// stage is the scenario at one moment.
type stage struct {
	name  string
	since time.Time
}

// player plays one scenario, or walks through all of them.
type player struct {
	pace float64

	mu      sync.Mutex
	now     stage
	touring bool
	stop    int                  // on a tour: stops taken so far; the odd ones are trouble
	changed map[string]time.Time // when each scenario began or ended last
	entered func(scenario string, at time.Time)
}

func newPlayer(scenario string, pace float64, now time.Time) (*player, error) {
	p := &player{pace: pace, changed: map[string]time.Time{}, entered: func(string, time.Time) {}}
	return p, p.set(scenario, now)
}

func (p *player) set(scenario string, now time.Time) error {
	if !slices.Contains(Scenarios(), scenario) {
		return fmt.Errorf("unknown scenario %q: want one of %s", scenario, strings.Join(Scenarios(), ", "))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.catchUp(now)
	p.touring, p.stop = scenario == tour, 0
	if p.touring {
		scenario = calm
	}
	p.enter(scenario, now)
	return nil
}

func (p *player) enter(scenario string, at time.Time) {
	p.changed[p.now.name], p.changed[scenario] = at, at
	p.now = stage{scenario, at}
	p.entered(scenario, at)
}

// watch calls entered now and with every scenario to come, in their order. entered must not call the player.
func (p *player) watch(entered func(scenario string, at time.Time)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.entered = entered
	entered(p.now.name, p.now.since)
}

// catchUp takes the stops of the tour that are due.
func (p *player) catchUp(now time.Time) {
	for p.touring {
		length, trouble := stops()
		if p.stop%2 == 1 {
			length = trouble
		}
		end := p.now.since.Add(time.Duration(float64(length) / p.pace))
		if end.After(now) {
			return
		}
		p.stop++
		next := calm
		if p.stop%2 == 1 {
			next = tourScenarios[p.stop/2%len(tourScenarios)]
		}
		p.enter(next, end)
	}
}

func (p *player) stage(now time.Time) stage {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.catchUp(now)
	return p.now
}

// changedAt returns when a scenario began or ended last; the zero time means never.
func (p *player) changedAt(scenario string) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changed[scenario]
}

// in reports whether a scenario that touches this call's site is played.
func (c *call) in(scenario string) bool {
	return c.stage.name == scenario && touches(scenario, c.site.name)
}

// changed returns when what the scenario touches on this site changed last: before the world began if it never did.
func (c *call) changed(scenario string) time.Time {
	at := c.world.player.changedAt(scenario)
	if at.IsZero() || !touches(scenario, c.site.name) {
		return c.world.began.Add(-36 * time.Hour)
	}
	return at
}

// skew is how far the clock of this call's site is ahead.
func (c *call) skew() time.Duration {
	switch {
	case !c.in(clockSkew):
		return 0
	case c.site.name == us:
		return -90 * time.Second
	}
	return 90 * time.Second
}

// inBurst reports whether a scenario that comes in bursts is in one: 20 s of every 30 s, beginning with its start.
func (c *call) inBurst(scenario string) bool {
	return c.in(scenario) && c.now.Sub(c.stage.since)%(30*time.Second) < 20*time.Second
}
