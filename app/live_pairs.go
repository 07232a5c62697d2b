package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/presence"
)

// What is checked of a pair of accounts, in the places of feeds.
const (
	pairMatching = "matching"
	pairRules    = "rules"
	pairRedis    = "redis"
)

// pairChecks prepares the checks of all pairs, given those of their accounts. They run when those have ended, read with the
// writers' clients, and write nothing to a platform.
func (a *app) pairChecks(ctx context.Context, l *liveCheck, s *setup, accounts []*accountCheck) (all []*accountCheck, err error) {
	var problems []error
	for i, c := range s.config.Presence {
		p := &pair{settings: pairSettings{c, s.config.Redis}}
		for side, name := range []string{c.Source, c.Target} {
			n := slices.IndexFunc(accounts, func(k *accountCheck) bool { return k.source.Name == name })
			p.accounts[side] = accounts[n].account
		}
		if err := a.openPair(s, p); err != nil {
			problems = append(problems, placed(fmt.Sprintf("presence[%d]", i), err))
			continue
		}
		k := newPairCheck(l, p)
		k.open(ctx)
		all = append(all, k)
	}
	return all, errors.Join(problems...)
}

// newPairCheck prepares the check of a pair. Its parts are polls, so that they are run, counted and shown as feeds are.
func newPairCheck(l *liveCheck, p *pair) (k *accountCheck) {
	const patience = time.Minute // for one part
	source := feed.Source{Name: p.settings.config.Name, Metrics: p.opened.Metrics, Info: p.opened.Info, Budget: p.opened.Budget, Close: p.stop}
	part := func(name string, permissions []string, check func(context.Context, *feedRun) error) {
		place := len(source.Feeds)
		source.Feeds = append(source.Feeds, feed.Feed{
			Name: name, Class: platform.ClassPresence, Permissions: permissions, Timeout: patience, MinInterval: patience,
			Poll: func(ctx context.Context) (*platform.Snapshot, error) {
				if err := check(ctx, k.runs[place]); err != nil {
					return nil, err
				}
				return nil, feed.Unchanged // nothing is published
			},
		})
	}
	part(pairMatching, nil, func(_ context.Context, r *feedRun) error { return r.matching(p.presence) })
	if config := p.settings.config.Sync; config != nil {
		part(pairRules, []string{"presence:presenceDefinition:view"}, func(ctx context.Context, r *feedRun) error {
			active, err := p.presence.CheckRules(ctx)
			r.find(found{"rules", len(config.Rules)}, found{"active definitions", active})
			r.remark("not_checked", "whether the client of the sync may write (presence:userPresence:edit) is not checked: no call that only "+
				"reads shows it, the first write does")
			return err
		})
	}
	if p.presence.UsesRedis() {
		part(pairRedis, nil, func(ctx context.Context, _ *feedRun) error { return p.presence.CheckRedis(ctx) })
	}
	return newAccountCheck(l, accountSettings{}, source, nil)
}

// matching notes how the agents of a pair are matched, and names no person.
func (r *feedRun) matching(p *presence.Pair) error {
	counts, err := p.CheckMatch()
	r.find(found{"agents matched", counts[presence.Matched]})
	for _, f := range []found{
		{"unmatched", counts[presence.SourceOnly] + counts[presence.TargetOnly]}, // on one side only
		{"ambiguous", counts[presence.Ambiguous]}, {"excluded", counts[presence.Excluded]},
	} {
		if f.Count > 0 {
			r.find(f)
		}
	}
	if n := counts[presence.Ambiguous]; n > 0 {
		r.remark("ambiguous", plural(n, "agent has", "agents have")+" more than one candidate on the other side and will be left alone: "+
			"--presence.explain=AGENT shows one of them, and the key agents of the pair settles who is who")
	}
	return err
}

// find adds what the run found.
func (r *feedRun) find(what ...found) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found = append(r.found, what...)
}

// remark adds what is worth knowing.
func (r *feedRun) remark(code, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remarks = append(r.remarks, finding{Code: code, Text: text})
}
