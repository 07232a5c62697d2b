// Package simulator plays two Genesys Cloud orgs, one NICE CXone tenant and a Statuspage over real HTTP on loopback,
// for the demo and for tests. It imports nothing of this module and shares no wire type with the clients: it is a
// second, independent reading of the vendors' documents, so that a misreading shows.
package simulator

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// The accounts, as the methods of World name them.
const (
	emea     = "emea"     // Genesys Cloud org in eu-central-1
	americas = "americas" // Genesys Cloud org in us-east-1
	us       = "us"       // CXone tenant in area na1
	status   = "status"   // status page and gateway documents
)

// names lists the sites in the order of their ports.
var names = [...]string{emea, americas, us, status}

// Options shape a World. The zero value of each field means its default.
type Options struct {
	Scenario       string        // one of Scenarios; default tour
	Seed           uint64        // same seed, same world; default 1
	Agents         int           // per account; default 2000
	Edges          int           // edges of its own per Genesys org, beside the cloud media edges; default 4
	CloudOnly      bool          // the Genesys orgs have no edges of their own: all trunks are on cloud media edges
	TrunkBases     int           // external trunk bases per Genesys org; default 12
	TrunkInstances int           // external trunk instances per Genesys org; default 60
	TokenLifetime  time.Duration // default 86399 s for Genesys, 3600 s for CXone
	Queues         int           // per Genesys org, at most 1500; default 60
	Rush           bool          // it is always the busiest hour of the day; else the queues follow the org's local time
	Heartbeat      time.Duration // between the heartbeats of a notification channel; default 30 s
	ClosingNotice  time.Duration // from v2.system.socket_closing to the end of the connection; default 1 min
	Pace           float64       // speed of the tour: at 1, the default, all scenarios take about 20 minutes
}

func (o *Options) setDefaults() error {
	if min(o.Agents, o.Edges, o.TrunkBases, o.TrunkInstances, o.Queues) < 0 || o.Pace < 0 ||
		min(o.TokenLifetime, o.Heartbeat, o.ClosingNotice) < 0 {
		return errors.New("simulator options must not be negative")
	}
	if o.Queues > maxQueues {
		return fmt.Errorf("simulator has at most %d queues per org", maxQueues)
	}
	setDefault(&o.Scenario, tour)
	setDefault(&o.Seed, 1)
	setDefault(&o.Agents, 2000)
	setDefault(&o.Edges, 4)
	if o.CloudOnly {
		o.Edges = 0
	}
	setDefault(&o.TrunkBases, 12)
	setDefault(&o.TrunkInstances, 60)
	setDefault(&o.Queues, 60)
	setDefault(&o.Heartbeat, 30*time.Second)
	setDefault(&o.ClosingNotice, time.Minute)
	setDefault(&o.Pace, 1)
	return nil
}

// maxQueues bounds the work of a world.
const maxQueues = 1500

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// World is everything that is simulated. Its methods may be called at any time and from any goroutine.
type World struct {
	options Options
	player  *player
	sites   map[string]*site
	orgs    [2]*org
	tenant  *tenant

	statusEntries atomic.Pointer[statusEntries]

	carrierCA *tls.Certificate

	mu       sync.Mutex
	servers  []*http.Server
	carriers []*carrier
	serving  sync.WaitGroup
	cancel   func()
	began    time.Time // the moment at which every agent, call and queue starts to move
}

// NewWorld makes a world that moves with the wall clock from now on. The error names an unknown scenario and lists
// the known ones.
func NewWorld(o Options) (*World, error) {
	if err := o.setDefaults(); err != nil {
		return nil, err
	}
	now := time.Now()
	p, err := newPlayer(o.Scenario, o.Pace, now)
	if err != nil {
		return nil, err
	}
	authority, err := newAuthority("simulated carriers")
	if err != nil {
		return nil, err
	}
	w := &World{options: o, player: p, carrierCA: authority, began: now, cancel: func() {}}
	w.orgs = [...]*org{newGenesys(w, emea, "Example EMEA", "frankfurt", 1), newGenesys(w, americas, "Example Americas", "virginia", -5)}
	w.statusEntries.Store(&statusEntries{since: now})
	w.tenant = newCXone(w, us)
	w.sites = map[string]*site{
		emea:     w.orgs[0].site,
		americas: w.orgs[1].site,
		us:       w.tenant.site,
		status:   newStatusPage(w, status),
	}
	p.watch(w.enter)
	return w, nil
}

