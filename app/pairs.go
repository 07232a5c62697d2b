package app

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
	"github.com/ccaas-exporter/ccaas_exporter/platform/presence"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// pair is two accounts whose agents' presences are compared. It is an account of its own name, and begins only when what it
// replaces has ended: two syncs never write side by side.
type pair struct {
	settings pairSettings
	accounts [2]*feed.Account // source and target
	opened   feed.Source
	presence *presence.Pair
	account  *feed.Account // nil until it has begun
}

// pairSettings are everything that makes a pair what it is, beside its accounts.
type pairSettings struct {
	config presence.Config
	redis  presence.RedisConfig
}

// directory returns how often the persons of an account are listed: as often as the pairs ask that it is in; 0 when it is in none.
func (c *Config) directory(account string) (every time.Duration) {
	for _, p := range c.Presence {
		if asked := time.Duration(p.Directory); (p.Source == account || p.Target == account) && (every == 0 || asked < every) {
			every = asked
		}
	}
	return every
}

// externalIDs returns the platform whose ids of persons an account is asked for: that of a source that is matched by them; "" when
// there is none.
func (c *Config) externalIDs(account string) string {
	for _, p := range c.Presence {
		if p.Target == account && slices.Contains(p.Match, presence.ByExternalID) {
			return c.named(p.Source).kind.key
		}
	}
	return ""
}

// buildPairs makes the pairs, reusing those whose settings and accounts are the same in the old setup. None begins yet.
func (a *app) buildPairs(next, old *setup) (problems []error) {
	for i, c := range next.config.Presence {
		p := &pair{settings: pairSettings{c, next.config.Redis}}
		for side, name := range []string{c.Source, c.Target} {
			n := slices.IndexFunc(next.accounts, func(k reusable[accountSettings, *feed.Account]) bool { return k.value.Name() == name })
			if n < 0 { // it could not be opened, which is reported
				return problems
			}
			p.accounts[side] = next.accounts[n].value
		}
		same := func(o *pair) bool { return o.accounts == p.accounts && reflect.DeepEqual(o.settings, p.settings) }
		if n := slices.IndexFunc(old.pairs, same); n >= 0 {
			next.pairs = append(next.pairs, old.pairs[n])
			continue
		}
		if err := a.openPair(next, p); err != nil {
			problems = append(problems, placed(fmt.Sprintf("presence[%d]", i), err))
			continue
		}
		next.pairs = append(next.pairs, p)
	}
	return problems
}

// openPair makes the source of a pair, which asks nothing yet. Without accounts it is good for a plan only.
func (a *app) openPair(s *setup, p *pair) (err error) {
	c, target := p.settings.config, s.config.named(p.settings.config.Target)
	if p.accounts[0] != nil {
		if err := unread(c, [2]feed.Persons{p.accounts[0].Persons(), p.accounts[1].Persons()}); err != nil {
			return err
		}
	}
	o := presence.Options{Config: c, Redis: p.settings.redis, Source: p.accounts[0], Target: p.accounts[1], Logger: a.log}
	opened := feed.Source{Platform: target.kind.key, Info: p.accounts[1].Info, Metrics: &metric.Set{}, Close: func() {}}
	if c.Sync != nil {
		if target.kind.openWriter == nil {
			return fmt.Errorf("target: presences cannot be written on %s", target.kind.key)
		}
		around := health.Surroundings{Thresholds: s.config.Thresholds, Logger: a.log, Pools: &a.pools}
		if o.Writer, opened, err = target.kind.openWriter(target.account, c.Name, c.Sync.Client, around); err != nil {
			return placed("sync", err)
		}
		if err := tooManyAtOnce(c.Sync, "sync", opened); err != nil {
			opened.Close()
			return err
		}
	}
	made, err := presence.New(o)
	if err != nil {
		opened.Close()
		return err
	}
	p.opened, p.presence = opened, made
	p.opened.Name, p.opened.Feeds = c.Name, made.Feeds()
	p.opened.Metrics.Include(made.Metrics())
	p.opened.Close = func() { made.Close(); opened.Close() }
	return nil
}

// unread is the error of a pair with an account whose persons are not read, given how those of its source and target are.
func unread(c presence.Config, persons [2]feed.Persons) error {
	for i, side := range []struct{ key, account string }{{"source", c.Source}, {"target", c.Target}} {
		if persons[i].Roster == nil {
			return fmt.Errorf("%s: the persons of account %q are not read: its feed agents or users is off", side.key, side.account)
		}
	}
	return nil
}

// begin puts a new pair to work.
func (p *pair) begin(a *app) {
	if p.account == nil {
		p.account = feed.NewAccount(a.life, p.opened, feed.PlaneLimits{}, a.log)
	}
}

// stop ends a pair, or releases what it was to work with.
func (p *pair) stop() {
	if p.account != nil {
		p.account.Close()
	} else {
		p.opened.Close()
	}
}

// stopPairsBut stops the pairs that next does not reuse.
func (s *setup) stopPairsBut(next *setup) {
	for _, p := range s.pairs {
		if !slices.Contains(next.pairs, p) {
			p.stop()
		}
	}
}

// named returns the account of a name, which is known to be there.
func (c *Config) named(name string) listed {
	return c.accounts[slices.IndexFunc(c.accounts, func(a listed) bool { return a.Label() == name })]
}

// validatePairs returns every problem of the pairs, given the names of all accounts.
func (c *Config) validatePairs(accounts []string) (problems []error) {
	for i, p := range c.Presence {
		path := fmt.Sprintf("presence[%d]", i)
		problems = append(problems, settings.Under(path, p.Validate(accounts))...)
		if slices.Contains(accounts, p.Name) {
			problems = append(problems, fmt.Errorf("%s.name: %q is also the name of an account", path, p.Name))
		}
		if slices.ContainsFunc(c.Presence[:i], func(o presence.Config) bool { return o.Name == p.Name }) {
			problems = append(problems, fmt.Errorf("%s.name: %q is also the name of another pair", path, p.Name))
		}
	}
	return problems
}
