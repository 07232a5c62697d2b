package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/presence"
)

// explain prints what is known of one agent in every pair that has the agent, and what is decided. It asks the platforms for their
// persons and for nothing else, and writes nothing.
func explain(ctx context.Context, load func() (*Config, error), agent string, out io.Writer, log *slog.Logger) error {
	config, err := load()
	if err != nil {
		return err
	}
	if len(config.Presence) == 0 {
		return errors.New("presence: no pair is configured")
	}
	a, plan := newApp(ctx, load, log), &setup{config: config}
	defer a.close()
	found := false
	for i := range config.Presence {
		text, err := a.explainIn(ctx, plan, i, agent)
		switch {
		case errors.Is(err, presence.ErrNoSuchAgent):
			continue
		case err != nil:
			return fmt.Errorf("presence[%d]: %w", i, err)
		}
		found = true
		if _, err := io.WriteString(out, text); err != nil {
			return err
		}
	}
	if !found {
		return presence.ErrNoSuchAgent
	}
	return nil
}

// explainIn explains the agent in one pair.
func (a *app) explainIn(ctx context.Context, s *setup, i int, agent string) (string, error) {
	p := &pair{settings: pairSettings{s.config.Presence[i], s.config.Redis}}
	for side, name := range []string{p.settings.config.Source, p.settings.config.Target} {
		one := s.config.named(name)
		n := slices.IndexFunc(s.config.accounts, func(other listed) bool { return other.path == one.path })
		source, _, err := a.source(s, one.path, s.config.accountSettings()[n])
		if err != nil {
			return "", placed(one.path, err)
		}
		persons := source.Persons
		source.Feeds = slices.DeleteFunc(source.Feeds, func(f feed.Feed) bool {
			return f.Name != persons.Activities && f.Name != persons.Directory
		})
		p.accounts[side] = feed.NewAccount(ctx, source, feed.PlaneLimits{}, a.log)
		defer p.accounts[side].Close()
	}
	if err := a.openPair(s, p); err != nil {
		return "", err
	}
	defer p.stop()
	return p.presence.Explain(ctx, agent)
}