// enter lets the queues and the notification services know which scenario begins.
func (w *World) enter(scenario string, at time.Time) {
	for _, o := range w.orgs {
		if !touches(scenario, o.name) {
			o.queueList.enter(calm, at.Sub(w.began))
			continue
		}
		o.queueList.enter(scenario, at.Sub(w.began))
		switch scenario {
		case authBroken, shortTokens:
			o.notifications.unsubscribe("token_revoked", "user_tokens_revoked")
		case streamDown:
			for _, s := range o.notifications.sockets() {
				s.drop()
			}
		}
	}
}

// URL is the base URL of a site, without a path: "emea", "americas", "us" or "status". One address plays all hosts of
// that site, the login host too. It is empty before Start and for an unknown name.
func (w *World) URL(name string) string {
	s := w.sites[name]
	if s == nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.base
}

// Credentials are the client id and secret (Genesys) or the access key id and secret (CXone) that are good now. Their
// values are unmistakable, so that a test can search logs and answers for them.
func (w *World) Credentials(name string) (id, secret string) {
	s := w.sites[name]
	if s == nil || s.keys == nil {
		return "", ""
	}
	return s.keys.credentials()
}

// Application is the client id and secret of the registered back-end application that CXone's password grant needs
// beside the access key.
func (w *World) Application() (id, secret string) {
	return applicationID, applicationSecret
}

// RotateSecret replaces the secret of a site: old tokens stay good, new logins need the new secret.
func (w *World) RotateSecret(name, secret string) {
	if s := w.sites[name]; s != nil && s.keys != nil {
		s.keys.rotate(secret)
	}
}

// RevokeTokens makes every token that was issued so far answer 401. The notification channels of a Genesys site lose
// their subscriptions and get a message about it.
func (w *World) RevokeTokens(name string) {
	if s := w.sites[name]; s != nil && s.keys != nil {
		s.keys.revoke()
	}
	for _, o := range w.orgs {
		if o.name == name {
			o.writer.revoke()
			o.notifications.unsubscribe("token_revoked", "user_tokens_revoked")
		}
	}
}

// SetScenario jumps to a scenario now. "tour" starts the tour from its beginning.
func (w *World) SetScenario(name string) error {
	return w.player.set(name, time.Now())
}

// Scenario returns what is played now and for how long: on a tour the stop that it has reached.
func (w *World) Scenario() (name string, since time.Duration) {
	now := time.Now()
	at := w.player.stage(now)
	return at.name, now.Sub(at.since)
}

// Calls counts the requests of a site by method and path, such as "GET /api/v2/telephony/providers/edges": without
// query, ids replaced by {id}, CXone paths in lower case.
func (w *World) Calls(name string) map[string]int {
	s := w.sites[name]
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.calls)
}

// ResetCalls sets all counts of Calls to zero.
func (w *World) ResetCalls() {
	for _, s := range w.sites {
		s.mu.Lock()
		clear(s.calls)
		s.mu.Unlock()
	}
}

// Violations lists the requests that broke the documented form, each with its site and what is wrong with it: an
// unknown path, an unknown, missing or bad parameter, a bad body, too many ids, a missing Accept header. At most
// maxViolations per site are kept.
func (w *World) Violations() []string {
	var all []string
	for _, name := range names {
		s := w.sites[name]
		s.mu.Lock()
		all = append(all, s.violations...)
		s.mu.Unlock()
	}
	return slices.Clip(all)
}

// maxViolations bounds what a client gone wild can make a site remember.
const maxViolations = 1000

func (s *site) violate(c *call, format string, args ...any) {
	text := fmt.Sprintf("%s: %s %s: %s", s.name, c.request.Method, c.path, fmt.Sprintf(format, args...))
	s.complain(text)
}

func (s *site) complain(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.violations) < maxViolations {
		s.violations = append(s.violations, text)
	}
}
